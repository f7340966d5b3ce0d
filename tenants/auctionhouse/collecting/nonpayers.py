"""The way of somebody who does not pay: warn, cancel the sale, offer the lot on, block the account.

Each step is an act of its own with a reason, kept for good and audited.
"""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.bidding.models import LotState
from auctionhouse.bidding.selling import shares_pieces
from auctionhouse.catalogue.operations import correct_result
from auctionhouse.collecting.models import NonpayerStep
from auctionhouse.collecting.queries import taken
from auctionhouse.collecting.refusals import (
    NoAccountToBlock,
    PaidInPart,
    ReasonNeeded,
    WayNotOpen,
)
from auctionhouse.invoicing import postings
from auctionhouse.invoicing.models import Invoice
from auctionhouse.invoicing.operations import (
    credit_invoice,
    lock_invoice,
    lots_of,
    taken_off_before,
)
from auctionhouse.members.models import Client
from auctionhouse.members.operations import block_member
from auctionhouse.offers import cancelling
from auctionxchange.i18n.days import house_day
from auctionxchange.kernel.outbox import enqueue
from auctionxchange.kernel.translation import gettext as _

WARN = "collecting.warning_mail"


def warn(
    session: Session, invoice_id: int, *, reason: str, today: date | None = None, actor: int
) -> None:
    """Tell a buyer that the sale will be cancelled unless they pay; raises WayNotOpen."""
    invoice = lock_invoice(session, invoice_id)
    late = invoice.due_on is not None and invoice.due_on < (today or house_day(session))
    if not late or postings.due(session, invoice.id) <= 0:
        raise WayNotOpen(act="warned")
    _step(session, invoice, "warned", reason, actor)
    enqueue(session, WARN, invoice=invoice.id)


def cancel_sale(
    session: Session, invoice_id: int, *, reason: str, notice: str, actor: int
) -> Invoice:
    """Cancel the sale of an unpaid invoice's lots: a credit note, and each lot counts as unsold.

    The notice is public, in each lot's ledger. Returns the credit note. Raises WayNotOpen,
    PaidInPart and what bidding refuses.
    """
    invoice = lock_invoice(session, invoice_id)
    if not taken(session, invoice.id, "warned") or invoice.charges_for is not None:
        raise WayNotOpen(act="cancelled")
    charged = invoice.total + sum(one.amount for one in taken_off_before(session, invoice.id))
    if postings.due(session, invoice.id) < charged:
        raise PaidInPart
    lots = [lot.lot_id for lot in lots_of(session, invoice.id)]
    note = credit_invoice(session, invoice.id, reason, actor=actor)
    for lot_id in lots:
        _undo(session, lot_id, notice, reason, actor)
        _step(session, invoice, "cancelled", reason, actor, lot_id=lot_id)
    return note


def _undo(session: Session, lot_id: int, notice: str, reason: str, actor: int) -> None:
    """Have a lot count as not sold; where several share it, all of its result falls."""
    standing = session.get_one(LotState, lot_id)
    if shares_pieces(standing.format, standing.pieces):
        correct_result(session, lot_id, None, None, notice, reason=reason, actor=actor)
    else:
        cancelling.cancel_sale(session, lot_id, notice=notice, reason=reason, actor=actor)


def note_offered(session: Session, lot_id: int, *, actor: int) -> None:
    """Keep that a lot was offered to who bid less, where it came back from a non-payer."""
    step = select(NonpayerStep.invoice_id).where(
        NonpayerStep.lot_id == lot_id, NonpayerStep.act == "cancelled"
    )
    invoice_id = session.scalar(step.order_by(NonpayerStep.id.desc()).limit(1))
    if invoice_id is not None:
        invoice = session.get_one(Invoice, invoice_id)
        _step(session, invoice, "offered", _("Offered to who bid on it"), actor, lot_id=lot_id)


def block(session: Session, invoice_id: int, *, reason: str, actor: int) -> None:
    """Keep the buyer's account out of the house; raises WayNotOpen and NoAccountToBlock."""
    invoice = lock_invoice(session, invoice_id)
    if not taken(session, invoice.id, "warned"):
        raise WayNotOpen(act="blocked")
    client = session.get_one(Client, invoice.client_id)
    if client.member_id is None:
        raise NoAccountToBlock
    block_member(session, client.member_id, reason=reason, actor=actor)
    _step(session, invoice, "blocked", reason, actor)


def _step(
    session: Session,
    invoice: Invoice,
    act: str,
    reason: str,
    actor: int,
    *,
    lot_id: int | None = None,
) -> None:
    if not reason.strip():
        raise ReasonNeeded
    step = NonpayerStep(
        invoice_id=invoice.id, client_id=invoice.client_id, act=act, lot_id=lot_id,
        reason=reason.strip(), actor_member_id=actor,
    )  # fmt: skip
    session.add(step)
    session.flush()
    audit.record(
        session, f"nonpayer.{act}", f"invoice:{invoice.id}", actor=actor, reason=reason.strip(),
        lot=lot_id,
    )  # fmt: skip
