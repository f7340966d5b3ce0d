"""Simulated bidders: they sign in, register and bid through the same pages as everybody.

One process plays all of them, and has the next sale made when one is over. They come only to sales
whose page says that they do, and leave alone the lots that are kept for who tries the demo.
"""

import heapq
import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from sqlalchemy import Row, text
from sqlalchemy.exc import SQLAlchemyError

from auctionhouse.catalogue.rules import lot_label
from auctionhouse.demo.answers import answers
from auctionhouse.demo.histories import Act, Stage, acts
from auctionhouse.demo.houses import HOUSES, DemoHouse
from auctionhouse.demo.opener import LOOK_SECONDS, Opener
from auctionhouse.demo.people import BIDDERS, simulated, simulation_password
from auctionhouse.demo.programme import reached
from auctionhouse.demo.visitor import Visitor
from auctionxchange.kernel.config import Settings, load_settings
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.errors import DomainError
from auctionxchange.kernel.logs import configure_logs, logger
from auctionxchange.kernel.money import currency, decimal_string
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House

PATIENCE_SECONDS = 0.1
"""Between two bids of the crowd, so that it does not drown the machine."""

CATCHING_UP_SECONDS = 600.0
CATCHING_UP_SHARE = 0.1
"""What a history has behind it is played over this share of the lot's time left, or so long."""

_log = logger("bidders")

_LOTS = text(
    "SELECT s.lot_id, e.reference, l.number, l.suffix, s.starts_at,"
    " s.scheduled_ends_at AS ends_at, s.bid_count, l.opening, l.estimate_low, l.estimate_high,"
    " l.reserve FROM lot_state s JOIN lot l ON l.id = s.lot_id JOIN sale e ON e.id = s.sale_id"
    " WHERE s.status = 'open' AND e.state = 'published' AND e.note = :note"
    " AND s.format IN ('timed', 'sealed_first', 'sealed_second')"
    " AND s.starts_at <= clock_timestamp() AND s.ends_at > clock_timestamp()"
    " AND coalesce(l.terms->>'buy_now_until', '') <> 'first_bid'"
)


@dataclass(order=True, slots=True)
class Turn:
    """A bid that waits for its time, in seconds since 1970; the amount is as typed."""

    at: float
    house: str = field(compare=False)
    reference: str = field(compare=False)
    lot: str = field(compare=False)
    bidder: int = field(compare=False)
    amount: str = field(compare=False)


