"""Running a sale: opening its lots, pausing, resuming, postponing, withdrawing, correcting terms.

What may still change after the first bid is one table, CHANGES_AFTER_FIRST_BID; whatever does
change then leaves an entry in the lot's ledger.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse.bidding.dutch.refusals import TakingStays
from auctionhouse.bidding.dutch.rules import passes_before
from auctionhouse.bidding.hot_lot import HotLot, Private, hold, salted, write
from auctionhouse.bidding.house_bids import keep_above_house_bids
from auctionhouse.bidding.ledger import microseconds
from auctionhouse.bidding.lot_offers import lapse_offers
from auctionhouse.bidding.opening_lots import open_lots
from auctionhouse.bidding.rules import replace_reserve
from auctionhouse.bidding.terms import (
    SECOND,
    amounts_of,
    check_amounts,
    check_clock,
    public_terms,
    stored_terms,
)
from auctionhouse.bidding.ways import buy_now_limit, buy_now_of
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.errors import Conflict, Invalid
from auctionxchange.kernel.outbox import announce
from auctionxchange.kernel.translation import gettext as _

_SALE_TERMS = text("SELECT terms::text FROM sale WHERE id = :id")
_SET_QUANTITY = text("UPDATE lot SET quantity = :quantity, version = version + 1 WHERE id = :id")
_SET_PASSES = text("UPDATE lot_state SET passes_before_s = :passes WHERE lot_id = :id")
_SET_PIECES = text("UPDATE lot_state SET pieces = :pieces WHERE lot_id = :id")
_LOT_TERMS = text("SELECT id, terms::text FROM lot WHERE id = ANY(:ids)")

CHANGES_AFTER_FIRST_BID: Mapping[str, str] = {
    "texts": "allowed",
    "pictures": "allowed",
    "estimate": "allowed",
    "shipping": "allowed",
    "ends_at": "later only",
    "reserve": "lower only",
    "opening": "never",
    "buy_now": "drop only",
    "quantity": "never where bids are for each piece",
    "terms": "never",
    "currency": "never",
    "number": "never",
    "starts_at": "never",
}
"""Field groups of a lot and what may happen to them once somebody has bid."""


class ChangeRefused(Conflict):
    """A change that would be unfair to those who have bid; fields name the field group."""

    code = "change_refused"

    def message(self) -> str:
        texts = {
            "later only": _("After the first bid a lot may only end later, never earlier."),
            "lower only": _("After the first bid a reserve may only be lowered or dropped."),
            "drop only": _("After the first bid a buy-now price may only be dropped."),
            "never": _("This can no longer change: somebody has bid on it."),
        }
        rule = CHANGES_AFTER_FIRST_BID[self.fields["group"]]
        return texts["never" if rule.startswith("never") else rule]


class NoticeMissing(Invalid):
    """Bidders must be told why."""

    code = "notice_missing"

    def message(self) -> str:
        return _("Write a notice: bidders are told what happened and why.")


class SaleStateConflict(Conflict):
    """The sale is not in the state this act needs."""

    code = "sale_state"

    def message(self) -> str:
        return _("This sale cannot do that now. Reload the page to see where it stands.")


def open_sale_lots(
    session: Session, sale: Any, lots: Sequence[Any], *, first_place: int = 0
) -> None:
    """Give lots of a sale that is being published their first state and ledger entry.

    A lot ends at the sale's end plus its place times the closing interval; lots added later are
    given the places after the others. How far the bidding may go before a buy-now ends is fixed
    here, by the estimate of this day.
    """
    now = database_now(session)
    interval = timedelta(seconds=sale.closing_interval_seconds)
    terms = _terms_texts(session, [lot.id for lot in lots])
    for lot in lots:
        merged = {**sale.terms, **(lot.terms or {})}
        lot.buy_now_until = buy_now_limit(merged, lot.estimate_low, lot.estimate_high)
    session.flush()
    rows = [
        {
            "id": lot.id,
            "number": f"{lot.number}{lot.suffix}",
            "opening": lot.opening,
            "reserve": lot.reserve,
            "buy_now": lot.buy_now,
            "buy_now_until": lot.buy_now_until,
            "quantity": lot.quantity,
            "terms": terms[lot.id],
            "starts_at": sale.starts_at,
            "ends_at": staggered_end(sale.ends_at, interval, place),
        }
        for place, lot in enumerate(lots, start=first_place)
    ]
    head = {
        "id": sale.id,
        "reference": sale.reference,
        "currency": sale.currency,
        "terms": session.execute(_SALE_TERMS, {"id": sale.id}).scalar_one(),
    }
    open_lots(session, rows, head, now)
    _announce_sale(session, sale.id, paused=sale.paused_at is not None, notice="")


def staggered_end(first: datetime, interval: timedelta, place: int) -> datetime:
    """Return when the lot at a place, counted from 0, ends by the sale's plan."""
    return first + place * interval


