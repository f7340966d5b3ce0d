"""Sales: made, described, published, put away."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.bidding.conduct import open_sale_lots
from auctionhouse.bidding.lot_offers import offers_open
from auctionhouse.bidding.policies import policies_of
from auctionhouse.catalogue import rules
from auctionhouse.catalogue.checklist import what_is_missing
from auctionhouse.catalogue.details import SaleDetails
from auctionhouse.catalogue.locks import lock_sale
from auctionhouse.catalogue.models import Lot, Sale
from auctionhouse.catalogue.refusals import (
    ChangedMeanwhile,
    FixedOnceShown,
    NotReady,
    OffersOpen,
    ReferenceInvalid,
    ReferenceTaken,
    StateRefuses,
)
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.outbox import announce


def create_sale(
    session: Session, details: SaleDetails, *, currency: str, actor: int | None
) -> Sale:
    """Make a draft; raises ReferenceInvalid, ReferenceTaken and PolicyInvalid."""
    policies_of(details.terms)
    _check_reference(session, details.reference, sale_id=None)
    sale = Sale(currency=currency, **_values(details))
    session.add(sale)
    session.flush()
    audit.record(session, "sale.create", f"sale:{sale.id}", actor=actor, title=sale.title)
    return sale


def edit_sale(
    session: Session,
    sale_id: int,
    details: SaleDetails,
    *,
    actor: int | None,
    version: int | None = None,
) -> Sale:
    """Change what the sale's state still allows; version is the one the editor saw.

    Raises ChangedMeanwhile, FixedOnceShown, ReferenceInvalid, ReferenceTaken and PolicyInvalid.
    """
    policies_of(details.terms)
    sale = lock_sale(session, sale_id)
    if version is not None and version != sale.version:
        raise ChangedMeanwhile(version=sale.version)
    changed = {
        name: value for name, value in _values(details).items() if getattr(sale, name) != value
    }
    if not changed:
        return sale
    if sale.state != "draft":
        fixed = sorted(set(changed) & set(rules.FIXED_ONCE_PUBLISHED))
        if fixed:
            raise FixedOnceShown(names=fixed)
    if "reference" in changed:
        _check_reference(session, details.reference, sale_id=sale_id)
    for name, value in changed.items():
        setattr(sale, name, value)
    sale.version += 1
    audit.record(session, "sale.edit", f"sale:{sale.id}", actor=actor, fields=sorted(changed))
    return sale


def publish_sale(session: Session, sale_id: int, *, actor: int | None) -> Sale:
    """Show the sale and let bidding open at its time; raises NotReady with the findings."""
    sale = lock_sale(session, sale_id)
    findings = what_is_missing(session, sale)
    if any(finding.blocking for finding in findings):
        raise NotReady(findings=findings)
    _advance(sale, "publish")
    sale.published_at = database_now(session)
    session.flush()
    open_sale_lots(session, sale, _offered(session, sale.id))
    audit.record(session, "sale.publish", f"sale:{sale.id}", actor=actor)
    announce(session, f"sale:{sale.id}", {"type": "sale", "state": sale.state, "paused": False})
    return sale


def archive_sale(session: Session, sale_id: int, *, actor: int | None) -> Sale:
    """Put a closed sale away; raises StateRefuses, and OffersOpen while somebody is to answer."""
    sale = lock_sale(session, sale_id)
    _advance(sale, "archive")
    if offers_open(session, sale_id):
        raise OffersOpen
    audit.record(session, "sale.archive", f"sale:{sale.id}", actor=actor)
    return sale


def _offered(session: Session, sale_id: int) -> Sequence[Lot]:
    """Return a sale's lots in the order they close, without the withdrawn ones."""
    query = select(Lot).where(Lot.sale_id == sale_id, Lot.withdrawn_at.is_(None))
    return session.scalars(query.order_by(Lot.number, Lot.suffix)).all()


def _advance(sale: Sale, act: str) -> None:
    state = rules.next_state(sale.state, act)
    if state is None:
        raise StateRefuses(state=sale.state, act=act)
    sale.state = state
    sale.version += 1


def _check_reference(session: Session, reference: str, *, sale_id: int | None) -> None:
    if not rules.is_reference(reference):
        raise ReferenceInvalid
    taken = select(exists().where(Sale.reference == reference, Sale.id != (sale_id or 0)))
    if session.scalar(taken):
        raise ReferenceTaken


def _values(details: SaleDetails) -> dict[str, Any]:
    """Return the details by column; asdict would also copy what stands inside the terms."""
    return {item.name: getattr(details, item.name) for item in fields(details)}
