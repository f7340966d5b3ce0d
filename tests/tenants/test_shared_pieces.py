"""Lots whose pieces several buyers share by sealed bids, from the bid to the invoice."""

import json
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from auctionhouse.bidding import errors
from auctionhouse.bidding.closing import close_due
from auctionhouse.bidding.guard_errors import CorrectionInvalid, OverSpending, PiecesInvalid
from auctionhouse.bidding.limits import held_by, set_limits
from auctionhouse.bidding.queries import explain, lot_history
from auctionhouse.bidding.reopening import correct_result
from auctionhouse.invoicing.operations import lines_of, make_proformas
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.money import currency
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.resolver import Application
from factories.floor import Floor, make_floor
from factories.invoices import make_entity
from factories.ledgers import downloaded, forged, verdicts, wrong
from factories.people import sign_in_bidder

SHARED: dict[str, Any] = {"increments": [[0, 1000]], "format": "sealed_pieces"}
Share = tuple[int, int, int]
"""Which bidder, how many pieces, at which price each."""


def shared(**settings: Any) -> dict[str, Any]:
    return {**SHARED, "sealed": {"changes": "replace", **settings}}


def make_shared(database: Database, house: House, **settings: Any) -> Floor:
    """Return a lot of ten pieces on which the three bidders want 4 at 70, 4 at 50, and 5 at 50."""
    floor = make_floor(database, house, terms=shared(**settings), quantity=10)
    floor.bid(0, 3000, pieces=1)
    floor.bid(1, 5000, pieces=4)
    floor.bid(2, 5000, pieces=5)
    floor.bid(0, 7000, pieces=4)
    return floor


def end(floor: Floor) -> None:
    floor.end()
    close_due(floor.database, floor.house)


def shares(floor: Floor) -> list[Share]:
    """Return who has what, in the order they were served."""
    clients = [client for client, _member in floor.sale.bidders]
    query = text("SELECT client_id, pieces, price FROM award WHERE lot_id = :lot ORDER BY place")
    with floor.database.house_connection(floor.house) as connection:
        rows = connection.execute(query, {"lot": floor.sale.lots[0]}).all()
    return [(clients.index(row.client_id), row.pieces, row.price) for row in rows]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({}, [(0, 4, 7000), (1, 4, 5000), (2, 2, 5000)]),
        ({"order": "price_quantity_time"}, [(0, 4, 7000), (2, 5, 5000), (1, 1, 5000)]),
        ({"pays": "lowest_winning"}, [(0, 4, 5000), (1, 4, 5000), (2, 2, 5000)]),
        ({"pays": "start_unless_oversubscribed"}, [(0, 4, 5000), (1, 4, 5000), (2, 2, 5000)]),
    ],
)
def test_the_best_bids_are_served_first_and_all_of_it_is_proved(
    database: Database, oak: House, chosen: dict[str, str], expected: list[Share]
) -> None:
    floor = make_shared(database, oak, **chosen)
    assert verdicts(downloaded(floor)) == {"proved"}
    assert (shares(floor), floor.state().price, floor.state().bid_count) == ([], None, 3)
    end(floor)
    assert shares(floor) == expected
    assert (floor.state().outcome, floor.state().price) == ("sold", 5000)
    ledger = downloaded(floor)
    assert verdicts(ledger) == {"proved"}
    with database.house_session(oak) as session:
        said = explain(session, floor.sale.lots[0], currency("GBP"), "en")
        history = [(line.amount, line.pieces) for line in lot_history(session, floor.sale.lots[0])]
    assert said[-1].startswith("The pieces are sold: ")
    assert history == [(7000, 4), (5000, 5), (5000, 4)]


def test_a_reserve_that_stays_closed_leaves_open_who_missed_it_and_nothing_else(
    database: Database, oak: House
) -> None:
    floor = make_floor(database, oak, terms=shared(), quantity=10, reserve=6000)
    floor.bid(0, 7000, pieces=4)
    floor.bid(1, 5000, pieces=9)
    end(floor)
    assert shares(floor) == [(0, 4, 7000)]
    ledger = downloaded(floor)
    assert wrong(ledger) == []
    assert "open" in verdicts(ledger)
    missed = make_floor(database, oak, terms=shared(), quantity=10, reserve=6000)
    missed.bid(0, 5000, pieces=4)
    end(missed)
    assert (missed.state().outcome, shares(missed)) == ("unsold", [])
    assert wrong(downloaded(missed)) == []


