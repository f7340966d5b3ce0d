"""Credit notes for a part of a released invoice: an allowance on a charge, VAT of exported lots.

The invoice stands. What is taken off comes from the house's own: vendors keep their hammer prices.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.catalogue.models import Sale
from auctionhouse.invoicing import allowance_rules, postings
from auctionhouse.invoicing.account_rules import OFFICE_WRITTEN_OFF
from auctionhouse.invoicing.allowance_rules import Piece
from auctionhouse.invoicing.happened import CREDITED, PAID, tell
from auctionhouse.invoicing.models import Invoice, InvoiceLine
from auctionhouse.invoicing.operations import (
    KEEP,
    check_creditable,
    cover,
    lines_of,
    lock_invoice,
    number_documents,
    pieces_of,
    taken_off_before,
)
from auctionhouse.invoicing.refusals import AllowanceTooLarge, ProofTooLate
from auctionhouse.money.buyer import sales_taxed
from auctionhouse.money.stored import terms_of_sale
from auctionhouse.money.terms import MoneyTerms, Treatment
from auctionhouse.money.vat import SERVICES, proof_in_time, taxes
from auctionxchange.kernel.card_numbers import refuse_card_numbers
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.money import currency
from auctionxchange.kernel.outbox import enqueue

_TREATMENTS = text(
    "SELECT DISTINCT ON (i.lot_id) i.lot_id,"
    " coalesce(nullif(i.vat, ''), l.vat, s.money->>'treatment', 'premium_only') AS vat"
    " FROM invoice_lot i JOIN lot l ON l.id = i.lot_id JOIN sale s ON s.id = l.sale_id"
    " WHERE i.invoice_id = :invoice ORDER BY i.lot_id, i.share_of"
)


@dataclass(frozen=True, slots=True)
class Left:
    """An invoice's charges with what is left of each after earlier credit notes."""

    charged: Sequence[Piece]
    pieces: Sequence[Piece]

    @property
    def places(self) -> list[int]:
        """Return the places of charges something can be taken off."""
        return [
            place
            for place, piece in enumerate(self.pieces)
            if allowance_rules.is_charge(piece) and piece.amount > 0
        ]

    @property
    def lots_with_vat(self) -> list[int]:
        """Return the lots that still have VAT on them."""
        taxed = (one for one in self.pieces if one.kind == "vat" and one.amount > 0)
        return list(dict.fromkeys(one.lot for one in taxed if one.lot is not None))


def left_of(session: Session, invoice: Invoice) -> Left:
    """Return what credit notes left of a released invoice."""
    charged = pieces_of(lines_of(session, invoice.id))
    before = taken_off_before(session, invoice.id)
    whole, pieces = allowance_rules.standing(charged), allowance_rules.standing([*charged, *before])
    return Left(whole, pieces)


def allow(
    session: Session, invoice_id: int, place: int, amount: int, *, reason: str, actor: int | None
) -> Invoice:
    """Take an amount before tax off one charge of an invoice; returns the credit note.

    place counts the charges of left_of(). The tax on it goes too. Raises NotReleased,
    AlreadyCredited, InvoiceDisputed and AllowanceTooLarge.
    """
    invoice = _creditable(session, invoice_id)
    left = left_of(session, invoice)
    most = left.pieces[place].amount if place in left.places else 0
    if not 0 < amount <= most:
        raise AllowanceTooLarge(left=most, currency=invoice.currency)
    covers = _covers(session, invoice)
    pieces = allowance_rules.taken_off(left.charged, left.pieces, place, amount, covers)
    return _note(session, invoice, pieces, reason=reason, actor=actor)


def refund_export(
    session: Session,
    invoice_id: int,
    lots: Sequence[int],
    *,
    proof_on: date,
    reason: str,
    actor: int | None,
) -> Invoice:
    """Take the VAT off lots whose export was proved in time; returns the credit note.

    Raises ProofTooLate, AllowanceTooLarge where the lots bear no VAT, and what allow() raises.
    """
    invoice = _creditable(session, invoice_id)
    if not proof_in_time(sale_day(session, invoice), proof_on):
        raise ProofTooLate
    pieces = allowance_rules.without_vat(left_of(session, invoice).pieces, lots)
    if not any(piece.amount for piece in pieces):
        raise AllowanceTooLarge(left=0, currency=invoice.currency)
    return _note(session, invoice, pieces, reason=reason, actor=actor)


@dataclass(frozen=True, slots=True)
class Carried:
    """What was taken off an invoice that another replaces, and why."""

    left: Left
    exported: frozenset[int]
    reason: str


