"""Buyer's choice: the winner of a lot's bidding chooses among its pieces, once and in time."""

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from auctionhouse.bidding.closing import close_due
from auctionhouse.bidding.guard_errors import CorrectionInvalid, OverSpending
from auctionhouse.bidding.limits import held_by, set_limits
from auctionhouse.bidding.queries import explain
from auctionhouse.bidding.reopening import correct_result, reopen_lot
from auctionhouse.bidding.replay import replay_line
from auctionhouse.bidding.selling import Choice, choice_fault
from auctionhouse.bidding.term_errors import TermsInvalid
from auctionhouse.bidding.terms import build_terms, public_terms
from auctionhouse.bidding.verifier.reading import read_terms
from auctionhouse.demo.after_sale import choose_for_simulated
from auctionhouse.invoicing.operations import make_proformas
from auctionhouse.offers.cancelling import cancel_sale
from auctionhouse.offers.choosing import Chooser, choose, choose_until, chosen_on
from auctionhouse.offers.deadlines import end_due
from auctionhouse.offers.refusals import (
    CannotBeSold,
    ChoiceInvalid,
    ChoiceMade,
    ChoiceOver,
    OfferUnknown,
)
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.errors import DomainError
from auctionxchange.kernel.money import currency
from auctionxchange.tenancy.house import House
from factories.floor import Floor, make_floor
from factories.invoices import make_entity
from factories.ledgers import downloaded, forged, later, wrong
from factories.proofs import holds, verdicts

STEPS = {"increments": [[0, 1000]]}
NAMES = ["No. 1, oval", "No. 2, round"]


def choice_floor(database: Database, house: House, **more: Any) -> Floor:
    """Return a lot of five pieces, at a choice of 24 hours."""
    terms = {**STEPS, "format": "choice", "choice": {"hours": 24}}
    return make_floor(database, house, terms=terms, quantity=5, **more)


def won(database: Database, house: House) -> Floor:
    """Return such a lot, won by the first bidder at £20 for each piece."""
    floor = choice_floor(database, house)
    floor.bid(1, 1000)
    floor.bid(0, 9000)
    close(floor)
    return floor


def close(floor: Floor) -> None:
    floor.end()
    close_due(floor.database, floor.house)


def pick(
    floor: Floor, numbers: list[int], bidder: int = 0, token: UUID | None = None, **more: Any
) -> int:
    client, member = floor.sale.bidders[bidder]
    with floor.database.house_session(floor.house) as session, session.begin():
        chooser = Chooser(client, member, token or uuid4(), **more)
        return choose(session, floor.sale.lots[0], numbers, chooser)


def time_passes(floor: Floor) -> None:
    """Let the time to choose be over."""
    floor.run(
        "UPDATE lot_offer SET expires_at = clock_timestamp() WHERE sale_id = :sale"
        " AND ended_at IS NULL",
        sale=floor.sale.sale_id,
    )


def awards(floor: Floor) -> list[tuple[int, int, int]]:
    query = text("SELECT client_id, pieces, price FROM award WHERE lot_id = :lot ORDER BY place")
    with floor.database.house_connection(floor.house) as connection:
        return [tuple(row) for row in connection.execute(query, {"lot": floor.sale.lots[0]})]


@given(st.integers(2, 40), st.lists(st.integers(-2, 45), max_size=8))
def test_a_choice_is_one_piece_at_least_each_once_and_of_the_lot(
    pieces: int, wanted: list[int]
) -> None:
    sound = choice_fault(Choice(pieces, 1), wanted) is None
    assert sound == (
        len(wanted) >= 1 and set(wanted) <= set(range(1, pieces + 1))
        and len(set(wanted)) == len(wanted)
    )  # fmt: skip
    assert not sound or 1 <= len(wanted) <= pieces


def test_the_terms_say_how_many_and_for_how_long() -> None:
    told = {**STEPS, "format": "choice", "choice": {"hours": 3, "names": NAMES}}
    terms = build_terms(told, None, 1000, None, 5)
    assert terms.choice == Choice(5, 3 * 3_600_000_000, tuple(NAMES))
    assert (terms.pieces, terms.shared, terms.total(2000)) == (1, False, 2000)
    assert read_terms(public_terms(terms)).choice == terms.choice
    usual = build_terms({**STEPS, "format": "choice"}, None, 1000, None, 2).choice
    assert usual == Choice(2, 24 * 3_600_000_000)


