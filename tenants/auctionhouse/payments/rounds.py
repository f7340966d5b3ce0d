"""What comes round by the clock: lost attempts, expired holds, Stripe's books against ours."""

from sqlalchemy.orm import Session

from auctionhouse.payments.charging import renew_holds, resume_lost
from auctionhouse.payments.desk import Desk
from auctionhouse.payments.reconciliation import note, note_problem, reconcile
from auctionxchange.jobs.registry import TASKS, WorkerServices
from auctionxchange.kernel.errors import DomainError
from auctionxchange.kernel.logs import logger
from auctionxchange.payments.accounts import Connected, accounts_of
from auctionxchange.payments.gateway import make_gateway
from auctionxchange.payments.refusals import AccessRevoked
from auctionxchange.tenancy.house import House

RESUME = "payments.resume"
RECONCILE = "payments.reconcile"
_log = logger("payments")


@TASKS.house_task(RESUME, every="*/10 * * * *")
def resume(services: WorkerServices, house: House, session: Session) -> None:
    """Work again on what has no outcome, and renew holds that expired."""
    del session
    desk, accounts = _desk(services, house)
    if desk is not None and accounts:
        resume_lost(desk)
        renew_holds(desk)


@TASKS.house_task(RECONCILE, every="10 3 * * *")
def compare_daily(services: WorkerServices, house: House, session: Session) -> None:
    """Compare every account's books with ours, and say loudly where a penny is missing."""
    del session
    desk, accounts = _desk(services, house)
    for account in accounts:
        if desk is not None:
            compare(desk, account)


def compare(desk: Desk, account: Connected) -> int | None:
    """Compare one account, keep what was found and return how many differences; None if unable."""
    try:
        found = reconcile(desk, account)
    except DomainError as problem:
        note_problem(desk, account, problem.code)
        if isinstance(problem, AccessRevoked):
            return None
        raise
    note(desk, account, found)
    if found:
        _log.error(
            "stripe differs", house=desk.house.schema, account=account.account,
            differences=len(found),
        )  # fmt: skip
    return len(found)


def _desk(services: WorkerServices, house: House) -> tuple[Desk | None, list[Connected]]:
    """Return the house's desk and its accounts that still let us in; none without a key."""
    settings = services.settings
    if settings.stripe_secret_key is None:
        return None, []
    accounts = [one for one in accounts_of(services.database, house) if one.revoked_at is None]
    return Desk(settings, services.database, house, make_gateway(settings)), accounts
