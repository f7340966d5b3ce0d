"""Simulated bidders: they sign in, register and bid through the same pages as everybody.

One process plays all of them; it also has the next quick sale opened when the last is over.
"""

import heapq
import logging
import os
import re
import signal
import threading
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from auctionhouse.demo.histories import Act, acts
from auctionhouse.demo.houses import HOUSES
from auctionhouse.demo.people import BIDDERS, simulated, simulation_password
from auctionhouse.demo.seeding import open_next
from auctionxchange.kernel.config import Settings, load_settings
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.logs import configure_logs, logger
from auctionxchange.kernel.money import currency, decimal_string
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House

LOOK_SECONDS = 5.0
PATIENCE_SECONDS = 0.1
"""Between two bids of the crowd, so that it does not drown the machine."""

CATCHING_UP_SECONDS = 240.0
"""What a history has behind it at the start is played over this time, among the others' bids."""

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_CONDITIONS = re.compile(r'name="conditions_id"[^>]*value="([^"]*)"')
_log = logger("bidders")

_LOTS = text(
    "SELECT s.lot_id, e.reference, l.number, s.starts_at, s.scheduled_ends_at AS ends_at,"
    " s.bid_count, l.opening, l.estimate_low, l.estimate_high"
    " FROM lot_state s JOIN lot l ON l.id = s.lot_id JOIN sale e ON e.id = s.sale_id"
    " WHERE s.status = 'open' AND e.state = 'published'"
    " AND s.starts_at <= clock_timestamp() AND s.ends_at > clock_timestamp()"
)


@dataclass(order=True, slots=True)
class Turn:
    """A bid that waits for its time."""

    at: float
    house: str = field(compare=False)
    reference: str = field(compare=False)
    lot: int = field(compare=False)
    bidder: int = field(compare=False)
    amount: str = field(compare=False)


class Visitor:
    """One simulated bidder at one house, with a cookie jar of its own."""

    def __init__(self, front: str, host: str, email: str, password: str) -> None:
        self._client = httpx.Client(base_url=front, headers={"Host": host}, timeout=20)
        self._email = email
        self._password = password
        self._registered: set[str] = set()
        self._signed_in = False

    def bid(self, reference: str, lot: int, amount: str) -> int:
        """Place a maximum on a lot, signing in and registering where needed; returns the status."""
        if not self._signed_in:
            self._sign_in()
        if reference not in self._registered:
            self._register(reference)
        path = f"/sales/{reference}/lots/{lot}/bid"
        shown = self._client.get(path, params={"maximum": amount})
        token = _first(_TOKEN, shown.text)
        if shown.status_code != httpx.codes.OK or not token:
            return shown.status_code
        form = {"csrf_token": token, "maximum": amount, "token": str(uuid.uuid4())}
        return self._client.post(path, data=form).status_code

    def close(self) -> None:
        """Let the connections go; the account stays signed in."""
        self._client.close()

    def _sign_in(self) -> None:
        page = self._client.get("/sign-in").text
        form = {
            "csrf_token": _first(_TOKEN, page),
            "email": self._email,
            "password": self._password,
        }
        answer = self._client.post("/sign-in", data=form)
        self._signed_in = answer.status_code in {302, 303}

    def _register(self, reference: str) -> None:
        path = f"/sales/{reference}/register"
        page = self._client.get(path).text
        form = {
            "csrf_token": _first(_TOKEN, page),
            "conditions_id": _first(_CONDITIONS, page),
            "accepted": "y",
        }
        if form["conditions_id"]:
            self._client.post(path, data=form)
        self._registered.add(reference)


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

    def run(self, stopping: threading.Event) -> None:
        """Play until told to stop; what is away for a moment is tried again."""
        looked = 0.0
        while not stopping.wait(PATIENCE_SECONDS):
            try:
                if time.monotonic() - looked > LOOK_SECONDS:
                    self.look()
                    looked = time.monotonic()
                self.play_one()
            except (httpx.HTTPError, SQLAlchemyError) as error:
                _log.warning("not reachable", error=type(error).__name__)
                stopping.wait(1.0)

    def look(self) -> None:
        """Open the next quick sale where one is over, and plan the bids on new lots."""
        for demo in HOUSES:
            house = self._directory.by_slug(demo.new.slug)
            if house is None or house.status != "active":
                continue
            opened = open_next(self._database, self._settings, house)
            if opened is not None:
                _log.info("opened", house=house.slug, sale=opened)
            for turn in self._plan(house):
                heapq.heappush(self._turns, turn)

    def play_one(self) -> None:
        """Place the next bid whose time has come."""
        if not self._turns or self._turns[0].at > time.time():
            return
        turn = heapq.heappop(self._turns)
        visitor = self._visitor(turn.house, turn.bidder)
        status = visitor.bid(turn.reference, turn.lot, turn.amount)
        _log.info("bid", house=turn.house, sale=turn.reference, lot=turn.lot, status=status)

    def _plan(self, house: House) -> Iterator[Turn]:
        unit = currency(house.currency)
        step = 10 * 10**unit.exponent
        with self._database.house_connection(house) as connection:
            lots = connection.execute(_LOTS).all()
        for lot in lots:
            if (house.schema, lot.lot_id) not in self._planned:
                self._planned.add((house.schema, lot.lot_id))
                aim = (lot.estimate_low + lot.estimate_high) // 2
                told = acts(
                    lot.lot_id,
                    lot.starts_at,
                    lot.ends_at,
                    opening=lot.opening,
                    aim=aim,
                    step=step,
                    bidders=BIDDERS,
                )
                for at, act in from_now(told, time.time(), begun=lot.bid_count > 0):
                    amount = decimal_string(act.maximum, unit)
                    yield Turn(at, house.slug, lot.reference, lot.number, act.bidder, amount)

    def _visitor(self, slug: str, bidder: int) -> Visitor:
        key = slug, bidder
        if key not in self._visitors:
            parts = urlsplit(self._settings.public_url)
            front = f"http://127.0.0.1:{parts.port or 80}"
            host = f"{slug}.{self._settings.apex}{self._settings.port_suffix}"
            self._visitors[key] = Visitor(front, host, simulated(bidder), self._password)
        return self._visitors[key]


def from_now(told: Iterable[Act], now: float, *, begun: bool) -> Iterator[tuple[float, Act]]:
    """Yield acts with their moments; those of the past soon, or not at all once they were done."""
    everything = [(act.at.timestamp(), act) for act in told]
    past = [act for at, act in everything if at <= now]
    if not begun:
        pause = CATCHING_UP_SECONDS / (len(past) + 1)
        yield from ((now + place * pause, act) for place, act in enumerate(past))
    yield from ((at, act) for at, act in everything if at > now)


def _first(pattern: re.Pattern[str], page: str) -> str:
    found = pattern.search(page)
    return unescape(found[1]) if found else ""


def main() -> None:
    """Play until SIGTERM or SIGINT."""
    settings = load_settings(os.environ)
    configure_logs(settings.log_format)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    _log.info("started", at=datetime.now(UTC).isoformat())
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    database = Database(settings.database_url, pool_size=2)
    Crowd(settings, database, Path(os.environ["DEMO_FOLDER"])).run(stopping)
    database.dispose()


if __name__ == "__main__":
    main()
