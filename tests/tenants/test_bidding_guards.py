"""Who may bid: staff by the house's policy, the house below the reserve, slips only if meant."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from auctionhouse.bidding import conduct
from auctionhouse.bidding.batch import BidResult
from auctionhouse.bidding.closing import close_due
from auctionhouse.bidding.errors import BidTooLow, BuyerBlocked, LotNotOpen
from auctionhouse.bidding.guard_errors import (
    ConfirmationNeeded,
    HouseBidRefused,
    HouseBidStands,
    StaffBidRefused,
)
from auctionhouse.bidding.house_bids import place_house_bid
from auctionhouse.bidding.operations import place_bid, place_bids
from auctionhouse.bidding.policies import SETTINGS, Policies, PolicyInvalid, policies_of
from auctionhouse.bidding.published import public_lines
from auctionhouse.bidding.queries import lot_history
from auctionhouse.bidding.retraction import cancel_bid
from auctionhouse.bidding.submissions import Submission
from auctionhouse.bidding.verifier.recount import recount
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.errors import DomainError
from auctionxchange.tenancy.house import House
from factories.floor import Floor, make_floor

TENS: dict[str, Any] = {"increments": [[0, 1000]], "soft_close": None}
FOR_THE_SELLER = {**TENS, "house_bidding": "below_reserve"}


def do(floor: Floor, act: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    with floor.database.house_session(floor.house) as session, session.begin():
        return act(session, floor.sale.lots[0], *arguments, **options)


def house_bid(floor: Floor, maximum: int) -> BidResult:
    placed: BidResult = do(
        floor, place_house_bid, maximum, actor=floor.sale.bidders[2][1], token=uuid4()
    )
    return placed


def make_staff(floor: Floor, bidder: int, role: str = "clerk") -> None:
    floor.run("INSERT INTO role (name) SELECT :r WHERE NOT EXISTS"
              " (SELECT FROM role WHERE name = :r)", r=role)  # fmt: skip
    floor.run(
        "INSERT INTO member_role (member_id, role_id) SELECT :m, id FROM role WHERE name = :r",
        m=floor.sale.bidders[bidder][1],
        r=role,
    )


def marked(floor: Floor) -> list[tuple[bool, bool]]:
    with floor.database.house_session(floor.house) as session:
        return [(line.house, line.in_advance) for line in lot_history(session, floor.sale.lots[0])]


def wrong(floor: Floor) -> list[str]:
    """Return what the verifier finds wrong but that the floor's lots end without waiting."""
    with floor.database.house_session(floor.house) as session:
        lines = public_lines(session, floor.sale.lots[0])
        return [
            one.text
            for one in recount(lines)
            if one.verdict == "wrong" and one.text != "it was closed before its end"
        ]


def test_the_house_bids_below_the_reserve_and_is_shown_after_the_hammer(
    database: Database, oak: House
) -> None:
    floor = make_floor(database, oak, terms=FOR_THE_SELLER, reserve=8000)
    floor.bid(0, 3000)
    assert house_bid(floor, 5000).you_lead
    with pytest.raises(HouseBidRefused) as refused:
        house_bid(floor, 8000)
    assert refused.value.fields == {"why": "reserve"}
    assert floor.bid(0, 7000).price == 6000
    assert house_bid(floor, 7999).price == 7999
    assert not any(house for house, _advance in marked(floor))
    floor.end()
    close_due(database, oak)
    assert floor.state().outcome == "unsold"
    assert [house for house, _advance in marked(floor)] == [True, False, True, False]
    with database.house_session(oak) as session:
        opened = [
            line.openings["marks"].value["house"]
            for line in public_lines(session, floor.sale.lots[0])
            if line.payload["kind"] == "bid"
        ]
    assert opened == [False, True, False, True]
    assert wrong(floor) == []


def test_the_house_never_bids_where_the_sale_does_not_say_so(
    database: Database, oak: House
) -> None:
    for terms, reserve, why in ((TENS, 8000, "never"), (FOR_THE_SELLER, None, "no_reserve")):
        floor = make_floor(database, oak, terms=terms, reserve=reserve)
        with pytest.raises(HouseBidRefused) as refused:
            house_bid(floor, 3000)
        assert refused.value.fields == {"why": why}
        assert refused.value.message()
        assert floor.entries() == ["opened"]


def test_a_reserve_never_goes_down_to_a_bid_of_the_house(database: Database, oak: House) -> None:
    """Otherwise the house would sell to itself, or have driven the price to the reserve."""
    floor = make_floor(database, oak, terms=FOR_THE_SELLER, reserve=8000)
    placed = house_bid(floor, 5000)
    for reserve in (5000, 2000, None):
        with pytest.raises(HouseBidStands):
            do(floor, conduct.change_reserve, reserve=reserve, actor=1)
    do(floor, conduct.change_reserve, reserve=5001, actor=1)
    do(floor, cancel_bid, placed.sequence, reason="Seller agreed", notice="", actor=1)
    do(floor, conduct.change_reserve, reserve=2000, actor=1)
    assert floor.bid(0, 2000).reserve_met


