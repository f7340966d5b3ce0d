"""Lots that miss their reserve by little: kept for the highest bidder while the seller decides."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from auctionhouse.bidding import guard_errors, queries
from auctionhouse.bidding.closing import close_due
from auctionhouse.bidding.house_bids import place_house_bid
from auctionhouse.bidding.limits import set_limits
from auctionhouse.bidding.reopening import correct_result, reopen_lot
from auctionhouse.bidding.verifier.main import check_ledger
from auctionhouse.invoicing.operations import make_proformas
from auctionhouse.offers import refusals
from auctionhouse.offers.deadlines import end_due, end_offer
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.errors import DomainError
from auctionxchange.kernel.money import currency
from auctionxchange.tenancy.house import House
from factories.floor import Floor, make_floor
from factories.invoices import make_entity
from factories.offers import Haggle
from factories.proofs import holds, published_lines, verdicts

TERMS: dict[str, Any] = {
    "increments": [[0, 1000]], "soft_close": None, "conditional_share": 90,
    "house_bidding": "below_reserve", "below_reserve": "full_max",
}  # fmt: skip
RESERVE = 50_000


def refused(act: Callable[[], object], *kinds: type[DomainError]) -> DomainError:
    with pytest.raises(kinds) as found:
        act()
    return found.value


def closed(database: Database, oak: House, *bids: tuple[int, int], **more: Any) -> Floor:
    """A lot with a reserve of £500 that has ended after some bids."""
    floor = make_floor(database, oak, **{"terms": TERMS, "reserve": RESERVE, **more})
    for bidder, maximum in bids:
        floor.bid(bidder, maximum)
    floor.end()
    close_due(database, oak)
    return floor


@pytest.fixture
def floor(database: Database, oak: House) -> Floor:
    """Bidder 1 led at £450, nine tenths of the reserve."""
    return closed(database, oak, (0, 20_000), (1, 45_000))


def pending(floor: Floor) -> int:
    """Return the offer that waits for the seller."""
    with floor.database.house_connection(floor.house) as connection:
        found: int = connection.execute(
            text("SELECT id FROM lot_offer WHERE lot_id = :lot AND kind = 'conditional'"
                 " AND ended_at IS NULL"), {"lot": floor.sale.lots[0]},
        ).scalar_one()  # fmt: skip
    return found


def test_a_bid_close_to_the_reserve_waits_for_the_seller(floor: Floor) -> None:
    state = floor.state()
    assert (state.status, state.outcome, state.price) == ("closed", "conditional", 45_000)
    assert floor.entries() == ["opened", "bid", "bid", "conditional"]
    row = Haggle(floor).row(pending(floor))
    assert row.client_id == floor.sale.bidders[1][0]
    assert row.lasts_s == 72 * 3600
    assert holds(floor)
    assert "wrong" not in verdicts(floor)


@pytest.mark.parametrize(
    ("bids", "outcome"),
    [([(1, 44_999)], "unsold"), ([], "unsold"), ([(1, 45_000)], "conditional"),
     ([(1, 50_000)], "sold")],
)  # fmt: skip
def test_how_close_is_a_setting(
    database: Database, oak: House, bids: list[tuple[int, int]], outcome: str
) -> None:
    floor = closed(database, oak, *bids)
    assert floor.state().outcome == outcome
    assert holds(floor)


def test_without_the_setting_it_is_not_sold(database: Database, oak: House) -> None:
    floor = closed(database, oak, (1, 49_999), terms={**TERMS, "conditional_share": 0})
    assert floor.state().outcome == "unsold"


def test_nobody_is_asked_about_the_houses_own_bid(database: Database, oak: House) -> None:
    floor = make_floor(database, oak, terms=TERMS, reserve=RESERVE)
    floor.bid(0, 20_000)
    with database.house_session(oak) as session, session.begin():
        place_house_bid(
            session, floor.sale.lots[0], 49_000, actor=floor.sale.bidders[2][1], token=uuid4()
        )
    floor.end()
    close_due(database, oak)
    assert floor.state().outcome == "unsold"
    assert holds(floor)


def test_accepted_it_is_sold_at_the_price_to_who_led(floor: Floor) -> None:
    assert Haggle(floor).house(pending(floor), "accept") == "accepted"
    state = floor.state()
    assert (state.outcome, state.price, state.reserve_met) == ("sold", 45_000, False)
    assert state.leader_client_id == floor.sale.bidders[1][0]
    *_before, hammer = published_lines(floor)
    assert (hammer.payload["kind"], hammer.payload["decision"]) == ("hammer", "accepted")
    assert holds(floor)
    assert "wrong" not in verdicts(floor)
    with floor.database.house_session(floor.house) as session:
        said = queries.explain(session, floor.sale.lots[0], currency("GBP"), "en_GB")
    assert "is close to the reserve" in said[-2]
    assert said[-1].startswith("The seller accepted £450: sold to")


def test_refused_or_not_answered_it_is_unsold(database: Database, oak: House) -> None:
    said = {}
    for how in ("refused", "lapsed"):
        floor = closed(database, oak, (1, 45_000))
        offer = pending(floor)
        if how == "refused":
            Haggle(floor).house(offer, "decline")
        else:
            Haggle(floor).pass_time(offer)
            assert end_due(database, oak) >= 1
        assert (floor.state().status, floor.state().outcome) == ("closed", "unsold")
        last = published_lines(floor)[-1].payload
        assert (last["kind"], last["decision"]) == ("unsold", how)
        with database.house_session(oak) as session:
            *_before, said[how] = queries.explain(
                session, floor.sale.lots[0], currency("GBP"), "en_GB"
            )
    assert said == {
        "refused": "The seller did not accept £450: not sold.",
        "lapsed": "The seller did not decide in time: not sold.",
    }


def test_what_lapsed_in_time_holds_for_the_verifier(database: Database, oak: House) -> None:
    """The deadline is short here, and it has passed when the worker comes."""
    floor = closed(database, oak, (1, 45_000))
    offer = pending(floor)
    Haggle(floor).house(offer, "decline")
    lines = published_lines(floor)
    assert lines[-1].payload["at"] < lines[-2].payload["until"]
    assert "wrong" not in verdicts(floor)


def test_the_deadline_is_kept_once_whoever_tries(floor: Floor) -> None:
    offer = pending(floor)
    Haggle(floor).pass_time(offer)
    refused(lambda: Haggle(floor).house(offer, "accept"), refusals.OfferExpired)
    for _ in range(2):
        with floor.database.house_session(floor.house) as session, session.begin():
            end_offer(session, offer)
    assert floor.entries()[-2:] == ["conditional", "unsold"]


def test_the_bidder_cannot_take_it_back(floor: Floor) -> None:
    refused(lambda: Haggle(floor).bidder(1, pending(floor), "withdraw"), refusals.OfferMoved)


def test_while_it_waits_it_counts_towards_the_bidders_limits(
    database: Database, oak: House
) -> None:
    floor = make_floor(database, oak, lots=2, terms=TERMS, reserve=RESERVE)
    client, member = floor.sale.bidders[1]
    with database.house_session(oak) as session, session.begin():
        set_limits(session, floor.sale.sale_id, client, spending=60_000, choices=[], actor=member)
    floor.bid(1, 45_000)
    floor.run("UPDATE lot_state SET ends_at = clock_timestamp() WHERE lot_id = :lot",
              lot=floor.sale.lots[0])  # fmt: skip
    close_due(database, oak)
    assert floor.state().outcome == "conditional"
    refused(lambda: floor.bid(1, 15_001, lot=1), guard_errors.OverSpending)
    Haggle(floor).house(pending(floor), "decline")
    floor.bid(1, 49_000, lot=1)


def test_a_waiting_lot_is_neither_corrected_nor_offered_to_others(floor: Floor) -> None:
    with floor.database.house_session(floor.house) as session, session.begin():
        refusal = refused(
            lambda: correct_result(session, floor.sale.lots[0], client_id=None, price=None,
                                   notice="No", actor=1),
            guard_errors.CorrectionInvalid,
        )  # fmt: skip
    assert refusal.fields == {"why": "waiting"}
    refused(lambda: Haggle(floor).underbidders(), refusals.StillDeciding)


def test_a_reopened_lot_no_longer_waits(floor: Floor) -> None:
    offer = pending(floor)
    with floor.database.house_session(floor.house) as session, session.begin():
        reopen_lot(session, floor.sale.lots[0], ends_at=database_now(session) + timedelta(hours=1),
                   notice="A late bid", actor=1)  # fmt: skip
    assert Haggle(floor).state(offer) == "lapsed"
    assert floor.state().status == "open"
    refused(lambda: Haggle(floor).house(offer, "accept"), refusals.OfferMoved)
    assert holds(floor)


def test_an_accepted_lot_is_invoiced_like_a_hammer_and_not_before(floor: Floor) -> None:
    with floor.database.house_session(floor.house) as session, session.begin():
        make_entity(session)
        assert make_proformas(session, floor.sale.sale_id, actor=None) == []
    Haggle(floor).house(pending(floor), "accept")
    with floor.database.house_session(floor.house) as session, session.begin():
        (invoice,) = make_proformas(session, floor.sale.sale_id, actor=None)
    assert (invoice.client_id, invoice.total) == (floor.sale.bidders[1][0], 45_000)


@pytest.mark.parametrize(
    "change",
    [{"decision": "lapsed"}, {"who": "AAAAAA"}, {"price": 46_000}, {"kind": "unsold"}],
)
def test_a_forged_decision_is_found(floor: Floor, change: dict[str, Any]) -> None:
    Haggle(floor).house(pending(floor), "accept")
    *before, last = published_lines(floor)
    forged = [*before, type(last)(last.entry, {**last.payload, **change})]
    assert [finding.verdict for finding in check_ledger(forged)][-1] == "wrong"
