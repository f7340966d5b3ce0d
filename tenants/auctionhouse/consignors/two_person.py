"""A change of a consignor's payees, which one member of staff asks for and another approves."""

from sqlalchemy.orm import Session

from auctionhouse.approvals.acts import Act, Described, Facts, Payload, Signed, register
from auctionhouse.consignors.models import PayeeInstruction
from auctionhouse.consignors.operations.payees import approve_payees, payees_of
from auctionhouse.consignors.words import payee_words
from auctionhouse.members.models import Client
from auctionxchange.kernel.errors import NotFound
from auctionxchange.kernel.translation import gettext as _
from auctionxchange.kernel.translation import lazy_gettext as _l

PAYEES = "payees"


class PayeeChange(Act):
    """Let a proposed version of a consignor's payees and bank details count."""

    name = PAYEES
    label = _l("Change of payees or bank details")

    def subject(self, payload: Payload) -> str:
        return f"instruction:{payload['instruction']}"

    def facts(self, session: Session, payload: Payload) -> Facts:
        found = _found(session, payload)
        shown = [payee_words(payee) for payee in payees_of(session, found.id)]
        return {"client": found.client_id, "version": found.version, "payees": shown}

    def described(self, session: Session, payload: Payload, facts: Facts) -> Described:  # noqa: ARG002 - the present rows are shown
        found = _found(session, payload)
        client = session.get_one(Client, found.client_id)
        rows = [(payee.name, payee_words(payee)) for payee in payees_of(session, found.id)]
        return Described(
            _("Pay %(client)s’s money to other payees or accounts", client=client.name),
            rows,
            f"/manage/consignors/{client.id}/payees",
        )

    def execute(self, session: Session, payload: Payload, signed: Signed) -> None:
        approve_payees(session, payload["instruction"], actor=signed.approved_by)


def _found(session: Session, payload: Payload) -> PayeeInstruction:
    found = session.get(PayeeInstruction, payload["instruction"])
    if found is None:
        raise NotFound(instruction=payload["instruction"])
    return found


register(PayeeChange())
