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
from auctionhouse.receipts.keys import current_signer
from auctionhouse.receipts.rules import head_statement, receipt_statement, signed_document
from auctionxchange.kernel.clock import database_now

_ACCEPTED = text(
    "SELECT t.lot_id, t.sequence, t.at, t.payload, t.hash, t.maximum, t.salt FROM ledger_entry t"
    " WHERE t.lot_id = :lot AND t.client_id = :client AND t.kind IN ('bid', 'raise', 'purchase')"
)
_ONE_ACCEPTED = text(f"{_ACCEPTED.text} AND t.sequence = :sequence")
_REFUSED = text(
    "SELECT r.reference, r.lot_id, r.sequence, r.at, r.reason, r.statement, r.signature,"
    " r.maximum, r.salt, k.public_key FROM refused_bid r LEFT JOIN signing_key k ON k.id = r.key_id"
    " WHERE r.client_id = :client"
)
_REFUSED_ON = text(f"{_REFUSED.text} AND r.lot_id = :lot")
_ONE_REFUSED = text(f"{_REFUSED.text} AND r.reference = :reference")
_HEADS = text(
    "SELECT l.number::text || l.suffix AS number, s.chain_length, s.chain_head FROM lot_state s"
    " JOIN lot l ON l.id = s.lot_id WHERE s.sale_id = :sale ORDER BY l.number, l.suffix"
)


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """A receipt as a list shows it; the amount is the bidder's own maximum, minor units."""

    at: datetime
    path: str
    reason: str | None
    maximum: int | None
    told: Mapping[str, Any]

    @property
    def bought(self) -> bool:
        """Tell whether it is of a purchase."""
        return self.reason is None and self.told.get("kind") == "purchase"

    @property
    def leads(self) -> bool:
        """Tell whether the bidder led after this bid."""
        return bool(self.told["leader"] == self.told["who"])


def receipts_on(session: Session, lot_id: int, client_id: int) -> list[ReceiptLine]:
    """Return a client's receipts on a lot, the latest first."""
    book = book_of(session, lot_id)
    values = {"lot": lot_id, "client": client_id}
    accepted = [
        ReceiptLine(
            row.at, accepted_path(lot_id, row.sequence), None, book.open(row.maximum),
            json.loads(row.payload),
        )
        for row in session.execute(_ACCEPTED, values)
    ]  # fmt: skip
    refused = [
        ReceiptLine(
            row.at, refused_path(row.reference), row.reason, book.open(row.maximum),
            json.loads(row.statement),
        )
        for row in session.execute(_REFUSED_ON, values)
    ]  # fmt: skip
    return sorted([*accepted, *refused], key=lambda line: line.at, reverse=True)


def accepted_path(lot_id: int, sequence: int) -> str:
    """Return where the receipt of an accepted bid is downloaded."""
    return f"/me/receipts/{lot_id}/{sequence}"


def refused_path(reference: UUID) -> str:
    """Return where the receipt of a refused bid is downloaded."""
    return f"/me/receipts/refused/{reference}"


def accepted_receipt(
    session: Session, lot_id: int, sequence: int, client_id: int, *, house: str
) -> dict[str, Any] | None:
    """Return the signed receipt of a client's own accepted bid; the house is named by its host."""
    values = {"lot": lot_id, "sequence": sequence, "client": client_id}
    row = session.execute(_ONE_ACCEPTED, values).first()
    if row is None:
        return None
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
        sequence=row.sequence,
        entry_hash=told["hash"],
    )
    return statement, signer.sign(statement), signer.public_key


def published_heads(
    session: Session, sale_id: int, reference: str, *, house: str
) -> dict[str, Any]:
    """Return the signed heads of a sale's lots as they are now."""
    signer = current_signer(session)
    rows = session.execute(_HEADS, {"sale": sale_id})
    statement = head_statement(
        house=house,
        key=signer.id,
        sale=reference,
        at=iso(microseconds(database_now(session))),
        lots=[(row.number, row.chain_length, bytes(row.chain_head)) for row in rows],
    )
    return signed_document(statement, signer.sign(statement), signer.public_key)
