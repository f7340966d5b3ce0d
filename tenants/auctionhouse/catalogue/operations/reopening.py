"""Lots that ended and are opened again, and results put right: told in a notice, and audited."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.bidding import reopening
from auctionhouse.catalogue.locks import lock_lot, lock_sale
from auctionhouse.catalogue.models import Lot
from auctionhouse.catalogue.operations.notices import post_notice
from auctionxchange.kernel.errors import NotFound


def reopen_lot(session: Session, lot_id: int, ends_at: datetime, notice: str, *, actor: int) -> Lot:
    """Take bids on a closed or withdrawn lot again; raises what bidding refuses."""
    lot = hold_lot(session, lot_id)
    reopening.reopen_lot(session, lot_id, ends_at=ends_at, notice=notice.strip(), actor=actor)
    post_notice(session, lot.sale_id, notice, actor=actor, lot_id=lot_id)
    audit.record(session, "lot.reopen", f"lot:{lot_id}", actor=actor, ends=ends_at.isoformat())
    session.refresh(lot)
    return lot


def correct_result(
    session: Session,
    lot_id: int,
    client_id: int | None,
    price: int | None,
    notice: str,
    *,
    reason: str,
    actor: int,
) -> Lot:
    """Put a wrong result right; the notice is public, the reason stands in the audit."""
    lot = hold_lot(session, lot_id)
    reopening.correct_result(
        session, lot_id, client_id=client_id, price=price, notice=notice.strip(), actor=actor
    )
    post_notice(session, lot.sale_id, notice, actor=actor, lot_id=lot_id)
    audit.record(
        session, "lot.correct", f"lot:{lot_id}", actor=actor, client=client_id, price=price,
        reason=reason.strip(),
    )  # fmt: skip
    session.refresh(lot)
    return lot


def hold_lot(session: Session, lot_id: int) -> Lot:
    """Hold a lot's sale, then the lot; raises NotFound."""
    sale_id = session.scalar(select(Lot.sale_id).where(Lot.id == lot_id))
    if sale_id is None:
        raise NotFound
    lock_sale(session, sale_id)
    return lock_lot(session, lot_id)
