"""Lots: catalogued, changed, renumbered, withdrawn."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.bidding import conduct
from auctionhouse.bidding.format_terms import selling_terms
from auctionhouse.bidding.models import LotState
from auctionhouse.bidding.terms import build_terms, check_amounts
from auctionhouse.bidding.ways import bounds_hold
from auctionhouse.catalogue import rules
from auctionhouse.catalogue.details import LotDetails
from auctionhouse.catalogue.locks import lock_lot, lock_sale
from auctionhouse.catalogue.models import Lot, Sale
from auctionhouse.catalogue.operations.notices import post_notice
from auctionhouse.catalogue.refusals import (
    BoundsCross,
    ChangedMeanwhile,
    FixedOnceShown,
    NumberTaken,
    StateRefuses,
    TextMissing,
)
from auctionhouse.consignors import assigning
from auctionhouse.plan import limits
from auctionxchange.kernel.clock import database_now

ACCEPTING_LOTS = ("draft", "published")
SELLER = ("consignor_client_id", "agreement_id")
BOUNDS = ("offer_accept_from", "offer_decline_below")
NOT_SHOWN = ("internal_notes", "location", *SELLER, *BOUNDS)


def create_lot(session: Session, sale_id: int, details: LotDetails, *, actor: int | None) -> Lot:
    """Add a lot; in a published sale it opens with the others.

    Raises PlanLimit, NumberTaken, StateRefuses, BoundsCross and what an agreement forbids.
    """
    _check_amounts(details)
    limits.check(session, "lots")
    sale = lock_sale(session, sale_id)
    if sale.state not in ACCEPTING_LOTS:
        raise StateRefuses(state=sale.state)
    _check_number(session, sale_id, details.number, details.suffix, lot_id=None)
    assigning.check_consigned(session, sale, details.consignor_client_id, details.agreement_id)
    lot = Lot(sale_id=sale_id, **_values(details))
    assigning.check_margin(session, sale, lot)
    session.add(lot)
    sale.version += 1
    session.flush()
    if sale.state == "published":
        places = select(func.count()).where(LotState.sale_id == sale_id)
        conduct.open_sale_lots(session, sale, [lot], first_place=session.scalar(places) or 0)
    audit.record(session, "lot.create", f"lot:{lot.id}", actor=actor, sale=sale_id)
    return lot


def edit_lot(
    session: Session,
    lot_id: int,
    details: LotDetails,
    *,
    actor: int | None,
    version: int | None = None,
) -> Lot:
    """Change a lot as far as its bidding still allows; version is the one the editor saw.

    Raises ChangedMeanwhile, NumberTaken, BoundsCross, TermsInvalid, what bidding refuses, and what
    an agreement forbids.
    """
    _check_amounts(details)
    lot = lock_lot(session, lot_id)
    if version is not None and version != lot.version:
        raise ChangedMeanwhile(version=lot.version)
    changed = {
        name: value for name, value in _values(details).items() if getattr(lot, name) != value
    }
    if not changed:
        return lot
    sale = session.get_one(Sale, lot.sale_id)
    if {"number", "suffix"} & set(changed):
        if sale.state != "draft":
            raise FixedOnceShown(names=["label"])
        _check_number(session, lot.sale_id, details.number, details.suffix, lot_id=lot_id)
    if set(SELLER) & set(changed):
        assigning.check_changeable(session, lot_id)
        assigning.check_consigned(session, sale, details.consignor_client_id, details.agreement_id)
    if (lot.terms or {}).get("clock"):
        build_terms(sale.terms, lot.terms, details.opening, details.reserve, details.quantity)
    if {**sale.terms, **(lot.terms or {})}.get("format") == "choice" and "quantity" in changed:
        selling_terms("choice", {**sale.terms, **(lot.terms or {})}, details.quantity)
    if sale.state == "published" and lot.withdrawn_at is None:
        _change_shown_lot(session, lot, changed, actor)
    for name, value in changed.items():
        setattr(lot, name, value)
    assigning.check_margin(session, sale, lot)
    lot.version += 1
    audit.record(session, "lot.edit", f"lot:{lot.id}", actor=actor, fields=sorted(changed))
    return lot


def _change_shown_lot(
    session: Session, lot: Lot, changed: dict[str, Any], actor: int | None
) -> None:
    """Have bidding allow and enter what touches a lot that is shown.

    They move in an order that never leaves the reserve below the opening, nor the buy-now price
    below either.
    """
    acts: dict[str, Callable[..., None]] = {
        "reserve": conduct.change_reserve,
        "opening": conduct.change_opening,
    }
    if changed.get("opening", lot.opening) < lot.opening:
        acts = dict(reversed(acts.items()))
    up = changed.get("buy_now") is None or (lot.buy_now and changed["buy_now"] > lot.buy_now)
    at_once = {"buy_now": conduct.change_buy_now}
    acts = {**at_once, **acts} if up else {**acts, **at_once}
    for name, act in acts.items():
        if name in changed:
            act(session, lot.id, actor=actor, **{name: changed[name]})
    told = {*acts, *NOT_SHOWN}
    if "quantity" in changed and conduct.change_pieces(
        session, lot.id, quantity=changed["quantity"], actor=actor
    ):
        told.add("quantity")
    texts = sorted(set(changed) - told)
    if texts:
        conduct.note_text_change(session, lot.id, texts, actor=actor)
    session.refresh(lot)


def renumber_lot(
    session: Session, lot_id: int, number: int, suffix: str, *, actor: int | None
) -> Lot:
    """Give a lot another number; only in a draft, since bidders remember numbers."""
    lot = lock_lot(session, lot_id)
    sale = session.get_one(Sale, lot.sale_id)
    if sale.state != "draft":
        raise StateRefuses(state=sale.state)
    _check_number(session, lot.sale_id, number, suffix, lot_id=lot_id)
    before = rules.lot_label(lot.number, lot.suffix)
    lot.number, lot.suffix = number, suffix
    lot.version += 1
    after = rules.lot_label(number, suffix)
    audit.record(session, "lot.renumber", f"lot:{lot.id}", actor=actor, before=before, after=after)
    return lot


def withdraw_lot(session: Session, lot_id: int, reason: str, *, actor: int | None) -> Lot:
    """Take a lot out of its sale for good and say why in a notice.

    Raises TextMissing without a reason and StateRefuses once it is withdrawn or its sale closed.
    """
    if not reason.strip():
        raise TextMissing
    lot = lock_lot(session, lot_id)
    sale = session.get_one(Sale, lot.sale_id)
    if lot.withdrawn_at is not None or sale.state not in ACCEPTING_LOTS:
        raise StateRefuses(state=sale.state)
    if sale.state == "published":
        conduct.withdraw_lot(session, lot_id, notice=reason.strip(), actor=actor)
        session.refresh(lot)
        post_notice(session, sale.id, reason, actor=actor, lot_id=lot_id)
    else:
        lot.withdrawn_at = database_now(session)
        lot.withdrawn_reason = reason.strip()
        lot.version += 1
    audit.record(session, "lot.withdraw", f"lot:{lot.id}", actor=actor, reason=reason.strip())
    return lot


def _check_amounts(details: LotDetails) -> None:
    check_amounts(details.opening, details.reserve, details.buy_now)
    bounds = details.offer_accept_from, details.offer_decline_below
    if not bounds_hold(*bounds):
        raise BoundsCross(names=BOUNDS)


def _check_number(
    session: Session, sale_id: int, number: int, suffix: str, *, lot_id: int | None
) -> None:
    taken = exists().where(
        Lot.sale_id == sale_id,
        Lot.number == number,
        Lot.suffix == suffix,
        Lot.id != (lot_id or 0),
    )
    if session.scalar(select(taken)):
        raise NumberTaken(label=rules.lot_label(number, suffix))


def _values(details: LotDetails) -> dict[str, Any]:
    return {item.name: getattr(details, item.name) for item in fields(details)}
