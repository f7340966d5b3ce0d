"""Members as the two-person rule sees them; read anew each time, never taken from a browser."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse.approvals.rules import Person
from auctionhouse.members.models import STAFF_ROLES

_PEOPLE = (
    "SELECT m.id, array_agg(r.name) AS roles FROM member m"
    " JOIN member_role p ON p.member_id = m.id JOIN role r ON r.id = p.role_id"
    " WHERE m.active {} GROUP BY m.id"
)
_ONE = text(_PEOPLE.format("AND m.id = :member"))
_ALL = text(_PEOPLE.format(""))


def person(session: Session, member_id: int) -> Person:
    """Return a member with the roles they have now; a blocked one has none."""
    row = session.execute(_ONE, {"member": member_id}).first()
    return Person(member_id, frozenset(row.roles if row else ()))


def staff(session: Session) -> list[Person]:
    """Return everybody who works for the house."""
    rows = session.execute(_ALL)
    found = [Person(row.id, frozenset(row.roles)) for row in rows]
    return [one for one in found if not one.roles.isdisjoint(STAFF_ROLES)]