class Crowd:
    """All simulated bidders and the bids that wait."""

    def __init__(self, settings: Settings, database: Database, folder: Path) -> None:
        self._settings = settings
        self._database = database
        self._directory = Directory(database, settings)
        self._password = simulation_password(folder)
        self._visitors: dict[tuple[str, int], Visitor] = {}
        self._turns: list[Turn] = []
        self._planned: set[tuple[str, int]] = set()
        self._answers: set[tuple[str, int, int, str]] = set()

    def run(self, stopping: threading.Event) -> None:
        """Play until told to stop; what is away for a moment is tried again."""
        looked = 0.0
        while not stopping.wait(PATIENCE_SECONDS):
            if time.monotonic() - looked > LOOK_SECONDS:
                for demo in HOUSES:
                    self.look(demo)
                looked = time.monotonic()
            try:
                self.play_one()
                self.answer_one()
            except httpx.HTTPError as error:
                _log.warning("not reachable", error=type(error).__name__)
                stopping.wait(1.0)

    def look(self, demo: DemoHouse) -> None:
        """Plan the bids on a house's new lots; what is wrong at one house stops no other."""
        try:
            house = self._directory.by_slug(demo.new.slug)
            if house is not None and house.status == "active":
                for turn in self._plan(house, demo):
                    heapq.heappush(self._turns, turn)
                with self._database.house_connection(house) as connection:
                    self._answers.update({(house.slug, *one) for one in answers(connection)})
        except (SQLAlchemyError, DomainError) as error:
            _log.warning("not ready", house=demo.new.slug, error=type(error).__name__)

    def play_one(self) -> None:
        """Place the next bid whose time has come."""
        if not self._turns or self._turns[0].at > time.time():
            return
        turn = heapq.heappop(self._turns)
        visitor = self._visitor(turn.house, turn.bidder)
        status = visitor.bid(turn.reference, turn.lot, turn.amount)
        _log.info("bid", house=turn.house, sale=turn.reference, lot=turn.lot, status=status)

    def answer_one(self) -> None:
        """Answer one of the offers that simulated bidders have thought about."""
        if not self._answers:
            return
        slug, offer, bidder, act = self._answers.pop()
        status = self._visitor(slug, bidder).answer(offer, act)
        _log.info("answered", house=slug, offer=offer, act=act, status=status)

    def _plan(self, house: House, demo: DemoHouse) -> Iterator[Turn]:
        unit = currency(house.currency)
        with self._database.house_connection(house) as connection:
            lots = connection.execute(_LOTS, {"note": demo.note}).all()
        for lot in lots:
            if (house.schema, lot.lot_id) not in self._planned:
                self._planned.add((house.schema, lot.lot_id))
                stage = stage_of(lot, house.slug, 10**unit.exponent)
                label = lot_label(lot.number, lot.suffix)
                for at, act in from_now(stage, time.time(), begun=lot.bid_count > 0):
                    amount = decimal_string(act.maximum, unit)
                    yield Turn(at, house.slug, lot.reference, label, act.bidder, amount)

    def _visitor(self, slug: str, bidder: int) -> Visitor:
        key = slug, bidder
        if key not in self._visitors:
            parts = urlsplit(self._settings.public_url)
            front = f"http://127.0.0.1:{parts.port or 80}"
            host = f"{slug}.{self._settings.apex}{self._settings.port_suffix}"
            self._visitors[key] = Visitor(front, host, simulated(bidder), self._password)
        return self._visitors[key]


def stage_of(lot: Row[tuple[object, ...]], slug: str, minor: int) -> Stage:
    """Return a lot as the histories see it."""
    return Stage(
        name=f"{slug}/{lot.reference}/{lot.number}{lot.suffix}",
        starts_at=lot.starts_at,
        ends_at=lot.ends_at,
        opening=lot.opening,
        estimate=(lot.estimate_low, lot.estimate_high),
        minor=minor,
        reaches=reached(lot.reference, lot.number, lot.reserve),
    )


def from_now(stage: Stage, now: float, *, begun: bool) -> Iterator[tuple[float, Act]]:
    """Yield a lot's acts with their moments, in seconds since 1970.

    Those of the past come soon, at moments of the lot's own so that not all lots begin at once,
    or not at all where they were played already.
    """
    everything = [(act.at.timestamp(), act) for act in acts(stage, BIDDERS)]
    past = [act for at, act in everything if at <= now]
    if not begun:
        left = stage.ends_at.timestamp() - now
        pause = min(CATCHING_UP_SECONDS, left * CATCHING_UP_SHARE) / (len(past) + 1)
        first = now + pause * (stage.number % 100) / 100
        yield from ((first + place * pause, act) for place, act in enumerate(past))
    yield from ((at, act) for at, act in everything if at > now)


def main() -> None:
    """Play until SIGTERM or SIGINT."""
    settings = load_settings(os.environ)
    configure_logs(settings.log_format)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    _log.info("started", at=datetime.now(UTC).isoformat())
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    database = Database(settings.database_url, secret_key=settings.secret_key, pool_size=2)
    # A daemon: a sale that is being made must not hold up the end, and is made at the next start.
    opener = Opener(settings, database)
    threading.Thread(target=opener.run, args=(stopping,), daemon=True).start()
    Crowd(settings, database, Path(os.environ["DEMO_FOLDER"])).run(stopping)
    database.dispose()


if __name__ == "__main__":
    main()
