"""Acts on a sale that runs: each tells the bidders why, on the pages and in every lot's ledger."""

from datetime import timedelta

from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.bidding import conduct
from auctionhouse.catalogue.locks import lock_sale
from auctionhouse.catalogue.models import Sale
from auctionhouse.catalogue.operations.notices import post_notice


def pause_sale(session: Session, sale_id: int, notice: str, *, actor: int | None) -> Sale:
    """Take no bids and close no lot until the sale is resumed.

    Raises NoticeMissing and SaleStateConflict.
    """
    lock_sale(session, sale_id)
    conduct.pause_sale(session, sale_id, notice=notice, actor=actor)
    return _told(session, sale_id, "sale.pause", notice, actor)


def resume_sale(session: Session, sale_id: int, notice: str, *, actor: int | None) -> Sale:
    """Go on; every open lot ends later by as long as the pause lasted."""
    lock_sale(session, sale_id)
    conduct.resume_sale(session, sale_id, notice=notice, actor=actor)
    return _told(session, sale_id, "sale.resume", notice, actor)


def postpone_sale(
    session: Session, sale_id: int, by: timedelta, notice: str, *, actor: int | None
) -> Sale:
    """Let every open lot end later by a while."""
    lock_sale(session, sale_id)
    conduct.postpone_sale(session, sale_id, by=by, notice=notice, actor=actor)
    seconds = int(by.total_seconds())
    return _told(session, sale_id, "sale.postpone", notice, actor, seconds=seconds)


def _told(
    session: Session, sale_id: int, action: str, notice: str, actor: int | None, **detail: int
) -> Sale:
    """Post the notice, write the audit and return the sale as it now stands."""
    post_notice(session, sale_id, notice, actor=actor)
    audit.record(session, action, f"sale:{sale_id}", actor=actor, **detail)
    return lock_sale(session, sale_id)