@pytest.mark.parametrize(
    ("choice", "quantity", "setting", "said"),
    [
        ({"hours": 24}, 1, "format", "two pieces or more"),
        ({"hours": 0}, 5, "choice_hours", "one to 336 whole hours"),
        ({"hours": 8760}, 5, "choice_hours", "one to 336 whole hours"),
        ({"hours": "1"}, 5, "choice_hours", "one to 336 whole hours"),
        ({"names": ["a", "b", "c"]}, 2, "piece_names", "3 names, and the lot has 2 pieces"),
        ({"names": [" "]}, 2, "piece_names", "one to 120 characters"),
        ({"names": "a"}, 2, "piece_names", "as texts"),
    ],
)
def test_terms_nobody_could_choose_by_are_refused(
    choice: dict[str, Any], quantity: int, setting: str, said: str
) -> None:
    with pytest.raises(TermsInvalid) as refused:
        build_terms({**STEPS, "format": "choice", "choice": choice}, None, 1000, None, quantity)
    assert refused.value.fields["setting"] == setting
    assert said in refused.value.message()


@pytest.mark.parametrize(
    ("own", "quantity"),
    [
        ('{"format": "choice"}', 1),
        ('{"format": "choice", "choice": {"hours": 0}}', 5),
        ('{"format": "choice", "choice": {"hours": 8760}}', 5),
        ('{"format": "choice", "choice": {"hours": 1, "names": ["a", "b", "c"]}}', 2),
    ],
)
def test_the_database_keeps_no_such_terms(
    database: Database, oak: House, own: str, quantity: int
) -> None:
    floor = make_floor(database, oak)
    with pytest.raises(IntegrityError):
        floor.run(
            "UPDATE lot SET terms = CAST(:own AS jsonb), quantity = :quantity WHERE id = :lot",
            own=own, quantity=quantity, lot=floor.sale.lots[0],
        )  # fmt: skip


def test_a_replayed_lot_says_who_may_choose() -> None:
    line: dict[str, Any] = {
        "currency": "GBP", "opening": "10", "increments": [["0", "10"]], "format": "choice",
        "pieces": 5, "choice": {"hours": 2}, "reserve": "20", "submissions": [
            {"at": "2026-03-01T09:00:00Z", "who": "Ben", "max": "10"},
            {"at": "2026-03-01T09:01:00Z", "who": "Ann", "max": "90"},
        ],
    }  # fmt: skip
    played = replay_line(line)
    assert (played["price"], played["leader"]) == ("20.00", "Ann")
    assert played["right"] == {
        "who": "Ann", "each": "20.00", "at_least": 1, "at_most": 5, "hours": 2,
    }  # fmt: skip
    line["submissions"] = line["submissions"][:1]
    assert replay_line(line)["right"] is None, "the reserve is not met"


def test_who_leads_at_the_end_chooses_and_pays_for_each(database: Database, oak: House) -> None:
    floor = won(database, oak)
    state = floor.state()
    assert (state.status, state.outcome, state.price) == ("closed", "choosing", 2000)
    assert pick(floor, [4, 2, 5]) == 3
    assert floor.state().outcome == "sold"
    client = floor.sale.bidders[0][0]
    assert awards(floor) == [(client, 3, 2000)]
    assert floor.entries()[-2:] == ["choosing", "chosen"]
    with database.house_session(oak) as session:
        lot = floor.sale.lots[0]
        assert chosen_on(session, lot) == [2, 4, 5]
        assert choose_until(session, lot) is None
        assert held_by(session, floor.sale.sale_id, client) == {lot: 6000}
        said = explain(session, lot, currency("GBP"), "en")
        assert "won the right to choose, at £20 for each piece, one at least." in said[-2]
        assert "chose 2, 4, 5 for £20 each, £60 in all: sold." in said[-1]
        make_entity(session)
        made = make_proformas(session, floor.sale.sale_id, actor=None)
        assert [invoice.total for invoice in made] == [3 * 2000]
        session.rollback()
    assert holds(floor), "what the ledger tells is what is stored"
    assert wrong(downloaded(floor)) == []


