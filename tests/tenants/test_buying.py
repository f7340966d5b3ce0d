"""Lots that are bought at once: who may, when, how often, what is written, and who is told."""

import random
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from auctionhouse.bidding import conduct, errors, guard_errors, published, queries
from auctionhouse.bidding.batch import BidResult
from auctionhouse.bidding.closing import close_due, seconds_to_next_end
from auctionhouse.bidding.limits import set_limits
from auctionhouse.bidding.purchases import Purchase
from auctionhouse.bidding.reopening import correct_result
from auctionhouse.bidding.term_errors import TermsInvalid
from auctionhouse.bidding.verifier.main import check_ledger
from auctionhouse.members.operations import block_member
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.errors import DomainError
from auctionxchange.kernel.money import currency
from auctionxchange.tenancy.house import House
from factories.floor import Floor, make_floor
from factories.proofs import holds, published_lines, verdicts
from factories.together import all_at_once

PRICE = 50_000
SHARE: dict[str, Any] = {"buy_now_until": "low_estimate", "buy_now_share": 80}
TENS: dict[str, Any] = {"increments": [[0, 1000]], "soft_close": None}


@pytest.fixture
def floor(database: Database, oak: House) -> Floor:
    """A lot that opens at £10 and is had at once for £500 until the first bid."""
    return make_floor(database, oak, buy_now=PRICE)


@pytest.fixture
def shared(database: Database, oak: House) -> Floor:
    """The same until the bidding reaches £80, four fifths of the low estimate."""
    return make_floor(
        database, oak, terms={**TENS, **SHARE},
        buy_now=PRICE, estimate_low=10_000, estimate_high=20_000,
    )  # fmt: skip


def refused(act: Callable[[], object], *kinds: type[DomainError]) -> DomainError:
    with pytest.raises(kinds) as found:
        act()
    return found.value


def test_a_lot_is_bought_at_once(floor: Floor) -> None:
    bought = floor.buy(0, PRICE)
    state = floor.state()
    assert (bought.price, bought.repeated) == (PRICE, False)
    assert (state.status, state.outcome, state.price) == ("closed", "sold", PRICE)
    assert state.leader_client_id == floor.sale.bidders[0][0]
    assert floor.entries() == ["opened", "purchase"]
    assert verdicts(floor) == ["proved", "proved"]
    assert holds(floor)


def test_after_a_purchase_nobody_bids_or_buys(floor: Floor) -> None:
    floor.buy(0, PRICE)
    refused(lambda: floor.bid(1, 90_000), errors.LotClosed)
    refused(lambda: floor.buy(1, PRICE), errors.LotClosed)
    floor.end()
    close_due(floor.database, floor.house)
    assert floor.entries() == ["opened", "purchase"]


def test_after_a_bid_it_is_gone(floor: Floor) -> None:
    floor.bid(1, 2000)
    evidence = refused(lambda: floor.buy(0, PRICE), errors.BuyNowGone).evidence
    assert (evidence.reason, evidence.sequence) == ("buy_now_gone", 2)
    assert floor.state().status == "open"


def test_until_a_share_of_the_estimate_it_ends_the_bidding(shared: Floor) -> None:
    shared.bid(1, 987_654_321)
    shared.bid(2, 6500)
    assert shared.buy(0, PRICE).price == PRICE
    state = shared.state()
    assert (state.outcome, state.price, state.bid_count) == ("sold", PRICE, 2)
    assert set(verdicts(shared)) == {"proved"}
    assert holds(shared)


def test_the_maximum_of_who_led_when_another_bought_stays_closed(shared: Floor) -> None:
    """It was seen opened where who leads in the last entry counted as the bidding's leader."""
    shared.bid(1, 987_654_321)
    shared.bid(2, 6500)
    shared.buy(0, PRICE)
    with shared.database.house_session(shared.house) as session:
        told = published.download(session, shared.sale.lots[0])
    assert "987654321" not in told
    assert "6500" in told


