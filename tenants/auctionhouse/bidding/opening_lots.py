"""The first state and the first ledger entry of lots that are being published."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg2.extras import execute_values
from sqlalchemy.orm import Session

from auctionhouse.bidding.book import Book, book_of
from auctionhouse.bidding.dutch.rules import passes_before
from auctionhouse.bidding.hot_lot import cursor_of, salted
from auctionhouse.bidding.ledger import Chain, iso, microseconds
from auctionhouse.bidding.outage_rule import published_outage_rule
from auctionhouse.bidding.terms import SECOND, amounts_of, public_terms, stored_terms


def open_lots(
    session: Session, lots: Sequence[Mapping[str, Any]], sale: Mapping[str, Any], now: datetime
) -> None:
    """Write the first state and the entry "opened" of lots that had none.

    A lot has id, number, opening, reserve, quantity, buy_now and buy_now_until (amounts or None),
    terms (JSON text or None), starts_at and ends_at.
    """
    states, entries = [], []
    for lot in lots:
        state, entry = _opening_rows(lot, sale, now, book_of(session, lot["id"]))
        states.append(state)
        entries.append(entry)
    cursor = cursor_of(session)
    execute_values(
        cursor,
        "INSERT INTO lot_state (lot_id, sale_id, status, starts_at, ends_at, scheduled_ends_at,"
        " asking, reserve_met, chain_length, chain_head, last_at, secret, format, pieces,"
        " hides_bids, passes_before_s)"
        " VALUES %s",
        states,
    )
    execute_values(
        cursor,
        "INSERT INTO ledger_entry (lot_id, sequence, at, kind, payload, hash, maximum, salt)"
        " VALUES %s",
        entries,
    )


def _opening_rows(
    lot: Mapping[str, Any], sale: Mapping[str, Any], now: datetime, book: Book
) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    terms = stored_terms(sale["terms"], lot["terms"], amounts_of(lot))
    secret, reserve = salted("reserve", terms.reserve)
    chain = Chain(sale["reference"], lot["number"], 0, bytes(32), 0)
    entry = chain.add(
        "opened",
        microseconds(now),
        {
            "currency": sale["currency"],
            "terms": public_terms(terms),
            "outage": published_outage_rule(sale["terms"]),
            "reserve": None if terms.reserve is None else reserve,
            "starts_at": iso(microseconds(lot["starts_at"])),
            "ends_at": iso(microseconds(lot["ends_at"])),
        },
    )
    state = (
        lot["id"], sale["id"], "open", lot["starts_at"], lot["ends_at"], lot["ends_at"],
        terms.opening, terms.reserve is None, 1, entry.hash, now, secrets.token_bytes(16),
        terms.format, terms.pieces, terms.sealed is not None and not terms.sealed.count,
        0 if terms.clock is None else passes_before(terms) // SECOND,
    )  # fmt: skip
    row = (
        lot["id"], 1, now, "opened", entry.payload, entry.hash, book.close(terms.reserve),
        book.close_salt(secret),
    )  # fmt: skip
    return state, row
