"""Cancelling a sale whose buyer does not pay: the lot counts as not sold and is offered again."""

from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.bidding.awards import drop_awards
from auctionhouse.bidding.conduct import NoticeMissing
from auctionhouse.bidding.hot_lot import Private, hold, write
from auctionhouse.catalogue.operations.notices import post_notice
from auctionhouse.catalogue.operations.reopening import hold_lot
from auctionhouse.invoicing.corrected import let_go
from auctionhouse.offers.refusals import NotSold


def cancel_sale(
    session: Session, lot_id: int, *, notice: str, reason: str, actor: int | None
) -> int:
    """Undo the sale of a lot; the notice is public, the reason stands in the audit.

    Returns the client who bought it. A pro-forma loses the lot. Raises NoticeMissing, NotSold, and
    LotInvoiced where the lot stands on a released invoice.
    """
    if not notice.strip():
        raise NoticeMissing
    hold_lot(session, lot_id)
    lot = hold(session, lot_id)
    if (lot.status, lot.outcome) != ("closed", "sold") or lot.state.leader is None:
        raise NotSold
    let_go(session, lot_id)
    buyer = int(lot.state.leader)
    lot.outcome = "unsold"
    if lot.terms.choice is not None:
        drop_awards(session, lot_id)
    public = {"who": lot.name_of(buyer), "price": lot.state.price, "notice": notice.strip()}
    lot.enter("sale_cancelled", public, Private(client_id=buyer, placed_by=actor))
    lot.enqueue(
        "bidding.bid_notice", name="sale_cancelled", lot=lot_id, client=buyer,
        price=lot.state.price, notice=notice.strip(),
    )  # fmt: skip
    lot.announce_state()
    write(session, lot)
    post_notice(session, lot.row["sale_id"], notice, actor=actor, lot_id=lot_id)
    audit.record(
        session, "lot.cancel_sale", f"lot:{lot_id}", actor=actor, client=buyer,
        reason=reason.strip(),
    )  # fmt: skip
    return buyer
