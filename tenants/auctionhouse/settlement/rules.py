"""When a lot's money may go to its vendor, and how a payout run moves on. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

RUN_TRANSITIONS: Mapping[str, Mapping[str, str]] = {
    "proposed": {"approve": "approved", "cancel": "cancelled"},
    "approved": {"make": "made", "cancel": "cancelled"},
    "made": {"send": "sent", "cancel": "cancelled"},
    "sent": {"close": "closed"},
    "closed": {},
    "cancelled": {},
}
"""State of a payout run → act → the next state."""


def next_state(state: str, act: str) -> str | None:
    """Return the state an act leads to, or None where the act is not allowed."""
    return RUN_TRANSITIONS[state].get(act)


@dataclass(frozen=True, slots=True)
class Waits:
    """Why something is not payable yet; until is the day it will be, where that is known."""

    code: str
    until: date | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class LotFacts:
    """What is known of the money of a lot whose parts are stated and not used yet.

    stated is the sum of the parts' hammer prices, covered what the ledger holds for the lot less
    what the house had put in; both minor units.
    """

    stated: int
    covered: int
    invoiced: bool = True
    due: int = 0
    disputed: bool = False
    held: str = ""
    sold_on: date | None = None


def lot_waits(
    facts: LotFacts, *, reserve_days: int, whole_invoice: bool, today: date
) -> list[Waits]:
    """Return why a lot's money waits, most serious first; nothing where it may be paid.

    What only takes from a vendor never waits for a buyer.
    """
    found = []
    if facts.held:
        found.append(Waits("held", detail=facts.held))
    if facts.stated > 0:
        if facts.disputed:
            found.append(Waits("disputed"))
        if not facts.invoiced:
            found.append(Waits("not_invoiced"))
        elif facts.covered < facts.stated or (whole_invoice and facts.due > 0):
            found.append(Waits("unpaid"))
        day = None if facts.sold_on is None else facts.sold_on + timedelta(days=reserve_days)
        if day is not None and day > today:
            found.append(Waits("reserve", until=day))
    told = {"unpaid", "not_invoiced"} & {one.code for one in found}
    if facts.covered != facts.stated and not told:
        found.append(Waits("differs"))
    return found


def account_waits(known_since: datetime | None, bank_days: int, now: datetime) -> date | None:
    """Return the day until which new bank details are held, or None where they may be paid to."""
    if known_since is None:
        return now.date() + timedelta(days=bank_days)
    until = known_since + timedelta(days=bank_days)
    return until.date() if until > now else None
