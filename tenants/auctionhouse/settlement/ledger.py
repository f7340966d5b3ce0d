"""What settling with vendors writes on the accounts. Pure; amounts are minor units.

A statement's release charges the vendor on the office's side: commission, fees, VAT, a royalty they
bear; the tax on the hammer that the house owes a registered vendor goes the other way. The clients'
side moves when parts are cleared: the lots' hammer prices leave the vendor's balance, the charges
go to the office's bank, and what is left stands to the vendor without a lot until it is paid.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from auctionhouse.invoicing.rules import (
    CLIENT_BANK,
    CLIENT_BUYERS,
    CLIENT_VENDORS,
    OFFICE_BANK,
    OFFICE_COVERED,
    OFFICE_VENDORS,
    Entry,
    tidy,
)

OFFICE_ADVANCES = "office.advances"
OF_KIND: Mapping[str, str] = {
    "commission": "office.commission",
    "fee": "office.fees",
    "vat": "office.vat",
    "hammer_vat": "office.vat",
    "resale_right": "office.royalties",
}
"""Kind of a statement's line → the account it is credited to; the hammer itself is not booked
here, it stands to the vendor since the buyer paid."""


@dataclass(frozen=True, slots=True)
class Charge:
    """A statement's line as the ledger sees it, signed as the vendor sees it."""

    kind: str
    amount: int
    lot: int | None


@dataclass(frozen=True, slots=True)
class Settled:
    """What a lot's parts come to together when they are cleared.

    hammer and amount as stated, covered what the house had put in for the lot before.
    """

    lot: int | None
    hammer: int
    amount: int
    covered: int = 0

    @property
    def own(self) -> int:
        """Return what goes to the office's bank for charges; negative where the house owes it."""
        return self.hammer - self.amount

    @property
    def back(self) -> int:
        """Return what of the house's cover is given back by this clearing."""
        return min(self.covered, max(-self.hammer, 0))


def charged(lines: Iterable[Charge], vendor: int) -> list[Entry]:
    """Charge a released statement to its vendor; a counter-statement's lines undo it exactly."""
    entries = []
    for line in lines:
        if line.kind in OF_KIND:
            entries.append(Entry(OF_KIND[line.kind], line.amount, None, line.lot))
            entries.append(Entry(OFFICE_VENDORS, -line.amount, vendor, line.lot))
    return tidy(entries)


def cleared(lots: Sequence[Settled], vendor: int) -> list[Entry]:
    """Take charges out of the lots' money and leave the rest to the vendor, without a lot."""
    entries: list[Entry] = []
    for lot in lots:
        moved = lot.own + lot.back
        entries += [
            Entry(CLIENT_VENDORS, lot.hammer + lot.back, vendor, lot.lot),
            Entry(CLIENT_VENDORS, -lot.amount, vendor),
            Entry(CLIENT_BANK, -moved),
            Entry(OFFICE_BANK, moved),
            Entry(OFFICE_VENDORS, -lot.own, vendor, lot.lot),
            Entry(OFFICE_COVERED, -lot.back, vendor, lot.lot),
        ]
    return tidy(entries)


def paid(amount: int, vendor: int, *, kept: bool = False) -> list[Entry]:
    """Pay a vendor's payee; kept where the house itself takes an advance back."""
    entries = [Entry(CLIENT_VENDORS, amount, vendor), Entry(CLIENT_BANK, -amount)]
    if kept:
        entries += [Entry(OFFICE_BANK, amount), Entry(OFFICE_ADVANCES, -amount, vendor)]
    return tidy(entries)


def returned(amount: int, vendor: int) -> list[Entry]:
    """Take back a payment the bank could not make: it is owed to the vendor again."""
    return [Entry(CLIENT_BANK, amount), Entry(CLIENT_VENDORS, -amount, vendor)]


def contra(amount: int, client: int) -> list[Entry]:
    """Turn what a client gets as a vendor into their credit as a buyer."""
    return [Entry(CLIENT_VENDORS, amount, client), Entry(CLIENT_BUYERS, -amount, client)]


def given_back(amount: int, vendor: int) -> list[Entry]:
    """Take in money a vendor returns to the house."""
    return [Entry(OFFICE_BANK, amount), Entry(OFFICE_VENDORS, -amount, vendor)]
