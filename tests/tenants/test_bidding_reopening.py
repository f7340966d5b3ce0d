"""Lots that take bids again after their end, and results put right, with words for everybody."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from auctionhouse.bidding.closing import close_due
from auctionhouse.bidding.conduct import NoticeMissing, SaleStateConflict
from auctionhouse.bidding.guard_errors import CorrectionInvalid, EndInvalid
from auctionhouse.bidding.published import full_lines, public_lines
from auctionhouse.bidding.queries import explain
from auctionhouse.bidding.verifier.recount import recount
from auctionhouse.catalogue import operations
from auctionhouse.catalogue.operations import correct_result, reopen_lot
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.money import currency
from auctionxchange.tenancy.house import House
from factories.floor import Floor, make_floor

HOUR = timedelta(hours=1)


@pytest.fixture
def floor(database: Database, oak: House) -> Floor:
    """A lot that was sold to the second bidder for 60."""
    floor = make_floor(database, oak)
    floor.bid(0, 5000)
    floor.bid(1, 9000)
    floor.end()
    assert close_due(database, oak)
    return floor


def later(floor: Floor, by: timedelta = HOUR) -> datetime:
    with floor.database.house_connection(floor.house) as connection:
        now: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return now + by


def reopen(floor: Floor, by: timedelta = HOUR, notice: str = "Wrong picture") -> None:
    with floor.database.house_session(floor.house) as session, session.begin():
        reopen_lot(session, floor.sale.lots[0], later(floor, by), notice, actor=1)


def correct(floor: Floor, bidder: int | None, price: int | None, notice: str = "Misheard") -> None:
    client = None if bidder is None else floor.sale.bidders[bidder][0]
    with floor.database.house_session(floor.house) as session, session.begin():
        correct_result(
            session, floor.sale.lots[0], client, price, notice, reason="Clerk's sheet", actor=1
        )


def told(floor: Floor) -> str:
    with floor.database.house_session(floor.house) as session:
        return explain(session, floor.sale.lots[0], currency("GBP"), "en_GB")[-1]


def wrong(floor: Floor) -> list[str]:
    """Return what the verifier finds wrong in the house's and in the public's file.

    The floor's lots end without waiting, which it would notice.
    """
    with floor.database.house_session(floor.house) as session:
        lot = floor.sale.lots[0]
        return [
            finding.text
            for lines in (full_lines(session, lot), public_lines(session, lot))
            for finding in recount(lines)
            if finding.verdict == "wrong" and finding.text != "it was closed before its end"
        ]


def one(floor: Floor, statement: str) -> Any:
    values = {"lot": floor.sale.lots[0], "sale": floor.sale.sale_id}
    with floor.database.house_connection(floor.house) as connection:
        return connection.execute(text(statement), values).scalar()


def test_a_closed_lot_goes_on_where_its_bids_left_it(floor: Floor) -> None:
    assert one(floor, "SELECT state FROM sale WHERE id = :sale") == "closed"
    reopen(floor)
    state = floor.state()
    assert (state.status, state.outcome, state.price) == ("open", None, 6000)
    assert one(floor, "SELECT state FROM sale WHERE id = :sale") == "published"
    assert one(floor, "SELECT closed_at FROM sale WHERE id = :sale") is None
    assert one(floor, "SELECT body FROM sale_notice WHERE lot_id = :lot") == "Wrong picture"
    assert told(floor) == "The house reopened the lot: Wrong picture"
    assert floor.bid(2, 20000).price == 10000
    floor.end()
    close_due(floor.database, floor.house)
    assert floor.entries()[-3:] == ["reopened", "bid", "hammer"]
    assert one(floor, "SELECT state FROM sale WHERE id = :sale") == "closed"
    assert wrong(floor) == []


def test_a_withdrawn_lot_comes_back(database: Database, oak: House) -> None:
    floor = make_floor(database, oak)
    with database.house_session(oak) as session, session.begin():
        operations.withdraw_lot(session, floor.sale.lots[0], "Title in doubt", actor=1)
    reopen(floor, 2 * HOUR, "The title is good")
    assert one(floor, "SELECT withdrawn_at FROM lot WHERE id = :lot") is None
    assert floor.bid(0, 5000).you_lead
    assert wrong(floor) == []


def test_what_runs_or_is_put_away_is_not_reopened(floor: Floor) -> None:
    floor.run("UPDATE sale SET state = 'archived' WHERE id = :id", id=floor.sale.sale_id)
    with pytest.raises(SaleStateConflict):
        reopen(floor)
    floor.run("UPDATE sale SET state = 'closed' WHERE id = :id", id=floor.sale.sale_id)
    reopen(floor)
    with pytest.raises(SaleStateConflict):
        reopen(floor)


def test_a_lot_reopens_for_a_time_to_come_and_with_a_notice(floor: Floor) -> None:
    for by in (-HOUR, timedelta(seconds=30)):
        with pytest.raises(EndInvalid):
            reopen(floor, by)
    with pytest.raises(NoticeMissing):
        reopen(floor, notice=" ")
    assert floor.state().status == "closed"


def test_a_wrong_hammer_is_put_right_for_everybody_to_see(floor: Floor) -> None:
    correct(floor, 0, 7000)
    state = floor.state()
    assert (state.leader_client_id, state.price) == (floor.sale.bidders[0][0], 7000)
    assert state.outcome == "sold"
    assert floor.entries()[-2:] == ["hammer", "correction"]
    assert "for £70: Misheard" in told(floor)
    assert one(floor, "SELECT body FROM sale_notice WHERE lot_id = :lot") == "Misheard"
    assert one(floor, "SELECT payload::jsonb->>'corrects' FROM ledger_entry WHERE lot_id = :lot"
               " AND kind = 'correction'") == "4"  # fmt: skip
    assert "Clerk" not in one(
        floor, "SELECT payload FROM ledger_entry WHERE lot_id = :lot AND kind = 'correction'"
    )
    assert wrong(floor) == []


def test_a_result_may_turn_out_to_be_none(floor: Floor) -> None:
    correct(floor, None, None)
    assert floor.state().outcome == "unsold"
    assert told(floor) == "The result was corrected to not sold: Misheard"
    correct(floor, 1, 6000)
    assert floor.state().outcome == "sold"
    assert wrong(floor) == []


def test_a_reopened_lot_forgets_a_correction(floor: Floor) -> None:
    correct(floor, 2, 50000)
    reopen(floor)
    state = floor.state()
    assert (state.leader_client_id, state.price) == (floor.sale.bidders[1][0], 6000)


def test_corrections_that_cannot_be_are_refused(floor: Floor) -> None:
    for bidder, price, why in ((1, 6000, "same"), (0, 0, "price"), (0, None, "price")):
        with pytest.raises(CorrectionInvalid) as refused:
            correct(floor, bidder, price)
        assert refused.value.fields == {"why": why}
        assert refused.value.message()
    client = floor.sale.bidders[2][0]
    floor.run("UPDATE registration SET state = 'suspended' WHERE client_id = :c", c=client)
    with pytest.raises(CorrectionInvalid, match="buyer"):
        correct(floor, 2, 7000)
    floor.run(
        "UPDATE lot SET consignor_client_id = :c WHERE id = :id", c=client, id=floor.sale.lots[0]
    )
    with pytest.raises(CorrectionInvalid, match="own"):
        correct(floor, 2, 7000)
    with pytest.raises(NoticeMissing):
        correct(floor, 0, 7000, "")
    reopen(floor)
    with pytest.raises(CorrectionInvalid, match="open"):
        correct(floor, 0, 7000)
