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
    Sealed,
    shares_pieces,
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


def selling_terms(form: str, merged: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of Terms that a format brings along; raises TermsInvalid."""
    if form not in SEALED_FORMATS:
        return {}
    return {"sealed": _sealed(merged.get("sealed"), shared=shares_pieces(form))}


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
    return told
