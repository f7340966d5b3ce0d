"""Release orders, what holds them back, parcels, and lots that leave."""

import secrets
from collections.abc import Sequence

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.handover.models import LotHandover, Parcel, ReleaseHold, ReleaseOrder
from auctionhouse.handover.refusals import AlreadyCollected, HeldBack, WrongCode
from auctionhouse.invoicing import postings
from auctionhouse.invoicing.models import Invoice
from auctionhouse.invoicing.operations import lots_of
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.errors import NotFound
from auctionxchange.kernel.outbox import enqueue

READY_MAIL = "handover.ready_mail"
CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without what is mistaken for another: 0 and O, 1 and I."""

CODE_LENGTH = 6
_HOLDS = text(
    "SELECT CASE WHEN EXISTS (SELECT FROM invoice n WHERE n.credits_id = i.id) THEN 'credited' END,"
    " CASE WHEN EXISTS (SELECT FROM payment p WHERE p.disputed AND (p.kind = 'invoice'"
    "  AND p.reference_id = i.id)) THEN 'disputed' END"
    " FROM invoice i WHERE i.id = :invoice"
)


def make_release_order(session: Session, invoice: Invoice) -> ReleaseOrder | None:
    """Make the release order of a paid invoice with lots, once, and tell its buyer."""
    lots = sorted({lot.lot_id for lot in lots_of(session, invoice.id) if lot.live})
    if not lots:
        return None
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    row = insert(ReleaseOrder).values(invoice_id=invoice.id, code=code).on_conflict_do_nothing()
    made = session.scalar(row.returning(ReleaseOrder.id))
    if made is None:
        return order_of(session, invoice.id)
    session.add_all(LotHandover(release_order_id=made, lot_id=lot) for lot in lots)
    session.flush()
    audit.record(session, "release.order", f"invoice:{invoice.id}", actor=None, order=made)
    enqueue(session, READY_MAIL, order=made)
    return session.get_one(ReleaseOrder, made)


def order_of(session: Session, invoice_id: int) -> ReleaseOrder | None:
    """Return an invoice's release order."""
    query = select(ReleaseOrder).where(ReleaseOrder.invoice_id == invoice_id)
    return session.scalars(query).one_or_none()


def holds_of(session: Session, order: ReleaseOrder) -> list[str]:
    """Return what holds an order back: unpaid, credited, disputed, due_diligence, other."""
    invoice = session.get_one(Invoice, order.invoice_id)
    found = [why for why in session.execute(_HOLDS, {"invoice": invoice.id}).one() if why]
    if postings.due(session, invoice.id) > 0:
        found.append("unpaid")
    standing = select(ReleaseHold.kind).where(
        ReleaseHold.client_id == invoice.client_id, ReleaseHold.lifted_at.is_(None)
    )
    return [*found, *session.scalars(standing.order_by(ReleaseHold.kind))]


def require_free(session: Session, order: ReleaseOrder) -> None:
    """Raise HeldBack where something holds an order back."""
    for why in holds_of(session, order):
        raise HeldBack(why=why)


def _held(session: Session, order_id: int) -> ReleaseOrder:
    query = select(ReleaseOrder).where(ReleaseOrder.id == order_id).with_for_update()
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound(order=order_id)
    return found


def collect_lots(
    session: Session,
    order_id: int,
    lots: Sequence[int],
    *,
    by: str,
    code: str | None,
    actor: int | None,
) -> None:
    """Note that lots left with somebody who named the code; staff who know them pass none.

    Raises HeldBack, WrongCode and AlreadyCollected.
    """
    order = _held(session, order_id)
    require_free(session, order)
    if code is not None and not secrets.compare_digest(_plain(code), order.code):
        raise WrongCode
    now = database_now(session)
    leaving = _handovers(session, order, lots)
    if any(handover.collected_at is not None for handover in leaving):
        raise AlreadyCollected
    for handover in leaving:
        handover.collected_at, handover.collected_by = now, by.strip()
        handover.actor_member_id = actor
    session.flush()
    audit.record(
        session, "release.collect", f"invoice:{order.invoice_id}", actor=actor, lots=list(lots),
        by=by.strip(), with_code=code is not None,
    )  # fmt: skip


def _plain(code: str) -> str:
    """Return a typed code as it is kept; what is no letter of ours never matches."""
    plain = "".join(code.split()).replace("-", "").upper()
    return plain if plain.isascii() else ""


def _handovers(session: Session, order: ReleaseOrder, lots: Sequence[int]) -> list[LotHandover]:
    query = select(LotHandover).where(
        LotHandover.release_order_id == order.id, LotHandover.lot_id.in_(lots)
    )
    found = list(session.scalars(query))
    if not lots or len(found) != len(set(lots)):
        raise NotFound(lots=list(lots))
    return found


def pack_parcel(
    session: Session,
    order_id: int,
    lots: Sequence[int],
    *,
    carrier: str,
    tracking: str,
    contents: str,
    actor: int | None,
) -> Parcel:
    """Put lots into the order's next parcel; one packed before moves over to it."""
    order = _held(session, order_id)
    handovers = _handovers(session, order, lots)
    query = select(Parcel.number).where(Parcel.release_order_id == order.id)
    number = max(session.scalars(query), default=0) + 1
    parcel = Parcel(
        release_order_id=order.id, number=number, carrier=carrier, tracking=tracking,
        contents=contents,
    )  # fmt: skip
    session.add(parcel)
    session.flush()
    for handover in handovers:
        if handover.collected_at is not None:
            raise AlreadyCollected
        handover.parcel_id = parcel.id
    audit.record(
        session, "release.pack", f"invoice:{order.invoice_id}", actor=actor, lots=list(lots),
        parcel=number, tracking=tracking,
    )  # fmt: skip
    return parcel


def hold_back(
    session: Session, client_id: int, kind: str, reason: str, *, actor: int | None
) -> None:
    """Hand nothing over to a client until it is lifted; asked again, the first hold stands."""
    row = insert(ReleaseHold).values(
        client_id=client_id, kind=kind, reason=reason.strip(), set_by=actor
    )
    made = session.execute(row.on_conflict_do_nothing().returning(ReleaseHold.id)).first()
    if made is not None:
        audit.record(
            session, "release.hold", f"client:{client_id}", actor=actor, kind=kind,
            reason=reason.strip(),
        )  # fmt: skip


def lift_hold(session: Session, client_id: int, kind: str, *, reason: str, actor: int) -> None:
    """Let a client's lots be handed over again; raises NotFound where nothing holds them."""
    query = select(ReleaseHold).where(
        ReleaseHold.client_id == client_id,
        ReleaseHold.kind == kind,
        ReleaseHold.lifted_at.is_(None),
    )
    found = session.scalars(query.with_for_update()).one_or_none()
    if found is None:
        raise NotFound(client=client_id)
    found.lifted_at, found.lifted_by = database_now(session), actor
    session.flush()
    audit.record(
        session, "release.lift", f"client:{client_id}", actor=actor, kind=kind,
        reason=reason.strip(),
    )  # fmt: skip
