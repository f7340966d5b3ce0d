"""Keeping a lot's money back, and letting it go."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.catalogue.locks import lock_lot
from auctionhouse.settlement.models import VendorHold
from auctionhouse.settlement.refusals import AlreadyHeld, HoldReasonMissing
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.errors import NotFound


def hold_lot(session: Session, lot_id: int, reason: str, *, actor: int | None) -> VendorHold:
    """Keep a lot's money back; raises HoldReasonMissing and AlreadyHeld."""
    if not reason.strip():
        raise HoldReasonMissing
    lock_lot(session, lot_id)
    if _open_hold(session, lot_id) is not None:
        raise AlreadyHeld
    made = VendorHold(lot_id=lot_id, reason=reason.strip(), held_by=actor)
    session.add(made)
    session.flush()
    audit.record(session, "vendor.hold", f"lot:{lot_id}", actor=actor, reason=made.reason)
    return made


def lift_hold(session: Session, lot_id: int, *, actor: int | None) -> VendorHold:
    """Let a lot's money go again; raises NotFound where it is not held."""
    lock_lot(session, lot_id)
    found = _open_hold(session, lot_id)
    if found is None:
        raise NotFound(lot=lot_id)
    found.lifted_by, found.lifted_at = actor, database_now(session)
    session.flush()
    audit.record(session, "vendor.lift", f"lot:{lot_id}", actor=actor)
    return found


def _open_hold(session: Session, lot_id: int) -> VendorHold | None:
    query = select(VendorHold).where(VendorHold.lot_id == lot_id, VendorHold.lifted_at.is_(None))
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()
