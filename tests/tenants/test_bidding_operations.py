"""Bids on PostgreSQL: accepted once, decided rightly, refused without a trace."""

import threading
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auctionhouse.bidding import conduct, errors, queries
from auctionhouse.bidding.closing import close_due, close_lot
from auctionhouse.bidding.operations import BidResult, place_bid
from auctionxchange.kernel.database import Database, HouseSession
from auctionxchange.kernel.errors import DomainError
from auctionxchange.kernel.money import AmountInvalid, currency
from auctionxchange.tenancy.house import House
from factories.sales import OpenSale, add_bidder, end_lots_now, make_open_sale


@pytest.fixture
def sale(database: Database, oak: House) -> OpenSale:
    with database.house_session(oak) as session:
        made = make_open_sale(session, reference=f"s-{uuid4().hex[:8]}", bidders=3)
        session.commit()
    return made


def bid(
    database: Database,
    house: House,
    sale: OpenSale,
    bidder: int,
    maximum: int,
    token: UUID | None = None,
    lot: int = 0,
) -> BidResult:
    client, member = sale.bidders[bidder]
    with database.house_connection(house) as connection:
        return place_bid(
            connection,
            lot_id=sale.lots[lot],
            client_id=client,
            placed_by_member_id=member,
            maximum=maximum,
            token=token or uuid4(),
        )


def entries(database: Database, house: House, lot: int) -> list[str]:
    with database.house_session(house) as session:
        assert queries.verify_lot(session, lot) == []
        return [line.kind for line in queries.lot_entries(session, lot)]


def test_two_bidders_play_to_the_hammer(database: Database, oak: House, sale: OpenSale) -> None:
    assert bid(database, oak, sale, 0, 5000).you_lead
    answer = bid(database, oak, sale, 1, 3000)
    assert (answer.outcome, answer.price, answer.asking) == ("outbid", 4000, 5000)
    assert bid(database, oak, sale, 1, 9000).price == 6000
    with database.house_session(oak) as session:
        end_lots_now(session, sale.sale_id)
        session.commit()
    assert close_due(database, oak) >= 1
    assert entries(database, oak, sale.lots[0]) == [
        "opened", "bid", "bid", "automatic", "bid", "hammer",
    ]  # fmt: skip
    with database.house_session(oak) as session:
        told = queries.explain(session, sale.lots[0], currency("GBP"), "en_GB")
        assert told[-1].startswith("Sold to")
        assert "£60" in told[-1]


def test_a_retried_bid_is_one_bid(database: Database, oak: House, sale: OpenSale) -> None:
    token = uuid4()
    first = bid(database, oak, sale, 0, 5000, token)
    again = bid(database, oak, sale, 0, 5000, token)
    assert (again.repeated, again.sequence) == (True, first.sequence)
    assert entries(database, oak, sale.lots[0]) == ["opened", "bid"]
    with pytest.raises(errors.TokenReused):
        bid(database, oak, sale, 0, 6000, token)


@pytest.mark.parametrize(
    ("maximum", "refusal"),
    [(0, AmountInvalid), (-5, AmountInvalid), (10**18, AmountInvalid), (999, errors.BidTooLow)],
)
def test_a_bad_amount_changes_nothing(
    database: Database, oak: House, sale: OpenSale, maximum: int, refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal):
        bid(database, oak, sale, 0, maximum)
    assert entries(database, oak, sale.lots[0]) == ["opened"]


def test_only_the_registered_bid(database: Database, oak: House, sale: OpenSale) -> None:
    with database.house_session(oak) as session:
        waiting = add_bidder(session, sale.sale_id, 77, state="pending")
        session.commit()
    asked = OpenSale(sale.sale_id, sale.lots, [waiting, (999_999, 1)])
    for bidder, missing in ((0, "pending"), (1, "registration")):
        with pytest.raises(errors.NotRegistered) as refused:
            bid(database, oak, asked, bidder, 5000)
        assert refused.value.fields == {"missing": missing}


def test_consignors_do_not_bid_on_their_lots(
    database: Database, oak: House, sale: OpenSale
) -> None:
    with database.house_session(oak) as session:
        session.execute(
            text("UPDATE lot SET consignor_client_id = :client WHERE id = :lot"),
            {"client": sale.bidders[0][0], "lot": sale.lots[0]},
        )
        session.commit()
    with pytest.raises(errors.OwnLot):
        bid(database, oak, sale, 0, 5000)


