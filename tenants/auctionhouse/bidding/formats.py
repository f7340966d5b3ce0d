"""The formats a lot is sold in, each with what it does with a submission and with the end.

Everything that depends on the format of a lot is found here by its name, or by the kind of a
ledger entry; nothing asks for a format elsewhere.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from auctionhouse.bidding import timed
from auctionhouse.bidding.batch import Batch, BidResult
from auctionhouse.bidding.guards import Passed
from auctionhouse.bidding.hot_lot import HotLot
from auctionhouse.bidding.submissions import Submission


@dataclass(frozen=True, slots=True)
class Format:
    """What a format does.

    submit decides what the guards let pass, writes it into the batch, and raises what it refuses;
    answer tells a client how the lot stands after a bid of theirs, given by its sequence; close
    decides a held lot whose end has come, in its state and ledger.
    """

    submit: Callable[[Batch, Submission, Passed], BidResult]
    answer: Callable[[HotLot, int, int], BidResult]
    close: Callable[[HotLot], None]


FORMATS: Mapping[str, Format] = {
    "timed": Format(timed.submit, timed.answer, timed.close),
}


def format_of(lot: HotLot) -> Format:
    """Return the format a held lot is sold in."""
    return FORMATS[lot.terms.format]
