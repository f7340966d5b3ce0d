"""Two processes sell the same lots at the same time, each in its own way: one of them does."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from auctionhouse.bidding.closing import close_due
from auctionxchange.kernel.config import REPOSITORY, Settings
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.house import House
from factories.floor import Floor, make_floor
from factories.offers import Haggle
from factories.proofs import holds, verdicts

PRICE = 50_000
TERMS: dict[str, Any] = {
    "increments": [[0, 1000]], "soft_close": None, "offers": "every_lot", "offers_each": 20,
}  # fmt: skip
ACTS = """
import json, os, sys, uuid
from auctionhouse import models
from auctionhouse.bidding.operations import place_bid
from auctionhouse.bidding.purchases import place_purchase
from auctionhouse.offers.answering import Answer, answer_offer
from auctionxchange.kernel.config import load_settings
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.errors import DomainError
from auctionxchange.tenancy.directory import Directory

settings = load_settings(os.environ)
database = Database(settings.database_url, secret_key=settings.secret_key)
house = Directory(database, settings).by_schema(sys.argv[1])


def act(session, kind, client, member, lot, amount, offer):
    who = {"lot_id": lot, "client_id": client, "placed_by_member_id": member,
           "token": uuid.uuid4()}
    if kind == "bid":
        return place_bid(session, maximum=amount, **who).sequence
    if kind == "buy":
        return place_purchase(session, price=amount, **who).sequence
    by = {"accept": "bidder", "house": "house"}[kind]
    answer = Answer(by, "accept", amount, member, client_id=client)
    return answer_offer(session, offer, answer).state


print("ready", flush=True)
done = []
for task in json.loads(sys.stdin.readline()):
    try:
        with database.house_session(house) as session, session.begin():
            done.append(["done", act(session, *task)])
    except DomainError as refusal:
        done.append(["refused", refusal.code])
print(json.dumps(done), flush=True)
"""


def side_by_side(settings: Settings, floor: Floor, *stories: list[list[Any]]) -> list[list[Any]]:
    """Play stories in processes that start together; return what became of each one's acts."""
    environ = {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "PYTHONPATH": os.pathsep.join(str(REPOSITORY / root) for root in ("platform", "tenants")),
    }
    command = [sys.executable, "-c", ACTS, floor.house.schema]
    players = [
        subprocess.Popen(command, env=environ, text=True, stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE)
        for _story in stories
    ]  # fmt: skip
    for player in players:
        assert player.stdout is not None
        assert player.stdout.readline() == "ready\n"
    for player, story in zip(players, stories, strict=True):
        assert player.stdin is not None
        player.stdin.write(f"{json.dumps(story)}\n")
        player.stdin.flush()
    return [json.loads(player.communicate(timeout=120)[0]) for player in players]


@pytest.fixture
def floor(database: Database, oak: House) -> Floor:
    """Twelve lots open to offers, had at once for £500."""
    return make_floor(database, oak, lots=12, terms=TERMS, buy_now=PRICE)


def test_a_purchase_an_accepted_offer_and_a_bid_meet_at_each_lot(
    settings: Settings, floor: Floor
) -> None:
    """One process buys, the other accepts an offer on the lot, or bids: every lot has one order."""
    haggle = Haggle(floor)
    (ada, her), (ben, his), _eve = floor.sale.bidders
    buys, others = [], []
    for place, lot in enumerate(floor.sale.lots):
        buys.append(["buy", ada, her, lot, PRICE, 0])
        if place % 2:
            others.append(["bid", ben, his, lot, 2000, 0])
        else:
            offer = haggle.offer(1, 30_000, lot=place).offer_id
            others.append(["house", ben, 1, lot, 30_000, offer])
    bought, answered = side_by_side(settings, floor, buys, others)
    for place in range(len(floor.sale.lots)):
        won, other = bought[place][0] == "done", answered[place][0] == "done"
        assert won != other, (bought[place], answered[place])
        kinds = floor.entries(place)
        assert sum(kind in {"purchase", "agreement"} for kind in kinds) == int(won or not place % 2)
        assert "wrong" not in verdicts(floor, place)
    assert holds(floor)


def test_underbidders_and_a_buyer_meet_after_the_sale(
    settings: Settings, database: Database, oak: House
) -> None:
    """One process has the underbidder accept, the other somebody buy at the price for everybody."""
    floor = make_floor(database, oak, lots=8, terms=TERMS, reserve=90_000)
    for place in range(8):
        floor.bid(0, 20_000, lot=place)
        floor.bid(1, 15_000, lot=place)
    floor.end()
    close_due(database, oak)
    haggle = Haggle(floor)
    (ada, her), (ben, his), _eve = floor.sale.bidders
    accepts, buys = [], []
    for place, lot in enumerate(floor.sale.lots):
        offer = haggle.underbidders(lot=place)[0]
        haggle.everybody(PRICE, lot=place)
        accepts.append(["accept", ada, her, lot, haggle.row(offer).amount, offer])
        buys.append(["buy", ben, his, lot, PRICE, 0])
    accepted, bought = side_by_side(settings, floor, accepts, buys)
    for place in range(8):
        assert (accepted[place][0] == "done") != (bought[place][0] == "done")
        assert sum(kind in {"purchase", "agreement"} for kind in floor.entries(place)) == 1
    assert holds(floor)
