"""Bids taken back by their bidders and cancelled by the house, decided again from the ledger."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from auctionhouse.bidding import guard_errors, retraction
from auctionhouse.bidding.closing import close_due
from auctionhouse.bidding.errors import LotClosed
from auctionhouse.bidding.published import full_lines
from auctionhouse.bidding.queries import OwnBid, explain, own_bids
from auctionhouse.bidding.verifier.recount import recount
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.money import currency
from auctionxchange.tenancy.house import House
from factories.floor import Floor, make_floor

ALLOWED: dict[str, Any] = {"increments": [[0, 1000]], "soft_close": None, "retraction": "allowed"}


@pytest.fixture
def floor(database: Database, oak: House) -> Floor:
    """A lot that ends in two days, where bids may be taken back."""
    return make_floor(database, oak, terms=ALLOWED, lasts=timedelta(days=2))


def do(floor: Floor, act: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    with floor.database.house_session(floor.house) as session, session.begin():
        return act(session, floor.sale.lots[0], *arguments, **options)


def retract(floor: Floor, bidder: int, sequence: int, reason: str = "A slip") -> Any:
    client, member = floor.sale.bidders[bidder]
    return do(
        floor, retraction.retract_bid, sequence, client_id=client, actor=member, reason=reason
    )


def cancel(floor: Floor, sequence: int, reason: str = "Wrong paddle", notice: str = "") -> None:
    do(floor, retraction.cancel_bid, sequence, reason=reason, notice=notice, actor=1)


def lower(floor: Floor, bidder: int) -> Any:
    client, member = floor.sale.bidders[bidder]
    return do(
        floor, retraction.lower_maximum, client_id=client, actor=member, reason="Changed my mind"
    )


def mails(floor: Floor) -> list[tuple[str, int]]:
    """Return the names of the notices asked for on the lot, and to which bidder."""
    query = text(
        "SELECT payload->>'name' AS name, (payload->>'client')::bigint AS client"
        " FROM exchange.outbox WHERE topic = 'bidding.bid_notice'"
        " AND house LIKE '%' || :schema"
        " AND (payload->>'lot')::bigint = :lot ORDER BY id"
    )
    with floor.database.platform_session() as session:
        rows = session.execute(query, {"schema": floor.house.schema, "lot": floor.sale.lots[0]})
        clients = [client for client, _member in floor.sale.bidders]
        return [(row.name, clients.index(row.client)) for row in rows]


def stands(floor: Floor) -> tuple[int | None, int | None, int, int]:
    """Return who leads (by number), the price, the asking price and the number of bids."""
    state = floor.state()
    clients = [client for client, _member in floor.sale.bidders]
    leader = None if state.leader_client_id is None else clients.index(state.leader_client_id)
    return leader, state.price, state.asking, state.bid_count


def told(floor: Floor) -> list[str]:
    with floor.database.house_session(floor.house) as session:
        return explain(session, floor.sale.lots[0], currency("GBP"), "en_GB")


def verdicts(floor: Floor) -> set[str]:
    with floor.database.house_session(floor.house) as session:
        return {finding.verdict for finding in recount(full_lines(session, floor.sale.lots[0]))}


def test_who_led_before_leads_again(floor: Floor) -> None:
    floor.bid(0, 5000)
    floor.bid(1, 9000)
    end = floor.ends_at()
    assert retract(floor, 1, floor.bid(1, 9500).sequence) == [3, 4]
    assert stands(floor) == (0, 1000, 2000, 1)
    assert floor.ends_at() == end
    assert floor.entries() == ["opened", "bid", "bid", "raise", "retraction"]
    assert mails(floor) == [("leads_again", 0)]
    assert told(floor)[-1].split(" ", 1)[1].startswith("took a bid back. Without it ")
    assert "leads at £10." in told(floor)[-1]
    assert "wrong" not in verdicts(floor)


def test_readers_find_their_own_name_marked(floor: Floor) -> None:
    floor.bid(0, 5000)
    floor.bid(1, 3000)
    with floor.database.house_session(floor.house) as session:
        lot, client = floor.sale.lots[0], floor.sale.bidders[0][0]
        said = explain(session, lot, currency("GBP"), "en_GB", reader=client)
    assert [sentence.count("(you)") for sentence in said] == [0, 1, 1, 1]
    assert [sentence.replace(" (you)", "") for sentence in said] == told(floor)


def test_the_only_bid_taken_back_leaves_the_lot_as_it_opened(floor: Floor) -> None:
    retract(floor, 0, floor.bid(0, 5000).sequence)
    assert stands(floor) == (None, None, 1000, 0)
    assert told(floor)[-1].endswith("No bid remains.")
    assert floor.bid(1, 1000).price == 1000
    with floor.database.house_session(floor.house) as session:
        assert own_bids(session, floor.sale.bidders[0][0], floor.sale.lots) == {}


def test_a_strangers_bid_cannot_be_taken_back(floor: Floor) -> None:
    sequence = floor.bid(0, 5000).sequence
    for other in (sequence, 1, 77):
        with pytest.raises(guard_errors.NotYourBid):
            retract(floor, 1, other)
    assert floor.entries() == ["opened", "bid"]


def test_no_bid_goes_twice_nor_one_that_was_raised_unseen(floor: Floor) -> None:
    first = floor.bid(0, 5000).sequence
    second = floor.bid(0, 7000).sequence
    with pytest.raises(guard_errors.RetractionRefused, match="changed"):
        retract(floor, 0, first)
    retract(floor, 0, second)
    with pytest.raises(guard_errors.NotYourBid):
        retract(floor, 0, second)


def test_a_sale_that_says_nothing_lets_no_bid_go(database: Database, oak: House) -> None:
    for rule, why in ((None, "never"), ("lower_only", "lower_only")):
        floor = make_floor(database, oak, terms={**ALLOWED, "retraction": rule})
        sequence = floor.bid(0, 5000).sequence
        with pytest.raises(guard_errors.RetractionRefused) as refused:
            retract(floor, 0, sequence)
        assert refused.value.fields == {"why": why}
        assert refused.value.message()


def test_shortly_before_the_end_only_the_last_bid_goes(database: Database, oak: House) -> None:
    floor = make_floor(database, oak, terms=ALLOWED, lasts=timedelta(hours=3))
    floor.bid(0, 3000)
    floor.bid(1, 5000)
    assert retract(floor, 0, floor.bid(0, 9000).sequence) == [4]
    assert stands(floor) == (1, 4000, 5000, 2)
    with floor.database.house_session(floor.house) as session:
        mine = own_bids(session, floor.sale.bidders[0][0], floor.sale.lots)
    assert mine == {floor.sale.lots[0]: OwnBid(3000)}


def test_after_the_end_nothing_is_taken_back_or_cancelled(floor: Floor) -> None:
    sequence = floor.bid(0, 5000).sequence
    floor.end()
    for _ in range(2):
        for act in (retract, lambda *three: cancel(three[0], three[2])):
            with pytest.raises(LotClosed):
                act(floor, 0, sequence)
        close_due(floor.database, floor.house)


def test_a_reason_is_needed_and_stays_private(floor: Floor) -> None:
    sequence = floor.bid(0, 5000).sequence
    for reason in ("", "  ", "x" * 501):
        with pytest.raises(guard_errors.ReasonNeeded):
            retract(floor, 0, sequence, reason)
        with pytest.raises(guard_errors.ReasonNeeded):
            cancel(floor, sequence, reason)
    cancel(floor, sequence, "He telephoned: meant lot 7")
    query = text("SELECT reason, payload FROM ledger_entry WHERE lot_id = :lot AND reason <> ''")
    with floor.database.house_connection(floor.house) as connection:
        row = connection.execute(query, {"lot": floor.sale.lots[0]}).one()
    assert row.reason == "He telephoned: meant lot 7"
    assert "telephoned" not in row.payload


def test_the_house_cancels_any_one_bid(floor: Floor) -> None:
    floor.bid(0, 5000)
    middle = floor.bid(1, 9000).sequence
    floor.bid(2, 20000)
    cancel(floor, middle, notice="Entered for the wrong paddle")
    assert stands(floor) == (2, 6000, 7000, 2)
    assert mails(floor) == [("cancelled", 1)]
    assert "Entered for the wrong paddle Without it the price is £60." in told(floor)[-1]
    with pytest.raises(guard_errors.NoStandingBid):
        cancel(floor, middle)
    cancel(floor, floor.state().chain_length - 1)
    assert stands(floor) == (0, 1000, 2000, 1)
    assert mails(floor)[1:] == [("cancelled", 2), ("leads_again", 0)]


def test_the_reserve_is_no_longer_met_without_the_bid_that_met_it(
    database: Database, oak: House
) -> None:
    floor = make_floor(database, oak, terms=ALLOWED, reserve=8000)
    floor.bid(0, 5000)
    sequence = floor.bid(1, 9000).sequence
    assert floor.state().reserve_met
    cancel(floor, sequence)
    assert not floor.state().reserve_met
    assert stands(floor) == (0, 1000, 2000, 1)


def test_an_end_that_a_bid_moved_stays_without_it(database: Database, oak: House) -> None:
    soft = {"window_s": 7200, "extend_s": 7200, "from": "bid"}
    floor = make_floor(database, oak, terms={**ALLOWED, "soft_close": soft})
    floor.bid(0, 5000)
    answer = floor.bid(1, 9000)
    cancel(floor, answer.sequence)
    assert floor.ends_at() == answer.ends_at


def test_who_leads_may_lower_their_maximum_to_the_price(database: Database, oak: House) -> None:
    floor = make_floor(database, oak, terms={**ALLOWED, "retraction": "lower_only"})
    floor.bid(0, 5000)
    floor.bid(1, 90000)
    with pytest.raises(guard_errors.RetractionRefused, match="not_leading"):
        lower(floor, 0)
    assert lower(floor, 1) == 6000
    assert stands(floor) == (1, 6000, 7000, 2)
    assert told(floor)[-1].endswith("lowered their maximum to the price, £60.")
    with floor.database.house_session(floor.house) as session:
        mine = own_bids(session, floor.sale.bidders[1][0], floor.sale.lots)
    assert mine == {floor.sale.lots[0]: OwnBid(6000)}
    with pytest.raises(guard_errors.RetractionRefused, match="nothing"):
        lower(floor, 1)
    assert floor.bid(0, 7000).you_lead
    assert "wrong" not in verdicts(floor)


def test_the_database_keeps_policies_nobody_could_keep(floor: Floor) -> None:
    for name, value in (
        ("retraction", '"sometimes"'),
        ("house_bidding", '"always"'),
        ("staff_bidding", "true"),
        ("retraction_hours", "-1"),
        ("bid_limit", "0"),
    ):
        with pytest.raises(IntegrityError, match="sale_policies"):
            floor.run(
                f"UPDATE sale SET terms = jsonb_set(terms, '{{{name}}}', '{value}') WHERE id = :id",
                id=floor.sale.sale_id,
            )
