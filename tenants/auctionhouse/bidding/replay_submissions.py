"""Reading who offered what in a replay file, and when."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from auctionhouse.bidding.ledger import microseconds
from auctionhouse.bidding.replay_reading import (
    LineInvalid,
    read_amount,
    read_pieces,
    read_time,
    read_who,
)
from auctionhouse.bidding.rules import Terms
from auctionxchange.kernel.money import Currency
from auctionxchange.kernel.translation import gettext as _

WHATEVER = 2**60
"""What somebody offers who takes at whatever the clock shows, in minor units."""


@dataclass(frozen=True, slots=True)
class Submission:
    """Who offered how much at most (minor units), or bought at once, and when (microseconds)."""

    at: int
    who: int | str
    maximum: int
    withdraws: bool = False
    """Whether a sealed bid is taken back instead; the maximum tells nothing then."""
    buys: bool = False
    pieces: int = 1
    """How many are wanted, where buyers may share a lot's pieces; the amount is for each."""


def not_at_once() -> str:
    """Say that a lot of another format cannot be bought at once."""
    return _("Only a lot of timed bidding can be bought at once.")


def read_submissions(line: Mapping[str, Any], terms: Terms, unit: Currency) -> list[Submission]:
    """Read a story's submissions in their order; raises LineInvalid."""
    told = line.get("submissions", [])
    if not isinstance(told, list):
        raise LineInvalid("submissions", _("List the submissions, each with at, who and max."))
    return [_submission(given, unit, place, terms) for place, given in enumerate(told, start=1)]


def _submission(given: Any, unit: Currency, place: int, terms: Terms) -> Submission:
    key = f"submissions[{place}]"
    if not isinstance(given, Mapping):
        raise LineInvalid(key, _("Each submission is an object with at, who and max."))
    withdraws = terms.sealed is not None and "max" in given and given["max"] is None
    buys = given.get("buy", False)
    if type(buys) is not bool or (buys and "max" in given):
        raise LineInvalid(f"{key}.buy", _("A purchase has “buy”: true and no maximum."))
    if buys and terms.format != "timed":
        raise LineInvalid(f"{key}.buy", not_at_once())
    taken = terms.clock is not None and given.get("max") is None
    return Submission(
        at=microseconds(read_time(given.get("at"), f"{key}.at")),
        who=read_who(given.get("who"), f"{key}.who"),
        maximum=0
        if withdraws or buys
        else WHATEVER
        if taken
        else read_amount(given.get("max"), unit, f"{key}.max"),
        withdraws=withdraws,
        buys=buys,
        pieces=read_pieces(given.get("pieces", 1), f"{key}.pieces") if terms.shared else 1,
    )
