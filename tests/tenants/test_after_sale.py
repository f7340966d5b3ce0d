"""What was not sold, offered once more: to underbidders, to everybody, and sold once at most."""

import random
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from auctionhouse.bidding import errors, guard_errors, queries
from auctionhouse.bidding.closing import close_due
from auctionhouse.bidding.limits import set_limits
from auctionhouse.bidding.purchases import Purchase
from auctionhouse.bidding.reopening import correct_result, reopen_lot
from auctionhouse.bidding.verifier.main import check_ledger
from auctionhouse.invoicing.operations import make_proformas, release_invoice
from auctionhouse.invoicing.refusals import LotInvoiced
from auctionhouse.offers import refusals
from auctionhouse.offers.after_sale import underbidders_of
from auctionhouse.offers.cancelling import cancel_sale
from auctionhouse.offers.deadlines import end_due
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.errors import DomainError
from auctionxchange.kernel.money import AmountInvalid, currency
from auctionxchange.tenancy.house import House
from factories.floor import Floor, make_floor
from factories.invoices import make_entity
from factories.offers import Haggle
from factories.proofs import holds, published_lines, verdicts
from factories.together import all_at_once

SECRET = 987_654_321


def refused(act: Callable[[], object], *kinds: type[DomainError]) -> DomainError:
    with pytest.raises(kinds) as found:
        act()
    return found.value


def closed(database: Database, oak: House, *bids: tuple[int, int], **more: Any) -> Floor:
    floor = make_floor(database, oak, **more)
    for bidder, maximum in bids:
        floor.bid(bidder, maximum)
    floor.end()
    close_due(database, oak)
    return floor


@pytest.fixture
def unsold(database: Database, oak: House) -> Floor:
    """Bidder 2 led at £210 with a maximum of £300, after £200 and £150; the reserve is £1,000."""
    return closed(database, oak, (0, 20_000), (1, 15_000), (2, 30_000), reserve=100_000)


@pytest.fixture
def sold(database: Database, oak: House) -> Floor:
    """Bidder 2 won at £210, after £200 and £150."""
    return closed(database, oak, (0, 20_000), (1, 15_000), (2, SECRET))


def cancel(floor: Floor, lot: int = 0) -> int:
    with floor.database.house_session(floor.house) as session, session.begin():
        return cancel_sale(
            session, floor.sale.lots[lot], notice="Not paid", reason="Third reminder", actor=1
        )


def asked(floor: Floor) -> list[tuple[int, int]]:
    """Return who would be asked for how much, by their place on the floor."""
    clients = [client for client, _member in floor.sale.bidders]
    with floor.database.house_session(floor.house) as session, session.begin():
        found = underbidders_of(session, floor.sale.lots[0])
    return [(clients.index(one.client_id), one.amount) for one in found if one.may_buy]


def test_each_is_asked_for_what_their_bid_counted(unsold: Floor, sold: Floor) -> None:
    assert asked(unsold) == [(2, 21_000), (0, 20_000), (1, 15_000)]
    cancel(sold)
    assert asked(sold) == [(0, 20_000), (1, 15_000)]


def test_one_after_the_other_and_the_first_to_accept_has_it(unsold: Floor) -> None:
    haggle = Haggle(unsold)
    first, second, third = haggle.underbidders()
    assert [haggle.state(one) for one in (first, second, third)] == [
        "with_bidder", "waiting", "waiting",
    ]  # fmt: skip
    refused(lambda: haggle.bidder(0, second, "accept"), refusals.OfferMoved)
    haggle.bidder(2, first, "decline")
    assert haggle.state(second) == "with_bidder"
    haggle.pass_time(second)
    end_due(unsold.database, unsold.house)
    assert [haggle.state(one) for one in (first, second, third)] == [
        "declined", "expired", "with_bidder",
    ]  # fmt: skip
    assert haggle.bidder(1, third, "accept") == "accepted"
    state = unsold.state()
    assert (state.outcome, state.price) == ("sold", 15_000)
    assert state.leader_client_id == unsold.sale.bidders[1][0]
    assert unsold.entries()[-2:] == ["unsold", "agreement"]
    assert holds(unsold)
    assert "wrong" not in verdicts(unsold)


