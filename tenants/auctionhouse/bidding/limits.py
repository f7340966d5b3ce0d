"""A bidder's own limits in a sale: read, checked under lock, and set.

Whoever changes limits, or decides a lot again so that somebody may lead once more, holds the
sale, then the registrations with limits, then lots: the order every bid takes what it takes of
them. A bidder without limits takes nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.bidding.awards import shares_of
from auctionhouse.bidding.book import book_of
from auctionhouse.bidding.exposure import Limits, exposure
from auctionhouse.bidding.guard_errors import ChoiceInvalid, LimitBelowExposure, LotsLedTogether
from auctionhouse.bidding.lot_offers import offered_by
from auctionhouse.bidding.sealed.queries import sealed_by
from auctionhouse.bidding.selling import in_all
from auctionxchange.kernel.errors import NotFound
from auctionxchange.kernel.money import LARGEST_AMOUNT, AmountInvalid, currency, format_amount

_HOLD_SALE = text("SELECT currency FROM sale WHERE id = :sale FOR NO KEY UPDATE")
_HOLD_LIMITED = text(
    "SELECT 1 FROM registration WHERE sale_id = :sale"
    " AND (spending_limit IS NOT NULL OR links_lots) ORDER BY client_id FOR NO KEY UPDATE"
)
_HOLD_OWN = text(
    "SELECT id FROM registration WHERE sale_id = :sale AND client_id = :client FOR NO KEY UPDATE"
)
_HOLD_LOTS = text("SELECT 1 FROM lot_state WHERE sale_id = :sale ORDER BY lot_id FOR UPDATE")
_SPENDING = text(
    "SELECT spending_limit, links_lots FROM registration"
    " WHERE sale_id = :sale AND client_id = :client"
)
_LINKED = text(
    "SELECT lot_id, choice FROM linked_lot WHERE sale_id = :sale AND client_id = :client"
    " ORDER BY choice, lot_id"
)
_HELD = text(
    "SELECT lot_id, status, price, maximum, pieces FROM lot_state"
    " WHERE sale_id = :sale AND leader_client_id = :client"
    " AND (status IN ('scheduled', 'open')"
    " OR (status = 'closed' AND outcome IN ('sold', 'conditional', 'choosing')))"
    " AND NOT EXISTS (SELECT FROM award WHERE award.lot_id = lot_state.lot_id)"
)
_SET = text(
    "UPDATE registration SET spending_limit = :spending, links_lots = :links WHERE id = :id"
)
_PART = text("DELETE FROM linked_lot WHERE sale_id = :sale AND client_id = :client")
_LINK = text(
    "INSERT INTO linked_lot (client_id, lot_id, sale_id, choice)"
    " VALUES (:client, :lot, :sale, :choice)"
)
_NUMBERS = text(
    "SELECT number::text || suffix AS number, id FROM lot WHERE sale_id = :sale"
    " ORDER BY lot.number, suffix"
)
MOST_CHOICES = 50


def hold_sale(session: Session, sale_id: int) -> str:
    """Hold a sale and the limits of all its bidders; returns its currency. Raises NotFound."""
    unit: str | None = session.execute(_HOLD_SALE, {"sale": sale_id}).scalar()
    if unit is None:
        raise NotFound
    session.execute(_HOLD_LIMITED, {"sale": sale_id})
    return unit


def limits_of(connection: Connection | Session, sale_id: int, client_id: int) -> Limits:
    """Return what a bidder set for a sale."""
    ours = {"sale": sale_id, "client": client_id}
    row = connection.execute(_SPENDING, ours).first()
    if row is None:
        return Limits()
    linked = connection.execute(_LINKED, ours).all() if row.links_lots else []
    return Limits(row.spending_limit, {line.lot_id: line.choice for line in linked})


def lots_of_sale(session: Session, sale_id: int) -> dict[int, str]:
    """Return the numbers of a sale's lots, by lot, in their order."""
    return {row.id: row.number for row in session.execute(_NUMBERS, {"sale": sale_id})}