def test_a_limit_is_kept(database: Database, oak: House, sale: OpenSale) -> None:
    with database.house_session(oak) as session:
        session.execute(
            text("UPDATE registration SET bid_limit = 4000 WHERE client_id = :client"),
            {"client": sale.bidders[0][0]},
        )
        session.commit()
    with pytest.raises(errors.OverLimit):
        bid(database, oak, sale, 0, 4001)
    assert bid(database, oak, sale, 0, 4000).you_lead


def test_late_is_late_even_before_anybody_closed_the_lot(
    database: Database, oak: House, sale: OpenSale
) -> None:
    with database.house_session(oak) as session:
        end_lots_now(session, sale.sale_id)
        session.commit()
    with pytest.raises(errors.LotClosed):
        bid(database, oak, sale, 0, 5000)


def test_a_lot_closes_once(database: Database, oak: House, sale: OpenSale) -> None:
    bid(database, oak, sale, 0, 5000)
    with database.house_connection(oak) as connection:
        assert close_lot(connection, sale.lots[0]) is None
    with database.house_session(oak) as session:
        end_lots_now(session, sale.sale_id)
        session.commit()
    outcomes = []
    for _ in range(2):
        with database.house_connection(oak) as connection:
            outcomes.append(close_lot(connection, sale.lots[0]))
    assert outcomes == ["sold", None]


def test_many_at_once_lose_nothing(database: Database, oak: House, sale: OpenSale) -> None:
    answers: list[BidResult | Exception] = []

    def run(bidder: int, first: int) -> None:
        for step in range(10):
            try:
                answers.append(bid(database, oak, sale, bidder, first + step * 3000))
            except errors.BidRefused as refusal:
                answers.append(refusal)

    threads = [threading.Thread(target=run, args=(n, 2000 + n * 1000)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = [answer for answer in answers if isinstance(answer, BidResult)]
    kinds = entries(database, oak, sale.lots[0])
    assert len(answers) == 30
    assert kinds.count("bid") + kinds.count("raise") == len(taken)


def test_a_pause_takes_no_bids_and_no_time(database: Database, oak: House, sale: OpenSale) -> None:
    with database.house_session(oak) as session:
        before = session.execute(
            text("SELECT ends_at FROM lot_state WHERE lot_id = :lot"), {"lot": sale.lots[0]}
        ).scalar_one()
        conduct.pause_sale(session, sale.sale_id, notice="Power cut", actor=1)
        session.commit()
    with pytest.raises(errors.SalePaused):
        bid(database, oak, sale, 0, 5000)
    with database.house_session(oak) as session:
        conduct.resume_sale(session, sale.sale_id, notice="Power is back", actor=1)
        session.commit()
        after = session.execute(
            text("SELECT ends_at FROM lot_state WHERE lot_id = :lot"), {"lot": sale.lots[0]}
        ).scalar_one()
    assert after > before
    assert bid(database, oak, sale, 0, 5000).you_lead


def test_after_the_first_bid_a_reserve_only_falls(
    database: Database, oak: House, oak_session: HouseSession
) -> None:
    sale = make_open_sale(oak_session, reference="reserve", reserve=8000)
    lot, (client, member) = sale.lots[0], sale.bidders[0]
    place_bid(
        oak_session, lot_id=lot, client_id=client, placed_by_member_id=member,
        maximum=5000, token=uuid4(),
    )  # fmt: skip
    with pytest.raises(conduct.ChangeRefused):
        conduct.change_reserve(oak_session, lot, reserve=9000, actor=member)
    conduct.change_reserve(oak_session, lot, reserve=4000, actor=member)
    state = oak_session.execute(
        text("SELECT price, reserve_met FROM lot_state WHERE lot_id = :lot"), {"lot": lot}
    ).one()
    assert tuple(state) == (4000, True)
    assert queries.verify_lot(oak_session, lot) == []


def test_the_ledger_cannot_be_rewritten(database: Database, oak: House, sale: OpenSale) -> None:
    for statement in (
        "UPDATE ledger_entry SET kind = 'bid'",
        "DELETE FROM ledger_entry",
        "TRUNCATE ledger_entry",
    ):
        with (
            pytest.raises(DBAPIError, match="permission denied"),
            database.house_connection(oak) as connection,
        ):
            connection.execute(text(statement))
