"""Writing the receipt of a refused bid; that of an accepted one follows from the ledger."""

from datetime import UTC, datetime

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from auctionhouse.bidding.book import book_of
from auctionhouse.bidding.hot_lot import salted
from auctionhouse.bidding.ledger import TIME_FORMAT
from auctionhouse.bidding.witness import Witness
from auctionhouse.receipts.keys import current_signer
from auctionhouse.receipts.rules import receipt_statement

_KEEP = text(
    "INSERT INTO refused_bid (lot_id, sequence, client_id, at, reason, statement, signature,"
    " key_id, maximum, salt) VALUES (:lot_id, :sequence, :client_id, :at, :reason, :statement,"
    " :signature, :key_id, :maximum, :salt) RETURNING id"
)


def keep_refusal(transaction: Connection | Session, witness: Witness, *, house: str) -> int:
    """Sign and store the receipt of a refused bid; returns its number.

    The house is named by its host. The refusal's own transaction is gone: this is another.
    """
    signer = current_signer(transaction)
    secret, hidden = salted("maximum", witness.maximum)
    statement = receipt_statement(
        house=house,
        key=signer.id,
        told={**witness.told, "maximum": hidden},
        outcome="refused",
        reason=witness.reason,
        sequence=None if witness.hushed else witness.sequence,
        entry_hash=None if witness.hushed else witness.head.hex(),
    )
    book = book_of(transaction, witness.lot_id)
    values = {
        "lot_id": witness.lot_id,
        "sequence": witness.sequence,
        "client_id": witness.client_id,
        "at": datetime.strptime(witness.told["at"], TIME_FORMAT).replace(tzinfo=UTC),
        "reason": witness.reason,
        "statement": statement,
        "signature": signer.sign(statement),
        "key_id": signer.id,
        "maximum": book.close(witness.maximum),
        "salt": book.close_salt(secret),
    }
    number: int = transaction.execute(_KEEP, values).scalar_one()
    return number