def test_all_at_once_and_the_others_are_told_that_it_is_gone(unsold: Floor) -> None:
    haggle = Haggle(unsold)
    first, second, third = haggle.underbidders(at_once=True)
    assert haggle.bidder(0, second, "accept") == "accepted"
    assert (haggle.state(first), haggle.state(third)) == ("lapsed", "lapsed")
    refused(lambda: haggle.bidder(2, first, "accept"), refusals.OfferMoved)


def test_the_house_may_ask_another_price_of_whom_it_chooses(unsold: Floor) -> None:
    haggle = Haggle(unsold)
    (offer,) = haggle.underbidders(prices={unsold.sale.bidders[1][0]: 40_000})
    assert haggle.row(offer).amount == 40_000
    haggle.house(offer, "withdraw")
    refused(lambda: haggle.underbidders(prices={}), refusals.NobodyChosen)
    refused(lambda: haggle.underbidders(prices={999_999: 5}), refusals.NotAnUnderbidder)
    refused(lambda: haggle.underbidders(prices={unsold.sale.bidders[1][0]: 0}), AmountInvalid)
    refused(lambda: haggle.underbidders(hours=0), refusals.HoursInvalid)


def test_a_second_round_waits_for_the_first(unsold: Floor) -> None:
    haggle = Haggle(unsold)
    offers = haggle.underbidders()
    refused(haggle.underbidders, refusals.OfferStands)
    for offer in offers[::-1]:
        haggle.house(offer, "withdraw")
    assert len(haggle.underbidders()) == 3


def test_who_may_no_longer_buy_is_not_asked(unsold: Floor) -> None:
    unsold.run("UPDATE registration SET state = 'suspended' WHERE client_id = :c",
               c=unsold.sale.bidders[0][0])  # fmt: skip
    unsold.run("UPDATE lot SET consignor_client_id = :c WHERE id = :l",
               c=unsold.sale.bidders[2][0], l=unsold.sale.lots[0])  # fmt: skip
    assert asked(unsold) == [(1, 15_000)]
    assert len(Haggle(unsold).underbidders()) == 1


def test_a_bidders_own_limits_hold_when_they_accept(unsold: Floor) -> None:
    client, member = unsold.sale.bidders[2]
    (offer, *_others) = Haggle(unsold).underbidders()
    with unsold.database.house_session(unsold.house) as session, session.begin():
        set_limits(session, unsold.sale.sale_id, client, spending=20_000, choices=[], actor=member)
    refused(lambda: Haggle(unsold).bidder(2, offer, "accept"), guard_errors.OverSpending)


def test_a_sold_lot_is_offered_to_nobody_until_its_sale_is_cancelled(sold: Floor) -> None:
    refused(lambda: Haggle(sold).underbidders(), refusals.NotUnsold)
    assert cancel(sold) == sold.sale.bidders[2][0]
    assert (sold.state().status, sold.state().outcome) == ("closed", "unsold")
    refused(lambda: cancel(sold), refusals.NotSold)
    offer, *_others = Haggle(sold).underbidders()
    Haggle(sold).bidder(0, offer, "accept")
    assert sold.entries()[-3:] == ["hammer", "sale_cancelled", "agreement"]
    assert (sold.state().outcome, sold.state().price) == ("sold", 20_000)
    assert holds(sold)
    assert "wrong" not in verdicts(sold)
    assert str(SECRET) not in str([line.openings for line in published_lines(sold)])


