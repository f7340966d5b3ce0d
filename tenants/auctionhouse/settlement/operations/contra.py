"""A client's sales paying the client's own purchases: an explicit act, numbered and posted."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.invoicing import postings
from auctionhouse.invoicing.covering import lock_vendors
from auctionhouse.invoicing.models import Invoice, Posting
from auctionhouse.invoicing.operations import lock_invoice
from auctionhouse.invoicing.payments import record_payment
from auctionhouse.money.rounding import Line
from auctionhouse.settlement import ledger
from auctionhouse.settlement.models import Statement, StatementPart
from auctionhouse.settlement.operations.clearing import clear_parts, use_parts
from auctionhouse.settlement.operations.writing import lines_of, number, post
from auctionhouse.settlement.queries.payable import Group, open_groups
from auctionhouse.settlement.reckoning import written_line
from auctionhouse.settlement.refusals import ContraOfAnother, ContraTooLarge, FormTwice
from auctionxchange.i18n.days import house_day


def set_off(
    session: Session,
    client_id: int,
    invoice_id: int,
    amount: int,
    *,
    token: str | None = None,
    actor: int | None,
) -> Statement:
    """Pay a client's invoice from what is payable to them; the rest stays payable.

    Amount in minor units of the invoice's currency. The same token makes a repeated entry one
    contra. Raises ContraOfAnother, ContraTooLarge and FormTwice.
    """
    invoice = lock_invoice(session, invoice_id)
    before = _same(session, token, client_id, amount)
    if before is not None:
        return before
    if invoice.client_id != client_id or invoice.number is None or invoice.kind != "invoice":
        raise ContraOfAnother
    lock_vendors(session, {client_id})
    groups = [
        group
        for group in open_groups(session, invoice.entity_id, invoice.currency, client_id=client_id)
        if group.ready
    ]
    payable = sum(group.amount for group in groups)
    if not 0 < amount <= min(payable, postings.due(session, invoice.id)):
        raise ContraTooLarge
    note = _note(session, invoice, amount, payable - amount, token)
    _cleared(session, note, groups, amount, actor)
    record_payment(
        session, invoice.id, amount, "credit", received_on=house_day(session),
        reference=note.number or "", actor=actor,
    )  # fmt: skip
    audit.record(
        session, "statement.contra", f"client:{client_id}", actor=actor, number=note.number,
        invoice=invoice.number, amount=amount,
    )  # fmt: skip
    return note


def _same(session: Session, token: str | None, client_id: int, amount: int) -> Statement | None:
    if token is None:
        return None
    found = session.scalars(select(Statement).where(Statement.token == token)).one_or_none()
    if found is None:
        return None
    paid = sum(line.amount for line in lines_of(session, found.id) if line.kind == "contra")
    if (found.client_id, -paid) != (client_id, amount):
        raise FormTwice
    return found


def _note(
    session: Session, invoice: Invoice, amount: int, rest: int, token: str | None
) -> Statement:
    """Write and number the note: what was payable, what paid the invoice, and the rest."""
    note = Statement(
        kind="contra",
        entity_id=invoice.entity_id,
        client_id=invoice.client_id,
        invoice_id=invoice.id,
        currency=invoice.currency,
        total=rest,
        token=token,
    )
    session.add(note)
    session.flush()
    session.add(
        StatementPart(
            statement_id=note.id, part=1, title=invoice.number or "", hammer=rest, amount=rest,
            live=False,
        )
    )  # fmt: skip
    session.flush()
    lines = (
        Line(None, "payable", rest + amount, None, None, "payable"),
        Line(None, "contra", -amount, None, None, "contra"),
    )
    session.add_all(
        written_line(note.id, position, 1, line) for position, line in enumerate(lines, start=1)
    )
    session.flush()
    number(session, note)
    return note


def _cleared(
    session: Session, note: Statement, groups: list[Group], amount: int, actor: int | None
) -> None:
    """Clear what was payable, and turn the amount into the client's credit as a buyer."""
    use_parts(session, groups, contra_id=note.id)
    posting = Posting(
        kind="vendor_clear",
        entity_id=note.entity_id,
        statement_id=note.id,
        currency=note.currency,
        actor_member_id=actor,
    )
    clear_parts(session, groups, posting, actor=actor)
    post(session, note, "contra", ledger.contra(amount, note.client_id), actor)
