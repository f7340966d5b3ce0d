"""A bidder's receipts, and the heads a house publishes of a sale."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse.bidding.book import book_of
from auctionhouse.bidding.ledger import iso, microseconds
from auctionhouse.bidding.published import public_heads
from auctionhouse.receipts.keys import current_signer
from auctionhouse.receipts.rules import head_statement, receipt_statement, signed_document
from auctionxchange.kernel.clock import database_now

_ACCEPTED = text(
    "SELECT t.lot_id, t.sequence, t.at, t.payload, t.hash, t.maximum, t.salt, t.pieces"
    " FROM ledger_entry t"
    " WHERE t.lot_id = :lot AND t.client_id = :client"
    " AND t.kind IN ('bid', 'raise', 'sealed_bid', 'purchase', 'taking')"
)
_ONE_ACCEPTED = text(f"{_ACCEPTED.text} AND t.sequence = :sequence")
_OWN_ACCEPTED = text(f"{_ACCEPTED.text} ORDER BY t.sequence LIMIT 1 OFFSET :before")
_IN_ORDER = text(f"{_ACCEPTED.text} ORDER BY t.sequence")
_REFUSED = text(
    "SELECT r.reference, r.lot_id, r.sequence, r.at, r.reason, r.statement, r.signature,"
    " r.maximum, r.salt, k.public_key FROM refused_bid r LEFT JOIN signing_key k ON k.id = r.key_id"
    " WHERE r.client_id = :client"
)
_REFUSED_ON = text(f"{_REFUSED.text} AND r.lot_id = :lot")
_ONE_REFUSED = text(f"{_REFUSED.text} AND r.reference = :reference")
_HUSHED = text("SELECT hides_bids AND status <> 'closed' FROM lot_state WHERE lot_id = :lot")


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """A receipt as a list shows it; the amount is the bidder's own maximum, minor units."""

    at: datetime
    path: str
    reason: str | None
    maximum: int | None
    told: Mapping[str, Any]
    pieces: int = 1

    @property
    def bought(self) -> bool:
        """Tell whether it is of a purchase."""
        return self.reason is None and self.told.get("kind") in {"purchase", "taking"}

    @property
    def paid(self) -> int:
        """Return the price of what was bought, for each piece where a price is paid for each."""
        price: int = self.told.get("amount", self.told["price"])
        return price

    @property
    def leads(self) -> bool:
        """Tell whether the bidder led after this bid."""
        return bool(self.told["leader"] == self.told["who"])

    @property
    def sealed(self) -> bool:
        """Tell whether it is of a sealed bid, of which nothing follows before the opening."""
        return self.told.get("kind") == "sealed_bid"


def receipts_on(session: Session, lot_id: int, client_id: int) -> list[ReceiptLine]:
    """Return a client's receipts on a lot, the latest first."""
    book = book_of(session, lot_id)
    values = {"lot": lot_id, "client": client_id}
    hushed = session.execute(_HUSHED, {"lot": lot_id}).scalar()
    accepted = [
        ReceiptLine(
            row.at, accepted_path(lot_id, row.sequence, nth if hushed else None), None,
            book.open(row.maximum), json.loads(row.payload), book.open(row.pieces) or 1,
        )
        for nth, row in enumerate(session.execute(_IN_ORDER, values), start=1)
    ]  # fmt: skip
    refused = [
        ReceiptLine(
            row.at, refused_path(row.reference), row.reason, book.open(row.maximum),
            json.loads(row.statement),
        )
        for row in session.execute(_REFUSED_ON, values)
    ]  # fmt: skip
    return sorted([*accepted, *refused], key=lambda line: line.at, reverse=True)


def accepted_path(lot_id: int, sequence: int, nth: int | None = None) -> str:
    """Return where the receipt of an accepted bid is downloaded.

    Where nobody may count the lot's bids it is the bidder's first, second … own.
    """
    return f"/me/receipts/{lot_id}/{sequence if nth is None else f'own/{nth}'}"


def refused_path(reference: UUID) -> str:
    """Return where the receipt of a refused bid is downloaded."""
    return f"/me/receipts/refused/{reference}"


def accepted_receipt(
    session: Session, lot_id: int, sequence: int, client_id: int, *, house: str
) -> dict[str, Any] | None:
    """Return the signed receipt of a client's own accepted bid; the house is named by its host.

    There is none by its sequence as long as nobody may count the lot's bids.
    """
    values = {"lot": lot_id, "sequence": sequence, "client": client_id}
    row = session.execute(_ONE_ACCEPTED, values).first()
    hushed = session.execute(_HUSHED, {"lot": lot_id}).scalar()
    return None if row is None or hushed else _accepted(session, row, house, sequence)


def own_receipt(
    session: Session, lot_id: int, nth: int, client_id: int, *, house: str
) -> dict[str, Any] | None:
    """Return the signed receipt of the first, second … own accepted bid, counted from 1.

    Where nobody may count the lot's bids it names the entry by its hash alone.
    """
    values = {"lot": lot_id, "client": client_id, "before": nth - 1}
    row = session.execute(_OWN_ACCEPTED, values).first() if nth > 0 else None
    hushed = session.execute(_HUSHED, {"lot": lot_id}).scalar()
    return None if row is None else _accepted(session, row, house, None if hushed else row.sequence)


def _accepted(session: Session, row: Any, house: str, sequence: int | None) -> dict[str, Any]:
    lot_id: int = row.lot_id
    signer, book = current_signer(session), book_of(session, lot_id)
    statement = receipt_statement(
        house=house,
        key=signer.id,
        told=json.loads(row.payload),
        outcome="accepted",
        reason=None,
        sequence=sequence,
        entry_hash=bytes(row.hash).hex(),
    )
    return signed_document(
        statement,
        signer.sign(statement),
        signer.public_key,
        secret=book.open_salt(row.salt),
        maximum=book.open(row.maximum),
        pieces=book.open(row.pieces),
    )


def refused_receipt(
    session: Session, reference: UUID, client_id: int, *, house: str
) -> dict[str, Any] | None:
    """Return the signed receipt of a client's own refused bid; the house is named by its host."""
    values = {"reference": reference, "client": client_id}
    row = session.execute(_ONE_REFUSED, values).first()
    if row is None:
        return None
    book = book_of(session, row.lot_id)
    return signed_document(
        *_signed(session, row, house),
        secret=book.open_salt(row.salt),
        maximum=book.open(row.maximum),
    )


def _signed(session: Session, row: Any, house: str) -> tuple[str, bytes, bytes]:
    """Return a refusal's statement, signature and public key; old ones are stored signed."""
    if row.signature is not None:
        return row.statement, bytes(row.signature), bytes(row.public_key)
    signer, told = current_signer(session), json.loads(row.statement)
    statement = receipt_statement(
        house=house,
        key=signer.id,
        told=told,
        outcome="refused",
        reason=row.reason,
        sequence=None if told["hash"] is None else row.sequence,
        entry_hash=told["hash"],
    )
    return statement, signer.sign(statement), signer.public_key


def published_heads(
    session: Session, sale_id: int, reference: str, *, house: str
) -> dict[str, Any]:
    """Return the signed heads of a sale's lots as they are now."""
    signer = current_signer(session)
    statement = head_statement(
        house=house,
        key=signer.id,
        sale=reference,
        at=iso(microseconds(database_now(session))),
        lots=public_heads(session, sale_id),
    )
    return signed_document(statement, signer.sign(statement), signer.public_key)
