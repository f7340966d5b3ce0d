"""The book of maxima: sealed where they are stored, opened in memory by the bidding alone.

Amounts are minor units. Whoever reads the tables, staff with an export included, sees neither a
maximum nor the salt of its commitment, from which a maximum could be guessed. What stands there
from before there was sealing is shorter and is read as it is.
"""

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from auctionxchange.kernel.sealing import Seal, keys_of

PURPOSE = "bidding.book"
_AMOUNT_BYTES, _SALT_BYTES = 8, 16


class Book:
    """Closes and opens the maxima of one lot."""

    __slots__ = ("_amounts", "_salts", "_seal")

    def __init__(self, seal: Seal, lot_id: int) -> None:
        self._seal = seal
        self._amounts = b"maximum:%d" % lot_id
        self._salts = b"salt:%d" % lot_id

    def close(self, amount: int | None) -> bytes | None:
        """Return an amount as it is stored."""
        if amount is None:
            return None
        return self._seal.close(amount.to_bytes(_AMOUNT_BYTES, "big"), self._amounts)

    def open(self, stored: bytes | memoryview | None) -> int | None:
        """Return a stored amount; raises SealBroken."""
        if stored is None:
            return None
        sealed = bytes(stored)
        plain = len(sealed) == _AMOUNT_BYTES
        return int.from_bytes(sealed if plain else self._seal.open(sealed, self._amounts), "big")

    def close_salt(self, salt: bytes | None) -> bytes | None:
        """Return an entry's secret as it is stored."""
        return None if salt is None else self._seal.close(salt, self._salts)

    def open_salt(self, stored: bytes | memoryview | None) -> bytes | None:
        """Return an entry's stored secret; raises SealBroken."""
        if stored is None:
            return None
        sealed = bytes(stored)
        return sealed if len(sealed) == _SALT_BYTES else self._seal.open(sealed, self._salts)


def book_of(transaction: Connection | Session, lot_id: int) -> Book:
    """Return a lot's book under the keys of the transaction's house; raises KeysMissing."""
    return Book(keys_of(transaction).seal(PURPOSE), lot_id)