def test_at_the_limit_it_is_gone(shared: Floor) -> None:
    shared.bid(1, 9000)
    shared.bid(2, 7000)
    assert shared.state().price == 8000
    refused(lambda: shared.buy(0, PRICE), errors.BuyNowGone)


def test_the_limit_stays_as_it_was_published_when_the_estimate_changes(shared: Floor) -> None:
    shared.run("UPDATE lot SET estimate_low = 100 WHERE id = :lot", lot=shared.sale.lots[0])
    shared.bid(1, 2000)
    assert shared.buy(0, PRICE).price == PRICE


def test_the_same_token_buys_once(floor: Floor) -> None:
    token = uuid4()
    first = floor.buy(0, PRICE, token=token)
    again = floor.buy(0, PRICE, token=token)
    assert (again.sequence, again.repeated) == (first.sequence, True)
    refused(lambda: floor.buy(0, PRICE - 1, token=token), errors.TokenReused)
    refused(lambda: floor.buy(1, PRICE, token=token), errors.TokenReused)
    assert floor.entries() == ["opened", "purchase"]


def test_the_token_of_a_bid_is_no_purchase(database: Database, oak: House) -> None:
    floor = make_floor(database, oak, buy_now=PRICE)
    token = uuid4()
    floor.bid(0, PRICE, token=token)
    refused(lambda: floor.buy(0, PRICE, token=token), errors.TokenReused)


def test_another_price_than_was_seen_is_refused(floor: Floor) -> None:
    refusal = refused(lambda: floor.buy(0, PRICE - 1), errors.PriceChanged)
    assert "£500" in refusal.message()


@pytest.mark.parametrize(("state", "missing"), [("pending", "pending"), ("suspended", "suspended")])
def test_who_may_not_bid_may_not_buy(floor: Floor, state: str, missing: str) -> None:
    floor.run("UPDATE registration SET state = :state WHERE sale_id = :sale",
              state=state, sale=floor.sale.sale_id)  # fmt: skip
    refusal = refused(lambda: floor.buy(0, PRICE), errors.NotRegistered)
    assert refusal.fields == {"missing": missing}


def test_the_consignor_never_buys(floor: Floor) -> None:
    floor.run("UPDATE lot SET consignor_client_id = :client WHERE id = :lot",
              client=floor.sale.bidders[0][0], lot=floor.sale.lots[0])  # fmt: skip
    refused(lambda: floor.buy(0, PRICE), errors.OwnLot)


def test_staff_never_buy_for_themselves(floor: Floor) -> None:
    floor.run(
        "INSERT INTO member_role (member_id, role_id) SELECT :member, id FROM role"
        " WHERE name = 'clerk'", member=floor.sale.bidders[0][1],
    )  # fmt: skip
    refused(lambda: floor.buy(0, PRICE), guard_errors.StaffBidRefused)


def test_who_is_blocked_buys_nothing(floor: Floor) -> None:
    with floor.database.house_session(floor.house) as session, session.begin():
        block_member(session, floor.sale.bidders[0][1], reason="Owes", actor=None)
    refused(lambda: floor.buy(0, PRICE), errors.BuyerBlocked)


def test_a_bid_limit_holds_for_purchases(database: Database, oak: House) -> None:
    floor = make_floor(database, oak, buy_now=PRICE, terms={**TENS, "bid_limit": 40_000})
    refused(lambda: floor.buy(0, PRICE), errors.OverLimit)


def test_a_sum_in_all_and_a_choice_of_lots_hold_for_purchases(
    database: Database, oak: House
) -> None:
    floor = make_floor(database, oak, lots=3, buy_now=PRICE)
    client, member = floor.sale.bidders[0]
    with database.house_session(oak) as session, session.begin():
        set_limits(session, floor.sale.sale_id, client, spending=90_000, choices=[["1", "2"]],
                   actor=member)  # fmt: skip
    floor.buy(0, PRICE)
    refused(lambda: floor.buy(0, PRICE, lot=1), guard_errors.OtherLotLed)
    refused(lambda: floor.buy(0, PRICE, lot=2), guard_errors.OverSpending)
    refused(lambda: floor.bid(0, 40_001, lot=2), guard_errors.OverSpending)
    floor.bid(0, 40_000, lot=2)


