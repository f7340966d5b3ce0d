"""Pro-formas from a sale's sold lots, and what turns them into numbered invoices."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.catalogue.models import Sale
from auctionhouse.invoicing import postings, rules
from auctionhouse.invoicing.allowance_rules import Piece, standing
from auctionhouse.invoicing.covering import cover_vendors
from auctionhouse.invoicing.entities import entity_for, particulars
from auctionhouse.invoicing.happened import CREDITED, RELEASED, tell
from auctionhouse.invoicing.models import Invoice, InvoiceLine, InvoiceLot, LegalEntity
from auctionhouse.invoicing.reckoning import reckon_invoice, reckon_invoices
from auctionhouse.invoicing.refusals import (
    AlreadyCredited,
    AlreadyReleased,
    BuyerInvalid,
    InvoiceDisputed,
    NothingToInvoice,
    NotReleased,
)
from auctionxchange.i18n.formats import house_zone
from auctionxchange.kernel.card_numbers import refuse_card_numbers
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.errors import NotFound
from auctionxchange.kernel.outbox import enqueue, enqueue_each

KEEP = "documents.keep_invoice"
"""The job that sets a released invoice or credit note in type and keeps the file."""

BUYER_FIELDS = ("name", "company", "address", "country", "vat_number", "resale_certificate")
_VAT_NUMBER = re.compile(r"[A-Z]{2}[0-9A-Z+*]{2,13}")
_SOLD = text(
    "SELECT DISTINCT l.number, l.suffix, l.id, b.client_id AS client, b.share_of"
    " FROM bought b JOIN lot l ON l.id = b.lot_id WHERE b.sale_id = :sale AND NOT EXISTS"
    " (SELECT FROM invoice_lot i WHERE i.lot_id = l.id AND i.share_of = b.share_of AND i.live)"
    " ORDER BY l.number, l.suffix, b.client_id"
)
_BUYERS = text("SELECT id, name, company, email FROM client WHERE id = ANY(:clients)")


def make_proformas(session: Session, sale_id: int, *, actor: int | None) -> list[Invoice]:
    """Put a sale's sold lots that are on no invoice yet on their buyers' pro-formas.

    It may run while the sale goes on: later lots join a buyer's pro-forma, or make a new one where
    the earlier was released. Raises NoEntity.
    """
    sale = session.get(Sale, sale_id, with_for_update={"key_share": True})
    if sale is None:
        raise NotFound(sale=sale_id)
    bought: dict[int, list[tuple[int, int]]] = {}
    for row in session.execute(_SOLD, {"sale": sale_id}):
        bought.setdefault(row.client, []).append((row.id, row.share_of))
    if not bought:
        return []
    invoices = proformas_of(session, sale, list(bought))
    session.add_all(
        InvoiceLot(invoice_id=invoices[client].id, lot_id=lot, share_of=share_of, vat="")
        for client, lots in bought.items()
        for lot, share_of in lots
    )
    session.flush()
    made = list(invoices.values())
    reckon_invoices(session, sale, made)
    numbers = [invoice.id for invoice in made]
    audit.record(session, "invoice.draft", f"sale:{sale_id}", actor=actor, invoices=numbers)
    return made


def proforma_of(session: Session, sale: Sale, client_id: int) -> Invoice:
    """Return a buyer's pro-forma of a sale, made where there is none; raises NoEntity."""
    return proformas_of(session, sale, [client_id])[client_id]


def proformas_of(session: Session, sale: Sale, clients: Sequence[int]) -> dict[int, Invoice]:
    """Return buyers' pro-formas of a sale in the buyers' order; raises NoEntity."""
    query = select(Invoice).where(
        Invoice.sale_id == sale.id,
        Invoice.client_id.in_(clients),
        Invoice.kind == "invoice",
        Invoice.number.is_(None),
        Invoice.charges_for.is_(None),
        Invoice.replaces_id.is_(None),
    )
    standing = session.scalars(query.order_by(Invoice.id).with_for_update()).all()
    found = {invoice.client_id: invoice for invoice in standing}
    missing = [client for client in clients if client not in found]
    if missing:
        found |= _new_proformas(session, sale, missing)
    return {client: found[client] for client in clients}


