"""Late interest and storage, charged by an invoice of their own; the late one stays as it is."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.collecting import rules
from auctionhouse.collecting.models import CollectingRules, LateCharge
from auctionhouse.collecting.refusals import NothingToCharge
from auctionhouse.collecting.settings import rules_of
from auctionhouse.invoicing.models import Invoice, InvoiceLine
from auctionhouse.invoicing.operations import lock_invoice, release_invoice
from auctionhouse.money.rounding import rounded
from auctionxchange.i18n.days import house_day
from auctionxchange.i18n.formats import house_zone

_CHANGES = text(
    "SELECT coalesce(y.received_on, (p.at AT TIME ZONE :zone)::date) AS day,"
    " sum(e.amount)::bigint AS change FROM posting p"
    " JOIN posting_entry e ON e.posting_id = p.id AND e.account = 'office.due'"
    " LEFT JOIN invoice_payment y ON y.id = p.payment_id"
    " WHERE p.invoice_id = :invoice GROUP BY 1 ORDER BY 1"
)
_LOTS = text(
    "SELECT DISTINCT l.number, l.suffix, i.lot_id,"
    " (h.collected_at AT TIME ZONE :zone)::date AS left_on"
    " FROM invoice_lot i JOIN lot l ON l.id = i.lot_id"
    " LEFT JOIN release_order o ON o.invoice_id = i.invoice_id"
    " LEFT JOIN lot_handover h ON h.release_order_id = o.id AND h.lot_id = i.lot_id"
    " WHERE i.invoice_id = :invoice AND i.live ORDER BY l.number, l.suffix"
)


@dataclass(frozen=True, slots=True)
class Charge:
    """One line of a charge for lateness; amounts are minor units."""

    kind: str
    amount: int
    rule: str
    lot_id: int | None = None
    percent: Decimal | None = None
    base: int | None = None


@dataclass(frozen=True, slots=True)
class Lateness:
    """What an invoice's lateness costs up to a day."""

    until: date
    charges: tuple[Charge, ...]

    @property
    def total(self) -> int:
        """Return the charges in all."""
        return sum(charge.amount for charge in self.charges)

    def of(self, kind: str) -> int:
        """Return the charges of one kind."""
        return sum(charge.amount for charge in self.charges if charge.kind == kind)


def lateness(session: Session, invoice: Invoice, *, today: date | None = None) -> Lateness:
    """Return what can be charged up to today for a released invoice; nothing for charges."""
    today = today or house_day(session)
    if invoice.due_on is None or invoice.charges_for is not None or _credited(session, invoice):
        return Lateness(today, ())
    found = rules_of(session, invoice.entity_id)
    charges = [
        *_interest(session, invoice, found, today),
        *_storage(session, invoice, found, today),
    ]
    return Lateness(today, tuple(charges))


def _credited(session: Session, invoice: Invoice) -> bool:
    return bool(session.scalar(select(func.count()).where(Invoice.credits_id == invoice.id)))


def _charged_until(session: Session, invoice: Invoice, kind: str) -> date | None:
    query = select(func.max(LateCharge.until)).where(
        LateCharge.invoice_id == invoice.id, LateCharge.kind == kind
    )
    return session.scalar(query)


def _interest(
    session: Session, invoice: Invoice, found: CollectingRules, today: date
) -> list[Charge]:
    if found.interest_reference is None or found.interest_margin is None or not invoice.due_on:
        return []
    percent = max(found.interest_reference + found.interest_margin, Decimal(0))
    free = invoice.due_on + timedelta(days=found.interest_after_days)
    after = max(_charged_until(session, invoice, "interest") or free, free)
    rows = session.execute(_CHANGES, {"invoice": invoice.id, "zone": str(house_zone())}).all()
    exact = rules.interest([(row.day, row.change) for row in rows], after, today, percent)
    amount = rounded(exact)
    if not amount:
        return []
    first = after + timedelta(days=1)
    rule = f"interest {first.isoformat()} {today.isoformat()}"
    return [Charge("interest", amount, rule, percent=percent)]


def _storage(
    session: Session, invoice: Invoice, found: CollectingRules, today: date
) -> list[Charge]:
    if found.storage_after_days is None or not found.storage_fee or not invoice.released_at:
        return []
    released = invoice.released_at.astimezone(house_zone()).date()
    free = released + timedelta(days=found.storage_after_days)
    free = max(_charged_until(session, invoice, "storage") or free, free)
    charges = []
    for row in session.execute(_LOTS, {"invoice": invoice.id, "zone": str(house_zone())}):
        days = rules.storage_days(free, row.left_on, today)
        if days:
            amount = days * found.storage_fee
            charges.append(Charge("storage", amount, f"storage {days}", row.lot_id))
    return [*charges, *_vat(charges, found.storage_vat)]


def _vat(charges: list[Charge], percent: Decimal) -> list[Charge]:
    base = sum(charge.amount for charge in charges)
    amount = rounded(Fraction(base) * Fraction(percent) / 100)
    if not amount:
        return []
    return [Charge("vat", amount, "vat_standard", percent=percent, base=base)]


def charge_lateness(
    session: Session, invoice_id: int, *, today: date | None = None, actor: int | None
) -> Invoice:
    """Charge what an invoice's lateness costs up to today, by a new invoice that is released.

    Raises NothingToCharge.
    """
    late = lock_invoice(session, invoice_id)
    found = lateness(session, late, today=today)
    if not found.total:
        raise NothingToCharge
    made = Invoice(
        kind="invoice", entity_id=late.entity_id, sale_id=late.sale_id, client_id=late.client_id,
        charges_for=late.id, currency=late.currency, total=found.total, buyer=late.buyer,
    )  # fmt: skip
    session.add(made)
    session.flush()
    session.add_all(
        InvoiceLine(
            invoice_id=made.id, position=position, lot_id=charge.lot_id, kind=charge.kind,
            rule=charge.rule, amount=charge.amount, percent=charge.percent, base=charge.base,
        )
        for position, charge in enumerate(found.charges, start=1)
    )  # fmt: skip
    session.flush()
    _note(session, late, made, found)
    release_invoice(session, made.id, actor=actor)
    audit.record(
        session, "invoice.charge_lateness", f"invoice:{late.id}", actor=actor, number=made.number,
        amount=found.total,
    )  # fmt: skip
    return made


def _note(session: Session, late: Invoice, made: Invoice, found: Lateness) -> None:
    amounts: dict[str, Any] = {kind: found.of(kind) for kind in ("interest", "storage")}
    session.add_all(
        LateCharge(
            invoice_id=late.id, charged_by=made.id, kind=kind, until=found.until, amount=amount
        )
        for kind, amount in amounts.items()
        if amount
    )
    session.flush()