def test_a_cancelled_purchase_leaves_who_led_the_bidding_at_their_price(
    database: Database, oak: House
) -> None:
    """What the leader would have gone up to was never used, and stays unknown."""
    floor = make_floor(
        database, oak, buy_now=50_000, estimate_low=40_000, estimate_high=45_000,
        terms={"increments": [[0, 1000]], "soft_close": None, "buy_now_until": "low_estimate"},
    )  # fmt: skip
    floor.bid(0, SECRET)
    floor.bid(1, 12_000)
    floor.buy(2, 50_000)
    cancel(floor)
    assert asked(floor) == [(0, 13_000), (1, 12_000)]


def test_a_lot_on_an_invoice_is_let_go_or_refused(sold: Floor, database: Database) -> None:
    with database.house_session(sold.house) as session, session.begin():
        make_entity(session)
        (invoice,) = make_proformas(session, sold.sale.sale_id, actor=None)
        number = invoice.id
    cancel(sold)
    with database.house_session(sold.house) as session, session.begin():
        assert make_proformas(session, sold.sale.sale_id, actor=None) == []
    other = closed(database, sold.house, (0, 5000))
    with database.house_session(other.house) as session, session.begin():
        (invoice,) = make_proformas(session, other.sale.sale_id, actor=None)
        assert invoice.id != number
        release_invoice(session, invoice.id, actor=None)
    refused(lambda: cancel(other), LotInvoiced)


def test_everybody_registered_may_have_it_at_a_price_until_a_date(unsold: Floor) -> None:
    haggle = Haggle(unsold)
    offer = haggle.everybody(60_000)
    refused(lambda: haggle.everybody(70_000), refusals.OfferStands)
    refused(lambda: unsold.buy(1, 59_000), errors.PriceChanged)
    assert unsold.buy(1, 60_000).price == 60_000
    assert haggle.state(offer) == "accepted"
    assert unsold.entries()[-3:] == ["unsold", "after_sale", "purchase"]
    refused(lambda: unsold.buy(0, 60_000), errors.LotClosed)
    assert holds(unsold)
    assert "wrong" not in verdicts(unsold)
    with unsold.database.house_session(unsold.house) as session:
        said = queries.explain(session, unsold.sale.lots[0], currency("GBP"), "en_GB")
    assert said[-2] == "The unsold lot is offered to everybody registered, for £600."
    assert said[-1].endswith("bought the lot after the sale, for £600.")


def test_a_price_to_everybody_ends_with_its_date_or_when_the_house_says(unsold: Floor) -> None:
    haggle = Haggle(unsold)
    offer = haggle.everybody(60_000)
    haggle.pass_time(offer)
    refused(lambda: unsold.buy(1, 60_000), errors.LotClosed)
    end_due(unsold.database, unsold.house)
    assert haggle.state(offer) == "expired"
    again = haggle.everybody(55_000)
    assert haggle.house(again, "withdraw") == "withdrawn"
    refused(lambda: unsold.buy(1, 55_000), errors.LotClosed)
    assert unsold.entries()[-4:] == ["after_sale"] * 4
    assert holds(unsold)
    assert "wrong" not in verdicts(unsold)


@pytest.mark.parametrize("days", [-1, 0, 91])
def test_the_date_of_a_price_to_everybody_has_bounds(unsold: Floor, days: int) -> None:
    with unsold.database.house_connection(unsold.house) as connection:
        now = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    refused(
        lambda: Haggle(unsold).everybody(60_000, now + timedelta(days=days)),
        refusals.UntilInvalid,
    )
    refused(lambda: Haggle(unsold).everybody(0), AmountInvalid)


def test_who_may_not_bid_may_not_buy_after_the_sale(unsold: Floor) -> None:
    Haggle(unsold).everybody(60_000)
    unsold.run("UPDATE registration SET state = 'suspended' WHERE client_id = :c",
               c=unsold.sale.bidders[1][0])  # fmt: skip
    refused(lambda: unsold.buy(1, 60_000), errors.NotRegistered)


