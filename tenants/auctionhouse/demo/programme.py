"""Which sales a house of the demo always has: quick, for days, to come, and of every format.

When one of them is over, the next of its kind takes its place, so the demo never runs dry.
"""

from dataclasses import dataclass
from datetime import timedelta

from auctionhouse.demo.houses import DemoHouse
from auctionhouse.demo.ways import WAYS_OF_SELLING
from auctionhouse.demo.works import OLD_UNTIL, Work, works

NEAR, SHORT = 85, 45
"""What lots that end near their reserve, or short of it, reach of it: per cent."""

PARTS = 10
"""A house's works are dealt into so many parts, so that no work is in two sales at once."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of sale: its reference, the parts of the works it takes, its times, and its lots.

    Lots with these numbers can be bought at once, or for less if the house accepts an offer; the
    quiet ones among them until the first bid, and simulated bidders leave those to whoever tries
    the demo. One of them answers offers by itself. Lots that end near their reserve, or short of
    it, show what becomes of those.
    """

    reference: str
    parts: tuple[int, ...]
    lots: int
    starts: timedelta
    ends: timedelta
    interval_seconds: int
    soft_close_seconds: int
    longest_extension_seconds: int | None = None
    at_once: tuple[int, ...] = ()
    quiet: tuple[int, ...] = ()
    near: tuple[int, ...] = ()
    short: tuple[int, ...] = ()

    def has_reserve(self, number: int) -> bool:
        """Tell whether a lot has a reserve that its story does not reach."""
        return number in self.near + self.short

    def reaches(self, number: int, reserve: int | None) -> int | None:
        """Return what a lot's story reaches, or None where that is as it comes."""
        if reserve is None or not self.has_reserve(number):
            return None
        return reserve * (NEAR if number in self.near else SHORT) // 100


QUICK = Kind(
    "quick",
    parts=(0, 1, 2, 3),
    lots=10,
    starts=timedelta(seconds=-5),
    ends=timedelta(minutes=3),
    interval_seconds=20,
    soft_close_seconds=30,
    longest_extension_seconds=90,
    at_once=(4, 8),
    near=(3, 9),
    short=(6, 7),
)
WAYS = Kind(
    "ways",
    parts=(7, 8),
    lots=len(WAYS_OF_SELLING),
    starts=timedelta(seconds=-5),
    ends=timedelta(hours=2),
    interval_seconds=0,
    soft_close_seconds=60,
)
"""A lot of each way of selling."""

PAST = Kind(
    "autumn",
    parts=(0, 1),
    lots=7,
    starts=timedelta(seconds=-5),
    ends=timedelta(seconds=45),
    interval_seconds=0,
    soft_close_seconds=0,
)
"""A sale that is over when the demo starts; its works are of those the third quick sale has."""

KINDS = (
    QUICK,
    Kind(
        "paintings",
        parts=(4, 5, 6),
        lots=30,
        starts=timedelta(days=-1),
        ends=timedelta(days=3),
        interval_seconds=60,
        soft_close_seconds=120,
        at_once=(3, 6, 9, 15, 18, 21),
        quiet=(6, 18),
    ),
    Kind(
        "winter",
        parts=(9,),
        lots=14,
        starts=timedelta(days=6),
        ends=timedelta(days=13),
        interval_seconds=60,
        soft_close_seconds=120,
    ),
    WAYS,
)


@dataclass(frozen=True, slots=True)
class Plan:
    """One sale to make; the first lot ends after `ends`, both counted from now."""

    kind: Kind
    reference: str
    title: str
    ends: timedelta
    works: tuple[Work, ...]


def plan(house: DemoHouse, kind: Kind, number: int) -> Plan:
    """Plan the sale of a kind with a number, from 1; its works follow the last one's."""
    dealt = collection(house)
    share = [work for part in kind.parts for work in dealt[part::PARTS]]
    lots = min(kind.lots, len(share))
    first = (number - 1) * lots
    title = {
        "quick": house.quick,
        "paintings": house.long,
        "winter": house.upcoming,
        "ways": house.ways,
        "autumn": house.past,
    }
    return Plan(
        kind=kind,
        reference=kind.reference if number == 1 else f"{kind.reference}-{number}",
        title=title[kind.reference] if number == 1 else f"{title[kind.reference]} {number}",
        ends=kind.ends + house.later,
        works=tuple(share[(first + place) % len(share)] for place in range(lots)),
    )


def reached(reference: str, number: int, reserve: int | None) -> int | None:
    """Return what a lot of a sale reaches by the programme, which knows some of its own only."""
    name, _dash, _number = reference.partition("-")
    kind = next((kind for kind in KINDS if kind.reference == name), None)
    return None if kind is None else kind.reaches(number, reserve)


def collection(house: DemoHouse) -> tuple[Work, ...]:
    """Return what a house may sell: nothing another house has, and what its sales' titles say."""
    old = [work for work in works() if work.european and work.made <= OLD_UNTIL]
    later = [work for work in works() if work.european and work.made > OLD_UNTIL]
    elsewhere = [work for work in works() if not work.european]
    return tuple({"old": old[0::2], "later": later, "world": old[1::2] + elsewhere}[house.collects])
