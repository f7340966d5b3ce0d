"""Making a house's sales through the same operations its staff use."""

from dataclasses import replace

from sqlalchemy import text

from auctionhouse.bidding.presets import preset_terms
from auctionhouse.catalogue.details import LotDetails, SaleDetails
from auctionhouse.catalogue.operations import (
    archive_sale,
    create_lot,
    create_sale,
    edit_sale,
    publish_sale,
)
from auctionhouse.catalogue.operations.terms import set_lot_terms
from auctionhouse.catalogue.pictures import add_picture
from auctionhouse.demo.after_sale import end_offers
from auctionhouse.demo.estimates import valuation
from auctionhouse.demo.houses import DemoHouse
from auctionhouse.demo.programme import KINDS, QUICK, WAYS, Kind, Plan, plan
from auctionhouse.demo.ways import WAYS_OF_SELLING, Way, clock_from
from auctionhouse.demo.works import Work
from auctionhouse.money.operations import set_sale_money
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.database import HouseSession
from auctionxchange.kernel.money import currency
from auctionxchange.kernel.storage import Storage

PRINTS_ARE_WORTH = 50
"""So many times less than the work itself."""

SHOWN_AFTERWARDS = 3
"""So many quick sales stay among the past ones; older ones are archived."""

AT_ONCE_TIMES_HIGH = 2
QUIET = {"buy_now_until": "first_bid"}
"""The own terms of lots that simulated bidders leave alone."""

NEAR_RESERVE = 70
"""From so many per cent of the reserve on the seller is asked."""

BOUNDS = (80, 30)
"""Of a quiet lot that answers offers by itself: in per cent of the low estimate."""

UNSEEN = ("", "Not examined out of the frame.")


def make_due_sales(
    session: HouseSession, storage: Storage, house: DemoHouse, kinds: tuple[Kind, ...] = KINDS
) -> list[str]:
    """Make the next sale of every kind that has none left; returns their references."""
    made = [due for kind in kinds if (due := _due(session, house, kind)) is not None]
    for due in made:
        make_sale(session, storage, house, due)
    if made:
        _archive_old(session)
    return [due.reference for due in made]


def make_sale(session: HouseSession, storage: Storage, house: DemoHouse, due: Plan) -> int:
    """Make and publish a sale with lots and pictures; returns its id."""
    sale = create_sale(
        session, _details(session, house, due), currency=house.new.currency, actor=None
    )
    minor = 10 ** currency(house.new.currency).exponent
    for number, work in enumerate(due.works, start=1):
        way = way_of(due.kind, number)
        details = lot_in_its_way(due.kind, work, number, minor, house)
        lot = create_lot(session, sale.id, details, actor=None)
        way_terms = {**way.terms, **clock_of_way(way, details, minor)}
        own = way_terms or (QUIET if number in due.kind.quiet else None)
        if own:
            set_lot_terms(
                session, lot.id, dict(own), closing_group="", actor=None, version=lot.version
            )
        with work.picture.open("rb") as file:
            add_picture(session, storage, lot.id, file, work.alt, name=work.picture.name)
    told = {"premium": [["0", f"{house.premium}"]], **house.money}
    treatment = told.pop("treatment")
    set_sale_money(session, sale.id, told, treatment, actor=None)
    # Pictures take their time: the sale's times count from now.
    edit_sale(session, sale.id, _details(session, house, due), actor=None)
    publish_sale(session, sale.id, actor=None)
    return sale.id


def lot_in_its_way(kind: Kind, work: Work, number: int, minor: int, house: DemoHouse) -> LotDetails:
    """Return a lot as its way of selling wants it: the work itself, or several prints of it."""
    way = way_of(kind, number)
    return _in_pieces(_lot(kind, work, number, minor), way.pieces, house)


def way_of(kind: Kind, number: int) -> Way:
    """Return how a lot of a kind of sale is sold."""
    return WAYS_OF_SELLING[number - 1] if kind is WAYS else Way()


def clock_of_way(way: Way, details: LotDetails, minor: int) -> dict[str, dict[str, int]]:
    """Return the clock of a lot that is sold by one, as its own terms."""
    high = details.estimate_high or details.opening
    return {"clock": clock_from(details.opening, high, minor)} if way.falls else {}


