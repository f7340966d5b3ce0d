"""Why a price is what it is: every kind of entry and every way a price moves has its sentence."""

from datetime import timedelta
from typing import Any

import pytest

from auctionhouse.bidding import conduct, queries
from auctionhouse.bidding.closing import close_due
from auctionhouse.bidding.explanation import SENTENCES
from auctionhouse.bidding.ledger import KINDS
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.money import currency
from auctionxchange.tenancy.house import House
from factories.floor import Floor, make_floor

TENS: dict[str, Any] = {"increments": [[0, 1000]], "soft_close": None}


def told(floor: Floor) -> list[str]:
    """Return the sentences with the bidders' names in them, instead of their pseudonyms."""
    with floor.database.house_session(floor.house) as session:
        lot = floor.sale.lots[0]
        names: dict[str, str] = {}
        for line in queries.lot_entries(session, lot):
            if line.who and line.client_id:
                clients = [client for client, _member in floor.sale.bidders]
                names[line.who] = "ABC"[clients.index(line.client_id)]
        sentences = queries.explain(session, lot, currency("GBP"), "en_GB")
    for pseudonym, name in names.items():
        sentences = [sentence.replace(pseudonym, name) for sentence in sentences]
    return sentences


def test_every_kind_of_entry_has_a_sentence() -> None:
    assert set(SENTENCES) == set(KINDS)


def test_a_story_to_the_hammer(database: Database, oak: House) -> None:
    floor = make_floor(database, oak)
    floor.bid(0, 5000)
    floor.bid(1, 3000)
    floor.bid(1, 9000)
    floor.bid(1, 9900)
    floor.end()
    close_due(database, oak)
    assert told(floor) == [
        "Bidding opened at £10.",
        "A made the first bid and leads at the opening price, £10.",
        "B bid £30; A had offered as much or more before and still leads.",
        "A’s earlier maximum answered by itself, by one step or as far as it goes: £40.",
        "B offered more than A: one step above A’s maximum, or B’s own if less, is £60.",
        "B raised their own maximum; the price stays.",
        "Sold to B for £60.",
    ]


@pytest.mark.parametrize(
    ("terms", "bids", "last"),
    [
        ({}, [(0, 9000)], "It reaches the reserve, so the price went there: £80."),
        ({}, [(0, 2000), (1, 9000)], "reached the reserve. The price is the reserve, or more"),
        ({}, [(0, 2000), (0, 9000)], "raised their own maximum, which now reaches the reserve"),
        ({}, [(0, 2000)], "A made the first bid and leads at the opening price, £10."),
        (
            {"below_reserve": "full_max"},
            [(0, 2000)],
            "It is below the reserve and shown in full: £20.",
        ),
        (
            {"below_reserve": "full_max"},
            [(0, 2000), (1, 4500)],
            "Below the reserve a bid is shown in full: £45.",
        ),
        (
            {"own_raise": "tops_up"},
            [(0, 2500), (1, 2000), (0, 3500)],
            "A raised their own maximum; the price is now £30.",
        ),
    ],
)
def test_what_moved_the_price_is_named(
    database: Database, oak: House, terms: dict[str, Any], bids: list[tuple[int, int]], last: str
) -> None:
    floor = make_floor(database, oak, reserve=8000, terms={**TENS, **terms})
    for bidder, maximum in bids:
        floor.bid(bidder, maximum)
    assert last in told(floor)[-1]


def test_the_houses_acts_are_told(database: Database, oak: House) -> None:
    floor = make_floor(database, oak, reserve=8000)
    lot, sale = floor.sale.lots[0], floor.sale.sale_id
    with database.house_session(oak) as session, session.begin():
        conduct.change_opening(session, lot, opening=2000, actor=1)
    floor.bid(0, 5000)
    with database.house_session(oak) as session, session.begin():
        conduct.change_reserve(session, lot, reserve=4000, actor=1)
    for act, notice in ((conduct.pause_sale, "fire"), (conduct.resume_sale, "out")):
        with database.house_session(oak) as session, session.begin():
            act(session, sale, notice=notice, actor=1)
    with database.house_session(oak) as session, session.begin():
        conduct.postpone_sale(session, sale, by=timedelta(hours=1), notice="snow", actor=1)
    with database.house_session(oak) as session, session.begin():
        conduct.note_text_change(session, lot, ["title"], actor=1)
    with database.house_session(oak) as session, session.begin():
        conduct.withdraw_lot(session, lot, notice="broken", actor=1)
    assert told(floor)[1:] == [
        "The house changed the reserve or the opening bid.",
        "A made the first bid and leads at the opening price, £20.",
        "The house lowered the reserve to what was offered: £40.",
        "The house paused the sale: fire",
        "The sale went on; the time of the pause was added: out",
        "The end was moved later: snow",
        "The house changed the description.",
        "The lot was withdrawn: broken",
    ]


def test_what_was_not_sold_says_why(database: Database, oak: House) -> None:
    empty, unmet = make_floor(database, oak), make_floor(database, oak, reserve=8000)
    unmet.bid(0, 5000)
    for floor in (empty, unmet):
        floor.end()
    close_due(database, oak)
    assert told(empty)[-1] == "Nobody bid: not sold."
    assert told(unmet)[-1] == "The highest bid, £10, did not reach the reserve: not sold."


def test_a_late_bid_explains_the_longer_end(database: Database, oak: House) -> None:
    soft = {"window_s": 7200, "extend_s": 7200, "from": "bid"}
    floor = make_floor(database, oak, terms={**TENS, "soft_close": soft})
    floor.bid(0, 5000)
    assert told(floor)[-1].startswith("The bid came shortly before the end")
