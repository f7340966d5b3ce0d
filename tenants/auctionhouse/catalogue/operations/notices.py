"""Saleroom notices: told to everyone who watches the sale, kept on its pages."""

from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.catalogue.models import SaleNotice
from auctionhouse.catalogue.refusals import TextMissing
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.outbox import announce


def post_notice(
    session: Session, sale_id: int, body: str, *, actor: int | None, lot_id: int | None = None
) -> SaleNotice:
    """Post a notice on a sale or on one of its lots; raises TextMissing."""
    if not body.strip():
        raise TextMissing
    notice = SaleNotice(
        sale_id=sale_id,
        lot_id=lot_id,
        body=body.strip(),
        posted_by=actor,
        posted_at=database_now(session),
    )
    session.add(notice)
    session.flush()
    subject = f"sale:{sale_id}" if lot_id is None else f"lot:{lot_id}"
    audit.record(session, "notice.post", subject, actor=actor, notice=notice.id)
    announce(
        session,
        f"sale:{sale_id}",
        {
            "type": "notice",
            "notice": notice.id,
            "lot": lot_id,
            "body": notice.body,
            "at": notice.posted_at.isoformat(),
        },
    )
    return notice
