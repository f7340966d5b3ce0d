"""Acts of operators on the registry of houses and on each other's sessions, always audited."""

from sqlalchemy.orm import Session

from auctionxchange.accounts.models import Operator, OperatorSession
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.errors import Conflict
from auctionxchange.kernel.outbox import enqueue
from auctionxchange.kernel.translation import gettext as _
from auctionxchange.tenancy.models import HouseRecord
from auctionxchange.tenancy.operations import record
from auctionxchange.tenancy.provisioning import NewHouse, register_house
from auctionxchange.tenancy.tasks import PROVISION


class NotProvisioning(Conflict):
    """A house that exists already was asked to be made."""

    code = "not_provisioning"

    def message(self) -> str:
        return _("“%(slug)s” is made already.", **self.fields)


def order_house(session: Session, new: NewHouse, *, actor: str) -> str:
    """Register a house, have the worker make it, and return its schema."""
    schema = register_house(session, new, actor=actor)
    enqueue(session, PROVISION, schema=schema)
    return schema


def order_again(session: Session, house: HouseRecord, *, actor: str) -> None:
    """Have the worker try once more to make a house; raises NotProvisioning."""
    if house.status != "provisioning":
        raise NotProvisioning(slug=house.slug)
    record(session, actor=actor, action="house.provision_again", subject=house.slug)
    enqueue(session, PROVISION, schema=house.schema)


def revoke_session(
    session: Session, operator: Operator, signed_in: OperatorSession, *, actor: str
) -> bool:
    """Sign a browser of an operator out; tell whether it was signed in."""
    if signed_in.revoked_at is not None:
        return False
    signed_in.revoked_at = database_now(session)
    session.flush()
    record(
        session,
        actor=actor,
        action="operator.session_revoked",
        subject=operator.email,
        before={"session": str(signed_in.id), "browser": signed_in.user_agent},
    )
    return True