def held_by(connection: Connection | Session, sale_id: int, client_id: int) -> dict[int, int]:
    """Return the lots a bidder leads, bought, bids on under seal or offered for, at most in all."""
    rows = connection.execute(_HELD, {"sale": sale_id, "client": client_id}).all()
    held = {row.lot_id: _amount(connection, row) for row in rows}
    held |= sealed_by(connection, sale_id, client_id)
    held |= shares_of(connection, sale_id, client_id)
    return offered_by(connection, sale_id, client_id) | held


def _amount(connection: Connection | Session, row: Any) -> int:
    amount = row.price if row.status == "closed" else None
    amount = amount or book_of(connection, row.lot_id).open(row.maximum) or 0
    return in_all(amount, row.pieces)


def set_limits(
    session: Session,
    sale_id: int,
    client_id: int,
    *,
    spending: int | None,
    choices: Sequence[Sequence[str]],
    actor: int,
    locale: str = "en",
) -> Limits:
    """Bind a bidder to a sum in all and to one lot of each choice, given by lot numbers.

    Bids of theirs on their way are waited for. Raises AmountInvalid, ChoiceInvalid,
    LimitBelowExposure, LotsLedTogether, and NotFound where the bidder is not registered.
    """
    if spending is not None and not 0 < spending <= LARGEST_AMOUNT:
        raise AmountInvalid(example="5000")
    unit = hold_sale(session, sale_id)
    ours = {"sale": sale_id, "client": client_id}
    registration: int | None = session.execute(_HOLD_OWN, ours).scalar()
    if registration is None:
        raise NotFound
    session.execute(_HOLD_LOTS, {"sale": sale_id})
    numbers = {label: lot for lot, label in lots_of_sale(session, sale_id).items()}
    limits = Limits(spending, _read_choices(choices, numbers))
    held = held_by(session, sale_id, client_id)
    _check_choices(limits, held, numbers)
    if spending is not None and exposure(limits, held) > spending:
        shown = format_amount(exposure(limits, held), currency(unit), locale)
        raise LimitBelowExposure(exposure=shown)
    _store(session, registration, ours, limits)
    audit.record(
        session, "registration.own_limits", f"registration:{registration}", actor=actor,
        spending=spending is not None, choices=len(set(limits.choices.values())),
    )  # fmt: skip
    return limits


def _store(session: Session, registration: int, ours: Mapping[str, int], limits: Limits) -> None:
    session.execute(
        _SET,
        {"id": registration, "spending": limits.spending, "links": bool(limits.choices)},
    )
    session.execute(_PART, dict(ours))
    for lot, choice in limits.choices.items():
        session.execute(_LINK, {**ours, "lot": lot, "choice": choice})


def _read_choices(choices: Sequence[Sequence[str]], numbers: Mapping[str, int]) -> dict[int, int]:
    """Return the choice of each lot; raises ChoiceInvalid."""
    read: dict[int, int] = {}
    for place, labels in enumerate(choices, start=1):
        lots = {numbers.get(label.strip().upper().lstrip("0")) for label in labels}
        fine = None not in lots and len(lots) == len(labels) > 1 and place <= MOST_CHOICES
        if not fine or lots & read.keys():
            raise ChoiceInvalid(typed=", ".join(labels))
        read.update({lot: place for lot in lots if lot is not None})
    return read


def _check_choices(limits: Limits, held: Mapping[int, int], numbers: Mapping[str, int]) -> None:
    """Refuse a choice of which more than one lot is led or bought already."""
    for choice in set(limits.choices.values()):
        led = [
            number
            for number, lot in numbers.items()
            if lot in held and limits.choices.get(lot) == choice
        ]
        if len(led) > 1:
            raise LotsLedTogether(lots=", ".join(led))