def test_nothing_is_won_below_the_reserve(database: Database, oak: House) -> None:
    floor = choice_floor(database, oak, reserve=5000)
    floor.bid(0, 3000)
    close(floor)
    assert (floor.state().outcome, floor.entries()[-1]) == ("unsold", "unsold")


def test_a_choice_is_made_once(database: Database, oak: House) -> None:
    floor, token = won(database, oak), uuid4()
    assert pick(floor, [1, 2], token=token) == 2
    assert pick(floor, [1, 2], token=token) == 2, "sent twice"
    with pytest.raises(ChoiceMade):
        pick(floor, [3])
    assert end_due(database, oak) == 0
    assert floor.entries().count("chosen") == 1
    assert len(awards(floor)) == 1


@pytest.mark.parametrize("wanted", [[], [6], [0], [2, 2], [1, 2, 3, 4, 5, 6]])
def test_a_choice_of_pieces_there_are_not_is_refused(
    database: Database, oak: House, wanted: list[int]
) -> None:
    floor = won(database, oak)
    with pytest.raises(ChoiceInvalid):
        pick(floor, wanted)
    assert (floor.state().outcome, awards(floor)) == ("choosing", [])


def test_a_stranger_chooses_nothing(database: Database, oak: House) -> None:
    floor = won(database, oak)
    with pytest.raises(OfferUnknown):
        pick(floor, [1], bidder=1)
    with pytest.raises(OfferUnknown):
        pick(choice_floor(database, oak), [1])


def test_who_has_not_chosen_in_time_has_the_first_piece(database: Database, oak: House) -> None:
    floor = won(database, oak)
    time_passes(floor)
    with pytest.raises(ChoiceOver):
        pick(floor, [2, 3])
    end_due(database, oak)
    end_due(database, oak)
    assert awards(floor) == [(floor.sale.bidders[0][0], 1, 2000)]
    assert floor.entries().count("chosen") == 1
    with database.house_session(oak) as session:
        assert chosen_on(session, floor.sale.lots[0]) == [1]
        said = explain(session, floor.sale.lots[0], currency("GBP"), "en")
    assert "had not chosen in time: piece 1 is sold to them for £20." in said[-1]


def test_more_than_one_piece_keeps_to_the_winners_own_limit(database: Database, oak: House) -> None:
    floor = won(database, oak)
    client, member = floor.sale.bidders[0]
    with database.house_session(oak) as session, session.begin():
        set_limits(session, floor.sale.sale_id, client, spending=5000, choices=[], actor=member)
    with pytest.raises(OverSpending):
        pick(floor, [1, 2, 3])
    assert pick(floor, [1, 2]) == 2


def test_staff_choose_for_a_client(database: Database, oak: House) -> None:
    """Seen to fail with the client's own limit told to the staff, whose affair it is not."""
    floor = won(database, oak)
    client, member = floor.sale.bidders[0]
    with database.house_session(oak) as session, session.begin():
        set_limits(session, floor.sale.sale_id, client, spending=5000, choices=[], actor=member)
    with pytest.raises(CannotBeSold):
        pick(floor, [1, 2, 3], by="house")
    assert pick(floor, [5], by="house") == 1
    assert '"by":"house"' in downloaded(floor).replace("\\", "")


def test_two_choices_at_once_and_the_deadline_are_one(database: Database, oak: House) -> None:
    for round_ in range(6):
        floor = won(database, oak)
        ready, answers = threading.Barrier(2), list[int | bool | DomainError]()

        def act(what: int, floor: Floor = floor, ready: Any = ready, said: Any = answers) -> None:
            ready.wait()
            try:
                said.append(pick(floor, [what]))
            except DomainError as refusal:
                said.append(refusal)

        def fall_due(floor: Floor = floor, ready: Any = ready) -> None:
            ready.wait()
            time_passes(floor)
            end_due(database, oak)

        second = threading.Thread(target=act, args=(2,)) if round_ % 2 else threading.Thread(
            target=fall_due
        )  # fmt: skip
        first = threading.Thread(target=act, args=(1,))
        for one in (first, second):
            one.start()
        for one in (first, second):
            one.join()
        chosen = sum(type(one) is int for one in answers)
        assert chosen == 1 if round_ % 2 else chosen <= 1
        assert floor.entries().count("chosen") == 1
        assert [pieces for _client, pieces, _price in awards(floor)] == [1]


