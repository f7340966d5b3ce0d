"""What a format is told by the terms, read from what is stored, and written as the ledger shows it.

Stored amounts are minor units and durations seconds; terms.py puts this beside the increments.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from auctionhouse.bidding.selling import (
    CHANGES,
    OPENED_BY,
    ORDERS,
    PAYS,
    SEALED_FORMATS,
    Choice,
    Clock,
    Sealed,
)
from auctionhouse.bidding.term_errors import TermsInvalid


def read_choice(stored: Mapping[str, Any], name: str, known: Sequence[str], setting: str) -> Any:
    """Return one of the known values, the first where none is stored; raises TermsInvalid."""
    value = stored.get(name, known[0])
    if value not in known:
        raise TermsInvalid(setting, "choice", value=value, choices=", ".join(known))
    return value


def read_truth(stored: Mapping[str, Any], name: str, setting: str) -> bool:
    """Return a truth value, true where none is stored; raises TermsInvalid."""
    value = stored.get(name, True)
    if type(value) is not bool:
        raise TermsInvalid(setting, "choice", value=value, choices="true, false")
    return value


LONGEST_TURN = 24 * 3600
"""Seconds between two steps of a clock at most."""

_SECOND = 1_000_000


LEAST_TO_CHOOSE = 2
CHOICE_HOURS = 24
"""For how long a winner chooses where the terms do not say it."""

MOST_CHOICE_HOURS = 336
LONGEST_NAME = 120
_HOUR = 3600 * _SECOND


def selling_terms(form: str, merged: Mapping[str, Any], quantity: int) -> dict[str, Any]:
    """Return the fields of Terms that a format brings along; raises TermsInvalid."""
    if form == "dutch":
        return {"clock": _clock(merged.get("clock"))}
    if form == "choice":
        return {"choice": _choice(merged.get("choice"), quantity)}
    if form not in SEALED_FORMATS:
        return {}
    return {"sealed": _sealed(merged.get("sealed"), shared=form == "sealed_pieces")}


def _clock(stored: Any) -> Clock:
    """Read a clock; what it has to do with the lot's other amounts is not looked at here."""
    told = stored if isinstance(stored, Mapping) else {}
    start, step, every = (told.get(name) for name in ("start", "step", "every_s"))
    if type(start) is not int or type(step) is not int or type(every) is not int:
        raise TermsInvalid("clock_start", "clock_missing")
    if step <= 0:
        raise TermsInvalid("clock_step", "clock_step")
    if step >= start:
        raise TermsInvalid("clock_step", "clock_below_zero")
    if not 1 <= every <= LONGEST_TURN:
        raise TermsInvalid("clock_every", "clock_every")
    return Clock(start, step, every * _SECOND)


def _choice(stored: Any, pieces: int) -> Choice:
    """Read a right to choose among so many pieces."""
    told = stored if isinstance(stored, Mapping) else {}
    hours, names = told.get("hours", CHOICE_HOURS), told.get("names") or []
    if pieces < LEAST_TO_CHOOSE:
        raise TermsInvalid("format", "choice_pieces")
    if type(hours) is not int or not 1 <= hours <= MOST_CHOICE_HOURS:
        raise TermsInvalid("choice_hours", "choice_hours", most=MOST_CHOICE_HOURS)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise TermsInvalid("piece_names", "choice_names_shape")
    if any(not name.strip() or len(name) > LONGEST_NAME for name in names):
        raise TermsInvalid("piece_names", "choice_names_long", most=LONGEST_NAME)
    if len(names) > pieces:
        raise TermsInvalid("piece_names", "choice_names", names=len(names), pieces=pieces)
    return Choice(pieces, hours * _HOUR, tuple(names))


def _sealed(stored: Any, *, shared: bool) -> Sealed:
    told = stored or {}
    if not isinstance(told, Mapping):
        raise TermsInvalid("changes", "choice", value=told, choices=", ".join(CHANGES))
    return Sealed(
        changes=read_choice(told, "changes", CHANGES, "changes"),
        count=read_truth(told, "count", "count"),
        opened_by=read_choice(told, "opened_by", OPENED_BY, "opened_by"),
        pays=read_choice(told, "pays", PAYS, "pays") if shared else None,
        order=read_choice(told, "order", ORDERS, "order") if shared else None,
    )


def public_selling(terms: Any) -> dict[str, Any]:
    """Return how a lot is sold as the ledger tells it: only what is not the usual."""
    told: dict[str, Any] = {}
    if terms.format != "timed":
        told["format"] = terms.format
    if terms.pieces > 1:
        told["pieces"] = terms.pieces
    if terms.sealed is not None:
        sealed = asdict(terms.sealed).items()
        told["sealed"] = {name: value for name, value in sealed if value is not None}
    if terms.clock is not None:
        clock = terms.clock
        told["clock"] = {
            "start": clock.start, "step": clock.step, "every_s": clock.every // _SECOND,
        }  # fmt: skip
    if terms.choice is not None:
        choice = terms.choice
        told["choice"] = {
            "pieces": choice.pieces, "hours": choice.lasts // _HOUR, "names": list(choice.names),
        }  # fmt: skip
    return told
