"""Whatever happens on a lot in whatever order: it is sold once at most, and its ledger says so.

Bids, purchases, offers and their answers, the end, the seller's word, offers after the sale and
cancelled sales are drawn at random. What is refused changes nothing. Seen to fail where a sale left
the lot's other offers open.
"""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from auctionhouse.bidding.closing import close_due
from auctionhouse.offers.cancelling import cancel_sale
from auctionhouse.offers.deadlines import end_due
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.errors import DomainError
from auctionxchange.tenancy.house import House
from factories.floor import Floor, make_floor
from factories.offers import Haggle
from factories.proofs import holds, verdicts

PRICE, RESERVE = 50_000, 40_000
TERMS: dict[str, Any] = {
    "increments": [[0, 1000]], "soft_close": None, "offers": "every_lot", "conditional_share": 60,
    "buy_now_until": "low_estimate", "buy_now_share": 100,
}  # fmt: skip
AMOUNTS = st.sampled_from([1000, 15_000, 24_000, 30_000, 39_000, 41_000, 49_000])
BIDDERS = st.integers(0, 2)
Step = tuple[str, int, int]
"""An act, a bidder and an amount, as far as the act needs them."""

SELLS = {"hammer", "purchase", "agreement"}


class Story:
    """One lot and what may happen on it; a refusal leaves all as it was."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.haggle = Haggle(floor)

    def bid(self, bidder: int, amount: int) -> None:
        self.floor.bid(bidder, amount)

    def buy(self, bidder: int, amount: int) -> None:
        self.floor.buy(bidder, PRICE if amount > RESERVE else amount)

    def offer(self, bidder: int, amount: int) -> None:
        self.haggle.offer(bidder, amount)

    def answer(self, amount: int) -> None:
        """Do what can be done about the newest open offer: by its bidder, or by the house."""
        found = self._newest("ended_at IS NULL AND kind <> 'everybody' AND state <> 'waiting'")
        act = ("accept", "decline", "counter")[amount % 7 % 3]
        more: dict[str, Any] = {} if act != "counter" else {"counter": amount}
        if found.state == "with_house":
            self.haggle.house(found.id, act, **more, **({"hours": 5} if more else {}))
        else:
            clients = [client for client, _member in self.floor.sale.bidders]
            self.haggle.bidder(clients.index(found.client_id), found.id, act, **more)

    def withdraw(self) -> None:
        """Take the newest open offer back, whoever may."""
        found = self._newest("ended_at IS NULL")
        if found.kind == "best" and found.state == "with_house":
            clients = [client for client, _member in self.floor.sale.bidders]
            self.haggle.bidder(clients.index(found.client_id), found.id, "withdraw")
        else:
            self.haggle.house(found.id, "withdraw")

    def expire(self, *, worker: bool) -> None:
        """Let the time of the newest offer have passed; the worker comes, or is late."""
        found = self._newest("expires_at IS NOT NULL")
        self.haggle.pass_time(found.id)
        if worker:
            end_due(self.floor.database, self.floor.house)

    def end(self) -> None:
        """Let the end of a lot that runs have come; the worker closes it."""
        if self.floor.state().status == "open":
            self.floor.end()
        close_due(self.floor.database, self.floor.house)

    def underbidders(self, *, at_once: bool) -> None:
        self.haggle.underbidders(at_once=at_once)

    def everybody(self) -> None:
        self.haggle.everybody(PRICE)

    def cancel(self) -> None:
        with self.floor.database.house_session(self.floor.house) as session, session.begin():
            cancel_sale(
                session, self.floor.sale.lots[0], notice="Not paid", reason="Not paid", actor=1
            )

    def _newest(self, where: str) -> Any:
        query = f"SELECT * FROM lot_offer WHERE lot_id = :lot AND {where} ORDER BY id DESC LIMIT 1"
        with self.floor.database.house_connection(self.floor.house) as connection:
            found = connection.execute(text(query), {"lot": self.floor.sale.lots[0]}).first()
        if found is None:
            raise NothingOpen
        return found


class NothingOpen(DomainError):
    """There is no offer to do anything about."""


ACTS: dict[str, Callable[[Story, int, int], None]] = {
    "bid": Story.bid,
    "buy": Story.buy,
    "offer": Story.offer,
    "answer": lambda story, _who, amount: story.answer(amount),
    "withdraw": lambda story, _who, _amount: story.withdraw(),
    "expire": lambda story, who, _amount: story.expire(worker=who > 0),
    "end": lambda story, _who, _amount: story.end(),
    "underbidders": lambda story, who, _amount: story.underbidders(at_once=who == 0),
    "everybody": lambda story, _who, _amount: story.everybody(),
    "cancel": lambda story, _who, _amount: story.cancel(),
}
RUNNING = ("bid", "buy", "offer", "offer", "offer", "answer", "answer", "withdraw", "expire", "end")
AFTERWARDS = (
    "answer", "answer", "withdraw", "expire", "underbidders", "everybody", "buy", "buy", "cancel",
)  # fmt: skip
"""What is likely while a lot runs, and after its end."""


def some(names: tuple[str, ...], most: int) -> st.SearchStrategy[list[Step]]:
    return st.lists(st.tuples(st.sampled_from(names), BIDDERS, AMOUNTS), min_size=3, max_size=most)


def ended(bids: list[Step], after: list[Step]) -> list[Step]:
    return [*bids, ("end", 0, 1000), *after]


BIDS = st.lists(st.tuples(st.just("bid"), BIDDERS, AMOUNTS), max_size=3)
STORIES = st.one_of(
    some(RUNNING, 10),
    st.builds(ended, BIDS, some(AFTERWARDS, 12)),
    some(tuple(ACTS), 14),
)


def sales_that_stand(kinds: list[str], accepted: int) -> int:
    """Count the entries that sell a lot, less those that undid one."""
    return sum(kind in SELLS for kind in kinds) + accepted - kinds.count("sale_cancelled")


@settings(
    max_examples=40, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(STORIES)
def test_a_lot_is_sold_once_at_most_and_its_ledger_leads_to_its_state(
    database: Database, oak: House, steps: list[Step]
) -> None:
    floor = make_floor(
        database, oak, terms=TERMS, buy_now=PRICE, reserve=RESERVE, estimate_low=30_000
    )
    story = Story(floor)
    for act, bidder, amount in steps:
        before = (floor.state(), floor.entries())
        try:
            ACTS[act](story, bidder, amount)
        except DomainError:
            assert (floor.state(), floor.entries()) == before, "a refusal changes nothing"
        _check(floor)
    assert holds(floor)
    assert "wrong" not in verdicts(floor)


def _check(floor: Floor) -> None:
    state, kinds = floor.state(), floor.entries()
    lot = {"lot": floor.sale.lots[0]}
    with floor.database.house_connection(floor.house) as connection:
        accepted = connection.execute(
            text("SELECT count(*) FROM lot_offer WHERE lot_id = :lot AND kind = 'conditional'"
                 " AND state = 'accepted'"), lot
        ).scalar_one()  # fmt: skip
        still_open = connection.execute(
            text("SELECT count(*) FROM lot_offer WHERE lot_id = :lot AND ended_at IS NULL"), lot
        ).scalar_one()
    standing = sales_that_stand(kinds, accepted)
    assert standing == (1 if state.outcome == "sold" else 0)
    if state.outcome == "sold":
        assert still_open == 0
        assert state.status == "closed"
        assert (state.price or 0) > 0


@pytest.fixture(autouse=True)
def _nothing_due(database: Database, oak: House) -> None:
    """Leave no lot of other tests for this one's closer."""
    close_due(database, oak)
