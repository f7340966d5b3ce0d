"""Lots of several pieces: a price for the lot as a whole, or “times the money”."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from auctionhouse.bidding import conduct, errors, published
from auctionhouse.bidding.closing import close_due
from auctionhouse.bidding.guard_errors import OverSpending
from auctionhouse.bidding.limits import set_limits
from auctionhouse.bidding.queries import explain
from auctionhouse.bidding.replay import replay_line
from auctionhouse.bidding.terms import build_terms, public_terms
from auctionhouse.invoicing.operations import make_proformas
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.money import currency
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.resolver import Application
from factories.floor import Floor, make_floor
from factories.invoices import make_entity
from factories.people import sign_in_bidder

STEPS: dict[str, Any] = {"increments": [[0, 1000]]}
BY_PIECE: dict[str, Any] = {**STEPS, "bid_for": "piece"}


@given(st.sampled_from(["lot", "piece", None]), st.integers(1, 10**5), st.integers(1, 10**12))
def test_a_price_is_paid_for_each_piece_where_the_terms_say_so(
    bid_for: str | None, quantity: int, price: int
) -> None:
    stored = STEPS if bid_for is None else {**STEPS, "bid_for": bid_for}
    terms = build_terms(stored, None, 1000, None, quantity)
    assert terms.total(price) == price * (quantity if bid_for == "piece" else 1)


def test_the_ledger_tells_of_pieces_only_where_there_are_several() -> None:
    usual = public_terms(build_terms(STEPS, None, 1000, None, 6))
    assert public_terms(build_terms(BY_PIECE, None, 1000, None, 1)) == usual
    assert public_terms(build_terms(BY_PIECE, None, 1000, None, 6)) == {**usual, "pieces": 6}
    assert not {"pieces", "format"} & usual.keys()


def opened(floor: Floor) -> dict[str, Any]:
    with floor.database.house_session(floor.house) as session:
        first = published.public_lines(session, floor.sale.lots[0])[0]
    return dict(first.payload["terms"])


def test_limits_count_all_pieces(database: Database, oak: House) -> None:
    """Seen to fail with the price of one piece counted, for each of the two."""
    floor = make_floor(database, oak, terms={**BY_PIECE, "bid_limit": 20_000}, quantity=6)
    assert opened(floor)["pieces"] == 6
    floor.bid(0, 3000)
    with pytest.raises(errors.OverLimit):
        floor.bid(0, 4000)
    floor = make_floor(database, oak, terms=BY_PIECE, quantity=6, lots=2)
    client, member = floor.sale.bidders[1]
    with database.house_session(oak) as session, session.begin():
        set_limits(session, floor.sale.sale_id, client, spending=25_000, choices=[], actor=member)
    floor.bid(1, 3000)
    with pytest.raises(OverSpending) as refused:
        floor.bid(1, 2000, lot=1)
    assert "£70" in refused.value.message()
    floor.bid(1, 1000, lot=1)


def test_the_buyer_pays_for_all_pieces_and_the_history_says_so(
    database: Database, oak: House
) -> None:
    floor = make_floor(database, oak, terms=BY_PIECE, quantity=6)
    floor.bid(0, 5000)
    floor.bid(1, 3000)
    floor.end()
    close_due(database, oak)
    with database.house_session(oak) as session:
        said = explain(session, floor.sale.lots[0], currency("GBP"), "en")
    assert said[-1].endswith("6 pieces for £40 each, £240 in all.")


def test_every_page_tells_both_the_price_and_what_all_pieces_come_to(
    web: Application, settings: Settings, database: Database, oak: House
) -> None:
    floor = make_floor(database, oak, terms=BY_PIECE, quantity=6)
    floor.bid(0, 5000)
    floor.bid(1, 3000)
    ada = sign_in_bidder(web, settings, floor, 0)
    path = f"/sales/{floor.reference}/lots/1"
    assert "£40 each · 6 pieces: £240" in ada.page(path).text
    assert "each · 6 pieces: £240" in ada.page(f"/sales/{floor.reference}/").text
    confirmation = ada.page(f"{path}/bid?maximum=70").text
    assert "Your maximum bid for each piece £70" in confirmation
    assert "All in, at most £420" in confirmation
    mine = ada.page("/me/bids").text
    assert "In all, 6 pieces £240" in mine
    assert "£300 at most" in mine
    floor.end()
    close_due(database, oak)
    with database.house_session(oak) as session:
        make_entity(session)
        (invoice,) = make_proformas(session, floor.sale.sale_id, actor=None)
        assert invoice.total == 24_000


def test_pieces_may_change_until_somebody_bids(database: Database, oak: House) -> None:
    floor = make_floor(database, oak, terms=BY_PIECE, quantity=6)
    lot = floor.sale.lots[0]

    def change(quantity: int) -> bool:
        with database.house_session(oak) as session, session.begin():
            return conduct.change_pieces(session, lot, quantity=quantity, actor=None)

    assert change(5)
    assert (floor.state().pieces, floor.entries()) == (5, ["opened", "terms_changed"])
    floor.bid(0, 2000)
    with pytest.raises(conduct.ChangeRefused) as refused:
        change(4)
    assert refused.value.fields["group"] == "quantity"
    assert refused.value.message()
    assert not change(5)
    whole = make_floor(database, oak, terms=STEPS, quantity=6)
    with database.house_session(oak) as session, session.begin():
        assert not conduct.change_pieces(session, whole.sale.lots[0], quantity=5, actor=None)


def test_a_replayed_lot_of_pieces_tells_what_they_come_to() -> None:
    told = {
        "currency": "GBP", "opening": "10", "increments": [["0", "1"]],
        "submissions": [
            {"at": "2026-03-01T09:00:00Z", "who": "A", "max": "30"},
            {"at": "2026-03-01T09:01:00Z", "who": "B", "max": "20"},
        ],
    }  # fmt: skip
    assert "total" not in replay_line(told)
    assert replay_line({**told, "pieces": 6})["total"] == "126.00"
    assert replay_line({**told, "pieces": 6, "submissions": []})["total"] is None


@pytest.mark.parametrize("terms", [{"format": "raffle"}, {"bid_for": "dozen"}])
def test_the_database_refuses_ways_of_selling_it_does_not_know(
    database: Database, oak: House, terms: dict[str, str]
) -> None:
    floor = make_floor(database, oak)
    query = text("UPDATE sale SET terms = terms || CAST(:more AS jsonb) WHERE id = :id")
    with (
        pytest.raises(IntegrityError, match="sale_terms"),
        database.house_connection(oak) as connection,
    ):
        connection.execute(query, {"more": json.dumps(terms), "id": floor.sale.sale_id})
