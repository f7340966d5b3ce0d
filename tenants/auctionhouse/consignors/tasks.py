"""Jobs of consignors: their mails, rendered in their language."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionhouse.consignors import emails
from auctionhouse.consignors.letters import LETTER_MAIL, RECEIPT
from auctionhouse.consignors.models import PayeeInstruction
from auctionhouse.consignors.operations.payees import CHANGED_MAIL, address_of
from auctionhouse.consignors.queries.one import items_of, one_sale_of, receipt_of
from auctionhouse.documents.readers import read_by
from auctionhouse.members.models import Client
from auctionxchange.jobs.registry import TASKS, WorkerServices
from auctionxchange.tenancy.house import House


@TASKS.house_task(LETTER_MAIL)
def letter_mail(
    services: WorkerServices,
    house: House,
    session: Session,
    *,
    letter: str,
    client: int,
    subject: int,
) -> None:
    """Send a consignor the advice before a sale, its results, or a receipt."""
    found = session.get_one(Client, client)
    with read_by(session, client):
        if letter == RECEIPT:
            told = emails.of_receipt(receipt_of(session, subject), items_of(session, subject))
        else:
            told = emails.of_sale(letter, one_sale_of(session, client, subject))
        emails.post_letter(session, house, services.settings, found, told)


@TASKS.house_task(CHANGED_MAIL)
def payees_changed(
    services: WorkerServices, house: House, session: Session, *, instruction: int
) -> None:
    """Tell a consignor of a change of payees, at the present and at the former address."""
    row = session.get_one(PayeeInstruction, instruction)
    client = session.get_one(Client, row.client_id)
    with read_by(session, client.id):
        told = emails.of_payees(session, row)
        for address in sorted(_addresses(session, client)):
            emails.post_letter(session, house, services.settings, client, told, to=address)


def _addresses(session: Session, client: Client) -> set[str]:
    """Return where the client is written to now and where earlier changes were told."""
    query = select(PayeeInstruction.contact).where(PayeeInstruction.client_id == client.id)
    known = {address for address in session.scalars(query) if address}
    now = address_of(session, client)
    return known | ({now} if now else set())
