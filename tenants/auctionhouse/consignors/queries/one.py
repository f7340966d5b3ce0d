"""One consignor: agreements, receipts, lots in their sales, payees."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from auctionhouse.consignors.models import (
    Agreement,
    Intake,
    IntakeItem,
    Payee,
    PayeeInstruction,
)
from auctionhouse.consignors.operations.payees import current_instruction, payees_of
from auctionhouse.members.models import Client
from auctionxchange.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class SaleOfVendor:
    """A sale with a consignor's lots in it."""

    id: int
    reference: str
    title: str
    currency: str
    state: str
    starts_at: Any
    ends_at: Any
    lots: Sequence[Any]

    @property
    def over(self) -> bool:
        """Tell whether results can be told."""
        return self.state in {"closed", "archived"}

    @property
    def hammer(self) -> int:
        """Return the hammer prices of sold lots together, minor units."""
        return sum(lot.sold_for or 0 for lot in self.lots)


_LOTS = text(
    "SELECT e.id AS sale_id, e.reference, e.title AS sale, e.currency, e.state, e.starts_at,"
    " e.ends_at, l.id, l.number::text || l.suffix AS label, l.title, l.maker, l.agreement_id,"
    " l.estimate_low, l.estimate_high, l.reserve, l.withdrawn_at, s.status, s.outcome,"
    " (SELECT sum(b.price * b.pieces)::bigint FROM bought b WHERE b.lot_id = l.id) AS sold_for"
    " FROM lot l JOIN sale e ON e.id = l.sale_id LEFT JOIN lot_state s ON s.lot_id = l.id"
    " WHERE l.consignor_client_id = :client AND (:sale = 0 OR l.sale_id = :sale)"
    " AND (:drafts OR e.state <> 'draft')"
    " ORDER BY coalesce(e.ends_at, e.created_at) DESC, e.id, l.number, l.suffix"
)


def sales_of(
    session: Session, client_id: int, *, sale_id: int = 0, drafts: bool = True
) -> list[SaleOfVendor]:
    """Return the sales a consignor has lots in, the latest first; without drafts if asked."""
    key = {"client": client_id, "sale": sale_id, "drafts": drafts}
    together: dict[int, list[Any]] = {}
    for row in session.execute(_LOTS, key):
        together.setdefault(row.sale_id, []).append(row)
    return [
        SaleOfVendor(
            sale, lots[0].reference, lots[0].sale, lots[0].currency, lots[0].state,
            lots[0].starts_at, lots[0].ends_at, lots,
        )
        for sale, lots in together.items()
    ]  # fmt: skip


def one_sale_of(
    session: Session, client_id: int, sale_id: int, *, drafts: bool = True
) -> SaleOfVendor:
    """Return a sale with a consignor's lots; raises NotFound where they have none in it."""
    found = sales_of(session, client_id, sale_id=sale_id, drafts=drafts)
    if not found:
        raise NotFound(sale=sale_id)
    return found[0]


def client_of(session: Session, client_id: int) -> Client:
    """Return a client; raises NotFound."""
    found = session.get(Client, client_id)
    if found is None or found.for_house:
        raise NotFound(client=client_id)
    return found


def agreements_of(session: Session, client_id: int) -> Sequence[Agreement]:
    """Return a client's agreements, the latest version of each first."""
    query = select(Agreement).where(Agreement.client_id == client_id)
    return session.scalars(query.order_by(Agreement.number.desc(), Agreement.version.desc())).all()


def receipts_of(session: Session, client_id: int) -> Sequence[Intake]:
    """Return the receipts for what a client brought, the latest first."""
    query = select(Intake).where(Intake.client_id == client_id)
    return session.scalars(query.order_by(Intake.number.desc())).all()


def items_of(session: Session, intake_id: int) -> Sequence[IntakeItem]:
    """Return what is on a receipt."""
    query = select(IntakeItem).where(IntakeItem.intake_id == intake_id)
    return session.scalars(query.order_by(IntakeItem.position)).all()


def receipt_of(session: Session, intake_id: int) -> Intake:
    """Return a receipt; raises NotFound."""
    found = session.get(Intake, intake_id)
    if found is None:
        raise NotFound(intake=intake_id)
    return found


@dataclass(frozen=True, slots=True)
class PayeesOf:
    """A client's payees in force and those that wait, each with their version."""

    current: PayeeInstruction | None
    payees: Sequence[Payee]
    proposed: PayeeInstruction | None
    coming: Sequence[Payee]


def payees_page(session: Session, client_id: int) -> PayeesOf:
    """Return whom a client's money goes to now, and whom a change would have it go to."""
    current = current_instruction(session, client_id)
    query = select(PayeeInstruction).where(
        PayeeInstruction.client_id == client_id, PayeeInstruction.state == "proposed"
    )
    proposed = session.scalars(query).one_or_none()
    return PayeesOf(
        current,
        [] if current is None else payees_of(session, current.id),
        proposed,
        [] if proposed is None else payees_of(session, proposed.id),
    )


def vendors_of(session: Session, sale_id: int) -> Sequence[int]:
    """Return the clients who consigned a sale's lots, by name."""
    query = text(
        "SELECT c.id FROM client c WHERE EXISTS (SELECT FROM lot l WHERE l.sale_id = :sale"
        " AND l.consignor_client_id = c.id AND l.withdrawn_at IS NULL) ORDER BY lower(c.name), c.id"
    )
    return session.scalars(query, {"sale": sale_id}).all()
