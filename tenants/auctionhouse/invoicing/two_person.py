"""Giving money back or up, which one member of staff asks for and another approves."""

from datetime import date

from sqlalchemy.orm import Session

from auctionhouse.approvals.acts import Act, Described, Facts, Payload, Signed, register
from auctionhouse.invoicing import postings
from auctionhouse.invoicing.accounts import refund_credit, write_off
from auctionhouse.invoicing.allowances import allow, left_of, refund_export
from auctionhouse.invoicing.entities import change_bank, lock_entity
from auctionhouse.invoicing.models import Invoice, LegalEntity
from auctionhouse.invoicing.operations import credit_invoice, lock_invoice
from auctionhouse.invoicing.repayments import repay, repayable
from auctionhouse.invoicing.words import method_words
from auctionhouse.members.models import Client
from auctionhouse.payments.two_person import REFUND
from auctionxchange.i18n.formats import day, money
from auctionxchange.kernel.errors import NotFound
from auctionxchange.kernel.translation import gettext as _
from auctionxchange.kernel.translation import lazy_gettext as _l

BY_HAND = "refund_by_hand"
ENTITY_BANK = "entity_bank"
ALLOWANCE = "allowance"
EXPORT = "export_refund"
CREDIT = "credit_note"


class RefundByHand(Act):
    """Give back what was paid in cash, at the terminal or by transfer; minor units."""

    name = BY_HAND
    label = _l("Refund")

    @property
    def rule(self) -> str:
        return REFUND

    def subject(self, payload: Payload) -> str:
        return f"invoice:{payload['invoice']}"

    def facts(self, session: Session, payload: Payload) -> Facts:
        invoice = lock_invoice(session, payload["invoice"])
        return {"repayable": repayable(session, invoice), "due": postings.due(session, invoice.id)}

    def described(self, session: Session, payload: Payload, facts: Facts) -> Described:
        invoice = session.get_one(Invoice, payload["invoice"])
        amount = money(payload["amount"], invoice.currency)
        buyer = str(invoice.buyer.get("name", ""))
        rows = [
            (_("Invoice"), invoice.number or ""),
            (_("How it is given back"), method_words(payload["method"])),
            (_("Given back on"), day(date.fromisoformat(payload["paid_on"]))),
            (_("Reference"), payload["reference"] or "–"),
            (_("Could be given back"), money(facts["repayable"], invoice.currency)),
        ]
        title = _("Refund %(amount)s to %(client)s", amount=amount, client=buyer)
        return Described(title, rows, f"/manage/money/invoices/{invoice.id}")

    def execute(self, session: Session, payload: Payload, signed: Signed) -> None:
        repay(
            session, payload["invoice"], payload["amount"], payload["method"],
            paid_on=date.fromisoformat(payload["paid_on"]), reference=payload["reference"],
            reason=signed.reason, approval_id=signed.request_id, actor=signed.asked_by,
        )  # fmt: skip


WRITE_OFF = "write_off"
PAY_BACK = "credit_refund"


class WriteOff(Act):
    """Give up what is due on an invoice."""

    name = WRITE_OFF
    label = _l("Write-off")

    def subject(self, payload: Payload) -> str:
        return f"invoice:{payload['invoice']}"

    def facts(self, session: Session, payload: Payload) -> Facts:
        invoice = lock_invoice(session, payload["invoice"])
        return {"due": postings.due(session, invoice.id)}

    def described(self, session: Session, payload: Payload, facts: Facts) -> Described:
        invoice = session.get_one(Invoice, payload["invoice"])
        title = _(
            "Write off %(amount)s of invoice %(number)s",
            amount=money(facts["due"], invoice.currency), number=invoice.number,
        )  # fmt: skip
        rows = [
            (_("Buyer"), str(invoice.buyer.get("name", ""))),
            (_("Total of the invoice"), money(invoice.total, invoice.currency)),
        ]
        return Described(title, rows, f"/manage/money/invoices/{invoice.id}")

    def execute(self, session: Session, payload: Payload, signed: Signed) -> None:
        write_off(session, payload["invoice"], reason=signed.reason, actor=signed.asked_by)


class PayBack(Act):
    """Pay a buyer's credit back by bank transfer; the amount in minor units of the entity's."""

    name = PAY_BACK
    label = _l("Credit paid back")

    def subject(self, payload: Payload) -> str:
        return f"client:{payload['client']}"

    def facts(self, session: Session, payload: Payload) -> Facts:
        entity = self._entity(session, payload)
        postings.hold_account(session, payload["client"])
        credit = postings.credit_of(session, payload["client"], entity.id, entity.currency)
        return {"credit": credit}

    def described(self, session: Session, payload: Payload, facts: Facts) -> Described:
        entity = self._entity(session, payload)
        client = session.get_one(Client, payload["client"])
        title = _(
            "Pay %(amount)s of credit back to %(client)s",
            amount=money(payload["amount"], entity.currency), client=client.name,
        )  # fmt: skip
        rows = [
            (_("Legal entity"), entity.name),
            (_("Credit until now"), money(facts["credit"], entity.currency)),
            (_("Paid on"), day(date.fromisoformat(payload["paid_on"]))),
            (_("Reference"), payload["reference"]),
        ]
        return Described(title, rows, f"/manage/clients/{client.id}/money")

    def execute(self, session: Session, payload: Payload, signed: Signed) -> None:
        refund_credit(
            session, payload["client"], payload["entity"], payload["amount"],
            paid_on=date.fromisoformat(payload["paid_on"]), reference=payload["reference"],
            token=f"approval:{signed.request_id}", actor=signed.asked_by,
        )  # fmt: skip

    def _entity(self, session: Session, payload: Payload) -> LegalEntity:
        found = session.get(LegalEntity, payload["entity"])
        if found is None:
            raise NotFound(entity=payload["entity"])
        return found


