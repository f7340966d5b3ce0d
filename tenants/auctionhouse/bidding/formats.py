"""The formats a lot is sold in, each with what it does with bids and with the end.

What depends on the format of a held lot is found here by its name; what the pages show in
storefront/formats.py, what an entry means by the entry's kind.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from auctionhouse.bidding import choice, timed
from auctionhouse.bidding.batch import Batch, BidResult
from auctionhouse.bidding.dutch import operations as dutch
from auctionhouse.bidding.guards import Passed
from auctionhouse.bidding.hot_lot import HotLot
from auctionhouse.bidding.sealed import operations as sealed
from auctionhouse.bidding.submissions import Submission


@dataclass(frozen=True, slots=True)
class Format:
    """What a format does.

    submit decides what the guards let pass, writes it into the batch, and raises what it refuses;
    answer tells a client how the lot stands after a bid of theirs, given by its sequence; close
    decides a held lot whose end has come, in its state and ledger; cancel decides one without a
    bid and returns whose it was and what lapses beside; reopen puts one where bids left it and
    returns whose they are and what lapses.
    """

    submit: Callable[[Batch, Submission, Passed], BidResult]
    answer: Callable[[Batch, int, int], BidResult]
    close: Callable[[Connection | Session, HotLot], None]
    cancel: Callable[[Session, HotLot, int], tuple[int, list[int]]]
    reopen: Callable[[Session, HotLot], tuple[set[int], list[int]]]


TIMED = Format(timed.submit, timed.answer, timed.close, timed.cancel, timed.reopen)
SEALED = Format(sealed.submit, sealed.answer, sealed.close, sealed.cancel, sealed.reopen)
FORMATS: Mapping[str, Format] = {
    "timed": TIMED,
    "sealed_first": SEALED,
    "sealed_second": SEALED,
    "sealed_pieces": SEALED,
    "dutch": Format(dutch.submit, dutch.answer, dutch.close, dutch.cancel, dutch.reopen),
    "choice": Format(timed.submit, timed.answer, choice.close, timed.cancel, choice.reopen),
}


def format_of(lot: HotLot) -> Format:
    """Return the format a held lot is sold in."""
    return FORMATS[lot.terms.format]
