"""Placing a bid: the only way a submission of a bidder, or of staff for one, reaches a lot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from psycopg2.errors import UniqueViolation
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from auctionhouse.bidding.errors import (
    BidTooLow,
    LotClosed,
    LotNotOpen,
    NotARaise,
    TokenReused,
)
from auctionhouse.bidding.guard_errors import NoStandingBid
from auctionhouse.bidding.guards import Passed, any_limited, check_bid, check_meant
from auctionhouse.bidding.hot_lot import HotLot, Private, bound, hold, hold_free, salted, write
from auctionhouse.bidding.ledger import marks, moment
from auctionhouse.bidding.rules import Decision, decide
from auctionhouse.bidding.submissions import (
    BROWSER_COLUMNS,
    COLUMNS,
    HOLD_LIMITED,
    JOINS,
    ORDER,
    Submission,
    asked_of,
)
from auctionhouse.bidding.together import move_others
from auctionhouse.bidding.witness import witnessed
from auctionxchange.kernel.errors import DomainError
from auctionxchange.kernel.money import LARGEST_AMOUNT, AmountInvalid, currency, format_amount


@dataclass(frozen=True, slots=True)
class BidResult:
    """What an accepted bid led to; amounts in minor units, time in UTC."""

    outcome: str
    price: int
    asking: int
    ends_at: Any
    reserve_met: bool
    you_lead: bool
    sequence: int
    repeated: bool = False


Answer = BidResult | DomainError


def place_bid(
    connection: Connection | Session,
    *,
    lot_id: int,
    client_id: int,
    placed_by_member_id: int,
    maximum: int,
    token: UUID,
    locale: str = "en",
) -> BidResult:
    """Submit a maximum in minor units; the caller's transaction makes it final.

    The same token with the same amount answers as before and changes nothing; with another it
    raises TokenReused. Raises the refusals of bidding.errors, NotRegistered and AmountInvalid.
    """
    submission = Submission(client_id, placed_by_member_id, maximum, token, locale)
    (answer,) = place_bids(connection, lot_id, [submission])
    if isinstance(answer, DomainError):
        raise answer
    return answer


def place_bids(
    connection: Connection | Session, lot_id: int, submissions: Sequence[Submission]
) -> list[Answer]:
    """Decide submissions that met at a lot in their order, at one moment and with one write.

    Each has its own answer, as if it had come alone: what place_bid returns or raises. Raises
    TokenReused where a token came at the same moment for another lot; the transaction is lost
    then, and nothing of these submissions is kept.
    """
    parameters = asked_of([(lot_id, submission) for submission in submissions])
    lot = hold(
        connection, lot_id, before=HOLD_LIMITED, columns=COLUMNS, joins=JOINS, order=ORDER,
        parameters=parameters,
    )  # fmt: skip
    batch = _decided(connection, lot, submissions)
    _write(connection, [batch])
    return batch.answers


def place_where_free(
    connection: Connection, asked: Mapping[int, Sequence[Submission]]
) -> dict[int, list[Answer]]:
    """Decide submissions at several lots with one read and one write, waiting for none of them.

    A lot that somebody holds, or that closes together with others, has no answers, nor has one for
    whose bidders other lots matter too; for the others it is as if place_bids were asked for each.
    """
    parameters = asked_of([(lot, one) for lot, submissions in asked.items() for one in submissions])
    lots = hold_free(
        connection, list(asked), columns=COLUMNS, joins=JOINS, order=ORDER, parameters=parameters
    )
    batches = [_decided(connection, lot, asked[lot.lot_id]) for lot in lots if not any_limited(lot)]
    _write(connection, batches)
    return {batch.lot.lot_id: batch.answers for batch in batches}


@dataclass(slots=True)
class _Batch:
    """Submissions being decided together on a lot that is held, and what they led to so far.

    The end is the one before the first of them; taken are the accepted ones by token with their
    sequences; members, standings and the price at which a leader was passed are by client, the
    latest counting.
    """

    connection: Connection | Session
    lot: HotLot
    ended: int
    answers: list[Answer] = field(default_factory=list)
    taken: dict[UUID, tuple[Submission, int]] = field(default_factory=dict)
    members: dict[int, int | None] = field(default_factory=dict)
    standings: dict[int, str] = field(default_factory=dict)
    passed: dict[int, int | None] = field(default_factory=dict)
    extended: bool = False


def _decided(
    connection: Connection | Session, lot: HotLot, submissions: Sequence[Submission]
) -> _Batch:
    batch = _Batch(connection, lot, ended=lot.state.ends_at)
    for asked, submission in zip(lot.asked, submissions, strict=True):
        lot.extra = asked
        batch.answers.append(_answer(batch, submission))
    return batch


def _answer(batch: _Batch, submission: Submission) -> Answer:
    """Decide one submission; its refusal leaves no trace on the lot."""
    lot = batch.lot
    try:
        if not 0 < submission.maximum <= LARGEST_AMOUNT:
            raise AmountInvalid(example="1250")
        submission = _admitted(lot, submission)
        with witnessed(lot, submission.client_id, submission.maximum):
            return _submit(batch, submission)
    except DomainError as refusal:
        return refusal


def _admitted(lot: HotLot, submission: Submission) -> Submission:
    """Fill in who offers it where a browser does."""
    browser = submission.browser
    if browser is None:
        return submission
    client, member, locale = browser.admit(lot.row, lot.extra[-BROWSER_COLUMNS:])
    return replace(
        submission, client_id=client, placed_by_member_id=member, locale=locale, browser=None
    )


def _submit(batch: _Batch, submission: Submission) -> BidResult:
    lot, client_id, maximum = batch.lot, submission.client_id, submission.maximum
    before = _repeated(batch, submission)
    if before is not None:
        return before
    passed = check_bid(batch.connection, lot, submission)
    at = max(lot.now, lot.state.opens_at) if passed.in_advance else lot.now
    decision = decide(lot.terms, lot.state, client_id, maximum, at)
    if not decision.accepted:
        _refuse(lot, decision, submission.locale)
    check_meant(lot, submission)
    sequence = _record(batch, decision, submission, passed)
    batch.taken[submission.token] = submission, sequence
    return _result(lot, client_id, sequence)


def _write(connection: Connection | Session, batches: Sequence[_Batch]) -> None:
    moved = [batch for batch in batches if batch.lot.entries]
    if not moved:
        return
    for batch in moved:
        _announce(batch)
    others = [batch for batch in moved if batch.extended and batch.lot.moves_others]
    try:
        write(connection, *(batch.lot for batch in moved), last=not others)
    except UniqueViolation as error:
        # A token came at the same moment for another lot, whose row this one does not wait for.
        raise TokenReused from error
    for batch in others:
        move_others(connection, batch.lot, batch.ended)


def _announce(batch: _Batch) -> None:
    """Tell the pages where the lot stands now, and the people how they do."""
    lot = batch.lot
    lot.announce_state(extended=batch.extended)
    for client_id, standing in batch.standings.items():
        _standing(lot, batch.members.get(client_id), standing)
    for client_id, price in batch.passed.items():
        lot.enqueue("bidding.outbid_mail", lot=lot.lot_id, client=client_id, price=price)


def _repeated(batch: _Batch, submission: Submission) -> BidResult | None:
    """Answer a submission that came before under its token, in this batch too."""
    lot, client_id, maximum = batch.lot, submission.client_id, submission.maximum
    if submission.token in batch.taken:
        first, sequence = batch.taken[submission.token]
        same = (first.client_id, first.maximum) == (client_id, maximum)
    else:
        known_lot, known_client, sealed, sequence = lot.extra[2:6]
        if known_lot is None:
            return None
        same = (known_lot, known_client) == (lot.lot_id, client_id)
        same = same and lot.book.open(sealed) == maximum
    if not same:
        raise TokenReused
    if lot.state.price is None:
        raise NoStandingBid
    return _result(lot, client_id, sequence, repeated=True)


def _refuse(lot: HotLot, decision: Decision, locale: str) -> None:
    if decision.reason == "late":
        raise LotClosed
    if decision.reason == "early":
        raise LotNotOpen
    if decision.reason == "no_change":
        raise NotARaise
    raise BidTooLow(minimum=lot.asking, shown=_shown(lot, lot.asking, locale))


def _shown(lot: HotLot, amount: int, locale: str) -> str:
    return format_amount(amount, currency(lot.row["currency"]), locale)


def _record(batch: _Batch, decision: Decision, submission: Submission, passed: Passed) -> int:
    """Turn a decision into entries, events and jobs; returns the bid's sequence."""
    lot, client_id, maximum = batch.lot, submission.client_id, submission.maximum
    outbid, bidder = lot.state.leader, lot.extra[6]
    placed_by = submission.placed_by_member_id
    lot.state = decision.state
    secret, hidden = salted("maximum", maximum)
    told = marks(
        bytes(lot.row["secret"]), placed_by=placed_by, staff=placed_by != bidder, house=passed.house
    )
    public = {
        "who": lot.name_of(client_id),
        "maximum": hidden,
        "marks": bound(secret, "marks", told),
        **({"in_advance": True} if passed.in_advance else {}),
        **lot.shown(),
    }
    kept = Private(client_id, placed_by, maximum, token=submission.token, salt=secret)
    if decision.own_raise:
        sequence = lot.enter("raise", public, kept)
    else:
        leads = lot.state.leader == client_id
        amount = lot.state.price if leads else decision.maximum
        sequence = lot.enter("bid", {**public, "amount": amount}, kept)
        _follow(lot, decision)
    batch.extended = batch.extended or decision.extended
    _tell(batch, client_id, outbid)
    return sequence