def test_the_verifier_finds_pieces_that_went_elsewhere(database: Database, oak: House) -> None:
    floor = make_shared(database, oak)
    end(floor)
    ledger = downloaded(floor)
    last = len(floor.entries())

    def swapped(payload: dict[str, Any]) -> None:
        one, other = payload["awards"][1:]
        one["pieces"], other["pieces"] = other["pieces"], one["pieces"]

    def dearer(payload: dict[str, Any]) -> None:
        payload["awards"][0]["price"] += 100

    def fewer(payload: dict[str, Any]) -> None:
        payload["opened"][0]["pieces"] -= 1

    assert wrong(forged(ledger, last, swapped))
    assert wrong(forged(ledger, last, dearer))
    assert any("not the one that was sealed" in said
               for said in wrong(forged(ledger, last - 1, fewer)))  # fmt: skip


@pytest.mark.parametrize("pieces", [0, -1, 11])
def test_pieces_a_lot_does_not_have_are_refused(
    database: Database, oak: House, pieces: int
) -> None:
    floor = make_floor(database, oak, terms=shared(), quantity=10)
    with pytest.raises(PiecesInvalid, match="pieces_invalid"):
        floor.bid(0, 5000, pieces=pieces)
    whole = make_floor(database, oak, terms={"increments": [[0, 1000]]}, quantity=10)
    with pytest.raises(PiecesInvalid):
        whole.bid(0, 5000, pieces=2)


def test_a_retried_bid_is_one_and_another_number_of_pieces_is_another_bid(
    database: Database, oak: House
) -> None:
    """Seen to fail without pieces being compared."""
    floor = make_floor(database, oak, terms=shared(), quantity=10)
    token = uuid4()
    first = floor.bid(0, 5000, pieces=2, token=token)
    again = floor.bid(0, 5000, pieces=2, token=token)
    assert (again.repeated, again.sequence) == (True, first.sequence)
    with pytest.raises(errors.TokenReused):
        floor.bid(0, 5000, pieces=3, token=token)
    floor.bid(0, 5000, pieces=3)
    assert floor.state().bid_count == 1


def test_limits_count_the_pieces_that_were_asked_for(database: Database, oak: House) -> None:
    """Seen to fail with all pieces of the lot counted."""
    floor = make_floor(database, oak, terms={**shared(), "bid_limit": 30_000}, quantity=8, lots=2)
    floor.bid(0, 10_000, pieces=3)
    with pytest.raises(errors.OverLimit):
        floor.bid(0, 10_000, pieces=4)
    client, member = floor.sale.bidders[1]
    with database.house_session(oak) as session, session.begin():
        set_limits(session, floor.sale.sale_id, client, spending=25_000, choices=[], actor=member)
    floor.bid(1, 5000, pieces=4)
    with pytest.raises(OverSpending) as refused:
        floor.bid(1, 2000, lot=1, pieces=3)
    assert "£50" in refused.value.message()
    floor.bid(2, 6000, pieces=5)
    end(floor)
    with database.house_connection(oak) as connection:
        assert held_by(connection, floor.sale.sale_id, client) == {}
        first = held_by(connection, floor.sale.sale_id, floor.sale.bidders[0][0])
    assert first == {floor.sale.lots[0]: 30_000}


def test_the_database_keeps_within_the_pieces_a_lot_has_and_a_bids_number_closed(
    database: Database, oak: House
) -> None:
    """Seen to fail without the trigger, and without the constraint."""
    floor = make_shared(database, oak)
    lot, (client, _member) = floor.sale.lots[0], floor.sale.bidders[0]
    with pytest.raises(IntegrityError, match="more pieces are sold"):
        floor.run(
            "INSERT INTO award (lot_id, place, entry, client_id, pieces, price)"
            " VALUES (:lot, 1, 1, :client, 11, 100)", lot=lot, client=client,
        )  # fmt: skip
    for pieces, price in ((0, 100), (1, 0)):
        with pytest.raises(IntegrityError, match="award_amounts"):
            floor.run(
                "INSERT INTO award (lot_id, place, entry, client_id, pieces, price)"
                " VALUES (:lot, 1, 1, :client, :pieces, :price)",
                lot=lot, client=client, pieces=pieces, price=price,
            )  # fmt: skip
    with pytest.raises(IntegrityError, match="ledger_entry_sealed_pieces"):
        floor.run(
            "INSERT INTO ledger_entry (lot_id, sequence, at, kind, payload, hash) VALUES"
            " (:lot, 99, now(), 'sealed_bid', :payload, '')",
            lot=lot, payload=json.dumps({"pieces": 3}),
        )  # fmt: skip


def test_nobody_is_told_pieces_or_prices_before_the_opening(
    web: Application, settings: Settings, database: Database, oak: House
) -> None:
    floor = make_shared(database, oak)
    ben = sign_in_bidder(web, settings, floor, 1)
    path = f"/sales/{floor.reference}/lots/1"
    page = ben.page(path).text
    assert "You bid £50 for each of 4 pieces." in page
    assert "as many as you want of 10 pieces" in page
    assert "£70" not in page
    assert "Your sealed bid £50 × 4" in ben.page("/me/bids").text
    ledger = downloaded(floor)
    assert not {"amount", "price"} & set(json.loads(json.loads(ledger.splitlines()[-1])["payload"])
                                         ) - {"price"}  # fmt: skip


def test_every_buyer_is_told_shown_and_invoiced_their_own_share(
    web: Application, settings: Settings, database: Database, oak: House
) -> None:
    floor = make_shared(database, oak)
    ben = sign_in_bidder(web, settings, floor, 1)
    path = f"/sales/{floor.reference}/lots/1"
    confirmation = ben.page(f"{path}/bid?maximum=60&pieces=3").text
    assert "Pieces you would take at most 3" in confirmation
    assert "All in, at most £180" in confirmation
    wrong_number = ben.get(f"{path}/bid?maximum=60&pieces=12")
    assert wrong_number.status_code == 422
    assert "whole number from 1 to 10" in wrong_number.text
    end(floor)
    page = ben.page(path).text
    assert "4 pieces for £50 each: £200." in page
    assert "10 of 10 pieces: £580" in page
    mine = ben.page("/me/bids").text
    assert "4 pieces for you, at £50 each £200" in mine
    with database.house_session(oak) as session:
        make_entity(session)
        made = make_proformas(session, floor.sale.sale_id, actor=None)
        totals = {invoice.client_id: invoice.total for invoice in made}
        assert totals == {
            floor.sale.bidders[0][0]: 28_000,
            floor.sale.bidders[1][0]: 20_000,
            floor.sale.bidders[2][0]: 10_000,
        }
        assert make_proformas(session, floor.sale.sale_id, actor=None) == []
        assert lines_of(session, made[0].id)[0].kind == "hammer"
        session.rollback()
    receipt = ben.get(f"{path}/receipts").text
    assert "Accepted under seal" in receipt


def test_a_shared_result_falls_as_a_whole_or_not_at_all(database: Database, oak: House) -> None:
    floor = make_shared(database, oak)
    end(floor)
    client, member = floor.sale.bidders[0]

    def correct(client_id: int | None, price: int | None) -> None:
        with database.house_session(oak) as session, session.begin():
            correct_result(
                session, floor.sale.lots[0], client_id=client_id, price=price, notice="Put right.",
                actor=member,
            )  # fmt: skip

    with pytest.raises(CorrectionInvalid) as refused:
        correct(client, 9000)
    assert "Several buyers" in refused.value.message()
    assert len(shares(floor)) == 3
    correct(None, None)
    assert (shares(floor), floor.state().outcome) == ([], "unsold")
    with database.house_session(oak) as session:
        make_entity(session)
        assert make_proformas(session, floor.sale.sale_id, actor=None) == []
        session.rollback()
