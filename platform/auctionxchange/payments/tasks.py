"""Working on the inbox: find the house by the account, then let the house's code do its part.

An event of an unknown account is kept aside for the operators, and so is one whose object is not
at the account that sent it. An event whose work fails is tried again as every job is.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionxchange.jobs.registry import TASKS, WorkerServices
from auctionxchange.kernel.database import PlatformSession
from auctionxchange.kernel.logs import logger
from auctionxchange.kernel.outbox import enqueue
from auctionxchange.payments import accounts
from auctionxchange.payments.gateway import StripeGateway, make_gateway
from auctionxchange.payments.inbox import PROCESS
from auctionxchange.payments.kept_aside import tell_of_kept_aside
from auctionxchange.payments.models import StripeEvent
from auctionxchange.payments.refusals import AccessRevoked, NotAtStripe
from auctionxchange.tenancy.current import acting_for
from auctionxchange.tenancy.house import House

ACCOUNT_MAIL = "payments.account_mail"
_log = logger("payments")
_DONE = text(
    "UPDATE exchange.stripe_event SET state = :state, done_at = clock_timestamp()"
    " WHERE event_id = :event"
)


@dataclass(frozen=True, slots=True)
class HouseEvent:
    """What a house is told: at which of its accounts which object changed."""

    account: str
    entity: int
    kind: str
    object_kind: str
    object_id: str


HouseHandler = Callable[[WorkerServices, StripeGateway, House, HouseEvent], None]
HOUSE_HANDLERS: dict[str, HouseHandler] = {}
"""By the kind of object: what a house does when one of its own changed."""


def house_handler(object_kind: str) -> Callable[[HouseHandler], HouseHandler]:
    """Register what houses do about a kind of object."""

    def register(handler: HouseHandler) -> HouseHandler:
        HOUSE_HANDLERS[object_kind] = handler
        return handler

    return register


@TASKS.platform_task(PROCESS)
def process_event(services: WorkerServices, session: PlatformSession, *, event: str) -> None:
    """Work on one event of the inbox; one that is done stays done."""
    row = session.get(StripeEvent, event, with_for_update=True)
    if row is None or row.state in {"done", "ignored"}:
        return
    state = _worked_on(services, session, row)
    if state in {"stranger", "foreign"}:
        _log.warning("stripe event kept aside", told=event, state=state, account=row.account)
        tell_of_kept_aside(services, session, row, state)
    session.execute(_DONE, {"state": state, "event": event})


PlatformHandler = Callable[[WorkerServices, str, str], bool]
PLATFORM_HANDLERS: dict[str, PlatformHandler] = {}
"""By the kind of object: what the exchange does when one of its own account's changed."""


def platform_handler(*object_kinds: str) -> Callable[[PlatformHandler], PlatformHandler]:
    """Register what is done about kinds of objects; called with the kind and the object's id."""

    def register(handler: PlatformHandler) -> PlatformHandler:
        PLATFORM_HANDLERS.update(dict.fromkeys(object_kinds, handler))
        return handler

    return register


def _worked_on(services: WorkerServices, session: Session, row: StripeEvent) -> str:
    if row.livemode != _live(services):
        return "ignored"
    if row.account is None:
        return "done" if _of_platform(services, row) else "ignored"
    return _of_account(services, session, row, row.account)


def _of_account(services: WorkerServices, session: Session, row: StripeEvent, account: str) -> str:
    owner = accounts.owner_of(session, account)
    if owner is None:
        return "stranger"
    if row.kind == "account.application.deauthorized":
        accounts.revoke(session, account)
        _tell_owners(services, owner, "revoked")
        return "done"
    try:
        return _looked_up(services, session, owner, row)
    except NotAtStripe:
        return "foreign"
    except AccessRevoked:
        accounts.revoke(session, account)
        _tell_owners(services, owner, "revoked")
        return "ignored"


def _of_platform(services: WorkerServices, row: StripeEvent) -> bool:
    """Do what concerns the platform's own account; False where nothing does."""
    handler = PLATFORM_HANDLERS.get(row.object_kind or "")
    if handler is None or row.object_kind is None or row.object_id is None:
        return False
    return handler(services, row.object_kind, row.object_id)


def _live(services: WorkerServices) -> bool:
    """Tell whether our key is a live one: a live endpoint is told of tests too."""
    return "_live_" in (services.settings.stripe_secret_key or "")


def _tell_owners(services: WorkerServices, owner: accounts.Connected, state: str) -> None:
    """Have a house's owners told what became of their account, once for each change."""
    house = services.directory.by_schema(owner.house_schema)
    if house is None or owner.card_payments == state:
        return
    with services.database.house_session(house) as session, session.begin():
        enqueue(session, ACCOUNT_MAIL, account=owner.account, entity=owner.entity, state=state)


def _looked_up(
    services: WorkerServices, session: Session, owner: accounts.Connected, row: StripeEvent
) -> str:
    gateway = make_gateway(services.settings)
    if row.object_kind in {"account", "v2.core.account"}:
        looked = accounts.look_again(session, gateway, owner.account)
        if "active" in {looked.before, looked.now}:
            _tell_owners(services, owner, looked.now)
        return "done"
    return _tell_house(services, gateway, owner, row)


def _tell_house(
    services: WorkerServices, gateway: StripeGateway, owner: accounts.Connected, row: StripeEvent
) -> str:
    house = services.directory.by_schema(owner.house_schema)
    if house is None or house.status in {"provisioning", "deleted"}:
        return "stranger"
    handler = HOUSE_HANDLERS.get(row.object_kind or "")
    if handler is None or row.object_id is None:
        return "ignored"
    told = HouseEvent(owner.account, owner.entity, row.kind, row.object_kind or "", row.object_id)
    with acting_for(house), services.app.app_context():
        handler(services, gateway, house, told)
    return "done"