register(RefundByHand())
register(WriteOff())
register(PayBack())


class EntityBank(Act):
    """Name another bank account for buyers to pay into."""

    name = ENTITY_BANK
    label = _l("Bank account of a legal entity")

    def subject(self, payload: Payload) -> str:
        return f"entity:{payload['entity']}"

    def facts(self, session: Session, payload: Payload) -> Facts:
        return {"bank": lock_entity(session, payload["entity"]).bank}

    def described(self, session: Session, payload: Payload, facts: Facts) -> Described:
        entity = session.get_one(LegalEntity, payload["entity"])
        rows = [
            (_("Bank account until now"), facts["bank"] or "–"),
            (_("New bank account"), payload["bank"] or "–"),
        ]
        title = _("Change the bank account of %(name)s", name=entity.name)
        return Described(title, rows, f"/manage/money/entities/{entity.id}")

    def execute(self, session: Session, payload: Payload, signed: Signed) -> None:
        change_bank(session, payload["entity"], payload["bank"], actor=signed.asked_by)


register(EntityBank())


class Allowance(Act):
    """Take something off one charge of a released invoice; minor units before tax."""

    name = ALLOWANCE
    label = _l("Credit note for a part")

    def subject(self, payload: Payload) -> str:
        return f"invoice:{payload['invoice']}"

    def facts(self, session: Session, payload: Payload) -> Facts:
        invoice = lock_invoice(session, payload["invoice"])
        pieces = left_of(session, invoice).pieces
        place = payload["place"]
        if not 0 <= place < len(pieces):
            raise NotFound(charge=place)
        return {"left": pieces[place].amount, "due": postings.due(session, invoice.id)}

    def described(self, session: Session, payload: Payload, facts: Facts) -> Described:
        invoice = session.get_one(Invoice, payload["invoice"])
        title = _(
            "Take %(amount)s off invoice %(number)s",
            amount=money(payload["amount"], invoice.currency), number=invoice.number,
        )  # fmt: skip
        rows = [
            (_("Charge"), payload["charge"]),
            (_("Charged until now"), money(facts["left"], invoice.currency)),
            (_("Buyer"), str(invoice.buyer.get("name", ""))),
            (_("To be paid"), money(facts["due"], invoice.currency)),
        ]
        return Described(title, rows, f"/manage/money/invoices/{invoice.id}")

    def execute(self, session: Session, payload: Payload, signed: Signed) -> None:
        allow(
            session, payload["invoice"], payload["place"], payload["amount"],
            reason=signed.reason, actor=signed.asked_by,
        )  # fmt: skip


class ExportRefund(Act):
    """Take the VAT off lots that left the country, on proof."""

    name = EXPORT
    label = _l("VAT refunded on export")

    @property
    def rule(self) -> str:
        return ALLOWANCE

    def subject(self, payload: Payload) -> str:
        return f"invoice:{payload['invoice']}"

    def facts(self, session: Session, payload: Payload) -> Facts:
        invoice = lock_invoice(session, payload["invoice"])
        wanted = set(payload["lots"])
        left = left_of(session, invoice).pieces
        vat = sum(one.amount for one in left if one.kind == "vat" and one.lot in wanted)
        return {"vat": vat, "due": postings.due(session, invoice.id)}

    def described(self, session: Session, payload: Payload, facts: Facts) -> Described:
        invoice = session.get_one(Invoice, payload["invoice"])
        title = _(
            "Refund %(amount)s of VAT on invoice %(number)s",
            amount=money(facts["vat"], invoice.currency), number=invoice.number,
        )  # fmt: skip
        rows = [
            (_("Lots"), payload["labels"]),
            (_("Export proved on"), day(date.fromisoformat(payload["proof_on"]))),
            (_("Buyer"), str(invoice.buyer.get("name", ""))),
        ]
        return Described(title, rows, f"/manage/money/invoices/{invoice.id}")

    def execute(self, session: Session, payload: Payload, signed: Signed) -> None:
        refund_export(
            session, payload["invoice"], payload["lots"],
            proof_on=date.fromisoformat(payload["proof_on"]), reason=signed.reason,
            actor=signed.asked_by,
        )  # fmt: skip


class CreditNote(Act):
    """Undo a released invoice in whole: its buyer owes nothing more, or has credit.

    Putting an invoice right, which charges its lots anew in the same act, needs nobody else.
    """

    name = CREDIT
    label = _l("Credit note for the whole")

    def subject(self, payload: Payload) -> str:
        return f"invoice:{payload['invoice']}"

    def facts(self, session: Session, payload: Payload) -> Facts:
        invoice = lock_invoice(session, payload["invoice"])
        left = sum(piece.amount for piece in left_of(session, invoice).pieces)
        return {"left": left, "due": postings.due(session, invoice.id)}

    def described(self, session: Session, payload: Payload, facts: Facts) -> Described:
        invoice = session.get_one(Invoice, payload["invoice"])
        title = _(
            "Undo invoice %(number)s by a credit note of %(amount)s",
            number=invoice.number, amount=money(facts["left"], invoice.currency),
        )  # fmt: skip
        rows = [
            (_("Buyer"), str(invoice.buyer.get("name", ""))),
            (_("Total of the invoice"), money(invoice.total, invoice.currency)),
            (_("To be paid"), money(facts["due"], invoice.currency)),
        ]
        return Described(title, rows, f"/manage/money/invoices/{invoice.id}")

    def execute(self, session: Session, payload: Payload, signed: Signed) -> None:
        credit_invoice(session, payload["invoice"], signed.reason, actor=signed.asked_by)


register(Allowance())
register(CreditNote())
register(ExportRefund())