def _in_pieces(details: LotDetails, pieces: int, house: DemoHouse) -> LotDetails:
    """Make a lot one of several prints after the work, each worth a fraction of it."""
    if pieces == 1:
        return details
    worth = {
        name: -(-getattr(details, name) // PRINTS_ARE_WORTH)
        for name in ("estimate_low", "estimate_high", "opening")
    }
    title = house.prints % {"pieces": pieces, "title": details.title}
    return replace(details, title=title, quantity=pieces, reserve=None, **worth)


def _due(session: HouseSession, house: DemoHouse, kind: Kind) -> Plan | None:
    """Plan the next sale of a kind unless one is still to come or running."""
    rows = session.execute(
        text("SELECT reference, state FROM sale WHERE reference ~ :pattern"),
        {"pattern": f"^{kind.reference}(-[0-9]+)?$"},
    ).all()
    if any(row.state == "published" for row in rows):
        return None
    numbers = [int(row.reference.removeprefix(kind.reference)[1:] or 1) for row in rows]
    return plan(house, kind, max(numbers, default=0) + 1)


def _archive_old(session: HouseSession) -> None:
    old = session.scalars(
        text(
            "SELECT id FROM sale WHERE reference ~ :pattern AND state = 'closed'"
            " ORDER BY id DESC OFFSET :shown"
        ),
        {"pattern": f"^{QUICK.reference}(-[0-9]+)?$", "shown": SHOWN_AFTERWARDS},
    )
    for sale_id in old.all():
        end_offers(session, sale_id)
        archive_sale(session, sale_id, actor=None)


def _details(session: HouseSession, house: DemoHouse, due: Plan) -> SaleDetails:
    now = database_now(session)
    kind = due.kind
    soft_close = (
        None
        if not kind.soft_close_seconds
        else {
            "window_s": kind.soft_close_seconds,
            "extend_s": kind.soft_close_seconds,
            "from": "bid",
            "edge": True,
            "cap_s": kind.longest_extension_seconds,
        }
    )
    terms = preset_terms(house.increments, currency(house.new.currency))
    return SaleDetails(
        reference=due.reference,
        title=due.title,
        description=house.about,
        place=house.place,
        viewing=house.viewing,
        shipping=house.shipping,
        note=house.note,
        starts_at=now + kind.starts,
        ends_at=now + due.ends,
        closing_interval_seconds=kind.interval_seconds,
        conditions_id=_conditions(session),
        premium_percent=house.premium,
        terms={
            **terms,
            "soft_close": soft_close,
            "retraction": "allowed",
            "house_bidding": "below_reserve",
            "buy_now_until": "low_estimate",
            "offers": "below_buy_now",
            "conditional_share": NEAR_RESERVE,
            "conditional_hours": 1,
        },
    )


def _conditions(session: HouseSession) -> int:
    found: int = session.execute(
        text("SELECT id FROM conditions ORDER BY version DESC LIMIT 1")
    ).scalar_one()
    return found


def _lot(kind: Kind, work: Work, number: int, minor: int) -> LotDetails:
    worth = valuation(work.identifier, fine=work.fine)
    reserve = worth.low if kind.has_reserve(number) else worth.reserve
    accept_from, decline_below = (
        worth.low * share // 100 * minor if number in kind.quiet[:1] else None for share in BOUNDS
    )
    return LotDetails(
        number=number,
        title=work.title,
        maker=work.maker,
        period=work.date,
        medium=work.medium,
        dimensions=work.dimensions,
        origin=work.origin,
        provenance=work.credit,
        description=work.description,
        category=work.category,
        condition=UNSEEN[work.identifier % len(UNSEEN)],
        estimate_low=worth.low * minor,
        estimate_high=worth.high * minor,
        opening=worth.opening * minor,
        reserve=None if reserve is None else reserve * minor,
        buy_now=worth.high * AT_ONCE_TIMES_HIGH * minor if number in kind.at_once else None,
        offer_accept_from=accept_from,
        offer_decline_below=decline_below,
    )
