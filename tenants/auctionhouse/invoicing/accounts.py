"""Acts on a buyer's account: writing off what stays unpaid, and paying credit back."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.invoicing import account_rules, postings
from auctionhouse.invoicing.happened import PAID, tell
from auctionhouse.invoicing.models import CreditRefund, Invoice, LegalEntity, Posting
from auctionhouse.invoicing.operations import lock_invoice
from auctionhouse.invoicing.payments import record_payment
from auctionhouse.invoicing.refusals import (
    CreditTooSmall,
    NothingDue,
    NotReleased,
    PaymentTwice,
)
from auctionhouse.invoicing.rules import Entry
from auctionxchange.i18n.days import house_day
from auctionxchange.kernel.errors import NotFound


def write_off(session: Session, invoice_id: int, *, reason: str, actor: int | None) -> int:
    """Give up what is due on an invoice; returns how much, minor units.

    The sale stands and vendors are paid. Raises NotReleased and NothingDue.
    """
    invoice = lock_invoice(session, invoice_id)
    if invoice.number is None or invoice.kind != "invoice":
        raise NotReleased
    due = postings.due(session, invoice.id)
    if due <= 0:
        raise NothingDue
    waiting = postings.waiting(session, invoice.id)
    entries = account_rules.written_off(due, waiting, invoice.client_id)
    postings.post(session, invoice, "write_off", entries, actor=actor)
    audit.record(
        session, "invoice.write_off", f"invoice:{invoice.id}", actor=actor, amount=due,
        reason=reason,
    )  # fmt: skip
    tell(session, invoice, PAID)
    return due


def refund_credit(
    session: Session,
    client_id: int,
    entity_id: int,
    amount: int,
    *,
    paid_on: date,
    reference: str = "",
    token: str | None = None,
    actor: int | None,
) -> CreditRefund:
    """Enter that a buyer's credit was paid back to them; the same token is one refund.

    Raises CreditTooSmall and PaymentTwice.
    """
    entity = session.get(LegalEntity, entity_id)
    if entity is None:
        raise NotFound(entity=entity_id)
    postings.hold_account(session, client_id)
    before = _same(session, token, client_id, amount)
    if before is not None:
        return before
    standing = postings.credit_of(session, client_id, entity_id, entity.currency)
    if not 0 < amount <= standing:
        raise CreditTooSmall
    refund = CreditRefund(
        client_id=client_id, entity_id=entity_id, currency=entity.currency, amount=amount,
        reference=reference, paid_on=paid_on, token=token, actor_member_id=actor,
    )  # fmt: skip
    session.add(refund)
    post_to_account(
        session, entity, "credit_refund", account_rules.credit_returned(amount, client_id),
        actor=actor,
    )  # fmt: skip
    audit.record(
        session, "credit.refund", f"client:{client_id}", actor=actor, amount=amount,
        entity=entity_id, reference=reference,
    )  # fmt: skip
    return refund


def spend_credit(
    session: Session, invoice: Invoice, *, most: int | None = None, actor: int | None
) -> int:
    """Pay an invoice with what its buyer has standing, as far as it goes; returns how much."""
    postings.hold_account(session, invoice.client_id)
    standing = postings.credit_of(session, invoice.client_id, invoice.entity_id, invoice.currency)
    amount = min(standing, postings.due(session, invoice.id))
    amount = amount if most is None else min(amount, most)
    if amount > 0:
        today = house_day(session)
        record_payment(session, invoice.id, amount, "credit", received_on=today, actor=actor)
    return max(amount, 0)


def post_to_account(
    session: Session,
    entity: LegalEntity,
    kind: str,
    entries: list[Entry],
    *,
    actor: int | None,
    invoice: Invoice | None = None,
) -> None:
    """Write a posting that belongs to an entity and to no payment of an invoice."""
    posting = Posting(
        kind=kind,
        entity_id=entity.id,
        invoice_id=None if invoice is None else invoice.id,
        currency=entity.currency,
        actor_member_id=actor,
    )
    postings.write(session, posting, entries)


def _same(session: Session, token: str | None, client_id: int, amount: int) -> CreditRefund | None:
    if token is None:
        return None
    found = session.scalars(select(CreditRefund).where(CreditRefund.token == token)).one_or_none()
    if found is not None and (found.client_id, found.amount) != (client_id, amount):
        raise PaymentTwice
    return found
