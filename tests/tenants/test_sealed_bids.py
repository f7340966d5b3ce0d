"""Sealed bids on a real database: handed in, replaced, taken back, opened by clock or by two."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text as sql
from sqlalchemy.exc import IntegrityError

from auctionhouse.bidding import conduct, errors
from auctionhouse.bidding.batch import BidResult
from auctionhouse.bidding.checked import check_sale
from auctionhouse.bidding.closing import close_due
from auctionhouse.bidding.guard_errors import (
    ConfirmationNeeded,
    HouseBidRefused,
    NoStandingBid,
    OtherLotLed,
    OverSpending,
)
from auctionhouse.bidding.house_bids import place_house_bid
from auctionhouse.bidding.limits import set_limits
from auctionhouse.bidding.opened_book import open_book
from auctionhouse.bidding.operations import place_bids
from auctionhouse.bidding.queries import OwnBid, explain, lot_history, own_bids
from auctionhouse.bidding.reopening import reopen_lot
from auctionhouse.bidding.retraction import cancel_bid
from auctionhouse.bidding.sealed.operations import open_sealed_bids, withdraw_sealed_bid
from auctionhouse.bidding.sealed.refusals import (
    NoSealedBid,
    OpenedBidsStay,
    SameSealedBid,
    SealedBidFinal,
    SealedBidStays,
    SealedUntilOpening,
    SecondPersonNeeded,
)
from auctionhouse.bidding.submissions import Submission
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.errors import DomainError, Forbidden
from auctionxchange.kernel.money import currency
from auctionxchange.tenancy.house import House
from factories.floor import Floor, make_floor
from factories.leaks import states
from factories.ledgers import downloaded, forged, verdicts, wrong
from factories.visitors import make_member

SEALED: dict[str, Any] = {"increments": [[0, 1000]], "format": "sealed_first"}


def sealed(form: str = "sealed_first", **settings: Any) -> dict[str, Any]:
    return {**SEALED, "format": form, "sealed": settings}


def do(floor: Floor, act: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    with floor.database.house_session(floor.house) as session, session.begin():
        return act(session, floor.sale.lots[0], *arguments, **options)


def withdraw(floor: Floor, bidder: int) -> None:
    client, member = floor.sale.bidders[bidder]
    do(floor, withdraw_sealed_bid, client_id=client, actor=member)


def end(floor: Floor) -> None:
    floor.end()
    close_due(floor.database, floor.house)


def result(floor: Floor) -> tuple[str | None, int | None, int | None]:
    """Return outcome, price and the number of the bidder who leads."""
    state = floor.state()
    clients = [client for client, _member in floor.sale.bidders]
    leader = state.leader_client_id
    return state.outcome, state.price, None if leader is None else clients.index(leader)


@pytest.mark.parametrize(
    ("form", "reserve", "expected"),
    [
        ("sealed_first", None, ("sold", 7000, 1)),
        ("sealed_second", None, ("sold", 5000, 1)),
        ("sealed_second", 6000, ("sold", 6000, 1)),
        ("sealed_first", 7000, ("sold", 7000, 1)),
        ("sealed_first", 7001, ("unsold", 7000, 1)),
        ("sealed_second", 7001, ("unsold", 7000, 1)),
    ],
)
def test_the_best_bid_wins_at_the_price_of_the_format_and_all_of_it_is_proved(
    database: Database, oak: House, form: str, reserve: int | None, expected: tuple[Any, ...]
) -> None:
    floor = make_floor(database, oak, terms=sealed(form), reserve=reserve)
    for bidder, amount in ((0, 5000), (1, 7000), (2, 5000)):
        answered = floor.bid(bidder, amount)
        assert (answered.outcome, answered.price, answered.you_lead) == ("sealed", None, False)
    assert floor.state().bid_count == 3
    assert verdicts(downloaded(floor)) == {"proved"}
    end(floor)
    assert result(floor) == expected
    assert floor.entries()[-2:] == ["bids_opened", "hammer" if expected[0] == "sold" else "unsold"]
    text = downloaded(floor)
    assert wrong(text) == []
    assert ("open" in verdicts(text)) == (reserve not in {None, 6000, 7000})
    with database.house_session(oak) as session:
        [checked] = check_sale(session, floor.sale.sale_id)
        said = explain(session, floor.sale.lots[0], currency("GBP"), "en")
        history = [(line.amount, line.kind) for line in lot_history(session, floor.sale.lots[0])]
    assert checked.differences == []
    assert any("opened" in sentence for sentence in said)
    assert history == [(5000, "sealed_bid"), (7000, "sealed_bid"), (5000, "sealed_bid")]


def test_of_equal_bids_the_earlier_wins_and_a_replaced_bid_loses_its_place(
    database: Database, oak: House
) -> None:
    floor = make_floor(database, oak, terms=sealed(changes="replace"))
    floor.bid(0, 7000)
    floor.bid(1, 7000)
    floor.bid(0, 8000)
    floor.bid(0, 7000)
    assert floor.state().bid_count == 2
    end(floor)
    assert result(floor) == ("sold", 7000, 1)
    assert verdicts(downloaded(floor)) == {"proved"}


def test_what_bidders_may_do_with_their_bid_is_in_the_terms(database: Database, oak: House) -> None:
    floor = make_floor(database, oak, terms=sealed())
    floor.bid(0, 5000)
    with pytest.raises(SealedBidFinal):
        floor.bid(0, 6000)
    with pytest.raises(SealedBidStays):
        withdraw(floor, 0)
    floor = make_floor(database, oak, terms=sealed(changes="replace"))
    floor.bid(0, 5000)
    with pytest.raises(SameSealedBid):
        floor.bid(0, 5000)
    floor.bid(0, 4000)
    with pytest.raises(SealedBidStays):
        withdraw(floor, 0)
    floor = make_floor(database, oak, terms=sealed(changes="withdraw"))
    floor.bid(0, 5000)
    withdraw(floor, 0)
    assert floor.state().bid_count == 0
    with pytest.raises(NoSealedBid):
        withdraw(floor, 0)
    with pytest.raises(errors.BidTooLow):
        floor.bid(0, 999)
    floor.bid(0, 3000)
    with database.house_session(oak) as session:
        client = floor.sale.bidders[0][0]
        assert own_bids(session, client, floor.sale.lots) == {floor.sale.lots[0]: OwnBid(3000)}
    floor.end()
    with pytest.raises(errors.LotClosed):
        floor.bid(1, 9000)
    with pytest.raises(errors.LotClosed):
        withdraw(floor, 0)
    close_due(database, oak)
    assert result(floor) == ("sold", 3000, 0)
    assert verdicts(downloaded(floor)) == {"proved"}


def test_a_retried_bid_is_one_and_bids_that_meet_are_decided_together(
    database: Database, oak: House
) -> None:
    floor = make_floor(database, oak, terms=sealed(changes="replace"))
    token = uuid4()
    first = floor.bid(0, 5000, token=token)
    again = floor.bid(0, 5000, token=token)
    assert (again.repeated, again.sequence) == (True, first.sequence)
    with pytest.raises(errors.TokenReused):
        floor.bid(0, 6000, token=token)

    def offer(bidder: int, amount: int, token: UUID | None = None) -> Submission:
        client, member = floor.sale.bidders[bidder]
        return Submission(client, member, amount, token or uuid4())

    same = uuid4()
    with database.house_connection(oak) as connection:
        answers = place_bids(
            connection, floor.sale.lots[0],
            [offer(1, 4000, same), offer(1, 4000, same), offer(2, 10), offer(1, 4500)],
        )  # fmt: skip
    kinds = [type(answer).__name__ for answer in answers]
    assert kinds == ["BidResult", "BidResult", "BelowLeastBid", "BidResult"]
    assert isinstance(answers[1], BidResult)
    assert answers[1].repeated
    assert floor.state().bid_count == 2


def test_two_members_of_staff_open_what_the_sale_leaves_to_them(
    database: Database, oak: House
) -> None:
    floor = make_floor(database, oak, terms=sealed(opened_by="staff"))
    floor.bid(0, 5000)
    floor.bid(1, 6000)
    one, other = (make_member(database, oak, roles=("clerk",)).id for _ in range(2))
    bidder = make_member(database, oak).id
    with pytest.raises(SealedUntilOpening):
        do(floor, open_sealed_bids, actor=one)
    end(floor)
    assert (floor.state().status, result(floor)) == ("ended", (None, None, None))
    close_due(database, oak)
    assert floor.entries().count("ended") == 1
    with pytest.raises(Forbidden):
        do(floor, open_sealed_bids, actor=bidder)
    assert do(floor, open_sealed_bids, actor=one) == "asked"
    with pytest.raises(SecondPersonNeeded):
        do(floor, open_sealed_bids, actor=one)
    assert floor.state().price is None
    assert do(floor, open_sealed_bids, actor=other) == "opened"
    assert result(floor) == ("sold", 6000, 1)
    with pytest.raises(SealedUntilOpening):
        do(floor, open_sealed_bids, actor=one)
    text = downloaded(floor)
    assert verdicts(text) == {"proved"}
    assert floor.entries()[-4:] == ["ended", "opening_asked", "bids_opened", "hammer"]
    with database.house_session(oak) as session:
        audited = session.execute(
            sql("SELECT action FROM audit_entry WHERE subject = :lot ORDER BY id"),
            {"lot": f"lot:{floor.sale.lots[0]}"},
        ).scalars()
        assert list(audited)[-2:] == ["lot.opening_asked", "lot.opening_opened"]


def test_two_who_open_at_the_same_moment_open_once(database: Database, oak: House) -> None:
    floor = make_floor(database, oak, terms=sealed(opened_by="staff"))
    floor.bid(0, 5000)
    end(floor)
    people = [make_member(database, oak, roles=("clerk",)).id for _ in range(4)]
    answers = all_at_once(
        *(partial(do, floor, open_sealed_bids, actor=member) for member in people)
    )
    assert sorted(map(str, answers))[-2:] == ["asked", "opened"]
    assert floor.entries().count("bids_opened") == 1
    assert floor.entries().count("hammer") == 1


def test_a_bid_and_the_opening_meet_and_one_is_first(database: Database, oak: House) -> None:
    """Whoever holds the lot first is first: the bid is opened too, or it is late."""
    for _ in range(4):
        floor = make_floor(database, oak, terms=sealed())
        floor.bid(0, 5000)
        answers = all_at_once(
            partial(floor.bid, 1, 6000), partial(end, floor), partial(floor.bid, 2, 7000)
        )
        close_due(database, oak)
        amounts = [5000] + [
            amount
            for amount, answer in zip((6000, 7000), answers[::2], strict=True)
            if isinstance(answer, BidResult)
        ]
        assert result(floor)[:2] == ("sold", max(amounts))
        assert floor.state().bid_count == len(amounts)
        assert wrong(downloaded(floor)) == []


def test_staff_cancel_a_bid_unread_and_nothing_else_can_be_done_with_it(
    database: Database, oak: House
) -> None:
    floor = make_floor(
        database, oak, terms={**sealed(), "house_bidding": "below_reserve"}, reserve=90000
    )
    first = floor.bid(0, 95000)
    floor.bid(1, 91000)
    staff = make_member(database, oak, roles=("owner",)).id
    with pytest.raises(SealedUntilOpening):
        do(floor, open_book, member_id=staff, reason="curious")
    with pytest.raises(HouseBidRefused):
        do(floor, place_house_bid, 5000, actor=staff, token=uuid4())
    with pytest.raises(NoStandingBid):
        do(floor, cancel_bid, 99, reason="slip", notice="", actor=staff)
    do(floor, cancel_bid, first.sequence, reason="slip", notice="A slip", actor=staff)
    assert floor.state().bid_count == 1
    end(floor)
    assert result(floor) == ("sold", 91000, 1)
    text = downloaded(floor)
    assert wrong(text) == []
    with database.house_session(oak) as session:
        said = explain(session, floor.sale.lots[0], currency("GBP"), "en")
    assert "No bid remains" not in " ".join(said)
    with pytest.raises(SealedUntilOpening):
        do(floor, open_book, member_id=staff, reason="curious")


def test_limits_count_sealed_bids_as_long_as_they_stand(database: Database, oak: House) -> None:
    floor = make_floor(database, oak, lots=3, terms=sealed(changes="withdraw"))
    client, member = floor.sale.bidders[0]

    def limit(spending: int | None, *choices: list[str]) -> None:
        with database.house_session(oak) as session, session.begin():
            set_limits(
                session, floor.sale.sale_id, client, spending=spending, choices=choices,
                actor=member,
            )  # fmt: skip

    limit(9000, ["2", "3"])
    floor.bid(0, 5000)
    with pytest.raises(OverSpending):
        floor.bid(0, 4500, lot=1)
    floor.bid(0, 3000, lot=1)
    with pytest.raises(OtherLotLed):
        floor.bid(0, 1000, lot=2)
    withdraw(floor, 0)
    floor.bid(0, 6000)


def test_a_slip_is_asked_about_and_a_bid_limit_holds(database: Database, oak: House) -> None:
    floor = make_floor(database, oak, terms={**sealed(), "bid_limit": 50_000})
    client, member = floor.sale.bidders[0]

    def offer(amount: int) -> Any:
        offered = Submission(client, member, amount, uuid4(), confirmed=False)
        with database.house_connection(oak) as connection:
            return place_bids(connection, floor.sale.lots[0], [offered])[0]

    assert isinstance(offer(5000), ConfirmationNeeded)
    assert isinstance(offer(50_001), errors.OverLimit)
    assert isinstance(offer(4999), BidResult)


def test_a_lot_whose_bids_were_opened_takes_no_sealed_bids_again(
    database: Database, oak: House
) -> None:
    floor = make_floor(database, oak, terms=sealed(), lots=2)
    floor.bid(0, 5000)
    end(floor)
    later = floor.ends_at().replace(year=2040)
    with pytest.raises(OpenedBidsStay):
        do(floor, reopen_lot, ends_at=later, notice="again", actor=None)
    with database.house_session(oak) as session, session.begin():
        reopen_lot(session, floor.sale.lots[1], ends_at=later, notice="again", actor=None)
    floor.bid(1, 4000, lot=1)
    assert floor.entries(1)[-2:] == ["reopened", "sealed_bid"]


def test_a_withdrawn_lot_never_opens_its_bids(database: Database, oak: House) -> None:
    floor = make_floor(database, oak, terms=sealed(opened_by="staff"))
    floor.bid(0, 5000)
    end(floor)
    do(floor, conduct.withdraw_lot, notice="Not authentic", actor=None)
    staff = make_member(database, oak, roles=("owner",)).id
    with pytest.raises(SealedUntilOpening):
        do(floor, open_sealed_bids, actor=staff)
    text = downloaded(floor)
    assert not states(text, 5000)
    assert "bids_opened" not in text


TAMPERED: dict[str, tuple[int, Callable[[dict[str, Any]], None]]] = {
    "amount": (5, lambda payload: payload["opened"][0].update(amount=8000)),
    "left out": (5, lambda payload: payload.update(opened=payload["opened"][1:], bids=2)),
    "winner": (5, lambda payload: payload.update(leader=payload["opened"][0]["who"])),
    "price": (5, lambda payload: payload.update(price=6000)),
    "hammer": (6, lambda payload: payload.update(price=6000)),
    "buyer": (6, lambda payload: payload.update(who="AAAAAA")),
    "early": (5, lambda payload: payload.update(at="2020-01-01T00:00:00.000000Z")),
    "count": (3, lambda payload: payload.update(bids=7)),
    "by staff": (5, lambda payload: payload.update(by=["AAAAAA", "BBBBBB"])),
    "commitment": (2, lambda payload: payload.update(maximum="00" * 32)),
    "unopened": (5, lambda payload: payload.update(kind="paused", notice="")),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_a_forged_opening_is_found(database: Database, oak: House, what: str) -> None:
    floor = make_floor(database, oak, terms=sealed())
    for bidder, amount in ((0, 5000), (1, 7000), (2, 6000)):
        floor.bid(bidder, amount)
    end(floor)
    text = downloaded(floor)
    assert wrong(text) == []
    sequence, change = TAMPERED[what]
    assert wrong(forged(text, sequence, change)), what


def test_the_database_itself_opens_nothing_before_the_end(database: Database, oak: House) -> None:
    """Whatever the code does, a price, a leader or an opening before the end is refused."""
    floor = make_floor(database, oak, terms=sealed())
    floor.bid(0, 5000)
    lot = floor.sale.lots[0]
    for change in ("price = 5", "leader_client_id = 1", "maximum = '\\x00'"):
        with pytest.raises(IntegrityError, match="lot_state_sealed"):
            floor.run(f"UPDATE lot_state SET {change} WHERE lot_id = :lot", lot=lot)
    entry = (
        "INSERT INTO ledger_entry (lot_id, sequence, at, kind, payload, hash)"
        " VALUES (:lot, 99, now(), :kind, :payload, '')"
    )
    with pytest.raises(IntegrityError, match="not opened before the end"):
        floor.run(entry, lot=lot, kind="bids_opened", payload="{}")
    with pytest.raises(IntegrityError, match="ledger_entry_sealed"):
        floor.run(entry, lot=lot, kind="sealed_bid", payload='{"amount": 5}')
    floor.end()
    with pytest.raises(IntegrityError, match="by two"):
        floor.run(entry, lot=lot, kind="bids_opened", payload='{"by": ["A", "A"]}')


def all_at_once(*tasks: Callable[[], object]) -> list[object]:
    """Start tasks together in threads; return their answers or refusals in the tasks' order."""
    answers: list[object] = [None] * len(tasks)
    start = threading.Barrier(len(tasks))

    def run(place: int, task: Callable[[], object]) -> None:
        start.wait(60)
        try:
            answers[place] = task()
        except DomainError as refusal:
            answers[place] = refusal

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers
