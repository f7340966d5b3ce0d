"""What a sale and its lots must be before they are shown, and how they move on.

Pure: no database, no web. Texts for what these functions name stand in checklist.py.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

SALE_TRANSITIONS: dict[str, dict[str, str]] = {
    "draft": {"publish": "published"},
    "published": {"close": "closed"},
    "closed": {"archive": "archived"},
    "archived": {},
}
"""State → act → next state. That a sale runs or is paused is told by its times, not by a state."""

FIXED_ONCE_PUBLISHED = (
    "reference",
    "currency",
    "starts_at",
    "ends_at",
    "closing_interval_seconds",
    "premium_percent",
    "premium_vat_note",
    "terms",
    "conditions_id",
)
"""What bidders relied on; times move by postponing only, the rest not at all."""

_REFERENCE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NUMBER = re.compile(r"([0-9]{1,6})([A-Za-z]{0,2})")
LONGEST_REFERENCE = 60


@dataclass(frozen=True, slots=True)
class SaleFacts:
    """What the check before publishing looks at."""

    title: str
    starts_at: datetime | None
    ends_at: datetime | None
    conditions_published: bool
    has_increments: bool


@dataclass(frozen=True, slots=True)
class LotFacts:
    """What the check before publishing looks at in one lot; amounts in minor units."""

    label: str
    title: str
    reserve: int | None
    estimate_low: int | None
    estimate_on_request: bool
    pictures: int
    pictures_without_text: int
    withdrawn: bool
    clock_fits: bool = True
    """Whether it is sold by no falling clock, or by one that falls as it should and in time."""

    choice_fits: bool = True
    """Whether its buyer is not to choose among pieces, or there are several."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the check found; a blocking one keeps the sale from being published."""

    code: str
    blocking: bool
    lots: tuple[str, ...] = ()


def next_state(state: str, act: str) -> str | None:
    """Return the state an act leads to, or None where the act is not allowed."""
    return SALE_TRANSITIONS[state].get(act)


def is_reference(text: str) -> bool:
    """Tell whether a text can stand in a sale's address."""
    return len(text) <= LONGEST_REFERENCE and bool(_REFERENCE.fullmatch(text))


def lot_label(number: int, suffix: str) -> str:
    """Write a lot's number as printed, such as 27A."""
    return f"{number}{suffix}"


def parse_lot_label(text: str) -> tuple[int, str] | None:
    """Read a lot's number and suffix; None for what is no lot number."""
    found = _NUMBER.fullmatch(text.strip()) if text.isascii() else None
    if found is None or int(found[1]) == 0:
        return None
    return int(found[1]), found[2].upper()


def check_before_publishing(
    sale: SaleFacts, lots: Sequence[LotFacts], now: datetime, *, forbidden: Sequence[str] = ()
) -> list[Finding]:
    """Return what is missing or doubtful, blocking findings first.

    forbidden are the lots whose vendors' status does not allow the margin scheme.
    """
    findings = [*_check_sale(sale, now), *_check_lots(lots)]
    if forbidden:
        findings.append(Finding("margin_forbidden", blocking=True, lots=tuple(forbidden)))
    return sorted(findings, key=lambda finding: not finding.blocking)


def _check_sale(sale: SaleFacts, now: datetime) -> list[Finding]:
    wrong = {
        "title": not sale.title.strip(),
        "times": sale.starts_at is None or sale.ends_at is None,
        "ended": sale.ends_at is not None and sale.ends_at <= now,
        "conditions": not sale.conditions_published,
        "increments": not sale.has_increments,
    }
    return [Finding(code, blocking=True) for code, failed in wrong.items() if failed]


def _check_lots(lots: Sequence[LotFacts]) -> list[Finding]:
    offered = [lot for lot in lots if not lot.withdrawn]
    if not offered:
        return [Finding("no_lots", blocking=True)]
    found = []
    for code, (blocking, failed) in _LOT_CHECKS.items():
        labels = tuple(lot.label for lot in offered if failed(lot))
        if labels:
            found.append(Finding(code, blocking, labels))
    return found


def _above_estimate(lot: LotFacts) -> bool:
    return (
        lot.reserve is not None and lot.estimate_low is not None and lot.reserve > lot.estimate_low
    )


_LOT_CHECKS: dict[str, tuple[bool, Callable[[LotFacts], bool]]] = {
    "clock": (True, lambda lot: not lot.clock_fits),
    "choice": (True, lambda lot: not lot.choice_fits),
    "lot_title": (True, lambda lot: not lot.title.strip()),
    "no_estimate": (False, lambda lot: lot.estimate_low is None and not lot.estimate_on_request),
    "reserve_above_estimate": (False, _above_estimate),
    "no_picture": (False, lambda lot: lot.pictures == 0),
    "no_picture_text": (False, lambda lot: lot.pictures_without_text > 0),
}
"""Code → whether it keeps the sale from being published, and when it is found."""
