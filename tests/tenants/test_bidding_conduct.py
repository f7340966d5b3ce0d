"""Running a sale: pauses, later ends, changed reserves, withdrawals, and the end of it all."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse.bidding import conduct, errors
from auctionhouse.bidding.closing import close_due, close_lot
from auctionhouse.bidding.term_errors import TermsInvalid
from auctionhouse.catalogue.locks import lock_lot
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.errors import DomainError
from auctionxchange.tenancy.house import House
from factories.floor import Floor, make_floor

HOUR = timedelta(hours=1)


@pytest.fixture
def floor(database: Database, oak: House) -> Floor:
    return make_floor(database, oak)


def do(floor: Floor, act: Callable[..., Any], *arguments: Any, **options: Any) -> None:
    """Do one act of the house in its own transaction."""
    with floor.database.house_session(floor.house) as session, session.begin():
        act(session, *arguments, **options)


def pause(floor: Floor) -> None:
    do(floor, conduct.pause_sale, floor.sale.sale_id, notice="Power cut", actor=1)


def resume(floor: Floor) -> None:
    do(floor, conduct.resume_sale, floor.sale.sale_id, notice="Power is back", actor=1)


def test_a_pause_takes_no_bids_and_no_time(floor: Floor) -> None:
    before = floor.ends_at()
    pause(floor)
    with pytest.raises(errors.SalePaused):
        floor.bid(0, 5000)
    resume(floor)
    assert before < floor.ends_at() < before + timedelta(minutes=1)
    assert floor.bid(0, 5000).you_lead
    assert floor.entries() == ["opened", "paused", "resumed", "bid"]


def test_a_sale_is_paused_and_resumed_once(floor: Floor) -> None:
    with pytest.raises(conduct.SaleStateConflict):
        resume(floor)
    pause(floor)
    with pytest.raises(conduct.SaleStateConflict):
        pause(floor)
    assert floor.entries() == ["opened", "paused"]


def test_no_lot_ends_during_a_pause_but_one_that_had_ended_closes(
    database: Database, oak: House
) -> None:
    floor = make_floor(database, oak, lots=2)
    floor.bid(0, 5000, lot=1)
    floor.run(
        "UPDATE lot_state SET ends_at = clock_timestamp() - interval '1 s' WHERE lot_id = :lot",
        lot=floor.sale.lots[0],
    )
    pause(floor)
    floor.run(
        "UPDATE sale SET paused_at = paused_at - interval '2 h' WHERE id = :id",
        id=floor.sale.sale_id,
    )
    floor.run(
        "UPDATE lot_state SET ends_at = ends_at - interval '2 h' WHERE sale_id = :id",
        id=floor.sale.sale_id,
    )
    close_due(database, oak)
    assert [floor.state(lot).status for lot in (0, 1)] == ["closed", "open"]
    assert floor.entries() == ["opened", "unsold"]
    resume(floor)
    assert floor.bid(1, 9000, lot=1).you_lead


def test_a_later_end_is_written_and_extensions_count_from_it(
    database: Database, oak: House
) -> None:
    floor = make_floor(database, oak, lots=2)
    before = floor.state()
    do(floor, conduct.postpone_sale, floor.sale.sale_id, by=HOUR, notice="Snow", actor=1)
    do(
        floor, conduct.postpone_lot, floor.sale.lots[0],
        ends_at=before.ends_at + 3 * HOUR, notice="More snow", actor=1,
    )  # fmt: skip
    assert [floor.ends_at(lot) - before.ends_at for lot in (0, 1)] == [3 * HOUR, HOUR]
    assert floor.state().scheduled_ends_at == floor.ends_at()
    assert floor.entries() == ["opened", "postponed", "postponed"]


def test_an_end_never_comes_earlier(floor: Floor) -> None:
    earlier = floor.ends_at() - timedelta(seconds=1)
    with pytest.raises(conduct.ChangeRefused):
        do(floor, conduct.postpone_sale, floor.sale.sale_id, by=-HOUR, notice="x", actor=1)
    with pytest.raises(conduct.ChangeRefused):
        do(floor, conduct.postpone_lot, floor.sale.lots[0], ends_at=earlier, notice="x", actor=1)
    assert floor.entries() == ["opened"]


LOT_ACTS: list[tuple[Callable[..., Any], dict[str, Any]]] = [
    (conduct.change_reserve, {"reserve": None}),
    (conduct.change_opening, {"opening": 2000}),
    (conduct.withdraw_lot, {"notice": "Broken"}),
]


@pytest.mark.parametrize(("act", "options"), LOT_ACTS)
def test_nothing_moves_once_the_end_has_come_even_if_nobody_has_closed_the_lot(
    floor: Floor, act: Callable[..., Any], options: dict[str, Any]
) -> None:
    """A lower reserve would sell it, a withdrawal take it from its winner."""
    floor.bid(0, 5000)
    floor.end()
    with pytest.raises(conduct.SaleStateConflict):
        do(floor, act, floor.sale.lots[0], actor=1, **options)
    with pytest.raises(conduct.SaleStateConflict):
        do(floor, conduct.postpone_sale, floor.sale.sale_id, by=HOUR, notice="Late", actor=1)
    assert floor.entries() == ["opened", "bid"]


def test_a_pause_leaves_a_lot_alone_whose_end_has_come(floor: Floor) -> None:
    floor.end()
    pause(floor)
    resume(floor)
    with pytest.raises(errors.LotClosed):
        floor.bid(0, 5000)


def test_after_the_first_bid_a_reserve_only_falls(database: Database, oak: House) -> None:
    floor = make_floor(database, oak, reserve=8000)
    floor.bid(0, 5000)
    assert not floor.state().reserve_met
    with pytest.raises(conduct.ChangeRefused):
        do(floor, conduct.change_reserve, floor.sale.lots[0], reserve=9000, actor=1)
    with pytest.raises(conduct.ChangeRefused):
        do(floor, conduct.change_opening, floor.sale.lots[0], opening=900, actor=1)
    do(floor, conduct.change_reserve, floor.sale.lots[0], reserve=4000, actor=1)
    assert (floor.state().price, floor.state().reserve_met) == (4000, True)
    assert floor.entries() == ["opened", "bid", "terms_changed"]


@pytest.mark.parametrize(
    ("act", "options"),
    [(conduct.change_reserve, {"reserve": 999}), (conduct.change_opening, {"opening": 8001})],
)
def test_a_reserve_is_never_below_the_opening(
    database: Database, oak: House, act: Callable[..., Any], options: dict[str, Any]
) -> None:
    floor = make_floor(database, oak, reserve=8000)
    with pytest.raises(TermsInvalid):
        do(floor, act, floor.sale.lots[0], actor=1, **options)
    assert floor.bid(0, 9000).price == 8000


def test_a_withdrawn_lot_takes_no_bids_and_keeps_its_history(floor: Floor) -> None:
    floor.bid(0, 5000)
    do(floor, conduct.withdraw_lot, floor.sale.lots[0], notice="Not as described", actor=1)
    with pytest.raises(errors.LotWithdrawn):
        floor.bid(1, 9000)
    assert floor.entries() == ["opened", "bid", "withdrawn"]


@pytest.mark.parametrize("act", [conduct.pause_sale, conduct.postpone_sale])
def test_bidders_are_told_why(floor: Floor, act: Callable[..., Any]) -> None:
    later = {"by": HOUR} if act is conduct.postpone_sale else {}
    with pytest.raises(conduct.NoticeMissing):
        do(floor, act, floor.sale.sale_id, notice="  ", actor=1, **later)


def test_changed_texts_are_written_once_somebody_has_bid(floor: Floor) -> None:
    do(floor, conduct.note_text_change, floor.sale.lots[0], ["title"], actor=1)
    floor.bid(0, 5000)
    do(floor, conduct.note_text_change, floor.sale.lots[0], ["title", "condition"], actor=1)
    assert floor.entries() == ["opened", "bid", "text_changed"]


def test_an_editor_and_a_bidder_never_wait_for_each_other(floor: Floor) -> None:
    """The bid's entry refers to the lot's row, which the editor holds.

    With a lock that takes the key too, the editor waits for the bid and the bid for the editor.
    """
    answers: list[object] = []

    def bid() -> None:
        try:
            answers.append(floor.bid(0, 5000).you_lead)
        except Exception as error:  # noqa: BLE001 - told to the test
            answers.append(error)

    def edit(session: Session) -> None:
        lock_lot(session, floor.sale.lots[0])
        bidder = threading.Thread(target=bid)
        bidder.start()
        bidder.join(60)
        assert not bidder.is_alive()
        conduct.note_text_change(session, floor.sale.lots[0], ["title"], actor=1)

    do(floor, edit)
    assert answers == [True]
    assert floor.entries() == ["opened", "bid", "text_changed"]


def sale_state(floor: Floor) -> str:
    with floor.database.house_session(floor.house) as session:
        query = text("SELECT state FROM sale WHERE id = :id")
        return str(session.execute(query, {"id": floor.sale.sale_id}).scalar_one())


def test_a_sale_closes_with_its_last_lot(database: Database, oak: House) -> None:
    floor = make_floor(database, oak, lots=2)
    floor.bid(0, 5000)
    floor.run(
        "UPDATE lot_state SET ends_at = clock_timestamp() WHERE lot_id = :lot",
        lot=floor.sale.lots[0],
    )
    close_due(database, oak)
    assert (floor.state().outcome, floor.state(1).status) == ("sold", "open")
    assert sale_state(floor) == "published"
    floor.end()
    close_due(database, oak)
    assert floor.state(1).outcome == "unsold"
    assert sale_state(floor) == "closed"


def test_a_sale_closes_though_the_worker_died_after_its_last_lot(
    database: Database, oak: House
) -> None:
    floor = make_floor(database, oak, lasts=timedelta(milliseconds=50))
    threading.Event().wait(0.1)
    with database.house_connection(oak) as connection:
        assert close_lot(connection, floor.sale.lots[0]) == "unsold"
    assert sale_state(floor) == "published"
    close_due(database, oak)
    assert sale_state(floor) == "closed"


def test_a_sale_whose_lots_are_all_withdrawn_before_its_end_still_takes_lots(floor: Floor) -> None:
    do(floor, conduct.withdraw_lot, floor.sale.lots[0], notice="Broken", actor=1)
    close_due(floor.database, floor.house)
    assert sale_state(floor) == "published"


def test_a_lot_with_an_unmet_reserve_is_not_sold(database: Database, oak: House) -> None:
    floor = make_floor(database, oak, reserve=8000)
    floor.bid(0, 5000)
    floor.end()
    close_due(database, oak)
    assert (floor.state().outcome, floor.entries()[-1]) == ("unsold", "unsold")


def test_refusals_say_what_to_do(floor: Floor) -> None:
    refusals: list[DomainError] = [
        conduct.NoticeMissing(),
        conduct.SaleStateConflict(),
        *(conduct.ChangeRefused(group=group) for group in ("ends_at", "reserve", "opening")),
    ]
    assert len({refusal.message() for refusal in refusals}) == len(refusals)


def test_lots_are_opened_at_staggered_ends(database: Database, oak: House) -> None:
    floor = make_floor(database, oak, lots=3, interval=30)
    first = floor.ends_at()
    gaps = [(floor.ends_at(lot) - first).total_seconds() for lot in range(3)]
    assert gaps == [0, 30, 60]
    with database.house_session(oak) as session:
        assert first > database_now(session)