def _new_proformas(session: Session, sale: Sale, clients: Sequence[int]) -> dict[int, Invoice]:
    entity = entity_for(session, sale)
    people = {row.id: row for row in session.execute(_BUYERS, {"clients": list(clients)})}
    made = {
        client: Invoice(
            kind="invoice",
            entity_id=entity.id,
            sale_id=sale.id,
            client_id=client,
            currency=sale.currency,
            total=0,
            buyer={
                name: getattr(people[client], name) or "" for name in ("name", "company", "email")
            },
        )
        for client in clients
    }
    session.add_all(made.values())
    session.flush()
    return made


def lock_invoice(session: Session, invoice_id: int) -> Invoice:
    """Hold an invoice's row to the end of the transaction; raises NotFound."""
    query = select(Invoice).where(Invoice.id == invoice_id).with_for_update()
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound(invoice=invoice_id)
    return found


def _lock_proforma(session: Session, invoice_id: int) -> Invoice:
    return _lock_proformas(session, [invoice_id])[0]


def change_proforma(
    session: Session,
    invoice_id: int,
    buyer: Mapping[str, str],
    *,
    place: str | None,
    vat: Mapping[int, str],
    actor: int | None,
) -> Invoice:
    """Change who a pro-forma is made out to, where the goods go, and lots' VAT; one act.

    Raises AlreadyReleased and BuyerInvalid.
    """
    invoice = _lock_proforma(session, invoice_id)
    invoice.buyer = {**invoice.buyer, **made_out_to(buyer)}
    invoice.place = place
    for lot in lots_of(session, invoice.id):
        if lot.lot_id in vat:
            lot.vat = vat[lot.lot_id]
    session.flush()
    reckon_invoice(session, invoice)
    audit.record(session, "invoice.change", f"invoice:{invoice.id}", actor=actor)
    return invoice


def made_out_to(buyer: Mapping[str, str]) -> dict[str, str]:
    """Return a buyer's particulars as an invoice keeps them.

    Raises BuyerInvalid and CardNumberTyped.
    """
    kept = {name: buyer.get(name, "").strip() for name in BUYER_FIELDS}
    refuse_card_numbers(*kept.values())
    number = re.sub(r"[\s.\-]", "", kept["vat_number"]).upper()
    if number and not _VAT_NUMBER.fullmatch(number):
        raise BuyerInvalid(number=kept["vat_number"])
    return {**kept, "vat_number": number}


def change_buyer(
    session: Session, invoice_id: int, client_id: int, *, actor: int | None
) -> Invoice:
    """Make a pro-forma out to another client; their own pro-forma of the sale takes its lots."""
    invoice = _lock_proforma(session, invoice_id)
    if invoice.client_id == client_id:
        return invoice
    sale = session.get_one(Sale, invoice.sale_id)
    other = proforma_of(session, sale, client_id)
    lots = [(lot.lot_id, lot.share_of, lot.vat) for lot in lots_of(session, invoice.id)]
    session.execute(delete(InvoiceLot).where(InvoiceLot.invoice_id == invoice.id))
    session.delete(invoice)
    session.flush()
    session.add_all(
        InvoiceLot(invoice_id=other.id, lot_id=lot, share_of=share_of, vat=vat)
        for lot, share_of, vat in lots
    )
    session.flush()
    reckon_invoice(session, other)
    audit.record(session, "invoice.buyer", f"invoice:{other.id}", actor=actor, before=invoice_id)
    return other


