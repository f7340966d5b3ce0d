"""Importing statements, matching their lines, setting lines aside, undoing a match."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.banking import rules
from auctionhouse.banking.camt import read_camt
from auctionhouse.banking.csv_files import Columns, guessed, read_csv, table_of
from auctionhouse.banking.lines import LARGEST, FileUnreadable, Line, StatementRead, fingerprints
from auctionhouse.banking.models import (
    BankColumns,
    BankLine,
    BankMatch,
    BankStatement,
    BankUpload,
)
from auctionhouse.banking.mt940 import read_mt940
from auctionhouse.banking.queries import open_invoices
from auctionhouse.banking.refusals import (
    InvoiceNeeded,
    LineDone,
    NothingToUndo,
    StatementInvalid,
    WrongAccount,
    WrongCurrency,
)
from auctionhouse.invoicing.entities import lock_entity
from auctionhouse.invoicing.models import LegalEntity
from auctionhouse.invoicing.payments import record_payment
from auctionhouse.invoicing.reversing import reverse_payment
from auctionxchange.kernel.card_numbers import without_card_numbers
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.errors import NotFound
from auctionxchange.kernel.money import currency

Read = TypeVar("Read")
LONGEST = 500


def take_file(
    session: Session, entity_id: int, name: str, content: bytes, *, actor: int | None
) -> list[BankStatement] | BankUpload:
    """Import a bank's file, or keep it where its columns have to be named first.

    Each line is written once however often it is told of; what is sure is posted at once. All of a
    file or nothing. Raises StatementInvalid, WrongAccount and WrongCurrency.
    """
    if not 0 < len(content) <= LARGEST:
        raise StatementInvalid(problem="size")
    entity = lock_entity(session, entity_id)
    kind = kind_of(content)
    if kind != "csv":
        found = _read(lambda: read_camt(content) if kind == "camt" else read_mt940(content))
        return [_imported(session, entity, name, kind, one, actor=actor) for one in found]
    known = session.get(BankColumns, entity_id)
    columns = Columns(**known.columns) if known else guessed(_read(lambda: table_of(content))[0])
    try:
        read = read_csv(content, columns, currency(entity.currency))
    except FileUnreadable:
        upload = BankUpload(entity_id=entity_id, name=name, content=content)
        session.add(upload)
        session.flush()
        return upload
    return [_imported(session, entity, name, kind, read, actor=actor)]


def import_upload(
    session: Session, upload_id: int, columns: Columns, *, actor: int | None
) -> BankStatement:
    """Import a kept CSV by the columns somebody named, which are remembered."""
    upload = session.get(BankUpload, upload_id, with_for_update=True)
    if upload is None:
        raise NotFound
    entity = lock_entity(session, upload.entity_id)
    found = _read(lambda: read_csv(upload.content, columns, currency(entity.currency)))
    values = {"entity_id": entity.id, "columns": columns.told()}
    session.execute(
        insert(BankColumns)
        .values(values)
        .on_conflict_do_update(index_elements=["entity_id"], set_={"columns": columns.told()})
    )
    statement = _imported(session, entity, upload.name, "csv", found, actor=actor)
    session.execute(delete(BankUpload).where(BankUpload.id == upload_id))
    return statement


def kind_of(content: bytes) -> str:
    """Tell a file's format by how it begins."""
    head = content[:2000].lstrip(b"\xef\xbb\xbf \r\n\t")
    if head.startswith(b"<"):
        return "camt"
    return "mt940" if b":20:" in head and b":25:" in content[:4000] else "csv"


def _read(how: Callable[[], Read]) -> Read:
    try:
        return how()
    except FileUnreadable as error:
        raise StatementInvalid(problem=str(error)) from error


def _imported(
    session: Session, entity: LegalEntity, name: str, kind: str, found: StatementRead, *,
    actor: int | None,
) -> BankStatement:  # fmt: skip
    strange = {line.currency for line in found.lines} | {found.currency or entity.currency}
    if strange != {entity.currency}:
        raise WrongCurrency(currency=min(strange - {entity.currency}), own=entity.currency)
    if not rules.same_account(found.account, entity.bank):
        raise WrongAccount(account=found.account, entity=entity.name)
    named = [(mark, line) for mark, line in fingerprints(found.account, found.lines) if line.amount]
    query = select(BankLine.fingerprint).where(
        BankLine.entity_id == entity.id, BankLine.fingerprint.in_([mark for mark, _ in named])
    )
    known = set(session.scalars(query))
    fresh = [(mark, line) for mark, line in named if mark not in known]
    statement = BankStatement(
        entity_id=entity.id, name=name[:LONGEST], format=kind, account=found.account,
        lines=len(named), fresh=len(fresh), imported_by=actor,
    )  # fmt: skip
    session.add(statement)
    session.flush()
    invoices = {one.id: one for one in open_invoices(session, entity.id)}
    for mark, line in fresh:
        _take_line(session, statement, mark, line, invoices, actor=actor)
    audit.record(
        session, "bank.import", f"statement:{statement.id}", actor=actor, lines=len(named),
        fresh=len(fresh),
    )  # fmt: skip
    return statement


