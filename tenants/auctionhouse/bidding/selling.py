"""How a lot is sold: the formats there are, and what each is told by its terms.

Values only. Amounts are minor units, durations microseconds. Only the standard library is
imported: the ledger's verifier is generated from this file.
"""

from typing import Literal

Format = Literal["timed"]
FORMATS: tuple[Format, ...] = ("timed",)
BidFor = Literal["lot", "piece"]
BID_FOR: tuple[BidFor, ...] = ("lot", "piece")


def in_all(price: int, pieces: int) -> int:
    """Return what a lot costs before premium where a price is paid for each of its pieces."""
    return price * pieces
