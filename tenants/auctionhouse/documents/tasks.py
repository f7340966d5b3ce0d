"""Jobs of documents: released invoices and credit notes are set in type and kept."""

from sqlalchemy.orm import Session

from auctionhouse.documents.kept import invoice_file
from auctionhouse.invoicing.models import Invoice
from auctionhouse.invoicing.operations import KEEP
from auctionxchange.jobs.registry import TASKS, WorkerServices
from auctionxchange.kernel.storage import make_storage
from auctionxchange.tenancy.house import House


@TASKS.house_task(KEEP)
def keep_invoice(services: WorkerServices, house: House, session: Session, *, invoice: int) -> None:
    """Set a released document in type, unless somebody who asked for it was quicker."""
    del house
    storage = make_storage(services.settings)
    invoice_file(session, storage, services.settings.static_root, session.get_one(Invoice, invoice))
