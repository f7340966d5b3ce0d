"""Ledgers rewritten as only a house could, chain and all: what cannot be is found, entry by entry.

Every value of every entry is changed in turn and the chain made whole again. What passes is what
nobody but the house can know, and is listed here.
"""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from auctionhouse.bidding import conduct, published, retraction
from auctionhouse.bidding.closing import close_due
from auctionhouse.bidding.house_bids import place_house_bid
from auctionhouse.bidding.ledger import canonical, entry_hash
from auctionhouse.bidding.reopening import reopen_lot
from auctionhouse.bidding.verifier.main import check_ledger
from auctionhouse.bidding.verifier.reading import read_line
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.house import House
from factories.floor import Floor, make_floor
from factories.ledgers import rewritten
from factories.offers import Haggle

STEPS: dict[str, Any] = {"increments": [[0, 1000]], "soft_close": None}
TWO_HOURS = {"window_s": 7200, "extend_s": 7200, "from": "bid", "edge": True, "cap_s": 90_000}


def do(floor: Floor, act: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    with floor.database.house_session(floor.house) as session, session.begin():
        return act(session, *arguments, **options)


def ended(floor: Floor, *bids: tuple[int, int]) -> Floor:
    for bidder, maximum in bids:
        floor.bid(bidder, maximum)
    floor.end()
    close_due(floor.database, floor.house)
    return floor


def running(database: Database, oak: House) -> Floor:
    """The house bids for the seller, everybody overtakes, the leader answers and raises."""
    terms = {**STEPS, "soft_close": TWO_HOURS, "house_bidding": "below_reserve"}
    floor = make_floor(database, oak, reserve=4000, terms=terms)
    lot, staff = floor.sale.lots[0], floor.sale.bidders[2][1]
    do(floor, place_house_bid, lot, 2000, actor=staff, token=uuid4())
    for bidder, maximum in ((0, 3000), (1, 4500), (0, 9000), (2, 8000), (0, 20_000)):
        floor.bid(bidder, maximum)
    return floor


def sold(database: Database, oak: House) -> Floor:
    return ended(running(database, oak))


def lowered(database: Database, oak: House) -> Floor:
    """A pause, and a reserve lowered to what was offered."""
    floor = make_floor(database, oak, terms=STEPS, reserve=9000)
    floor.bid(0, 3000)
    sale, lot = floor.sale.sale_id, floor.sale.lots[0]
    do(floor, conduct.pause_sale, sale, notice="x", actor=1)
    do(floor, conduct.resume_sale, sale, notice="x", actor=1)
    do(floor, conduct.change_reserve, lot, reserve=2500, actor=1)
    return ended(floor, (1, 5000))


def retracted(database: Database, oak: House) -> Floor:
    terms = {**STEPS, "retraction": "allowed"}
    floor = make_floor(database, oak, lasts=timedelta(days=2), terms=terms)
    for bidder, maximum in ((0, 5000), (1, 7000), (2, 9000)):
        floor.bid(bidder, maximum)
    client, member = floor.sale.bidders[2]
    lot = floor.sale.lots[0]
    do(floor, retraction.retract_bid, lot, 4, client_id=client, actor=member, reason="slip")
    return ended(floor, (2, 8000))


def conditional(database: Database, oak: House) -> Floor:
    terms = {**STEPS, "conditional_share": 90, "below_reserve": "full_max"}
    floor = make_floor(database, oak, reserve=50_000, terms=terms)
    return ended(floor, (0, 20_000), (1, 45_000))


def after_sale(database: Database, oak: House) -> Floor:
    floor = make_floor(database, oak, reserve=100_000, terms=STEPS)
    ended(floor, (0, 20_000), (1, 15_000))
    Haggle(floor).everybody(30_000)
    floor.buy(1, 30_000)
    return floor


def sealed(form: str, database: Database, oak: House) -> Floor:
    terms = {**STEPS, "format": form, "sealed": {"changes": "replace"}}
    floor = make_floor(database, oak, reserve=2000, terms=terms, quantity=10)
    return ended(floor, (0, 3000), (1, 9000), (2, 4000), (0, 5000))


def bought(database: Database, oak: House) -> Floor:
    floor = make_floor(database, oak, terms=STEPS, buy_now=50_000)
    floor.buy(1, 50_000)
    return floor


def taken(quantity: int, database: Database, oak: House) -> Floor:
    """A clock that fell from £90 and was stopped at £60, whole or for some of the pieces."""
    clock = {"start": 9000, "step": 1000, "every_s": 60}
    terms = {"format": "dutch", "clock": clock, "bid_for": "piece"}
    floor = make_floor(
        database, oak, terms=terms, quantity=quantity, started=timedelta(hours=1),
        lasts=timedelta(minutes=5, seconds=30),
    )  # fmt: skip
    floor.bid(0, 9000, pieces=quantity // 2 or 1)
    close_due(database, oak)
    return floor


MAKERS: dict[str, Callable[[Database, House], Floor]] = {
    "running": running, "sold": sold, "lowered": lowered, "retracted": retracted,
    "conditional": conditional, "after sale": after_sale,
    "bought": bought, "taken": partial(taken, 1), "pieces taken": partial(taken, 6),
    **{form: partial(sealed, form) for form in ("sealed_first", "sealed_second", "sealed_pieces")},
}  # fmt: skip

UNKNOWABLE = {
    ("opened", "at"), ("opened", "starts_at"), ("opened", "reserve"),
    ("bid", "who"), ("bid", "amount"), ("bid", "maximum"), ("raise", "maximum"), ("bid", "marks"),
    ("raise", "marks"), ("sealed_bid", "maximum"), ("sealed_bid", "marks"), ("purchase", "marks"),
    ("sealed_bid", "pieces"), ("taking", "maximum"), ("taking", "marks"), ("taking", "taken"),
    ("taking", "pieces"), ("opened", "ends_at"), ("conditional", "until"), ("after_sale", "until"),
    ("hammer", "at"), ("conditional", "at"), ("resumed", "ends_at"), ("purchase", "reserve_met"),
    *((kind, "notice") for kind in ("paused", "resumed", "retraction")),
}  # fmt: skip
"""When a lot was put up and when it was looked at after its end; what stays closed for good, and
whose a losing bid was unless its receipt is at hand; words of the house; times it gives."""

SETTINGS = {
    "opening", "increments", "soft_close", "conditional_share", "sealed", "format", "pieces",
    "clock", "buy_now",
}  # fmt: skip
"""Terms that could have been other ones with the same result."""


def places(told: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Go through all places in a payload but its number and what names its predecessor."""
    if path and path[0] not in {"previous", "sequence"}:
        yield path
    inner = enumerate(told) if isinstance(told, list) else ()
    for name, value in told.items() if isinstance(told, dict) else inner:
        yield from places(value, (*path, name))


def others(value: Any) -> list[Any]:
    """Return what could stand in a place instead: of its kind, and of none."""
    strange: list[Any] = [None, [], "x", -1, 1e999]
    if isinstance(value, bool):
        return [not value, *strange]
    if isinstance(value, int):
        return [value + 1, value - 1, value + 1000, 0, *strange]
    if isinstance(value, str) and value.endswith("Z"):
        return ["2020-01-01T00:00:00.000000Z", "2099-01-01T00:00:00.000000Z", *strange]
    return [{"str": "AAAAAA"}.get(type(value).__name__, {}), "00" * 32, *strange]


def chained(lines: list[dict[str, Any]], payloads: list[dict[str, Any]]) -> list[dict[str, Any]]:
    previous, written = "0" * 64, []
    for line, payload in zip(lines, payloads, strict=True):
        text = canonical({**payload, "previous": previous})
        previous = entry_hash(text).hex()
        written.append({**line, "payload": text, "hash": previous})
    return written


def wrong(lines: list[dict[str, Any]]) -> bool:
    return any(one.verdict == "wrong" for one in check_ledger([read_line(one) for one in lines]))


@pytest.mark.parametrize("name", MAKERS)
def test_no_value_can_be_another_but_what_nobody_knows(
    database: Database, oak: House, name: str
) -> None:
    lines = [json.loads(line) for line in told(MAKERS[name](database, oak)).splitlines()]
    payloads = [json.loads(line["payload"]) for line in lines]
    assert not wrong(chained(lines, payloads))
    passed = set()
    for number, payload in enumerate(payloads):
        for path in places(payload):
            for value in others(_at(payload, path)):
                changed = deepcopy(payloads)
                _at(changed[number], path[:-1])[path[-1]] = value
                if changed != payloads and not wrong(chained(lines, changed)):
                    passed.add((payload["kind"], *path))
    beyond = {
        path for path in passed
        if path[:2] not in UNKNOWABLE and not (path[1] == "terms" and SETTINGS & {*path})
    }  # fmt: skip
    assert beyond <= {("bids_opened", "opened")}, "the order they are listed in tells nothing"


def _at(told: Any, path: tuple[Any, ...]) -> Any:
    for name in path:
        told = told[name]
    return told


def told(floor: Floor) -> str:
    """Return the download, what followed the end moved to it: the floor ends without waiting."""
    with floor.database.house_session(floor.house) as session:
        text = published.download(session, floor.sale.lots[0])
    if not wrong([json.loads(line) for line in text.splitlines()]):
        return text
    payloads = [json.loads(json.loads(line)["payload"]) for line in text.splitlines()]
    end = [one["ends_at"] for one in payloads if one["kind"] in RUNNING and "ends_at" in one][-1]

    def put(_number: int, payload: dict[str, Any]) -> None:
        if payload["kind"] not in RUNNING:
            payload["at"] = max(payload["at"], end)
            payload |= {"ends_at": end} if "ends_at" in payload else {}

    return rewritten(text, put)


RUNNING = {
    "opened", "bid", "raise", "automatic", "extended", "paused", "resumed", "terms_changed",
    "retraction", "sealed_bid",
}  # fmt: skip
MISSING = {
    "running": (4, 5, 11, 12),
    "sold": (3, 11, 12),
    "retracted": (2, 3),
    "sealed_first": (2, 3, 6),
    "after sale": (4, 5, 6),
}
"""Entries nobody could leave out, by what was done."""


@pytest.mark.parametrize("name", MISSING)
def test_what_follows_from_the_rest_cannot_be_left_out(
    database: Database, oak: House, name: str
) -> None:
    lines = [json.loads(line) for line in told(MAKERS[name](database, oak)).splitlines()]
    payloads = [json.loads(line["payload"]) for line in lines]
    for number in MISSING[name]:
        kept = [one for place, one in enumerate(payloads, 1) if place != number]
        fewer = [one for place, one in enumerate(lines, 1) if place != number]
        counted = [{**one, "sequence": place} for place, one in enumerate(kept, 1)]
        assert wrong(chained(fewer, counted)), payloads[number - 1]["kind"]
    again = [{**one, "sequence": place} for place, one in enumerate([payloads[0], *payloads], 1)]
    assert wrong(chained([lines[0], *lines], again)), "a lot is opened once"


def test_the_end_cannot_be_cut_off_what_was_opened(database: Database, oak: House) -> None:
    lines = [json.loads(line) for line in told(sold(database, oak)).splitlines()]
    assert wrong(lines[:-1])
    assert not wrong([{**line, "opened": {}} for line in lines[:3]]), "a lot that runs may look so"


def test_a_reopened_lot_counts_its_limit_from_its_new_end(database: Database, oak: House) -> None:
    """Seen to be called wrong, with the limit counted from the end before the reopening."""
    soft = {**TWO_HOURS, "window_s": 86_400, "from": "end", "cap_s": 7200}
    floor = make_floor(database, oak, terms={**STEPS, "soft_close": soft})
    ended(floor, (0, 3000))
    end = do(floor, database_now) + timedelta(hours=10)
    do(floor, reopen_lot, floor.sale.lots[0], ends_at=end, notice="x", actor=1)
    floor.bid(1, 9000)
    assert floor.ends_at() == end + timedelta(hours=2)
    with floor.database.house_session(floor.house) as session:
        text = published.download(session, floor.sale.lots[0])
    lines = [read_line(json.loads(line)) for line in text.splitlines()]
    found = [one.text for one in check_ledger(lines) if one.verdict == "wrong"]
    assert found == ["it was closed before its end"], "the floor ends without waiting"
