"""A small storm: two line-ups of threads as two processes, and connections cut in the middle.

`make soak` is the large one, through real processes.
"""

import random
import threading
import time
from contextlib import closing
from uuid import UUID, uuid4

import psycopg2
import pytest
from benchmarks.soak_proof import prove

from auctionhouse.bidding.batch import BidResult
from auctionhouse.bidding.gathering import Gathering
from auctionhouse.bidding.submissions import Submission
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.errors import DomainError, Unavailable
from auctionxchange.tenancy.house import House
from factories.floor import Floor, make_floor

THREADS, EACH = 8, 10
PATIENCE_SECONDS = 60
_CUT = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE application_name = 'auctionxchange' AND state <> 'idle' AND pid <> pg_backend_pid()"
    " AND datname = current_database() ORDER BY random() LIMIT 1"
)


class Storm:
    """Threads that bid through two gatherings until each bid has an answer."""

    def __init__(self, floor: Floor, gatherings: list[Gathering]) -> None:
        self.floor, self.gatherings = floor, gatherings
        self.acknowledged: dict[UUID, tuple[int, int]] = {}
        self.unanswered = 0
        self.unexpected: list[BaseException] = []
        self._chance = random.Random(11)  # noqa: S311 - the same story each time

    def run(self) -> None:
        """Send bids, some too low, some again, until some were cut; those are sent again."""
        sent, ends = 0, time.monotonic() + PATIENCE_SECONDS
        while sent < EACH or (not self.unanswered and time.monotonic() < ends):
            sent += 1
            lot = self._chance.choice(self.floor.sale.lots)
            client, member = self._chance.choice(self.floor.sale.bidders)
            submission = Submission(client, member, self._chance.randrange(1, 400) * 500, uuid4())
            for _again in range(self._chance.choice((1, 1, 2))):
                self._place(lot, submission)

    def _place(self, lot: int, submission: Submission) -> None:
        while True:
            try:
                result = self._chance.choice(self.gatherings).place(
                    self.floor.house, lot, submission
                )
            except Unavailable:
                self.unanswered += 1
                continue
            except DomainError:
                return
            except Exception as error:  # noqa: BLE001 - the test names what nobody expected
                self.unexpected.append(error)
                return
            self._acknowledge(lot, submission.token, result)
            return

    def _acknowledge(self, lot: int, token: UUID, result: BidResult) -> None:
        told = lot, result.sequence
        assert self.acknowledged.setdefault(token, told) == told


@pytest.mark.parametrize("lots", [1, 12])
def test_a_storm_leaves_every_acknowledged_bid_once_and_every_chain_whole(
    settings: Settings, oak: House, database: Database, lots: int
) -> None:
    floor = make_floor(database, oak, lots=lots)
    pools = [Database(settings.database_url, secret_key=settings.secret_key) for _ in range(2)]
    storm = Storm(floor, [Gathering(pool) for pool in pools])
    threads = [threading.Thread(target=storm.run) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    with closing(psycopg2.connect(settings.database_url)) as cutter, cutter.cursor() as cursor:
        while any(thread.is_alive() for thread in threads):
            threads[0].join(0.02)
            cursor.execute(_CUT)
            cutter.commit()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    with database.house_session(oak) as session, session.begin():
        proof = prove(session, floor.sale.lots, storm.acknowledged)
    for pool in pools:
        pool.dispose()
    assert storm.unexpected == []
    assert proof.wrong == []
    assert proof.bids >= len(storm.acknowledged) > 0
    assert storm.unanswered > 0
