"""The house's conditions of sale: never changed, only followed by the next version."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.catalogue.models import Conditions
from auctionhouse.catalogue.refusals import TextMissing
from auctionxchange.kernel.clock import database_now


def publish_conditions(session: Session, title: str, body: str, *, actor: int | None) -> Conditions:
    """Publish the next version; raises TextMissing where title or text is empty."""
    if not title.strip() or not body.strip():
        raise TextMissing
    latest = session.scalar(select(func.max(Conditions.version))) or 0
    conditions = Conditions(
        version=latest + 1,
        title=title.strip(),
        body=body.strip(),
        published_at=database_now(session),
    )
    session.add(conditions)
    session.flush()
    subject = f"conditions:{conditions.id}"
    audit.record(session, "conditions.publish", subject, actor=actor, version=conditions.version)
    return conditions
