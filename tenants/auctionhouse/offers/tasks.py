"""Jobs that offers ask for: telling bidders and staff where an offer stands, by page and mail."""

from sqlalchemy.orm import Session

from auctionhouse.approvals.people import staff
from auctionhouse.bidding.emails import Mail
from auctionhouse.bidding.lot_offers import FIGURES
from auctionhouse.members.models import Member
from auctionhouse.offers.emails import build, build_for_staff, read
from auctionhouse.offers.queries import offers_waiting
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
        _send(session, mail)


@TASKS.house_task("offers.ask_house")
def ask_house(services: WorkerServices, house: House, session: Session, *, offer: int) -> None:
    """Tell staff that an offer waits for them, unless it is answered by now."""
    row = read(session, offer)
    show_figures(services, house, session)
    if row is None or row.state != "with_house":
        return
    for one in staff(session):
        reader = session.get_one(Member, one.id)
        _send(session, build_for_staff(row, reader, house, services.settings))


@TASKS.house_task(FIGURES)
def show_figures(services: WorkerServices, house: House, session: Session) -> None:
    """Show each member of staff how many offers wait for the house."""
    del services, house
    waiting = offers_waiting(session)
    for one in staff(session):
        announce(session, f"member:{one.id}", {"type": "offers", "waiting": waiting})


def _send(session: Session, mail: Mail) -> None:
    enqueue(session, "mail.send", to=mail.to, subject=mail.subject, text=mail.text, html=mail.html)
