"""Jobs that offers ask for: telling a bidder where an offer stands, by page and by mail."""

from sqlalchemy.orm import Session

from auctionhouse.offers.emails import build, read
from auctionxchange.jobs.registry import TASKS, WorkerServices
from auctionxchange.kernel.outbox import announce, enqueue
from auctionxchange.tenancy.house import House


@TASKS.house_task("offers.tell")
def tell(services: WorkerServices, house: House, session: Session, *, offer: int) -> None:
    """Tell the bidder of an offer how it stands now; nothing of it leaves the two parties."""
    row = read(session, offer)
    if row is None:
        return
    if row.member_id is not None:
        announce(session, f"member:{row.member_id}", {"type": "offer", "lot": row.lot})
    mail = build(row, house, services.settings)
    if mail is not None:
        enqueue(
            session, "mail.send", to=mail.to, subject=mail.subject, text=mail.text, html=mail.html
        )
