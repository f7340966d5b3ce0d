"""A disputed payment freezes what its lots' consignors get, and a won dispute lets it go.

That a lot is disputed is read from the payment itself wherever money might leave; here the house
is told, so that nobody wonders.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.invoicing.by_card import KIND
from auctionhouse.payments.joined import told_of
from auctionhouse.payments.models import Payment
from auctionxchange.kernel.outbox import announce

_STATED = text(
    "SELECT DISTINCT t.id, p.lot_id FROM invoice_lot i JOIN statement_part p"
    " ON p.lot_id = i.lot_id AND p.live JOIN statement t ON t.id = p.statement_id"
    " WHERE i.invoice_id = :invoice AND i.live AND t.number IS NOT NULL ORDER BY 1, 2"
)


@told_of(KIND)
def freeze(session: Session, payment: Payment, what: str) -> None:
    """Write down whose settlement a dispute freezes, or its end lets go."""
    if what not in {"disputed", "closed"}:
        return
    act = "settlement.freeze" if payment.disputed else "settlement.unfreeze"
    lots: dict[int, list[int]] = {}
    for row in session.execute(_STATED, {"invoice": payment.reference_id}):
        lots.setdefault(row.id, []).append(row.lot_id)
    for statement_id, held in lots.items():
        audit.record(session, act, f"statement:{statement_id}", actor=None, lots=held)
        announce(session, f"statement:{statement_id}", {"type": act})
