"""How the exchange is paid for sold lots: by its meter or by a fee, never both for the same lot."""

from datetime import datetime

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from auctionhouse.invoicing.models import Invoice, InvoiceLine, InvoiceLot
from auctionhouse.plan.limits import allowance
from auctionhouse.plan.models import ChargedLot
from auctionxchange.kernel.clock import database_now

WHOLE = 10_000
_SOLD = text(
    "SELECT s.lot_id FROM lot_state s JOIN sale e ON e.id = s.sale_id"
    " WHERE s.outcome = 'sold' AND e.state IN ('closed', 'archived')"
    " AND NOT EXISTS (SELECT FROM charged_lot c WHERE c.lot_id = s.lot_id) ORDER BY s.lot_id"
)


def meter_sold_lots(session: Session, schema: str) -> int:
    """Note the lots of closed sales that are to be counted, each under a name of its own."""
    plan = allowance(session)
    if plan is None or plan.sales_charge != "meter":
        return 0
    rows = [
        {"lot_id": lot, "way": "meter", "identifier": f"{schema}:lot:{lot}"}
        for lot in session.scalars(_SOLD)
    ]
    if not rows:
        return 0
    made = insert(ChargedLot).values(rows).on_conflict_do_nothing().returning(ChargedLot.lot_id)
    return len(session.scalars(made).all())


def unsent(session: Session, most: int = 500) -> list[tuple[int, str, datetime]]:
    """Return what the meter was not told yet: lot, identifier and moment."""
    query = (
        select(ChargedLot.lot_id, ChargedLot.identifier, ChargedLot.charged_at)
        .where(ChargedLot.way == "meter", ChargedLot.sent_at.is_(None))
        .order_by(ChargedLot.lot_id)
        .limit(most)
    )
    return [(lot, str(name), at) for lot, name, at in session.execute(query)]


def mark_sent(session: Session, lot_id: int) -> None:
    """Note that the meter was told of a lot."""
    session.execute(
        update(ChargedLot).where(ChargedLot.lot_id == lot_id).values(sent_at=database_now(session))
    )


def fee_for(session: Session, invoice: Invoice, due: int) -> int:
    """Return the exchange's fee on what is due by card, minor units, rounded down.

    Only lots nobody counts by the meter bear it; from then on they never are. A plan without a fee
    takes none.
    """
    plan = allowance(session)
    if plan is None or plan.sales_charge != "fee" or invoice.total <= 0:
        return 0
    query = select(InvoiceLot.lot_id).where(InvoiceLot.invoice_id == invoice.id)
    lots = list(session.scalars(query))
    if lots:
        rows = [{"lot_id": lot, "way": "fee"} for lot in lots]
        session.execute(insert(ChargedLot).values(rows).on_conflict_do_nothing())
    bearing = select(func.coalesce(func.sum(InvoiceLine.amount), 0)).where(
        InvoiceLine.invoice_id == invoice.id,
        InvoiceLine.lot_id.is_(None)
        | InvoiceLine.lot_id.in_(select(ChargedLot.lot_id).where(ChargedLot.way == "fee")),
    )
    share = max(int(session.scalar(bearing) or 0), 0)
    return due * min(share, invoice.total) * plan.fee_basis_points // (invoice.total * WHOLE)
