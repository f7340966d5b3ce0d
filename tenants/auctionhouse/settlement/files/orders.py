"""What a payment file is made from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from auctionhouse.consignors.accounts import BankAccount


@dataclass(frozen=True, slots=True)
class Order:
    """One payment: amount in minor units, who gets it and under which references."""

    end_to_end: str
    name: str
    account: BankAccount
    amount: int
    reference: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Payments from one account on one day.

    made_at is a time in UTC; message names the file and is never used twice; bacs_user is the
    six digits of a service user of Bacs.
    """

    message: str
    serial: int
    made_at: datetime
    pay_on: date
    payer: str
    account: BankAccount
    orders: Sequence[Order]
    bacs_user: str = ""

    @property
    def total(self) -> int:
        """Return the sum of the payments, minor units."""
        return sum(order.amount for order in self.orders)
