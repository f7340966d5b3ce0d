"""What acts on a buyer's account write in the ledger, beside invoices and their payments. Pure.

Amounts are minor units; each side balances by itself, as everywhere in the ledger.
"""

from collections.abc import Sequence

from auctionhouse.invoicing.rules import (
    CLIENT_BANK,
    CLIENT_BUYERS,
    CLIENT_VENDORS,
    OFFICE_BANK,
    OFFICE_DUE,
    OFFICE_HAMMER,
    Entry,
    Waiting,
    tidy,
)

OFFICE_WRITTEN_OFF = "office.written_off"


def written_off(due: int, waiting: Sequence[Waiting], buyer: int) -> list[Entry]:
    """Give up all that is due on an invoice whose sale stands.

    Vendors get their hammer prices all the same: the house puts what no money covers into the
    bank of clients from its own.
    """
    entries = [
        Entry(OFFICE_DUE, -due, buyer),
        Entry(OFFICE_WRITTEN_OFF, due, buyer),
        *covered_by_house(waiting),
    ]
    return tidy(entries)


def covered_by_house(waiting: Sequence[Waiting]) -> list[Entry]:
    """Put the hammer prices no money covers into the bank of clients, from the house's own."""
    entries: list[Entry] = []
    for lot in waiting:
        entries += [
            Entry(CLIENT_VENDORS, -lot.amount, lot.vendor, lot.lot),
            Entry(OFFICE_HAMMER, lot.amount, None, lot.lot),
            Entry(CLIENT_BANK, lot.amount),
            Entry(OFFICE_BANK, -lot.amount),
        ]
    return entries


def deposited(amount: int, buyer: int) -> list[Entry]:
    """Take in money that no invoice asks for yet; it is the buyer's credit."""
    return tidy([Entry(CLIENT_BANK, amount), Entry(CLIENT_BUYERS, -amount, buyer)])


def credit_returned(amount: int, buyer: int) -> list[Entry]:
    """Pay a buyer's credit out."""
    return tidy([Entry(CLIENT_BUYERS, amount, buyer), Entry(CLIENT_BANK, -amount)])
