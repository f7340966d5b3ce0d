"""Bidders' offers on lots nobody has bid on: made, answered, ended, and kept between the two."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from auctionhouse.bidding import conduct, errors, guard_errors, queries
from auctionhouse.bidding.closing import close_due
from auctionhouse.bidding.limits import set_limits
from auctionhouse.catalogue.details import LotDetails
from auctionhouse.catalogue.operations import create_lot, edit_lot
from auctionhouse.catalogue.refusals import BoundsCross
from auctionhouse.members.operations import block_member
from auctionhouse.offers import refusals
from auctionhouse.offers.deadlines import end_due, end_offer, seconds_to_next_deadline
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.errors import DomainError
from auctionxchange.kernel.money import AmountInvalid, currency
from auctionxchange.tenancy.house import House
from factories.floor import Floor, make_floor
from factories.leaks import states
from factories.offers import Haggle
from factories.proofs import holds, published_lines, verdicts

PRICE = 50_000
TERMS: dict[str, Any] = {"increments": [[0, 1000]], "soft_close": None, "offers": "every_lot"}


@pytest.fixture
def floor(database: Database, oak: House) -> Floor:
    """Four lots open to offers, had at once for £500."""
    return make_floor(database, oak, lots=4, terms=TERMS, buy_now=PRICE)


@pytest.fixture
def haggle(floor: Floor) -> Haggle:
    return Haggle(floor)


def refused(act: Callable[[], object], *kinds: type[DomainError]) -> DomainError:
    with pytest.raises(kinds) as found:
        act()
    return found.value


def test_an_accepted_offer_sells_the_lot_and_nothing_was_told_before(
    floor: Floor, haggle: Haggle
) -> None:
    made = haggle.offer(0, 30_000)
    assert (made.state, floor.entries()) == ("with_house", ["opened"])
    assert haggle.house(made.offer_id, "accept") == "accepted"
    state = floor.state()
    assert (state.status, state.outcome, state.price) == ("closed", "sold", 30_000)
    assert state.leader_client_id == floor.sale.bidders[0][0]
    assert floor.entries() == ["opened", "agreement"]
    assert verdicts(floor) == ["proved", "proved", "open"]
    assert holds(floor)
    with floor.database.house_session(floor.house) as session:
        said = queries.explain(session, floor.sale.lots[0], currency("GBP"), "en_GB")
    assert said[-1].endswith("and the house agreed on £300: sold.")


def test_amounts_go_back_and_forth_until_one_accepts(floor: Floor, haggle: Haggle) -> None:
    offer = haggle.offer(0, 30_000).offer_id
    assert haggle.house(offer, "counter", counter=45_000, hours=5) == "with_bidder"
    assert haggle.row(offer).amount == 45_000
    assert haggle.bidder(0, offer, "counter", counter=40_000) == "with_house"
    assert haggle.house(offer, "counter", counter=42_000) == "with_bidder"
    assert haggle.bidder(0, offer, "accept") == "accepted"
    assert floor.state().price == 42_000
    with floor.database.house_connection(floor.house) as connection:
        steps = connection.execute(
            text("SELECT act, actor, amount FROM lot_offer_step WHERE offer_id = :id"
                 " ORDER BY number"), {"id": offer},
        ).all()  # fmt: skip
    assert [tuple(step) for step in steps] == [
        ("make", "bidder", 30_000), ("counter", "house", 45_000), ("counter", "bidder", 40_000),
        ("counter", "house", 42_000), ("accept", "bidder", 42_000),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("by", "act", "state"),
    [("house", "decline", "declined"), ("bidder", "withdraw", "withdrawn")],
)
def test_an_offer_ends_without_a_sale(haggle: Haggle, by: str, act: str, state: str) -> None:
    offer = haggle.offer(0, 30_000).offer_id
    answered = haggle.house(offer, act) if by == "house" else haggle.bidder(0, offer, act)
    assert answered == state
    assert haggle.floor.state().status == "open"
    assert haggle.offer(0, 31_000).state == "with_house", "another may follow"


def test_the_same_answer_twice_is_one_and_another_is_told_that_it_moved(haggle: Haggle) -> None:
    offer = haggle.offer(0, 30_000).offer_id
    assert haggle.house(offer, "accept") == haggle.house(offer, "accept") == "accepted"
    refused(lambda: haggle.house(offer, "decline"), refusals.OfferMoved)
    assert haggle.floor.entries() == ["opened", "agreement"]


def test_nobody_accepts_an_amount_they_have_not_seen(haggle: Haggle) -> None:
    offer = haggle.offer(0, 30_000).offer_id
    haggle.house(offer, "counter", counter=45_000)
    refused(lambda: haggle.bidder(0, offer, "accept", seen=30_000), refusals.OfferMoved)


def test_nobody_answers_in_anothers_place(haggle: Haggle) -> None:
    offer = haggle.offer(0, 30_000).offer_id
    refused(lambda: haggle.bidder(1, offer, "withdraw"), refusals.OfferUnknown)
    refused(lambda: haggle.bidder(0, offer, "accept"), refusals.OfferMoved)
    refused(lambda: haggle.house(offer, "withdraw"), refusals.OfferMoved)
    haggle.house(offer, "counter", counter=40_000)
    refused(lambda: haggle.house(offer, "accept"), refusals.OfferMoved)
    refused(lambda: haggle.house(999_999, "accept", seen=1), refusals.OfferUnknown)


@pytest.mark.parametrize("counter", [30_000, 29_999, PRICE, 0, None])
def test_a_counter_offer_lies_between_the_two(haggle: Haggle, counter: int | None) -> None:
    offer = haggle.offer(0, 30_000).offer_id
    refused(
        lambda: haggle.house(offer, "counter", counter=counter),
        refusals.CounterInvalid, AmountInvalid,
    )  # fmt: skip
    haggle.house(offer, "counter", counter=45_000)
    refused(lambda: haggle.bidder(0, offer, "counter", counter=45_000), refusals.CounterInvalid)


@pytest.mark.parametrize("hours", [0, -1, 337])
def test_the_time_to_answer_has_bounds(haggle: Haggle, hours: int) -> None:
    offer = haggle.offer(0, 30_000).offer_id
    refused(
        lambda: haggle.house(offer, "counter", counter=40_000, hours=hours), refusals.HoursInvalid
    )


def test_a_bid_ends_all_offers_on_the_lot_in_its_own_transaction(
    floor: Floor, haggle: Haggle
) -> None:
    first, other = haggle.offer(0, 30_000).offer_id, haggle.offer(1, 31_000).offer_id
    elsewhere = haggle.offer(0, 30_000, lot=1).offer_id
    floor.bid(2, 2000)
    assert [haggle.state(one) for one in (first, other, elsewhere)] == [
        "lapsed", "lapsed", "with_house",
    ]  # fmt: skip
    refused(lambda: haggle.house(first, "accept"), refusals.OfferMoved)
    refused(lambda: haggle.offer(0, 30_000), refusals.OffersOver)


@pytest.mark.parametrize("what", ["purchase", "agreement", "end", "withdrawal"])
def test_offers_end_with_whatever_ends_the_lot(floor: Floor, haggle: Haggle, what: str) -> None:
    offer = haggle.offer(0, 30_000).offer_id
    if what == "purchase":
        floor.buy(1, PRICE)
    elif what == "agreement":
        haggle.house(haggle.offer(1, 40_000).offer_id, "accept")
    elif what == "end":
        floor.end()
        close_due(floor.database, floor.house)
    else:
        with floor.database.house_session(floor.house) as session, session.begin():
            conduct.withdraw_lot(session, floor.sale.lots[0], notice="Fake", actor=None)
    assert haggle.state(offer) == "lapsed"
    refused(lambda: haggle.house(offer, "accept"), refusals.OfferMoved)


def test_after_the_end_nothing_is_offered_or_accepted_though_nobody_closed_the_lot(
    floor: Floor, haggle: Haggle
) -> None:
    offer = haggle.offer(0, 30_000).offer_id
    floor.end()
    refused(lambda: haggle.house(offer, "accept"), errors.LotClosed)
    refused(lambda: haggle.offer(1, 30_000), errors.LotClosed)


def test_a_late_answer_is_refused_and_the_worker_ends_it_once(floor: Floor, haggle: Haggle) -> None:
    offer = haggle.offer(0, 30_000).offer_id
    with floor.database.house_connection(floor.house) as connection:
        left = seconds_to_next_deadline(connection)
    assert left is not None
    assert 0 < left <= 48 * 3600
    haggle.pass_time(offer)
    refused(lambda: haggle.house(offer, "accept"), refusals.OfferExpired)
    assert end_due(floor.database, floor.house) >= 1
    assert haggle.state(offer) == "expired"
    with floor.database.house_session(floor.house) as session, session.begin():
        assert not end_offer(session, offer)


def test_an_offer_whose_time_has_passed_can_still_be_withdrawn(haggle: Haggle) -> None:
    offer = haggle.offer(0, 30_000).offer_id
    haggle.pass_time(offer)
    assert haggle.bidder(0, offer, "withdraw") == "withdrawn"


def test_one_offer_a_lot_and_so_many_in_the_sale(haggle: Haggle) -> None:
    haggle.offer(0, 30_000)
    refused(lambda: haggle.offer(0, 31_000), refusals.OfferStands)
    haggle.offer(0, 30_000, lot=1)
    third = haggle.offer(0, 30_000, lot=2).offer_id
    refusal = refused(lambda: haggle.offer(0, 30_000, lot=3), refusals.TooManyOffers)
    assert "3 open offers" in refusal.message()
    haggle.house(third, "decline")
    haggle.offer(0, 30_000, lot=3)


def test_bounds_are_not_found_out_by_trying(haggle: Haggle) -> None:
    """Whatever became of them: declined at once or withdrawn, five offers on a lot are enough."""
    for amount in range(5):
        made = haggle.offer(0, 20_000 + amount)
        haggle.bidder(0, made.offer_id, "withdraw")
    refused(lambda: haggle.offer(0, 30_000), refusals.EnoughTries)
    assert haggle.offer(1, 30_000).state == haggle.offer(0, 30_000, lot=1).state == "with_house"


def test_the_same_token_makes_one_offer(haggle: Haggle) -> None:
    token = uuid4()
    first = haggle.offer(0, 30_000, token=token)
    assert haggle.offer(0, 30_000, token=token) == first
    refused(lambda: haggle.offer(0, 31_000, token=token), errors.TokenReused)
    refused(lambda: haggle.offer(1, 30_000, token=token), errors.TokenReused)
    haggle.house(first.offer_id, "counter", counter=40_000)
    assert haggle.offer(0, 30_000, token=token).offer_id == first.offer_id


@pytest.mark.parametrize("amount", [PRICE, PRICE + 1])
def test_the_price_itself_is_a_purchase(haggle: Haggle, amount: int) -> None:
    refusal = refused(lambda: haggle.offer(0, amount), refusals.OfferReachesPrice)
    assert "£500" in refusal.message()


def test_an_amount_that_is_none_is_refused(haggle: Haggle) -> None:
    for amount in (0, -5, 10**17):
        refused(lambda amount=amount: haggle.offer(0, amount), AmountInvalid)  # type: ignore[misc]


def test_a_lot_takes_offers_as_its_terms_say(database: Database, oak: House) -> None:
    never = Haggle(make_floor(database, oak, buy_now=PRICE))
    refused(lambda: never.offer(0, 3000), refusals.OffersNotTaken)
    below = {**TERMS, "offers": "below_buy_now"}
    without = Haggle(make_floor(database, oak, terms=below))
    refused(lambda: without.offer(0, 3000), refusals.OffersNotTaken)
    assert Haggle(make_floor(database, oak, terms=below, buy_now=PRICE)).offer(0, 3000).offer_id
    assert Haggle(make_floor(database, oak, terms=TERMS)).offer(0, 3000).offer_id


def test_an_offer_far_above_is_asked_about(database: Database, oak: House) -> None:
    haggle = Haggle(make_floor(database, oak, terms=TERMS))
    refused(lambda: haggle.offer(0, 900_000, confirmed=False), guard_errors.ConfirmationNeeded)
    assert haggle.offer(0, 900_000).state == "with_house"


def test_hidden_bounds_accept_and_decline_at_once(database: Database, oak: House) -> None:
    floor = make_floor(
        database, oak, lots=2, terms=TERMS, offer_accept_from=40_000, offer_decline_below=20_000
    )
    haggle = Haggle(floor)
    assert haggle.offer(0, 19_999).state == "declined"
    assert haggle.offer(0, 20_000).state == "with_house"
    assert haggle.offer(1, 40_000).state == "accepted"
    assert (floor.state().outcome, floor.state().price) == ("sold", 40_000)
    assert not states(str([line.payload for line in published_lines(floor, 1)]), 40_000)


@pytest.mark.parametrize("bounds", [(5, 6), (0, None), (None, 0)])
def test_no_lot_is_catalogued_with_bounds_that_cross(
    floor: Floor, bounds: tuple[int | None, int | None]
) -> None:
    accept_from, decline_below = bounds
    details = LotDetails(
        number=9, title="A jug", opening=1000, offer_accept_from=accept_from,
        offer_decline_below=decline_below,
    )  # fmt: skip
    with floor.database.house_session(floor.house) as session:
        sale, lot = floor.sale.sale_id, floor.sale.lots[0]
        refused(lambda: create_lot(session, sale, details, actor=None), BoundsCross)
        refused(lambda: edit_lot(session, lot, details, actor=None), BoundsCross)


def test_the_database_refuses_bounds_that_cross(floor: Floor) -> None:
    with pytest.raises(IntegrityError, match="lot_offer_thresholds"):
        floor.run("UPDATE lot SET offer_accept_from = 5, offer_decline_below = 6 WHERE id = :lot",
                  lot=floor.sale.lots[0])  # fmt: skip


@pytest.mark.parametrize(
    "setting", ['{"offer_hours": 0}', '{"offers_each": 101}', '{"conditional_hours": 0}']
)
def test_the_database_refuses_policies_that_are_none(floor: Floor, setting: str) -> None:
    with pytest.raises(IntegrityError, match="sale_offer_policies"):
        floor.run("UPDATE sale SET terms = terms || CAST(:s AS jsonb) WHERE id = :id",
                  s=setting, id=floor.sale.sale_id)  # fmt: skip


def test_an_offer_binds_within_the_bidders_own_limits(floor: Floor, haggle: Haggle) -> None:
    client, member = floor.sale.bidders[0]
    with floor.database.house_session(floor.house) as session, session.begin():
        set_limits(session, floor.sale.sale_id, client, spending=50_000, choices=[["1", "2"]],
                   actor=member)  # fmt: skip
    offer = haggle.offer(0, 30_000).offer_id
    refused(lambda: haggle.offer(0, 10_000, lot=1), guard_errors.OtherLotLed)
    refused(lambda: floor.bid(0, 2000, lot=1), guard_errors.OtherLotLed)
    refused(lambda: haggle.offer(0, 20_001, lot=2), guard_errors.OverSpending)
    refused(lambda: floor.bid(0, 20_001, lot=2), guard_errors.OverSpending)
    with floor.database.house_session(floor.house) as session, session.begin():
        refused(
            lambda: set_limits(session, floor.sale.sale_id, client, spending=29_000, choices=[],
                               actor=member),
            guard_errors.LimitBelowExposure,
        )  # fmt: skip
    haggle.bidder(0, offer, "withdraw")
    floor.bid(0, 50_000, lot=1)
    refused(lambda: haggle.offer(0, 10_000), guard_errors.OtherLotLed)


def test_a_counter_offer_binds_nobody_until_it_is_accepted(floor: Floor, haggle: Haggle) -> None:
    client, member = floor.sale.bidders[0]
    with floor.database.house_session(floor.house) as session, session.begin():
        set_limits(session, floor.sale.sale_id, client, spending=45_000, choices=[], actor=member)
    offer = haggle.offer(0, 30_000).offer_id
    haggle.house(offer, "counter", counter=40_000)
    floor.bid(0, 10_000, lot=1)
    refused(lambda: haggle.bidder(0, offer, "accept"), guard_errors.OverSpending)
    assert haggle.state(offer) == "with_bidder"
    haggle.bidder(0, offer, "counter", counter=35_000)
    assert haggle.house(offer, "accept") == "accepted"


def test_the_house_learns_not_why_somebody_may_no_longer_buy(floor: Floor, haggle: Haggle) -> None:
    offer = haggle.offer(0, 30_000).offer_id
    with floor.database.house_session(floor.house) as session, session.begin():
        block_member(session, floor.sale.bidders[0][1], reason="Owes", actor=None)
    refused(lambda: haggle.house(offer, "accept"), refusals.CannotBeSold)
    assert floor.entries() == ["opened"]


def test_who_may_not_bid_offers_nothing(floor: Floor, haggle: Haggle) -> None:
    floor.run("UPDATE registration SET state = 'suspended' WHERE client_id = :c",
              c=floor.sale.bidders[0][0])  # fmt: skip
    refused(lambda: haggle.offer(0, 30_000), errors.NotRegistered)
    floor.run("UPDATE lot SET consignor_client_id = :c WHERE sale_id = :s",
              c=floor.sale.bidders[1][0], s=floor.sale.sale_id)  # fmt: skip
    refused(lambda: haggle.offer(1, 30_000), errors.OwnLot)


def test_nothing_is_offered_or_accepted_while_the_sale_is_paused(
    floor: Floor, haggle: Haggle
) -> None:
    offer = haggle.offer(0, 30_000).offer_id
    with floor.database.house_session(floor.house) as session, session.begin():
        conduct.pause_sale(session, floor.sale.sale_id, notice="Fire drill", actor=None)
    refused(lambda: haggle.offer(1, 30_000), errors.SalePaused)
    refused(lambda: haggle.house(offer, "accept"), errors.SalePaused)
    assert haggle.bidder(0, offer, "withdraw") == "withdrawn"


def test_what_is_offered_stands_neither_in_a_ledger_nor_in_the_outbox(
    floor: Floor, haggle: Haggle
) -> None:
    offer = haggle.offer(0, 31_337).offer_id
    haggle.house(offer, "counter", counter=41_337)
    haggle.house(haggle.offer(1, 21_337).offer_id, "decline")
    assert floor.entries() == ["opened"]
    with floor.database.platform_session() as session:
        rows = session.execute(
            text("SELECT payload::text FROM exchange.outbox WHERE house = :house"),
            {"house": floor.house.schema},
        ).scalars()
        told = "".join(rows)
    assert told
    assert not states(told, 31_337, 41_337, 21_337)
