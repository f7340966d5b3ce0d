"""What a reader is told about a lot: where it stands, and what a bid would cost in all.

Pure functions. Whether a bid is taken is decided by the bidding rules alone.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Protocol

LONGEST_PIECES = 6
_LABEL = re.compile(r"0*([1-9][0-9]{0,6})([A-Z]{0,2})")


@lru_cache(maxsize=4096)
def split_label(label: str) -> tuple[int, str] | None:
    """Read a lot number as printed, “27A”, into number and suffix; None for anything else."""
    found = _LABEL.fullmatch(label.strip().upper())
    return None if found is None or not label.isascii() else (int(found[1]), found[2])


def read_pieces(typed: str) -> int:
    """Read a number of pieces as typed, 1 where nothing was; 0 stands for what is no number."""
    text = typed.strip() or "1"
    fine = text.isascii() and text.isdecimal() and len(text) <= LONGEST_PIECES
    return int(text) if fine else 0


class Standing(Protocol):
    """What of a lot its phase depends on."""

    @property
    def status(self) -> str:
        """Return scheduled, open, ended, closed or withdrawn."""
        ...

    @property
    def outcome(self) -> str | None:
        """Return sold or unsold once it is closed."""
        ...

    @property
    def starts_at(self) -> datetime:
        """Return when bidding opens."""
        ...

    @property
    def ends_at(self) -> datetime:
        """Return when bidding ends."""
        ...

    @property
    def scheduled_ends_at(self) -> datetime:
        """Return when it would end without extensions."""
        ...


class SaleTimes(Protocol):
    """What of a sale its phase depends on."""

    @property
    def state(self) -> str:
        """Return published, closed or archived."""
        ...

    @property
    def starts_at(self) -> datetime | None:
        """Return when bidding opens."""
        ...

    @property
    def ends_at(self) -> datetime | None:
        """Return when the first lot ends."""
        ...

    @property
    def paused_at(self) -> datetime | None:
        """Return since when it is held."""
        ...

    @property
    def closed_at(self) -> datetime | None:
        """Return when its last lot was done."""
        ...


def phase_of(lot: Standing, now: datetime, *, paused: bool) -> str:
    """Return scheduled, open, extended, closing, paused, ended, or how it went.

    Sold, unsold, conditional where the seller decides, choosing where the buyer does, withdrawn.

    Ended is a lot whose sealed bids wait to be opened. A lot whose end has passed is shown as
    closing until the hammer falls, never as open.
    """
    if lot.status in {"withdrawn", "ended"}:
        return lot.status
    if lot.status == "closed":
        return lot.outcome or "closed"
    if paused:
        return "paused"
    if now < lot.starts_at:
        return "scheduled"
    if now >= lot.ends_at:
        return "closing"
    return "extended" if lot.ends_at > lot.scheduled_ends_at else "open"


def takes_bids(phase: str) -> bool:
    """Tell whether the page offers to bid in this phase."""
    return phase in {"open", "extended"}


def reserve_state(*, has_reserve: bool, met: bool) -> str:
    """Return no_reserve, reserve_met or reserve_not_met."""
    if not has_reserve:
        return "no_reserve"
    return "reserve_met" if met else "reserve_not_met"


OVER = {
    "sold": "won", "conditional": "conditional", "choosing": "choosing", "unsold": "lost",
    "closed": "lost",
}  # fmt: skip
"""By phase of a lot whose bidding is over: how who led it stands."""


def my_state(
    phase: str, *, bid: bool, lead: bool, sealed: bool = False, taken: bool = False
) -> str | None:
    """Return how somebody who has bid stands: leading, outbid or as a lot left them, else None.

    As long as bids are sealed it is sealed; what was taken at a clock is won at once.
    """
    if not bid or phase == "withdrawn":
        return None
    if phase in OVER:
        return OVER[phase] if lead else "lost"
    if sealed:
        return "sealed"
    if taken:
        return "won"
    return "leading" if lead else "outbid"


def steps_near(
    increments: Sequence[tuple[int, int]], amount: int, most: int = 5
) -> Sequence[tuple[int, int]]:
    """Return the bands of an increment table from the one an amount is in."""
    starts = [start for start, _step in increments]
    first = max(bisect_right(starts, amount) - 1, 0)
    return increments[first : first + most]


def sale_phase(sale: SaleTimes, now: datetime) -> str:
    """Return scheduled, open, closing, paused or closed for a published sale."""
    if sale.closed_at is not None or sale.state in {"closed", "archived"}:
        return "closed"
    if sale.paused_at is not None:
        return "paused"
    if sale.starts_at is None or now < sale.starts_at:
        return "scheduled"
    if sale.ends_at is not None and now >= sale.ends_at:
        return "closing"
    return "open"
