"""Jobs that bidding asks for: telling who was outbid and who won."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse.bidding.emails import build
from auctionxchange.jobs.registry import TASKS, WorkerServices
from auctionxchange.kernel.outbox import announce, enqueue
from auctionxchange.tenancy.house import House

_RESULT = text(
    "SELECT s.outcome, s.price, s.leader_client_id, e.id AS sale_id, l.number::text || l.suffix"
    " AS number, e.reference FROM lot_state s JOIN lot l ON l.id = s.lot_id"
    " JOIN sale e ON e.id = s.sale_id WHERE s.lot_id = :lot"
)
_BIDDERS = text(
    "SELECT DISTINCT c.id, c.member_id FROM ledger_entry t JOIN client c ON c.id = t.client_id"
    " WHERE t.lot_id = :lot AND t.kind IN ('bid', 'raise', 'sealed_bid', 'purchase', 'agreement',"
    " 'taking')"
    " AND c.member_id IS NOT NULL AND NOT EXISTS (SELECT FROM ledger_entry w"
    " WHERE w.lot_id = t.lot_id AND w.client_id = t.client_id AND w.sequence > t.sequence"
    " AND w.kind = 'sealed_withdrawn')"
)


_BOUGHT = text(
    "SELECT client_id, price, pieces FROM bought WHERE lot_id = :lot ORDER BY client_id, place"
)

_STANDINGS = {"sold": "won", "conditional": "conditional", "choosing": "choosing", "unsold": "lost"}
"""What who led at the end is told, by what became of the lot."""


@TASKS.house_task("bidding.outbid_mail")
def outbid_mail(
    services: WorkerServices, house: House, session: Session, *, lot: int, client: int, price: int
) -> None:
    """Tell a client who led that somebody bids more, unless they lead again by now."""
    if session.execute(_RESULT, {"lot": lot}).one().leader_client_id == client:
        return
    _send("outbid", services, house, session, lot=lot, client=client, price=price)


@TASKS.house_task("bidding.bid_notice")
def bid_notice(
    services: WorkerServices,
    house: House,
    session: Session,
    *,
    name: str,
    lot: int,
    client: int,
    price: int | None,
    notice: str,
) -> None:
    """Tell a client what was done about a bid of theirs."""
    _send(name, services, house, session, lot=lot, client=client, price=price or 0, notice=notice)


@TASKS.house_task("bidding.closed_mails")
def closed_mails(
    services: WorkerServices, house: House, session: Session, *, lot: int, mail: str = "won"
) -> None:
    """Tell who bought by mail, and everybody who bid or bought how the lot ended."""
    result = session.execute(_RESULT, {"lot": lot}).one()
    bought = session.execute(_BOUGHT, {"lot": lot}).all()
    buyers = {row.client_id for row in bought}
    for client_id, member_id in session.execute(_BIDDERS, {"lot": lot}).all():
        lead = client_id in buyers or client_id == result.leader_client_id
        standing = _STANDINGS[result.outcome] if lead else "lost"
        payload = {
            "type": "standing",
            "lot": lot,
            "standing": standing,
            "price": result.price,
            "number": result.number,
            "reference": result.reference,
        }
        announce(session, f"member:{member_id}", payload)
    for row in bought:
        _send(
            mail, services, house, session, lot=lot, client=row.client_id, price=row.price,
            pieces=row.pieces,
        )  # fmt: skip
    if result.outcome in {"conditional", "choosing"}:
        leader = result.leader_client_id
        _send(result.outcome, services, house, session, lot=lot, client=leader, price=result.price)


def _send(
    name: str,
    services: WorkerServices,
    house: House,
    session: Session,
    *,
    lot: int,
    client: int,
    price: int,
    notice: str = "",
    pieces: int | None = None,
) -> None:
    mail = build(
        name, session, house, services.settings, lot_id=lot, client_id=client, price=price,
        notice=notice, pieces=pieces,
    )  # fmt: skip
    if mail is not None:
        enqueue(
            session, "mail.send", to=mail.to, subject=mail.subject, text=mail.text, html=mail.html
        )