def lots_of(session: Session, invoice_id: int) -> Sequence[InvoiceLot]:
    """Return the lots on an invoice."""
    query = select(InvoiceLot).where(InvoiceLot.invoice_id == invoice_id)
    return session.scalars(query.order_by(InvoiceLot.lot_id, InvoiceLot.share_of)).all()


def release_invoice(session: Session, invoice_id: int, *, actor: int | None) -> Invoice:
    """Give a pro-forma its number and charge it to its buyer; from here on it is immutable.

    Raises AlreadyReleased and NothingToInvoice.
    """
    return release_invoices(session, [invoice_id], actor=actor)[0]


def release_invoices(
    session: Session, invoice_ids: Sequence[int], *, actor: int | None
) -> list[Invoice]:
    """Release pro-formas, which get their numbers in the given order; all of them or none.

    Numbers are gapless: the entity's row is held until the transaction ends. Raises
    AlreadyReleased and NothingToInvoice.
    """
    invoices = _lock_proformas(session, invoice_ids)
    charged: dict[int, list[rules.Charged]] = {invoice_id: [] for invoice_id in invoice_ids}
    for line in _lines(session, invoice_ids):
        charged[line.invoice_id].append(rules.Charged(line.kind, line.amount, line.lot_id))
    if not all(charged.values()):
        raise NothingToInvoice
    number_documents(session, invoices)
    entries = [rules.released(charged[one.id], one.client_id) for one in invoices]
    postings.post_each(session, "release", list(zip(invoices, entries, strict=True)), actor=actor)
    for invoice in invoices:
        audit.record(
            session, "invoice.release", f"invoice:{invoice.id}", actor=actor, number=invoice.number
        )
    enqueue_each(session, KEEP, [{"invoice": invoice.id} for invoice in invoices])
    for invoice in invoices:
        tell(session, invoice, RELEASED)
    return invoices


def _lock_proformas(session: Session, invoice_ids: Sequence[int]) -> list[Invoice]:
    query = select(Invoice).where(Invoice.id.in_(invoice_ids)).order_by(Invoice.id)
    held = session.scalars(query.with_for_update().execution_options(populate_existing=True))
    found = {invoice.id: invoice for invoice in held}
    return [_unreleased(found.get(invoice_id), invoice_id) for invoice_id in invoice_ids]


def _unreleased(invoice: Invoice | None, invoice_id: int) -> Invoice:
    if invoice is None:
        raise NotFound(invoice=invoice_id)
    if invoice.number is not None or invoice.kind != "invoice":
        raise AlreadyReleased(number=invoice.number)
    return invoice


def number_documents(session: Session, invoices: Sequence[Invoice]) -> None:
    """Take the next numbers of their series; nobody else can until we commit or fail."""
    query = select(LegalEntity).where(LegalEntity.id.in_({one.entity_id for one in invoices}))
    held = query.order_by(LegalEntity.id).with_for_update(key_share=True)
    found = session.scalars(held.execution_options(populate_existing=True))
    entities = {entity.id: entity for entity in found}
    now = database_now(session)
    today = now.astimezone(house_zone()).date()
    for invoice in invoices:
        entity = entities[invoice.entity_id]
        if invoice.kind == "invoice":
            sequence, series = entity.next_invoice, entity.series
            entity.next_invoice += 1
            invoice.due_on = today + timedelta(days=entity.payment_days)
        else:
            sequence, series = entity.next_credit, entity.credit_series
            entity.next_credit += 1
        invoice.seller = particulars(entity)
        invoice.sequence, invoice.number = sequence, rules.numbered(series, sequence)
        invoice.released_at = now
    session.flush()


def lines_of(session: Session, invoice_id: int) -> Sequence[InvoiceLine]:
    """Return an invoice's lines in order."""
    return _lines(session, [invoice_id])


def _lines(session: Session, invoice_ids: Sequence[int]) -> Sequence[InvoiceLine]:
    query = select(InvoiceLine).where(InvoiceLine.invoice_id.in_(invoice_ids))
    return session.scalars(query.order_by(InvoiceLine.invoice_id, InvoiceLine.position)).all()


