"""Giving card money back, which one member of staff asks for and another approves."""

from sqlalchemy.orm import Session

from auctionhouse.approvals.acts import Act, Described, Facts, Payload, Signed, register
from auctionhouse.members.models import Client
from auctionhouse.payments.attempts import locked_payment
from auctionhouse.payments.models import Payment
from auctionhouse.payments.refunding import SEND, begin_refund, given_back
from auctionxchange.i18n.formats import money
from auctionxchange.kernel.outbox import enqueue
from auctionxchange.kernel.translation import gettext as _
from auctionxchange.kernel.translation import lazy_gettext as _l

REFUND = "refund"


class CardRefund(Act):
    """Give a part or all of a card payment back; the amount in minor units of its currency."""

    name = REFUND
    label = _l("Refund")

    def subject(self, payload: Payload) -> str:
        return f"payment:{payload['payment']}"

    def facts(self, session: Session, payload: Payload) -> Facts:
        payment = locked_payment(session, payload["payment"])
        return {"paid": payment.paid_amount, "given_back": given_back(session, payment)}

    def described(self, session: Session, payload: Payload, facts: Facts) -> Described:
        payment = session.get_one(Payment, payload["payment"])
        client = session.get_one(Client, payment.client_id)

        def shown(amount: int) -> str:
            return money(amount, payment.currency)

        title = _("Refund %(amount)s to %(client)s",
                  amount=shown(payload["amount"]), client=client.name)  # fmt: skip
        rows = [
            (_("For"), payment.description),
            (_("Paid by card"), shown(facts["paid"])),
            (_("Given back until now"), shown(facts["given_back"])),
        ]
        return Described(title, rows, f"/manage/money/cards/{payment.id}")

    def execute(self, session: Session, payload: Payload, signed: Signed) -> None:
        refund = begin_refund(
            session, payload["payment"], payload["amount"], reason=signed.reason,
            actor=signed.asked_by,
        )  # fmt: skip
        enqueue(session, SEND, refund=refund.id)


register(CardRefund())
