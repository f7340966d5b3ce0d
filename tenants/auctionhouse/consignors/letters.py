"""What consignors are written: asked for here, rendered and sent by the worker."""

from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.consignors.operations.payees import address_of
from auctionhouse.members.models import Client
from auctionxchange.kernel.outbox import enqueue

ADVICE, RESULTS, RECEIPT = "advice", "results", "receipt"
LETTER_MAIL = "consignors.letter_mail"


def send_letter(
    session: Session, letter: str, client_id: int, subject_id: int, *, actor: int | None
) -> bool:
    """Have a letter about a sale or a receipt mailed; False where the client has no address."""
    client = session.get_one(Client, client_id)
    if address_of(session, client) is None:
        return False
    audit.record(session, f"letter.{letter}", f"client:{client_id}", actor=actor, about=subject_id)
    enqueue(session, LETTER_MAIL, letter=letter, client=client_id, subject=subject_id)
    return True