def test_nothing_is_bought_while_the_sale_is_paused(floor: Floor) -> None:
    with floor.database.house_session(floor.house) as session, session.begin():
        conduct.pause_sale(session, floor.sale.sale_id, notice="Fire drill", actor=None)
    refused(lambda: floor.buy(0, PRICE), errors.SalePaused)


def test_the_price_may_change_until_somebody_bids_and_then_only_go(shared: Floor) -> None:
    lot, database, oak = shared.sale.lots[0], shared.database, shared.house

    def change(price: int | None) -> None:
        with database.house_session(oak) as session, session.begin():
            conduct.change_buy_now(session, lot, buy_now=price, actor=None)

    change(60_000)
    refused(lambda: shared.buy(0, PRICE), errors.PriceChanged)
    with pytest.raises(TermsInvalid):
        change(1000)
    shared.bid(0, 2000)
    refused(lambda: change(70_000), conduct.ChangeRefused)
    change(None)
    refused(lambda: shared.buy(1, 60_000), errors.BuyNowGone)
    assert shared.entries() == ["opened", "terms_changed", "bid", "terms_changed"]
    assert holds(shared)
    assert "wrong" not in verdicts(shared)


@pytest.mark.parametrize("price", [0, -5, 1000, 999])
def test_the_database_refuses_prices_that_are_none(floor: Floor, price: int) -> None:
    with pytest.raises(IntegrityError, match="lot_buy_now"):
        floor.run("UPDATE lot SET buy_now = :p WHERE id = :lot", p=price, lot=floor.sale.lots[0])


def test_the_database_refuses_a_price_below_the_reserve(floor: Floor) -> None:
    with pytest.raises(IntegrityError, match="lot_buy_now"):
        floor.run("UPDATE lot SET reserve = 60000 WHERE id = :lot", lot=floor.sale.lots[0])


@pytest.mark.parametrize(
    "setting",
    ['{"buy_now_until": "sometimes"}', '{"buy_now_share": 0}', '{"conditional_share": 100}',
     '{"offers": "all"}'],
)  # fmt: skip
@pytest.mark.parametrize("table", ["sale", "lot"])
def test_the_database_refuses_settings_that_are_none(
    floor: Floor, table: str, setting: str
) -> None:
    place = {"sale": floor.sale.sale_id, "lot": floor.sale.lots[0]}[table]
    with pytest.raises(IntegrityError, match=f"{table}_selling"):
        floor.run(
            f"UPDATE {table} SET terms = coalesce(terms, '{{}}') || CAST(:s AS jsonb)"
            " WHERE id = :id", s=setting, id=place,
        )  # fmt: skip


def test_a_purchase_that_was_wrong_is_corrected(floor: Floor) -> None:
    floor.buy(0, PRICE)
    with floor.database.house_session(floor.house) as session, session.begin():
        correct_result(session, floor.sale.lots[0], client_id=floor.sale.bidders[1][0],
                       price=PRICE, notice="The wrong account", actor=1)  # fmt: skip
    assert floor.entries()[-1] == "correction"
    with floor.database.house_session(floor.house) as session:
        *_before, line = queries.lot_entries(session, floor.sale.lots[0])
    assert line.public["corrects"] == 2
    assert "wrong" not in verdicts(floor)


