"""Making a house's sales through the same operations its staff use."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import text

from auctionhouse.bidding.presets import preset_terms
from auctionhouse.catalogue.details import LotDetails, SaleDetails
from auctionhouse.catalogue.operations import create_lot, create_sale, publish_sale
from auctionhouse.catalogue.pictures import add_picture
from auctionhouse.demo.houses import DemoHouse
from auctionhouse.demo.works import Work, works
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.database import HouseSession
from auctionxchange.kernel.money import currency
from auctionxchange.kernel.storage import Storage

QUICK = "quick"
ESTIMATES = (300, 500, 800, 1200, 2000, 3000, 5000, 8000, 12000, 20000)
"""Low estimates in whole units to choose from; the high one is half as much again."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One sale to make: when it runs, how its lots close, and which works are in it."""

    reference: str
    title: str
    starts: timedelta
    ends: timedelta
    interval: int
    soft_close_seconds: int
    pictures: Sequence[Work]
    longest_extension: int | None = None


def long_plans(house: DemoHouse, place: int) -> list[Plan]:
    """Return the sales a house is made with: one that runs for days and one to come."""
    share = works()[place::3]
    return [
        Plan("paintings", house.long, timedelta(days=-1), timedelta(days=3), 60, 120, share[10:40]),
        Plan(
            "winter", house.upcoming, timedelta(days=6), timedelta(days=13), 60, 120, share[40:54]
        ),
    ]


def quick_plan(house: DemoHouse, number: int, share: Sequence[Work]) -> Plan:
    """Return the quick sale: ten lots, all closed within ten minutes."""
    return Plan(
        reference=f"{QUICK}-{number}",
        title=house.quick if number == 1 else f"{house.quick} {number}",
        starts=timedelta(seconds=-5),
        ends=timedelta(minutes=4),
        interval=25,
        soft_close_seconds=30,
        pictures=share[:10],
        longest_extension=90,
    )


def make_sale(session: HouseSession, storage: Storage, house: DemoHouse, plan: Plan) -> int:
    """Make and publish a sale with lots and pictures; returns its id."""
    now = database_now(session)
    unit = currency(house.new.currency)
    soft_close = {
        "window_s": plan.soft_close_seconds,
        "extend_s": plan.soft_close_seconds,
        "from": "bid",
        "edge": True,
        "cap_s": plan.longest_extension,
    }
    details = SaleDetails(
        reference=plan.reference,
        title=plan.title,
        description=house.about,
        place=house.place,
        viewing=house.viewing,
        shipping=house.shipping,
        note=house.note,
        starts_at=now + plan.starts,
        ends_at=now + plan.ends,
        closing_interval_seconds=plan.interval,
        conditions_id=_conditions(session),
        premium_percent=house.premium,
        terms={**preset_terms(house.increments, unit), "soft_close": soft_close},
    )
    sale = create_sale(session, details, currency=house.new.currency, actor=None)
    chance = Random(plan.reference)  # noqa: S311 - a story, not a secret
    for number, work in enumerate(plan.pictures, start=1):
        lot = create_lot(
            session, sale.id, _lot(work, number, 10**unit.exponent, chance), actor=None
        )
        with work.picture.open("rb") as file:
            add_picture(session, storage, lot.id, file, work.alt, name=work.picture.name)
    publish_sale(session, sale.id, actor=None)
    return sale.id


def quick_sales(session: HouseSession) -> tuple[int, datetime | None]:
    """Return how many quick sales there were, and when the open one ends, if one is."""
    row = session.execute(
        text(
            "SELECT count(*), max(ends_at) FILTER (WHERE state = 'published') FROM sale"
            " WHERE reference LIKE :pattern"
        ),
        {"pattern": f"{QUICK}-%"},
    ).one()
    return row[0], row[1]


def _conditions(session: HouseSession) -> int:
    found: int = session.execute(
        text("SELECT id FROM conditions ORDER BY version DESC LIMIT 1")
    ).scalar_one()
    return found


def _lot(work: Work, number: int, minor: int, chance: Random) -> LotDetails:
    low = chance.choice(ESTIMATES)
    reserve = low * 8 // 10 if chance.random() < 0.4 else None  # noqa: PLR2004 - four in ten
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
        condition="Not examined out of the frame." if chance.random() < 0.5 else "",  # noqa: PLR2004
        estimate_low=low * minor,
        estimate_high=low * 3 // 2 * minor,
        opening=max(low // 5, 20) * minor,
        reserve=None if reserve is None else reserve * minor,
    )
