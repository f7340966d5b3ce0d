"""A released invoice put right in one act: a credit note, and another invoice in its place."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.invoicing.accounts import spend_credit
from auctionhouse.invoicing.allowances import carry_over, to_carry
from auctionhouse.invoicing.models import Invoice, InvoiceLot
from auctionhouse.invoicing.operations import (
    credit_invoice,
    lock_invoice,
    lots_of,
    made_out_to,
    release_invoice,
)
from auctionhouse.invoicing.reckoning import reckon_invoice
from auctionhouse.invoicing.refusals import AlreadyCredited


@dataclass(frozen=True, slots=True)
class Change:
    """What an invoice should have said: to whom, where the goods go, and lots' VAT.

    client_id None leaves it with its buyer, whose credit then pays the new invoice.
    """

    buyer: Mapping[str, str]
    place: str | None
    vat: Mapping[int, str]
    client_id: int | None = None


def reissue(
    session: Session, invoice_id: int, change: Change, *, reason: str, actor: int | None
) -> Invoice:
    """Credit an invoice and release another for the same lots; returns the new one.

    What credit notes took off it before is taken off the new one too, by a credit note of its own.
    What was paid pays the new invoice where the buyer is the same, and stands to the old buyer's
    credit where not. Raises NotReleased, AlreadyCredited, BuyerInvalid and ReckoningInvalid.
    """
    old = lock_invoice(session, invoice_id)
    if old.charges_for is not None:
        raise AlreadyCredited
    lots = [
        (lot.lot_id, lot.share_of, change.vat.get(lot.lot_id, lot.vat))
        for lot in lots_of(session, old.id)
    ]
    taken_off = to_carry(session, old)
    credit_invoice(session, old.id, reason, actor=actor)
    client_id = change.client_id or old.client_id
    email = old.buyer.get("email", "") if client_id == old.client_id else ""
    fresh = Invoice(
        kind="invoice", entity_id=old.entity_id, sale_id=old.sale_id, client_id=client_id,
        replaces_id=old.id, currency=old.currency, total=0, place=change.place,
        buyer={"email": email, **made_out_to(change.buyer)},
    )  # fmt: skip
    session.add(fresh)
    session.flush()
    session.add_all(
        InvoiceLot(invoice_id=fresh.id, lot_id=lot, share_of=share_of, vat=vat)
        for lot, share_of, vat in lots
    )
    session.flush()
    reckon_invoice(session, fresh)
    release_invoice(session, fresh.id, actor=actor)
    if taken_off is not None:
        carry_over(session, taken_off, fresh, actor=actor)
    spend_credit(session, fresh, actor=actor)
    audit.record(
        session, "invoice.reissue", f"invoice:{old.id}", actor=actor, reason=reason,
        number=fresh.number,
    )  # fmt: skip
    return fresh