def _terms_texts(session: Session, lots: list[int]) -> dict[int, str | None]:
    """Return lots' own terms as stored; writing a bid finds them parsed under the same text."""
    rows = session.execute(_LOT_TERMS, {"ids": lots})
    return {row.id: row.terms for row in rows}


def pause_sale(session: Session, sale_id: int, *, notice: str, actor: int | None) -> None:
    """Hold a running sale: no bids are taken and no lot closes until it is resumed."""
    _require(notice)
    sale = _held_sale(session, sale_id)
    if sale.state != "published" or sale.paused_at is not None:
        raise SaleStateConflict
    session.execute(
        text("UPDATE sale SET paused_at = clock_timestamp(), version = version + 1 WHERE id = :id"),
        {"id": sale_id},
    )
    for lot in _open_lots_of(session, sale_id):
        lot.enter("paused", {"notice": notice, **lot.shown()}, Private(placed_by=actor))
        lot.announce_state()
        write(session, lot)
    _announce_sale(session, sale_id, paused=True, notice=notice)


def resume_sale(session: Session, sale_id: int, *, notice: str, actor: int | None) -> None:
    """Go on with a paused sale; every open lot ends later by as long as the pause lasted."""
    _require(notice)
    paused_at = _held_sale(session, sale_id).paused_at
    if paused_at is None:
        raise SaleStateConflict
    lots = _open_lots_of(session, sale_id)
    pause = microseconds(database_now(session)) - microseconds(paused_at)
    session.execute(
        text(
            "UPDATE sale SET paused_at = NULL, version = version + 1,"
            " ends_at = ends_at + make_interval(secs => :seconds) WHERE id = :id"
        ),
        {"id": sale_id, "seconds": pause / 1_000_000},
    )
    for lot in lots:
        lot.move_end(lot.state.ends_at + pause)
        lot.enter("resumed", {"notice": notice, **lot.shown()}, Private(placed_by=actor))
        lot.announce_state()
        write(session, lot)
    _announce_sale(session, sale_id, paused=False, notice=notice)


def postpone_sale(
    session: Session, sale_id: int, *, by: timedelta, notice: str, actor: int | None
) -> None:
    """Let every open lot of a sale end later by a while; never earlier."""
    _require(notice)
    if by <= timedelta(0):
        raise ChangeRefused(group="ends_at")
    state = _held_sale(session, sale_id).state
    lots = _open_lots_of(session, sale_id)
    if state != "published" or not lots:
        raise SaleStateConflict
    session.execute(
        text("UPDATE sale SET ends_at = ends_at + :by, version = version + 1 WHERE id = :id"),
        {"id": sale_id, "by": by},
    )
    shift = by // timedelta(microseconds=1)
    for lot in lots:
        lot.move_end(lot.state.ends_at + shift)
        lot.enter("postponed", {"notice": notice, **lot.shown()}, Private(placed_by=actor))
        lot.announce_state()
        write(session, lot)


def postpone_lot(
    session: Session, lot_id: int, *, ends_at: datetime, notice: str, actor: int | None
) -> None:
    """Let one open lot end later."""
    _require(notice)
    lot = _held_open(session, lot_id)
    end = microseconds(ends_at)
    if end <= lot.state.ends_at:
        raise ChangeRefused(group="ends_at")
    lot.move_end(end)
    lot.enter("postponed", {"notice": notice, **lot.shown()}, Private(placed_by=actor))
    write(session, lot)


def change_reserve(
    session: Session, lot_id: int, *, reserve: int | None, actor: int | None
) -> None:
    """Change a published lot's reserve: freely before the first bid, only down after it."""
    lot = _held_open(session, lot_id)
    old = lot.terms.reserve
    raised = reserve is not None and (old is None or reserve > old)
    if (lot.state.bids or lot.falls) and raised:
        raise ChangeRefused(group="reserve")
    keep_above_house_bids(session, lot, reserve)
    check_amounts(lot.terms.opening, reserve, lot.row["buy_now"])
    session.execute(
        text("UPDATE lot SET reserve = :reserve, version = version + 1 WHERE id = :id"),
        {"reserve": reserve, "id": lot_id},
    )
    lot.terms, lot.state = replace_reserve(lot.terms, lot.state, reserve)
    _enter_terms(session, lot, actor)


def change_opening(session: Session, lot_id: int, *, opening: int, actor: int | None) -> None:
    """Change a published lot's opening price, as long as nobody has bid."""
    lot = _held_open(session, lot_id)
    if lot.state.bids or lot.falls:
        raise ChangeRefused(group="opening")
    check_amounts(opening, lot.terms.reserve, lot.row["buy_now"])
    session.execute(
        text("UPDATE lot SET opening = :opening, version = version + 1 WHERE id = :id"),
        {"opening": opening, "id": lot_id},
    )
    lot.terms = replace(lot.terms, opening=opening)
    if lot.falls:
        # It falls for longer from now on, counted from the same end: it would start half-way down.
        raise ChangeRefused(group="opening")
    _enter_terms(session, lot, actor)