def to_carry(session: Session, invoice: Invoice) -> Carried | None:
    """Return what was taken off an invoice so far, or None where nothing was."""
    query = select(Invoice).where(Invoice.allows_id == invoice.id).order_by(Invoice.id)
    notes = session.scalars(query).all()
    if not notes:
        return None
    lines = [lines_of(session, note.id) for note in notes]
    exported = {
        line.lot_id
        for lines_of_note in lines
        if all(line.kind == "vat" for line in lines_of_note)
        for line in lines_of_note
        if line.lot_id is not None
    }
    reasons = dict.fromkeys(note.reason or "" for note in notes)
    return Carried(left_of(session, invoice), frozenset(exported), "; ".join(filter(None, reasons)))


def carry_over(
    session: Session, carried: Carried, fresh: Invoice, *, actor: int | None
) -> Invoice | None:
    """Take off a released invoice what was taken off the one it replaces; returns the note.

    Charges the fresh invoice no longer bears need nothing taken off: None where that is all.
    """
    charged, covers = left_of(session, fresh).charged, _covers(session, fresh)
    was = carried.left
    pieces = allowance_rules.carried(was.charged, was.pieces, charged, covers)
    after = allowance_rules.standing([*charged, *pieces])
    pieces += allowance_rules.without_vat(after, carried.exported)
    pieces = [one for one in allowance_rules.standing(pieces) if one.amount]
    if not pieces:
        return None
    return _note(session, fresh, pieces, reason=carried.reason, actor=actor)


def sale_day(session: Session, invoice: Invoice) -> date:
    """Return the day an invoice's sale was held, from which the time for proofs runs."""
    sale = session.get_one(Sale, invoice.sale_id)
    return (sale.closed_at or sale.ends_at or invoice.released_at or database_now(session)).date()


def _creditable(session: Session, invoice_id: int) -> Invoice:
    invoice = lock_invoice(session, invoice_id)
    check_creditable(session, invoice)
    return invoice


def _covers(session: Session, invoice: Invoice) -> allowance_rules.Covers:
    """Return which tax of the invoice is on which of its charges, by the sale's terms.

    Of charges for lateness only storage is taxed, all lots together.
    """
    if invoice.charges_for is not None:
        return lambda _tax, charge: charge.kind == "storage"
    sale = session.get_one(Sale, invoice.sale_id)
    terms = terms_of_sale(sale.money, sale.premium_percent, currency(sale.currency))
    rows = session.execute(_TREATMENTS, {"invoice": invoice.id})
    treatments = {row.lot_id: row.vat for row in rows}
    untaxed = {fee.name for fee in terms.fees if not fee.taxed}

    def covers(follower: Piece, charge: Piece) -> bool:
        if follower.lot != charge.lot:
            return False
        if follower.kind == "discount":
            return charge.kind != "resale_right"
        if charge.kind == "fee" and charge.rule in untaxed:
            return False
        return charge.kind in _kinds(follower, treatments.get(follower.lot or 0), terms)

    return covers


def _kinds(tax: Piece, treatment: str | None, terms: MoneyTerms) -> frozenset[str]:
    """Return the kinds of charges a tax is on."""
    if tax.kind == "sales_tax":
        return sales_taxed(terms)
    if tax.lot is None:
        return SERVICES
    known = taxes(cast("Treatment", treatment), terms.vat)
    named = [one.on for one in known if one.rule == tax.rule]
    return named[0] if named else frozenset()


def _note(
    session: Session,
    invoice: Invoice,
    pieces: Sequence[Piece],
    *,
    reason: str,
    actor: int | None,
) -> Invoice:
    refuse_card_numbers(reason)
    note = Invoice(
        kind="credit_note", entity_id=invoice.entity_id, sale_id=invoice.sale_id,
        client_id=invoice.client_id, allows_id=invoice.id, currency=invoice.currency,
        total=sum(piece.amount for piece in pieces), buyer=invoice.buyer, place=invoice.place,
        reason=reason,
    )  # fmt: skip
    session.add(note)
    session.flush()
    session.add_all(
        InvoiceLine(
            invoice_id=note.id, position=position, lot_id=piece.lot, kind=piece.kind,
            rule=piece.rule, amount=piece.amount, percent=piece.percent,
            base=None if piece.base is None else abs(piece.base),
        )
        for position, piece in enumerate(pieces, start=1)
    )  # fmt: skip
    session.flush()
    number_documents(session, [note])
    due = postings.due(session, invoice.id)
    waiting = postings.waiting(session, invoice.id)
    given_up = postings.balance(session, invoice.id, OFFICE_WRITTEN_OFF)
    entries = allowance_rules.allowed(pieces, due, waiting, invoice.client_id, given_up=given_up)
    postings.post(session, invoice, "allowance", entries, actor=actor)
    cover(session, invoice, actor=actor)
    audit.record(
        session, "invoice.allowance", f"invoice:{invoice.id}", actor=actor, number=note.number,
        amount=note.total,
    )  # fmt: skip
    enqueue(session, KEEP, invoice=note.id)
    tell(session, note, CREDITED)
    if 0 < due <= -note.total:
        tell(session, invoice, PAID)
    return note
