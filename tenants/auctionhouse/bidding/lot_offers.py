"""What bidding knows of offers on a lot, and does about them; the lot's row gives both one order.

Offers are made and answered by the offers capability. They end with whatever ends them on the lot,
in that very transaction; a lot that misses its reserve by little leaves one to its seller.
"""

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from auctionhouse.bidding.hot_lot import HotLot, Private
from auctionhouse.bidding.ledger import iso, moment
from auctionhouse.bidding.policies import stored_policies

HOUR = 3600
_SECOND = 1_000_000
_LAPSE = text("""
    WITH ended AS (
        UPDATE lot_offer SET state = 'lapsed', ended_at = clock_timestamp(), expires_at = NULL,
            steps = steps + 1
        WHERE lot_id = :lot AND ended_at IS NULL AND id <> :but RETURNING id, steps, amount
    ), told AS (
        INSERT INTO lot_offer_step (offer_id, number, act, actor, amount)
        SELECT id, steps, 'lapse', 'rule', amount FROM ended
    )
    SELECT id FROM ended ORDER BY id
""")
_WAIT = text("""
    WITH made AS (
        INSERT INTO lot_offer (sale_id, lot_id, client_id, kind, state, amount, lasts_s, expires_at)
        VALUES (:sale, :lot, :client, :kind, :turn, :price, :lasts, :until)
        RETURNING id, amount
    )
    INSERT INTO lot_offer_step (offer_id, number, act, actor, amount)
    SELECT id, 1, 'make', 'bidder', amount FROM made RETURNING offer_id
""")
FIGURES = "offers.figures"
"""The job that shows staff how many offers wait for the house."""
_OFFERED = text(
    "SELECT o.lot_id, o.amount * s.pieces AS amount FROM lot_offer o"
    " JOIN lot_state s ON s.lot_id = o.lot_id WHERE o.sale_id = :sale AND o.client_id = :client"
    " AND o.kind = 'best' AND o.state = 'with_house' AND o.expires_at > clock_timestamp()"
)
_OPEN = text("SELECT EXISTS (SELECT FROM lot_offer WHERE sale_id = :sale AND ended_at IS NULL)")
_FOR_HOUSE = text("SELECT for_house FROM client WHERE id = :client")
_PRICE = text(
    "SELECT id, amount FROM lot_offer WHERE lot_id = :lot AND kind = 'everybody'"
    " AND ended_at IS NULL AND expires_at > :at FOR UPDATE"
)
_TAKE = text("""
    WITH taken AS (
        UPDATE lot_offer SET state = 'accepted', ended_at = clock_timestamp(), expires_at = NULL,
            steps = steps + 1
        WHERE id = :id RETURNING id, steps, amount
    )
    INSERT INTO lot_offer_step (offer_id, number, act, actor, amount, member_id)
    SELECT id, steps, 'accept', 'bidder', amount, :member FROM taken
""")


def lapse_offers(connection: Connection | Session, lot: HotLot, *, but: int = 0) -> None:
    """End the open offers on a held lot, one left out, and have those who made them told."""
    ended = connection.execute(_LAPSE, {"lot": lot.lot_id, "but": but}).scalars().all()
    for offer in ended:
        lot.enqueue("offers.tell", offer=offer)
    if ended:
        lot.enqueue(FIGURES)


def seller_decides_by(lot: HotLot) -> int:
    """Return until when a seller has to say whether a bid below the reserve is accepted."""
    hours = stored_policies(lot.row["sale_terms"]).conditional_hours
    return lot.now + hours * HOUR * _SECOND


def led_by_house(connection: Connection | Session, lot: HotLot) -> bool:
    """Tell whether the house leads a held lot for its seller, whom nobody asks about that."""
    return bool(connection.execute(_FOR_HOUSE, {"client": lot.state.leader}).scalar())


def leave_to_seller(connection: Connection | Session, lot: HotLot) -> None:
    """Close a held lot, and leave it to its seller whether its highest bid is accepted."""
    asked = _wait(connection, lot, "conditional", "with_house", seller_decides_by(lot))
    lot.enqueue("offers.ask_house", offer=asked)


def leave_to_winner(connection: Connection | Session, lot: HotLot) -> None:
    """Close a held lot, and let who leads choose among its pieces for as long as its terms say."""
    lasts = 0 if lot.terms.choice is None else lot.terms.choice.lasts
    _wait(connection, lot, "choosing", "with_bidder", lot.now + lasts)


def _wait(
    connection: Connection | Session, lot: HotLot, outcome: str, turn: str, until: int
) -> int:
    """Close a held lot with somebody's turn until a time, and return the row that says so."""
    lot.status, lot.outcome = "closed", outcome
    leader = int(lot.state.leader or 0)
    public = {"price": lot.state.price, "who": lot.name_of(leader), "until": iso(until)}
    lot.enter(outcome, public, Private(client_id=leader))
    made = connection.execute(
        _WAIT,
        {
            "sale": lot.row["sale_id"], "lot": lot.lot_id, "client": leader, "kind": outcome,
            "turn": turn, "price": lot.state.price, "lasts": (until - lot.now) // _SECOND,
            "until": moment(until),
        },
    )  # fmt: skip
    row: int = made.scalar_one()
    return row


def offered_by(connection: Connection | Session, sale_id: int, client_id: int) -> dict[int, int]:
    """Return the lots a bidder has offers on that bind them, with what each costs at most."""
    rows = connection.execute(_OFFERED, {"sale": sale_id, "client": client_id})
    return {row.lot_id: row.amount for row in rows}


def offers_open(connection: Connection | Session, sale_id: int) -> bool:
    """Tell whether somebody is still to answer an offer on a lot of a sale."""
    return bool(connection.execute(_OPEN, {"sale": sale_id}).scalar())


def after_sale_of(connection: Connection | Session, lot: HotLot) -> tuple[int, int] | None:
    """Return a held unsold lot's offer to everybody and its price, or None without one."""
    found = connection.execute(_PRICE, {"lot": lot.lot_id, "at": moment(lot.now)}).first()
    return None if found is None else (found.id, found.amount)


def take_after_sale(connection: Connection | Session, offer_id: int, member_id: int) -> None:
    """Have somebody take the offer to everybody."""
    connection.execute(_TAKE, {"id": offer_id, "member": member_id})
