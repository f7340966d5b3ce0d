"""Bank details closed for the row they stand in, and opened where a payment is made."""

from sqlalchemy.orm import Session

from auctionhouse.consignors.accounts import BankAccount, unpacked
from auctionxchange.kernel.sealing import keys_of

PURPOSE = "bank-details"


def close_account(session: Session, account: BankAccount, place: str) -> bytes:
    """Return an account sealed for its row."""
    return keys_of(session).seal(PURPOSE).close(account.packed(), place.encode())


def open_account(session: Session, sealed: bytes, place: str) -> BankAccount:
    """Return an account sealed for a row; raises SealBroken for one moved from elsewhere."""
    return unpacked(keys_of(session).seal(PURPOSE).open(sealed, place.encode()))


def payee_place(instruction_id: int, position: int) -> str:
    """Name the place of a payee's account."""
    return f"payee:{instruction_id}:{position}"