def test_it_is_told_in_plain_words(shared: Floor) -> None:
    shared.bid(1, 2000)
    shared.buy(0, PRICE)
    with shared.database.house_session(shared.house) as session:
        lot = shared.sale.lots[0]
        said = queries.explain(session, lot, currency("GBP"), "en_GB")
        lines = queries.lot_history(session, lot)
    assert said[-1].endswith("bought the lot at once, at the buy-now price of £500.")
    assert [(line.kind, line.amount) for line in lines] == [("purchase", PRICE), ("bid", 1000)]


@pytest.mark.parametrize("seed", range(4))
def test_bids_and_purchases_that_meet_have_one_order(
    database: Database, oak: House, seed: int
) -> None:
    """Whoever holds the row first is first; every answer fits the one ledger that results."""
    floor = make_floor(database, oak, terms={**TENS, **SHARE}, buy_now=PRICE, estimate_low=10_000)
    chance = random.Random(seed)  # noqa: S311 - the same story each time
    tasks: list[Callable[[], object]] = [
        *(partial(floor.buy, bidder, PRICE) for bidder in range(3)),
        *(partial(floor.bid, bidder, 2000 + bidder * 1000) for bidder in range(3)),
    ]
    chance.shuffle(tasks)
    answers = all_at_once(tasks)
    bought = [answer for answer in answers if isinstance(answer, Purchase)]
    bids = [answer for answer in answers if isinstance(answer, BidResult)]
    assert len(bought) == 1
    assert all(isinstance(answer, Purchase | BidResult | errors.BidRefused) for answer in answers)
    assert all(bid.sequence < bought[0].sequence for bid in bids)
    kinds = floor.entries()
    assert kinds[-1] == "purchase"
    assert kinds.count("purchase") == 1
    assert kinds.count("bid") + kinds.count("raise") == len(bids)
    assert set(verdicts(floor)) == {"proved"}
    assert holds(floor)


def test_one_token_sent_many_times_at_once_buys_once(floor: Floor) -> None:
    token = uuid4()
    answers = all_at_once([lambda: floor.buy(0, PRICE, token=token)] * 5)
    assert sorted(a.repeated for a in answers if isinstance(a, Purchase)) == [
        False, True, True, True, True,
    ]  # fmt: skip


def test_a_sum_in_all_holds_for_purchases_that_meet(database: Database, oak: House) -> None:
    """Each lot has a lock of its own: without the registration's both were seen to be bought."""
    floor = make_floor(database, oak, lots=3, buy_now=PRICE)
    client, member = floor.sale.bidders[0]
    with database.house_session(oak) as session, session.begin():
        set_limits(session, floor.sale.sale_id, client, spending=90_000, choices=[], actor=member)
    answers = all_at_once([partial(floor.buy, 0, PRICE, lot=lot) for lot in range(3)])
    assert sum(isinstance(answer, Purchase) for answer in answers) == 1
    assert sum(isinstance(answer, guard_errors.OverSpending) for answer in answers) == 2


def test_a_forged_purchase_is_found(shared: Floor) -> None:
    shared.bid(1, 2000)
    shared.buy(0, PRICE)
    lines = published_lines(shared)
    changes: list[dict[str, Any]] = [
        {"price": PRICE - 1000, "asking": PRICE},
        {"leader": "AAAAAA"},
        {"bids": 9},
        {"ends_at": "2031-01-01T00:00:00.000000Z"},
    ]
    for change in changes:
        payload = {**lines[-1].payload, **change}
        forged = [*lines[:-1], type(lines[-1])(lines[-1].entry, payload)]
        assert [one.verdict for one in check_ledger(forged)][-1] == "wrong", change


def test_the_sale_closes_with_its_last_lot_though_nothing_is_due(floor: Floor) -> None:
    floor.buy(0, PRICE)
    with floor.database.house_connection(floor.house) as connection:
        assert seconds_to_next_end(connection) == 0
    close_due(floor.database, floor.house)
    with floor.database.house_connection(floor.house) as connection:
        state = connection.execute(
            text("SELECT state FROM sale WHERE id = :id"), {"id": floor.sale.sale_id}
        ).scalar_one()
    assert state == "closed"