@pytest.mark.parametrize("how", ["reopened", "corrected"])
def test_offers_end_when_the_result_is_overruled(unsold: Floor, how: str) -> None:
    haggle = Haggle(unsold)
    offers = [*haggle.underbidders(), haggle.everybody(60_000)]
    with unsold.database.house_session(unsold.house) as session, session.begin():
        lot = unsold.sale.lots[0]
        if how == "reopened":
            ends_at = database_now(session) + timedelta(hours=1)
            reopen_lot(session, lot, ends_at=ends_at, notice="Again", actor=1)
        else:
            correct_result(session, lot, client_id=unsold.sale.bidders[0][0], price=90_000,
                           notice="Sold in the room", actor=1)  # fmt: skip
    assert {haggle.state(offer) for offer in offers} == {"lapsed"}
    assert holds(unsold)
    assert "wrong" not in verdicts(unsold)


def test_an_after_sale_of_a_sold_lot_would_be_found(unsold: Floor) -> None:
    Haggle(unsold).everybody(60_000)
    unsold.buy(1, 60_000)
    *before, offered, bought = published_lines(unsold)
    changes = [
        [*before, bought],
        [*before, offered, type(bought)(bought.entry, {**bought.payload, "price": 50_000})],
        [*before, offered, bought, bought],
        [*before, offered, bought, offered],
    ]
    for forged in changes:
        assert "wrong" in [finding.verdict for finding in check_ledger(forged)]


@pytest.mark.parametrize("seed", range(3))
def test_whoever_is_first_has_it_and_the_others_are_told(unsold: Floor, seed: int) -> None:
    """Three underbidders accept, two buy at the price for everybody, the worker ends offers."""
    haggle = Haggle(unsold)
    offers = haggle.underbidders(at_once=True)
    haggle.everybody(60_000)
    tasks: list[Callable[[], object]] = [
        *(partial(haggle.bidder, bidder, offer, "accept")
          for bidder, offer in zip((2, 0, 1), offers, strict=True)),
        *(partial(unsold.buy, bidder, 60_000) for bidder in (0, 1)),
        partial(end_due, unsold.database, unsold.house),
    ]  # fmt: skip
    random.Random(seed).shuffle(tasks)  # noqa: S311 - the same story each time
    answers = all_at_once(tasks)
    won = [answer for answer in answers if answer == "accepted" or isinstance(answer, Purchase)]
    assert len(won) == 1, answers
    kinds = unsold.entries()
    assert sum(kind in {"agreement", "purchase"} for kind in kinds) == 1
    assert holds(unsold)
    assert "wrong" not in verdicts(unsold)


@pytest.mark.parametrize("form", ["sealed_first", "sealed_second"])
def test_sealed_bids_were_opened_and_each_is_asked_for_theirs(
    database: Database, oak: House, form: str
) -> None:
    floor = closed(
        database, oak, (0, 20_000), (1, 30_000), (2, 25_000), reserve=100_000,
        terms={"increments": [[0, 1000]], "soft_close": None, "format": form},
    )  # fmt: skip
    assert asked(floor) == [(1, 30_000), (2, 25_000), (0, 20_000)]
    haggle = Haggle(floor)
    first, second, _third = haggle.underbidders()
    haggle.bidder(1, first, "decline")
    assert haggle.bidder(2, second, "accept") == "accepted"
    assert floor.entries()[-1] == "agreement"
    assert (floor.state().price, floor.state().outcome) == (25_000, "sold")
    assert "wrong" not in verdicts(floor)


def test_a_lot_several_may_share_is_not_offered_after_the_sale(
    database: Database, oak: House
) -> None:
    terms = {
        "increments": [[0, 1000]], "soft_close": None, "format": "sealed_pieces",
        "sealed": {"pays": "own_bid", "order": "price_time"},
    }  # fmt: skip
    floor = closed(database, oak, terms=terms, quantity=6)
    haggle = Haggle(floor)
    refused(haggle.underbidders, refusals.SharedLot)
    refused(lambda: haggle.everybody(5000), refusals.SharedLot)