def test_staff_bid_for_themselves_as_the_policy_says(database: Database, oak: House) -> None:
    ahead = {**TENS, "staff_bidding": "in_advance"}
    for terms, started in ((TENS, 1), (TENS, -60), (ahead, 1)):
        floor = make_floor(
            database, oak, terms=terms, started=timedelta(minutes=started), lasts=timedelta(hours=3)
        )
        make_staff(floor, 0)
        with pytest.raises(StaffBidRefused) as refused:
            floor.bid(0, 5000)
        assert refused.value.message()
        assert floor.entries() == ["opened"]
    floor = make_floor(
        database, oak, terms=ahead, started=-timedelta(hours=1), lasts=timedelta(hours=3)
    )
    make_staff(floor, 0, "owner")
    assert floor.bid(0, 5000).you_lead
    with pytest.raises(LotNotOpen):
        floor.bid(1, 9000)
    assert marked(floor) == [(False, True)]
    assert wrong(floor) == []


def test_a_bidders_role_makes_nobody_staff(database: Database, oak: House) -> None:
    floor = make_floor(database, oak)
    make_staff(floor, 0, "bidder")
    assert floor.bid(0, 5000).you_lead


def test_staff_bid_for_nobody_whose_account_is_blocked(database: Database, oak: House) -> None:
    """The account itself is signed out; its bids that stand are the house's to cancel."""
    floor = make_floor(database, oak)
    (client, member), (_other, clerk) = floor.sale.bidders[:2]

    def enter(session: Any, lot: int) -> BidResult:
        return place_bid(
            session, lot_id=lot, client_id=client, placed_by_member_id=clerk, maximum=5000,
            token=uuid4(),
        )  # fmt: skip

    assert do(floor, enter).you_lead
    floor.run("UPDATE member SET blocked_at = now(), active = false WHERE id = :m", m=member)
    with pytest.raises(BuyerBlocked):
        do(floor, enter)
    assert floor.entries() == ["opened", "bid"]


def offered(floor: Floor, maximum: int, *, confirmed: bool = False) -> BidResult | DomainError:
    client, member = floor.sale.bidders[0]
    with floor.database.house_connection(floor.house) as connection:
        (answer,) = place_bids(
            connection,
            floor.sale.lots[0],
            [Submission(client, member, maximum, uuid4(), confirmed=confirmed)],
        )
        return answer


def test_a_bid_that_may_be_a_slip_is_asked_about(database: Database, oak: House) -> None:
    floor = make_floor(database, oak)
    asked = offered(floor, 5000)
    assert isinstance(asked, ConfirmationNeeded)
    assert asked.fields == {"shown": "£50", "asking": "£10"}
    assert floor.entries() == ["opened"]
    assert isinstance(offered(floor, 4999), BidResult)
    assert isinstance(offered(floor, 99000, confirmed=True), BidResult)
    floor.run("UPDATE lot SET estimate_low = 1000, estimate_high = 2000 WHERE id = :id",
              id=floor.sale.lots[0])  # fmt: skip
    floor.end()
    assert not isinstance(offered(floor, 999000), ConfirmationNeeded | BidResult)


def test_twice_the_high_estimate_is_asked_about(database: Database, oak: House) -> None:
    floor = make_floor(database, oak, terms={**TENS, "confirm_times_asking": 0})
    assert isinstance(offered(floor, 3999), BidResult)
    floor.run("UPDATE lot SET estimate_low = 1000, estimate_high = 3000 WHERE id = :id",
              id=floor.sale.lots[0])  # fmt: skip
    assert isinstance(offered(floor, 5999), BidResult)
    assert isinstance(offered(floor, 6000), ConfirmationNeeded)
    floor.run("UPDATE sale SET terms = terms || '{\"confirm_times_estimate\": 0}' WHERE id = :id",
              id=floor.sale.sale_id)  # fmt: skip
    assert isinstance(offered(floor, 600000), BidResult)


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.none() | st.integers(1, 10**6))
def test_the_next_bid_itself_is_never_asked_about(
    maximum: int, asking: int, estimate: int | None
) -> None:
    policies = Policies(confirm_times_asking=1, confirm_times_estimate=1)
    assert not policies.far_above(min(maximum, asking), asking, estimate)
    if maximum > asking:
        assert policies.far_above(maximum, asking, estimate)


def test_policies_are_read_with_their_defaults_and_bad_ones_refused() -> None:
    assert policies_of({}) == Policies()
    assert policies_of({"bid_limit": None, "retraction": "allowed"}).retraction == "allowed"
    assert [setting.default for setting in SETTINGS] == [
        getattr(Policies(), setting.name) for setting in SETTINGS
    ]
    for name, value in (
        ("retraction", "often"), ("retraction_hours", -1), ("retraction_hours", "12"),
        ("retraction_minutes", 1441), ("bid_limit", 0), ("bid_limit", 10**16),
        ("house_bidding", True), ("staff_bidding", "always"), ("confirm_times_asking", 1.5),
    ):  # fmt: skip
        with pytest.raises(PolicyInvalid) as refused:
            policies_of({name: value})
        assert refused.value.fields["setting"] == name
        assert refused.value.message()


def test_too_low_is_said_before_anything_is_asked(database: Database, oak: House) -> None:
    floor = make_floor(database, oak)
    assert isinstance(offered(floor, 1), BidTooLow)


def test_the_house_is_one_client_of_its_own(database: Database, oak: House) -> None:
    floor = make_floor(database, oak, terms=FOR_THE_SELLER, reserve=8000)
    house_bid(floor, 2000)
    house_bid(floor, 3000)
    with database.house_connection(oak) as connection:
        query = "SELECT count(*) FROM client WHERE for_house"
        assert connection.execute(text(query)).scalar() == 1
