"""Jobs of deposits: giving back after a sale, and capturing what is held for an invoice."""

from sqlalchemy.orm import Session

from auctionhouse.collecting.closing import DEPOSITS
from auctionhouse.deposits.afterwards import CAPTURE, capture_for, let_losers_go
from auctionhouse.payments.tasks import desk_of
from auctionxchange.jobs.registry import TASKS, WorkerServices
from auctionxchange.tenancy.house import House


@TASKS.house_task(DEPOSITS)
def settle_deposits(services: WorkerServices, house: House, session: Session, *, sale: int) -> None:
    """Let go what was left by who won nothing."""
    del session
    if services.settings.stripe_secret_key is not None:
        let_losers_go(desk_of(services, house), sale)


@TASKS.house_task(CAPTURE)
def capture_hold(
    services: WorkerServices, house: House, session: Session, *, payment: int, invoice: int
) -> None:
    """Capture a winner's hold for their invoice."""
    del session
    capture_for(desk_of(services, house), payment, invoice)
