"""One line in the house's audit for each act of its people, in the act's own transaction."""

from typing import Any

from sqlalchemy.orm import Session

from auctionhouse.members.models import AuditEntry


def record(
    session: Session, action: str, subject: str, *, actor: int | None, **detail: Any
) -> None:
    """Write what a member did to what; detail must be JSON values, actor None means the system."""
    session.add(
        AuditEntry(actor_member_id=actor, action=action, subject=subject, detail=dict(detail))
    )
