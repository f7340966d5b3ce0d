"""Placing a bid: the only way a submission of a bidder, or of staff for one, reaches a lot."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from psycopg2.errors import UniqueViolation
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from auctionhouse.bidding.batch import Answer, Batch, BidResult, announce_standing
from auctionhouse.bidding.errors import TokenReused
from auctionhouse.bidding.formats import format_of
from auctionhouse.bidding.guards import any_limited, check_bid, check_pieces
from auctionhouse.bidding.hot_lot import HotLot, hold, hold_free, write
from auctionhouse.bidding.lot_offers import lapse_offers
from auctionhouse.bidding.submissions import (
    BROWSER_COLUMNS,
    COLUMNS,
    HOLD_LIMITED,
    JOINS,
    ORDER,
    PIECES,
    Submission,
    asked_of,
)
from auctionhouse.bidding.together import move_others
from auctionhouse.bidding.witness import witnessed
from auctionxchange.kernel.errors import DomainError
from auctionxchange.kernel.money import LARGEST_AMOUNT, AmountInvalid


def place_bid(
    connection: Connection | Session,
    *,
    lot_id: int,
    client_id: int,
    placed_by_member_id: int,
    maximum: int,
    token: UUID,
    locale: str = "en",
    pieces: int = 1,
) -> BidResult:
    """Submit a maximum in minor units; the caller's transaction makes it final.

    Where buyers may share a lot's pieces it is the price for each of so many.
    The same token with the same amount answers as before and changes nothing; with another it
    raises TokenReused. Raises the refusals of bidding.errors, NotRegistered and AmountInvalid.
    """
    submission = Submission(client_id, placed_by_member_id, maximum, token, locale, pieces=pieces)
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


def _decided(
    connection: Connection | Session, lot: HotLot, submissions: Sequence[Submission]
) -> Batch:
    batch = Batch(connection, lot, ended=lot.state.ends_at)
    for asked, submission in zip(lot.asked, submissions, strict=True):
        lot.extra = asked
        batch.answers.append(_answer(batch, submission))
    return batch


def _answer(batch: Batch, submission: Submission) -> Answer:
    """Decide one submission; its refusal leaves the lot alone and a receipt behind."""
    lot = batch.lot
    try:
        if not 0 < submission.maximum <= LARGEST_AMOUNT:
            raise AmountInvalid(example="1250")
        check_pieces(lot, submission)
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


def _submit(batch: Batch, submission: Submission) -> BidResult:
    before = _repeated(batch, submission)
    if before is not None:
        return before
    passed = check_bid(batch.connection, batch.lot, submission)
    return format_of(batch.lot).submit(batch, submission, passed)


def _write(connection: Connection | Session, batches: Sequence[Batch]) -> None:
    moved = [batch for batch in batches if batch.lot.entries]
    told = [batch.lot for batch in batches if batch.lot.entries or batch.lot.refusals]
    if not told:
        return
    for batch in moved:
        _announce(batch)
        if batch.lot.terms.offers != "never" and batch.lot.row["price"] is None:
            lapse_offers(connection, batch.lot)
    others = [batch for batch in moved if batch.extended and batch.lot.moves_others]
    try:
        write(connection, *told, last=not others)
    except UniqueViolation as error:
        # A token came at the same moment for another lot, whose row this one does not wait for.
        raise TokenReused from error
    for batch in others:
        move_others(connection, batch.lot, batch.ended)


def _announce(batch: Batch) -> None:
    """Tell the pages where the lot stands now, and the people how they do."""
    lot = batch.lot
    lot.quiet = lot.hushed
    if not lot.quiet:
        lot.announce_state(extended=batch.extended)
    for client_id, standing in batch.standings.items():
        announce_standing(lot, batch.members.get(client_id), standing)
    for client_id, price in batch.passed.items():
        lot.enqueue("bidding.outbid_mail", lot=lot.lot_id, client=client_id, price=price)


def _repeated(batch: Batch, submission: Submission) -> BidResult | None:
    """Answer a submission that came before under its token, in this batch too."""
    lot, client_id, maximum = batch.lot, submission.client_id, submission.maximum
    if submission.token in batch.taken:
        first, sequence = batch.taken[submission.token]
        same = (first.client_id, first.maximum) == (client_id, maximum)
        same = same and first.pieces == submission.pieces
    else:
        known_lot, known_client, sealed, sequence = lot.extra[2:6]
        if known_lot is None:
            return None
        same = (known_lot, known_client) == (lot.lot_id, client_id)
        same = same and lot.book.open(sealed) == maximum
        same = same and (lot.book.open(lot.extra[PIECES]) or 1) == submission.pieces
    if not same:
        raise TokenReused
    return replace(format_of(lot).answer(batch, client_id, sequence), repeated=True)
