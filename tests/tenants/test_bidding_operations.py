"""Bids on PostgreSQL: accepted once, decided rightly, refused without a trace."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from auctionhouse.bidding import errors
from auctionhouse.bidding.closing import close_due, close_lot
from auctionhouse.bidding.operations import place_bid
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.errors import DomainError
from auctionxchange.kernel.money import AmountInvalid
from auctionxchange.tenancy.house import House
from factories.floor import Floor, make_floor
from factories.sales import OpenSale, add_bidder


@pytest.fixture
def floor(database: Database, oak: House) -> Floor:
    return make_floor(database, oak)


@contextmanager
def at(floor: Floor) -> Iterator[Session]:
    with floor.database.house_session(floor.house) as session, session.begin():
        yield session


def test_two_bidders_play_to_the_hammer(floor: Floor) -> None:
    assert floor.bid(0, 5000).you_lead
    answer = floor.bid(1, 3000)
    assert (answer.outcome, answer.price, answer.asking) == ("outbid", 4000, 5000)
    assert floor.bid(1, 9000).price == 6000
    floor.end()
    assert close_due(floor.database, floor.house) >= 1
    assert floor.entries() == ["opened", "bid", "bid", "automatic", "bid", "hammer"]
    assert floor.state().outcome == "sold"


def test_a_retried_bid_is_one_bid(floor: Floor) -> None:
    token = uuid4()
    first = floor.bid(0, 5000, token=token)
    again = floor.bid(0, 5000, token=token)
    assert (again.repeated, again.sequence) == (True, first.sequence)
    assert floor.entries() == ["opened", "bid"]


def test_a_token_stands_for_one_amount_of_one_bidder_on_one_lot(
    database: Database, oak: House
) -> None:
    floor = make_floor(database, oak, lots=2)
    token = uuid4()
    floor.bid(0, 5000, token=token)
    for bidder, maximum, lot in ((0, 6000, 0), (1, 5000, 0), (0, 5000, 1)):
        with pytest.raises(errors.TokenReused):
            floor.bid(bidder, maximum, token=token, lot=lot)
    assert (floor.entries(), floor.entries(1)) == (["opened", "bid"], ["opened"])


def test_a_retry_after_the_hammer_is_told_what_became_of_it(floor: Floor) -> None:
    token = uuid4()
    floor.bid(0, 5000, token=token)
    floor.end()
    close_due(floor.database, floor.house)
    again = floor.bid(0, 5000, token=token)
    assert (again.repeated, again.you_lead) == (True, True)


@pytest.mark.parametrize(
    ("maximum", "refusal"),
    [
        (0, AmountInvalid),
        (-5, AmountInvalid),
        (10**18, AmountInvalid),
        (10**15 + 1, AmountInvalid),
        (999, errors.BidTooLow),
    ],
)
def test_a_bad_amount_changes_nothing(
    floor: Floor, maximum: int, refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal):
        floor.bid(0, maximum)
    assert floor.entries() == ["opened"]


def test_the_largest_amount_is_an_amount_like_any_other(floor: Floor) -> None:
    floor.bid(0, 10**15 - 1)
    assert floor.bid(1, 10**15).price == 10**15
    with pytest.raises(errors.BidTooLow):
        floor.bid(2, 10**15)


def test_too_low_names_the_least_bid(floor: Floor) -> None:
    floor.bid(0, 5000)
    with pytest.raises(errors.BidTooLow) as refused:
        floor.bid(1, 1999)
    assert refused.value.fields["minimum"] == 2000
    assert "£20" in refused.value.message()


def test_the_leader_has_to_offer_more_than_their_maximum(floor: Floor) -> None:
    floor.bid(0, 5000)
    with pytest.raises(errors.NotARaise):
        floor.bid(0, 5000)
    assert floor.bid(0, 7000).price == 1000
    assert floor.entries() == ["opened", "bid", "raise"]


def test_only_the_registered_bid(floor: Floor) -> None:
    with at(floor) as session:
        waiting = add_bidder(session, floor.sale.sale_id, 77, state="pending")
    people = OpenSale(floor.sale.sale_id, floor.sale.lots, [waiting, (999_999, 1)])
    asked = Floor(floor.database, floor.house, people)
    for bidder, missing in ((0, "pending"), (1, "registration")):
        with pytest.raises(errors.NotRegistered) as refused:
            asked.bid(bidder, 5000)
        assert refused.value.fields == {"missing": missing}


def test_consignors_do_not_bid_on_their_lots(floor: Floor) -> None:
    floor.run(
        "UPDATE lot SET consignor_client_id = :client WHERE id = :lot",
        client=floor.sale.bidders[0][0],
        lot=floor.sale.lots[0],
    )
    with pytest.raises(errors.OwnLot):
        floor.bid(0, 5000)


def test_a_limit_is_kept(floor: Floor) -> None:
    floor.run(
        "UPDATE registration SET bid_limit = 4000 WHERE client_id = :client",
        client=floor.sale.bidders[0][0],
    )
    with pytest.raises(errors.OverLimit):
        floor.bid(0, 4001)
    assert floor.bid(0, 4000).you_lead


def test_staff_bid_on_behalf_and_the_entry_says_who_did(floor: Floor) -> None:
    client, clerk = floor.sale.bidders[0][0], floor.sale.bidders[1][1]
    with at(floor) as session:
        place_bid(
            session, lot_id=floor.sale.lots[0], client_id=client, placed_by_member_id=clerk,
            maximum=5000, token=uuid4(),
        )  # fmt: skip
    with at(floor) as session:
        query = text(
            "SELECT client_id, placed_by_member_id, payload FROM ledger_entry"
            " WHERE lot_id = :lot AND kind = 'bid'"
        )
        entry = session.execute(query, {"lot": floor.sale.lots[0]}).one()
    assert (entry.client_id, entry.placed_by_member_id) == (client, clerk)
    assert "placed_by" not in entry.payload


def test_a_sale_that_is_not_published_has_no_lots_to_bid_on(floor: Floor) -> None:
    floor.run("UPDATE sale SET state = 'draft' WHERE id = :id", id=floor.sale.sale_id)
    with pytest.raises(errors.LotUnknown):
        floor.bid(0, 5000)
    with pytest.raises(errors.LotUnknown):
        Floor(floor.database, floor.house, OpenSale(0, [999_999_999], floor.sale.bidders)).bid(
            0, 5000
        )


def test_before_the_start_no_bid_is_taken(database: Database, oak: House) -> None:
    floor = make_floor(database, oak, started=timedelta(minutes=-5))
    with pytest.raises(errors.LotNotOpen):
        floor.bid(0, 5000)


def test_late_is_late_even_before_anybody_closed_the_lot(floor: Floor) -> None:
    floor.end()
    with pytest.raises(errors.LotClosed):
        floor.bid(0, 5000)


def test_a_late_bid_moves_the_end_and_says_so(database: Database, oak: House) -> None:
    soft = {"window_s": 7200, "extend_s": 7200, "from": "bid"}
    floor = make_floor(database, oak, terms={"increments": [[0, 1000]], "soft_close": soft})
    before = floor.ends_at()
    answer = floor.bid(0, 5000)
    assert before + timedelta(minutes=55) < answer.ends_at == floor.ends_at()
    assert floor.entries() == ["opened", "bid", "extended"]


def test_a_lot_closes_once(floor: Floor) -> None:
    floor.bid(0, 5000)
    with floor.database.house_connection(floor.house) as connection:
        assert close_lot(connection, floor.sale.lots[0]) is None
    floor.end()
    outcomes = []
    for _ in range(2):
        with floor.database.house_connection(floor.house) as connection:
            outcomes.append(close_lot(connection, floor.sale.lots[0]))
    assert outcomes == ["sold", None]


def test_the_ledger_cannot_be_rewritten(floor: Floor) -> None:
    for statement in (
        "UPDATE ledger_entry SET kind = 'bid'",
        "DELETE FROM ledger_entry",
        "TRUNCATE ledger_entry",
    ):
        with pytest.raises(DBAPIError, match="permission denied"):
            floor.run(statement)