def _take_line(
    session: Session, statement: BankStatement, mark: str, line: Line,
    invoices: dict[int, rules.OpenInvoice], *, actor: int | None,
) -> None:  # fmt: skip
    """Write a new line down and post it where there is no doubt what it pays."""
    verdict = rules.judge(line, list(invoices.values()))
    row = BankLine(
        statement_id=statement.id, entity_id=statement.entity_id, fingerprint=mark,
        booked_on=line.booked_on, amount=line.amount, currency=line.currency,
        payer=without_card_numbers(line.payer)[:LONGEST],
        payer_account=line.payer_account[:LONGEST],
        reference=without_card_numbers(line.reference)[:LONGEST],
        state="set_aside" if verdict.reason == "outgoing" else "queued",
        reason=verdict.reason, guesses=list(verdict.guesses),
    )  # fmt: skip
    session.add(row)
    session.flush()
    if verdict.invoice is not None:
        _post(session, row, [invoices.pop(verdict.invoice)], actor=actor)


def match_line(
    session: Session, line_id: int, invoice_ids: Sequence[int], *, actor: int | None
) -> BankLine:
    """Have a queued line pay open invoices in this order; what is beyond them is buyer's credit.

    Raises LineDone and InvoiceNeeded.
    """
    line = _queued(session, line_id)
    known = {one.id: one for one in open_invoices(session, line.entity_id)}
    if not invoice_ids or not set(invoice_ids) <= known.keys() or line.amount <= 0:
        raise InvoiceNeeded
    _post(session, line, [known[one] for one in dict.fromkeys(invoice_ids)], actor=actor)
    audit.record(
        session, "bank.match", f"bank_line:{line_id}", actor=actor, invoices=list(invoice_ids)
    )
    return line


def _post(
    session: Session, line: BankLine, invoices: Sequence[rules.OpenInvoice], *, actor: int | None
) -> None:
    """Post a line as payments of invoices in their order; the last takes what is left."""
    left = line.amount
    earlier = select(func.count()).where(BankMatch.line_id == line.id)
    count = session.scalar(earlier) or 0
    for place, invoice in enumerate(invoices):
        part = left if place == len(invoices) - 1 else min(left, invoice.due)
        if part <= 0:
            break
        payment = record_payment(
            session, invoice.id, part, "transfer", received_on=line.booked_on,
            reference=line.reference or line.payer, token=f"bank:{line.id}:{count + place}",
            actor=actor,
        )  # fmt: skip
        session.add(BankMatch(line_id=line.id, payment_id=payment.id, matched_by=actor))
        left -= part
    line.state, line.reason, line.guesses = "matched", "", []
    session.flush()


def set_aside(session: Session, line_id: int, note: str, *, actor: int | None) -> BankLine:
    """Take a line off the queue that pays no invoice; the note says what it is."""
    line = _queued(session, line_id)
    line.state, line.note = "set_aside", note.strip()[:LONGEST]
    session.flush()
    audit.record(session, "bank.aside", f"bank_line:{line_id}", actor=actor, note=line.note)
    return line


def undo_match(session: Session, line_id: int, *, actor: int | None) -> BankLine:
    """Take a line's payments back and put it into the queue again.

    Raises NothingToUndo, and CreditSpent where the buyer used what was too much.
    """
    line = _held(session, line_id)
    query = select(BankMatch).where(BankMatch.line_id == line_id, BankMatch.undone_at.is_(None))
    matches = session.scalars(query.order_by(BankMatch.id.desc())).all()
    if line.state == "queued" or (line.state == "matched" and not matches):
        raise NothingToUndo
    now = database_now(session)
    for match in matches:
        reverse_payment(session, match.payment_id, reason="bank", actor=actor)
        match.undone_at, match.undone_by = now, actor
    line.state, line.note = "queued", ""
    verdict = rules.judge(_line_of(line), open_invoices(session, line.entity_id))
    line.reason = verdict.reason or "unsure"
    line.guesses = list(verdict.guesses) or ([verdict.invoice] if verdict.invoice else [])
    session.flush()
    audit.record(session, "bank.undo", f"bank_line:{line_id}", actor=actor)
    return line


def _line_of(row: BankLine) -> Line:
    return Line(
        row.booked_on, row.amount, row.currency, row.payer, row.payer_account, row.reference
    )


def _held(session: Session, line_id: int) -> BankLine:
    line = session.get(BankLine, line_id, with_for_update=True, populate_existing=True)
    if line is None:
        raise NotFound
    return line


def _queued(session: Session, line_id: int) -> BankLine:
    line = _held(session, line_id)
    if line.state != "queued":
        raise LineDone
    return line
