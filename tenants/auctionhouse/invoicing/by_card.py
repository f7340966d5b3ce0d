"""Card payments of invoices: asked for here, taken in by the payments' own machinery.

The processor tells what was paid and refunded in all; what is new of it is posted, so that being
told twice changes nothing.
"""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from auctionhouse.catalogue.models import Sale
from auctionhouse.collecting.settings import rules_of
from auctionhouse.invoicing import postings, rules
from auctionhouse.invoicing.models import Invoice, InvoicePayment
from auctionhouse.invoicing.operations import lock_invoice, release_invoice
from auctionhouse.invoicing.payments import record_payment
from auctionhouse.invoicing.refusals import NothingDue, NotReleased
from auctionhouse.payments.attempts import ask_for
from auctionhouse.payments.disputes import disputed_money
from auctionhouse.payments.joined import told_of
from auctionhouse.payments.links import offer_link
from auctionhouse.payments.models import Payment
from auctionhouse.plan.charging import fee_for
from auctionxchange.i18n.days import house_day

KIND = "invoice"


def ask_by_card(session: Session, invoice_id: int, *, actor: int | None) -> Payment:
    """Ask for what is due on a released invoice by card, with a link that lasts some days.

    Raises NotReleased, NothingDue, and AmountChanged while another amount is being paid.
    """
    invoice = lock_invoice(session, invoice_id)
    if invoice.number is None or invoice.kind != "invoice":
        raise NotReleased
    payment = asked_for(session, invoice, actor=actor)
    offer_link(session, payment, lasts=_time_to_pay(session, invoice), mail=False)
    return payment


def asked_for(session: Session, invoice: Invoice, *, actor: int | None) -> Payment:
    """Return the card payment of what is due on an invoice or pro-forma; raises NothingDue.

    It is known by the invoice's own id, which a release does not change.
    """
    due = invoice.total if invoice.number is None else postings.due(session, invoice.id)
    if due <= 0:
        raise NothingDue
    return ask_for(
        session,
        kind=KIND,
        reference_id=invoice.id,
        client_id=invoice.client_id,
        amount=due,
        currency=invoice.currency,
        description=invoice.number or session.get_one(Sale, invoice.sale_id).title,
        entity=invoice.entity_id,
        fee=fee_for(session, invoice, due),
        actor=actor,
    )


def _time_to_pay(session: Session, invoice: Invoice) -> timedelta:
    return timedelta(days=rules_of(session, invoice.entity_id).link_days)


@told_of(KIND)
def take_in(session: Session, payment: Payment, what: str) -> None:
    """Post what is new of a card payment, of its refunds and of its disputes.

    A card that is declined or wants its holder leads to a link to pay.
    """
    invoice = lock_invoice(session, payment.reference_id)
    if what == "paid":
        _paid(session, invoice, payment)
    elif what == "refunded":
        _refunded(session, invoice, payment)
    elif what in {"action", "declined"}:
        offer_link(session, payment, lasts=_time_to_pay(session, invoice))
    elif what in {"disputed", "closed"}:
        _disputed(session, invoice, payment)


def _paid(session: Session, invoice: Invoice, payment: Payment) -> None:
    if invoice.number is None:
        release_invoice(session, invoice.id, actor=None)
    reference = f"payment:{payment.id}"
    known = select(func.coalesce(func.sum(InvoicePayment.amount), 0)).where(
        InvoicePayment.invoice_id == invoice.id, InvoicePayment.reference == reference
    )
    fresh = payment.paid_amount - int(session.scalar(known) or 0)
    if fresh > 0:
        record_payment(
            session,
            invoice.id,
            fresh,
            "card",
            received_on=house_day(session),
            reference=reference,
            actor=None,
        )


def _refunded(session: Session, invoice: Invoice, payment: Payment) -> None:
    known = postings.posted(session, invoice.id, "refund")
    fresh = payment.refunded_amount + sum(known.get(bank, 0) for bank in rules.BANKS)
    if fresh > 0:
        postings.hold_account(session, invoice.client_id)
        standing = postings.credit_of(
            session, invoice.client_id, invoice.entity_id, invoice.currency
        )
        entries = rules.refunded(fresh, standing, invoice.client_id)
        postings.post(session, invoice, "refund", entries, actor=None)
    elif fresh < 0:
        # A refund came back from the buyer's bank: what it made due again is paid once more.
        due = postings.due(session, invoice.id)
        entries = rules.received(-fresh, due, [], invoice.client_id)
        postings.post(session, invoice, "refund", entries, actor=None)


def _disputed(session: Session, invoice: Invoice, payment: Payment) -> None:
    """Bring the ledger to where the payment's disputes are now."""
    taken = disputed_money(session, payment.id)
    known = postings.posted(session, invoice.id, "dispute")
    opened = known.get(rules.OFFICE_DISPUTED, 0)
    entries = rules.disputed(
        taken.opened, taken.lost, opened, known.get(rules.OFFICE_DUE, 0), invoice.client_id
    )
    postings.post(session, invoice, "dispute", entries, actor=None)