def _follow(lot: HotLot, decision: Decision) -> None:
    """Enter the leader's automatic answer and the extension the bid caused."""
    if decision.automatic:
        public = {"who": lot.name_of(lot.state.leader), "amount": lot.state.price, **lot.shown()}
        lot.enter("automatic", public, Private(client_id=_client(lot.state.leader)))
    if decision.extended:
        lot.enter("extended", lot.shown())


def _tell(batch: _Batch, client_id: int, outbid: int | str | None) -> None:
    """Note for the bidder, and for whoever led before, how they stand."""
    lot = batch.lot
    bidder, first_leader = lot.extra[6:8]
    leads = lot.state.leader == client_id
    batch.members[client_id] = bidder
    batch.standings[client_id] = "leading" if leads else "outbid"
    if outbid is not None and leads and outbid != client_id:
        batch.members.setdefault(int(outbid), first_leader)
        batch.standings[int(outbid)] = "outbid"
        batch.passed[int(outbid)] = lot.state.price


def _standing(lot: HotLot, member_id: int | None, standing: str) -> None:
    """Announce a standing to a member's own channel; a client without an account has none."""
    if member_id is None:
        return
    payload = {
        "type": "standing",
        "lot": lot.lot_id,
        "standing": standing,
        "price": lot.state.price,
        "number": lot.row["number"],
        "reference": lot.row["reference"],
    }
    lot.announce(f"member:{member_id}", payload)


def _client(leader: int | str | None) -> int | None:
    return None if leader is None else int(leader)


def _result(lot: HotLot, client_id: int, sequence: int, *, repeated: bool = False) -> BidResult:
    assert lot.state.price is not None
    leads = lot.state.leader == client_id
    return BidResult(
        outcome="leading" if leads else "outbid",
        price=lot.state.price,
        asking=lot.asking,
        ends_at=moment(lot.state.ends_at),
        reserve_met=lot.state.reserve_met,
        you_lead=leads,
        sequence=sequence,
        repeated=repeated,
    )