def test_a_reopened_lot_is_chosen_from_again(database: Database, oak: House) -> None:
    floor = won(database, oak)
    pick(floor, [1, 2])
    with database.house_session(oak) as session, session.begin():
        end = database_now(session) + timedelta(hours=2)
        reopen_lot(session, floor.sale.lots[0], ends_at=end, notice="once more", actor=None)
    assert awards(floor) == []
    floor.bid(1, 20_000)
    assert "wrong" not in verdicts(floor)
    close(floor)
    assert floor.state().outcome == "choosing"
    pick(floor, [3], bidder=1)
    assert awards(floor) == [(floor.sale.bidders[1][0], 1, 10_000)]


def test_a_sale_that_is_cancelled_leaves_nothing_sold(database: Database, oak: House) -> None:
    floor = won(database, oak)
    client, member = floor.sale.bidders[0]
    with database.house_session(oak) as session, pytest.raises(CorrectionInvalid) as waiting:
        correct_result(
            session, floor.sale.lots[0], client_id=client, price=1000, notice="x", actor=member
        )
    assert "still choosing" in waiting.value.message()
    pick(floor, [1, 2])
    with database.house_session(oak) as session, session.begin():
        cancel_sale(session, floor.sale.lots[0], notice="not paid", reason="", actor=None)
    assert (floor.state().outcome, awards(floor)) == ("unsold", [])
    assert "wrong" not in verdicts(floor)


def test_a_ledger_that_was_changed_is_found_out(database: Database, oak: House) -> None:
    floor = won(database, oak)
    pick(floor, [2, 4])
    whole = downloaded(floor)
    kinds = floor.entries()
    right, chosen = kinds.index("choosing") + 1, kinds.index("chosen") + 1
    assert wrong(whole) == []

    def found(sequence: int, **changed: Any) -> str:
        return " ".join(wrong(forged(whole, sequence, lambda payload: payload.update(changed))))

    assert "one piece at least" in found(chosen, chosen=[])
    assert "one piece at least" in found(chosen, chosen=[6])
    assert "one piece at least" in found(chosen, chosen=[2, 2])
    assert "had won the right to choose" in found(chosen, who="AAAAAA")
    assert "had won the right to choose" in found(chosen, price=1000)
    assert "in its time" in found(chosen, by="clock")
    assert "who chose is not told" in found(chosen, by="chance")
    assert "exactly where the terms say so" in found(right, kind="hammer")
    assert "led, not" in found(right, who="AAAAAA")
    assert "nobody had won the right to choose" in found(right, kind="unsold")

    def sooner(payload: dict[str, Any]) -> None:
        payload["until"] = payload["at"]

    assert "another time to choose" in " ".join(wrong(forged(whole, right, sooner)))

    def late(payload: dict[str, Any]) -> None:
        payload["at"] = later(payload["at"], "2026-01-01T00:00:00Z", "2026-01-03T00:00:00Z")

    assert "in its time" in " ".join(wrong(forged(whole, chosen, late)))

    def given(payload: dict[str, Any]) -> None:
        late(payload)
        payload.update(by="clock", chosen=[1])

    assert wrong(forged(whole, chosen, given)) == []


def test_the_demos_simulated_winner_takes_every_second_piece(
    database: Database, oak: House
) -> None:
    floor = won(database, oak)
    client = floor.sale.bidders[0][0]
    floor.run(
        "UPDATE client SET email = :email WHERE id = :id",
        email=f"{uuid4().hex}@simulated.example", id=client,
    )  # fmt: skip
    with database.house_session(oak) as session, session.begin():
        choose_for_simulated(session)
        assert chosen_on(session, floor.sale.lots[0]) == [1, 3, 5]
    assert awards(floor) == [(client, 3, 2000)]
