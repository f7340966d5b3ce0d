"""Jobs of collecting: the round of every few minutes, and the mails that follow from acts."""

from sqlalchemy.orm import Session

from auctionhouse.collecting import emails
from auctionhouse.collecting.closing import closed_unseen, see_to_closed_sale, see_to_late_buyer
from auctionhouse.collecting.listening import CREDIT_MAIL, INVOICE_MAIL
from auctionhouse.collecting.nonpayers import WARN
from auctionhouse.collecting.reminding import REMIND, send_reminders
from auctionhouse.collecting.winners import charge_winners
from auctionxchange.jobs.registry import TASKS, WorkerServices
from auctionxchange.payments.accounts import account_of
from auctionxchange.tenancy.house import House

CLOSED, ROUND = "collecting.closed_sales", "collecting.round"
LATE_BUYER = "collecting.late_buyer"


@TASKS.house_task(CLOSED, every="* * * * *")
def closed_sales(services: WorkerServices, house: House, session: Session) -> None:
    """See to sales that closed since the last look."""
    del services, house
    for sale_id in closed_unseen(session):
        see_to_closed_sale(session, sale_id)


@TASKS.house_task(LATE_BUYER)
def late_buyer(services: WorkerServices, house: House, session: Session, *, sale: int) -> None:
    """Invoice a lot sold after its sale."""
    del services, house
    see_to_late_buyer(session, sale)


@TASKS.house_task(ROUND, every="*/5 * * * *")
def collecting_round(services: WorkerServices, house: House, session: Session) -> None:
    """Charge winners whose time has come, and send the reminders that are due."""
    if services.settings.stripe_secret_key is not None:
        charge_winners(session, lambda entity: _account(services, house, entity), house.schema)
    send_reminders(session)


def _account(services: WorkerServices, house: House, entity: int) -> str | None:
    found = account_of(services.database, house, entity)
    return found.account if found is not None and found.active else None


@TASKS.house_task(INVOICE_MAIL)
def invoice_mail(services: WorkerServices, house: House, session: Session, *, invoice: int) -> None:
    """Send a released invoice to its buyer."""
    emails.send(session, services.settings, house, "invoice", invoice)


@TASKS.house_task(CREDIT_MAIL)
def credit_mail(services: WorkerServices, house: House, session: Session, *, note: int) -> None:
    """Send a credit note to its buyer."""
    emails.send(session, services.settings, house, "credit_note", note)


@TASKS.house_task(REMIND)
def reminder_mail(
    services: WorkerServices, house: House, session: Session, *, invoice: int, step: int
) -> None:
    """Send one step's reminder."""
    emails.send(session, services.settings, house, "reminder", invoice, more={"step": step})


@TASKS.house_task(WARN)
def warning_mail(services: WorkerServices, house: House, session: Session, *, invoice: int) -> None:
    """Send a last warning."""
    emails.send(session, services.settings, house, "warning", invoice)
