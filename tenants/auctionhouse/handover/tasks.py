"""Jobs of handing over: a buyer is told that their lots can be collected."""

from sqlalchemy.orm import Session

from auctionhouse.collecting import emails
from auctionhouse.handover.models import ReleaseOrder
from auctionhouse.handover.operations import READY_MAIL, holds_of
from auctionxchange.jobs.registry import TASKS, WorkerServices
from auctionxchange.tenancy.house import House


@TASKS.house_task(READY_MAIL)
def ready_mail(services: WorkerServices, house: House, session: Session, *, order: int) -> None:
    """Send the collection code, unless something holds the order back."""
    found = session.get_one(ReleaseOrder, order)
    if holds_of(session, found):
        return
    more = {"order": found, "code": found.code}
    emails.send(session, services.settings, house, "ready", found.invoice_id, more=more)
