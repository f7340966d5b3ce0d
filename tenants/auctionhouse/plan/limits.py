"""What the plan allows, looked at when a lot, a member of staff or a picture is added."""

from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from auctionhouse.plan.models import PlanAllowance
from auctionxchange.kernel.errors import Conflict
from auctionxchange.kernel.translation import gettext as _

MEGABYTE = 1_000_000
_USED = text(
    "SELECT (SELECT count(*) FROM lot)::bigint AS lots,"
    " (SELECT count(DISTINCT m.id) FROM member m JOIN member_role p ON p.member_id = m.id"
    "  JOIN role r ON r.id = p.role_id WHERE m.active AND r.name <> 'bidder')::bigint AS staff,"
    " (SELECT coalesce(sum(bytes), 0) FROM (SELECT max(bytes) AS bytes FROM picture"
    "  GROUP BY digest) files)::bigint AS bytes"
)


class PlanLimit(Conflict):
    """The plan allows no more; fields: what (lots, staff, storage), most, plan."""

    code = "plan_limit"

    def message(self) -> str:
        texts = {
            "lots": _("The plan “%(plan)s” allows %(most)s lots. Change the plan to add more.",
                      **self.fields),
            "staff": _("The plan “%(plan)s” allows %(most)s members of staff. Change the plan to"
                       " add more.", **self.fields),
            "storage": _("The plan “%(plan)s” allows %(most)s MB of pictures. Change the plan or"
                         " remove pictures.", **self.fields),
        }  # fmt: skip
        return texts[self.fields["what"]]


@dataclass(frozen=True, slots=True)
class Usage:
    """What the house uses of its plan; storage in bytes of the pictures as they were sent."""

    lots: int
    staff: int
    bytes: int

    @property
    def megabytes(self) -> int:
        """Return the storage in whole megabytes, rounded up."""
        return -(-self.bytes // MEGABYTE)


def allowance(session: Session, *, hold: bool = False) -> PlanAllowance | None:
    """Return the house's plan; held, so that two who add at once are counted one after another."""
    query = select(PlanAllowance)
    return session.scalars(query.with_for_update() if hold else query).one_or_none()


def usage(session: Session) -> Usage:
    """Count what the house uses."""
    return Usage(*session.execute(_USED).one())


def check(session: Session, what: str, *, adding: int = 1) -> None:
    """Raise PlanLimit where so much more than there is would be above the plan."""
    plan = allowance(session, hold=True)
    if plan is None:
        return
    used = usage(session)
    most, have = {
        "lots": (plan.lots, used.lots),
        "staff": (plan.staff, used.staff),
        "storage": (plan.storage_mb, used.bytes),
    }[what]
    ceiling = None if most is None else most * (MEGABYTE if what == "storage" else 1)
    if ceiling is not None and have + adding > ceiling:
        raise PlanLimit(what=what, most=most, plan=plan.name)