def credit_invoice(session: Session, invoice_id: int, reason: str, *, actor: int | None) -> Invoice:
    """Undo a released invoice exactly; its lots can be invoiced again.

    What was paid on it becomes the buyer's credit. Raises NotReleased, AlreadyCredited and
    InvoiceDisputed.
    """
    invoice = lock_invoice(session, invoice_id)
    booked = check_creditable(session, invoice)
    before = taken_off_before(session, invoice.id)
    note = Invoice(
        kind="credit_note",
        entity_id=invoice.entity_id,
        sale_id=invoice.sale_id,
        client_id=invoice.client_id,
        credits_id=invoice.id,
        currency=invoice.currency,
        total=-invoice.total - sum(piece.amount for piece in before),
        buyer=invoice.buyer,
        place=invoice.place,
        reason=reason,
    )
    session.add(note)
    session.flush()
    _mirror(session, invoice, note, before)
    number_documents(session, [note])
    undone = rules.undone(booked, invoice.client_id)
    postings.post(session, invoice, "credit", undone, actor=actor)
    cover(session, invoice, actor=actor)
    audit.record(
        session, "invoice.credit", f"invoice:{invoice.id}", actor=actor, number=note.number
    )
    enqueue(session, KEEP, invoice=note.id)
    tell(session, note, CREDITED)
    return note


def check_creditable(session: Session, invoice: Invoice) -> list[rules.Entry]:
    """Return what is booked for an invoice something may be credited of.

    Raises NotReleased, AlreadyCredited and InvoiceDisputed.
    """
    if invoice.number is None:
        raise NotReleased
    credited = select(func.count()).where(Invoice.credits_id == invoice.id)
    if invoice.kind == "credit_note" or session.scalar(credited):
        raise AlreadyCredited
    booked = postings.booked(session, invoice.id)
    if any(entry.account == rules.OFFICE_DISPUTED for entry in booked):
        raise InvoiceDisputed
    return booked


def cover(session: Session, invoice: Invoice, *, actor: int | None) -> None:
    """Have vendors' balances looked at after an invoice's money changed."""
    lots = [lot.lot_id for lot in lots_of(session, invoice.id)]
    cover_vendors(session, lots, invoice.entity_id, invoice.currency, actor=actor)


def pieces_of(lines: Sequence[InvoiceLine]) -> list[Piece]:
    """Return an invoice's lines as what can be taken off; a base has its amount's sign."""
    return [_piece(line, -1 if line.amount < 0 else 1) for line in lines]


def taken_off_before(session: Session, invoice_id: int) -> list[Piece]:
    """Return the lines of the credit notes that took something off an invoice, negative."""
    notes = select(Invoice.id).where(Invoice.allows_id == invoice_id)
    lines = _lines(session, session.scalars(notes).all())
    return [_piece(line, 1 if line.amount > 0 else -1) for line in lines]


def _piece(line: InvoiceLine, sign: int) -> Piece:
    base = None if line.base is None else sign * line.base
    return Piece(line.lot_id, line.kind, line.rule, line.percent, line.amount, base)


def _mirror(session: Session, invoice: Invoice, note: Invoice, before: Sequence[Piece]) -> None:
    """Write a note's lines: the invoice's, undone, less what was taken off them before."""
    lines = pieces_of(lines_of(session, invoice.id))
    undone = standing([*lines, *before]) if before else lines
    session.add_all(
        InvoiceLine(
            invoice_id=note.id,
            position=position,
            lot_id=line.lot,
            kind=line.kind,
            rule=line.rule,
            amount=-line.amount,
            percent=line.percent,
            base=None if line.base is None else abs(line.base),
        )
        for position, line in enumerate((one for one in undone if one.amount or one.base), start=1)
    )
    for lot in lots_of(session, invoice.id):
        lot.live = False
    session.flush()