def change_buy_now(
    session: Session, lot_id: int, *, buy_now: int | None, actor: int | None
) -> None:
    """Change for how much a published lot is had at once: freely before the first bid, then drop.

    How far the bidding may go stays as it was fixed when the sale was published.
    """
    lot = _held_open(session, lot_id)
    if lot.state.bids and buy_now is not None:
        raise ChangeRefused(group="buy_now")
    check_amounts(lot.terms.opening, lot.terms.reserve, buy_now)
    session.execute(
        text("UPDATE lot SET buy_now = :buy_now, version = version + 1 WHERE id = :id"),
        {"buy_now": buy_now, "id": lot_id},
    )
    lot.terms = replace(lot.terms, buy_now=buy_now_of(buy_now, lot.row["buy_now_until"]))
    _enter_terms(session, lot, actor)


def change_pieces(session: Session, lot_id: int, *, quantity: int, actor: int | None) -> bool:
    """Change for how many pieces a published lot's price is paid, as long as nobody has bid.

    Returns False, having done nothing, where bids are for the lot as a whole.
    """
    lot = _held_open(session, lot_id)
    row = lot.row
    amounts = amounts_of(row)._replace(quantity=quantity)
    terms = stored_terms(row["sale_terms"], row["lot_terms"], amounts)
    if (terms.pieces, terms.choice) == (lot.terms.pieces, lot.terms.choice):
        return False
    if lot.state.bids or lot.falls:
        raise ChangeRefused(group="quantity")
    session.execute(_SET_QUANTITY, {"id": lot_id, "quantity": quantity})
    session.execute(_SET_PIECES, {"id": lot_id, "pieces": terms.pieces})
    lot.terms = terms
    _enter_terms(session, lot, actor)
    return True


def _enter_terms(session: Session, lot: HotLot, actor: int | None) -> None:
    """Write a lot's terms as they are from now on, its reserve as a commitment."""
    reserve = lot.terms.reserve
    if lot.terms.clock is not None:
        check_clock(lot.terms)
        passes = passes_before(lot.terms) // SECOND
        session.execute(_SET_PASSES, {"id": lot.lot_id, "passes": passes})
    secret, bound = salted("reserve", reserve)
    lot.enter(
        "terms_changed",
        {
            "terms": public_terms(lot.terms),
            "reserve": None if reserve is None else bound,
            **lot.shown(),
        },
        Private(placed_by=actor, maximum=reserve, salt=secret),
    )
    write(session, lot)


def note_text_change(
    session: Session, lot_id: int, fields: list[str], *, actor: int | None
) -> None:
    """Write into the ledger that catalogue texts or pictures changed after the first bid."""
    lot = hold(session, lot_id)
    if lot.status != "open" or not lot.state.bids:
        return
    lot.enter("text_changed", {"fields": sorted(fields)}, Private(placed_by=actor))
    write(session, lot)


def withdraw_lot(session: Session, lot_id: int, *, notice: str, actor: int | None) -> None:
    """Take a lot out of a published sale; its history stays."""
    _require(notice)
    lot = hold(session, lot_id)
    if lot.status != "ended" and (lot.status != "open" or lot.over):
        raise SaleStateConflict
    if lot.terms.clock is not None and lot.state.bids:
        raise TakingStays
    session.execute(
        text(
            "UPDATE lot SET withdrawn_at = clock_timestamp(), withdrawn_reason = :notice,"
            " version = version + 1 WHERE id = :id"
        ),
        {"id": lot_id, "notice": notice},
    )
    lot.status = "withdrawn"
    lapse_offers(session, lot)
    lot.enter("withdrawn", {"notice": notice}, Private(placed_by=actor))
    write(session, lot)


def _held_open(session: Session, lot_id: int) -> HotLot:
    """Hold a lot that is open; one whose end has come counts as closed before anybody closes it."""
    lot = hold(session, lot_id)
    if lot.status != "open" or lot.over:
        raise SaleStateConflict
    return lot


def _held_sale(session: Session, sale_id: int) -> Any:
    """Hold a sale's row before its lots; raises SaleStateConflict where there is none."""
    query = text("SELECT state, paused_at FROM sale WHERE id = :id FOR NO KEY UPDATE")
    found = session.execute(query, {"id": sale_id}).first()
    if found is None:
        raise SaleStateConflict
    return found


def _open_lots_of(session: Session, sale_id: int) -> list[HotLot]:
    """Hold a sale's open lots, always in the same order so that two acts cannot deadlock."""
    lots = session.execute(
        text(
            "SELECT lot_id FROM lot_state WHERE sale_id = :id AND status = 'open' ORDER BY lot_id"
        ),
        {"id": sale_id},
    ).scalars()
    held = [hold(session, lot_id) for lot_id in list(lots)]
    return [lot for lot in held if lot.status == "open" and not lot.over]


def _announce_sale(session: Session, sale_id: int, *, paused: bool, notice: str) -> None:
    payload = {"type": "sale", "sale": sale_id, "paused": paused, "notice": notice}
    announce(session, f"sale:{sale_id}", payload)


def _require(notice: str) -> None:
    if not notice.strip():
        raise NoticeMissing
