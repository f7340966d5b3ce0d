"""The accounts, and what each act writes on them. Pure; amounts are minor units.

Two sides never mix: client accounts hold buyers' money for vendors and buyers' credit, office
accounts what is the house's own. Each side of a posting balances by itself, so the bank of clients
always equals what is owed to vendors and buyers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

CLIENT_BANK = "client.bank"
CLIENT_VENDORS = "client.vendors"
CLIENT_BUYERS = "client.buyers"
OFFICE_BANK = "office.bank"
OFFICE_DUE = "office.due"
OFFICE_HAMMER = "office.hammer"
OFFICE_DISPUTED = "office.disputed"
OFFICE_PROCESSOR = "office.processor"
OFFICE_VENDORS = "office.vendors"
"""What vendors owe for charges of released statements, or the house owes them from its own."""

OFFICE_COVERED = "office.covered"
"""What the house put into the clients' bank because a vendor had been paid for an undone sale."""

BANKS = frozenset({CLIENT_BANK, OFFICE_BANK})

OF_KIND: Mapping[str, str] = {
    "hammer": OFFICE_HAMMER,
    "premium": "office.premium",
    "surcharge": "office.premium",
    "overhead": "office.premium",
    "discount": "office.premium",
    "fee": "office.fees",
    "storage": "office.fees",
    "interest": "office.interest",
    "vat": "office.vat",
    "sales_tax": "office.sales_tax",
    "resale_right": "office.royalties",
}
"""Kind of an invoice's line → the account it is credited to. Hammer prices wait on their own
account until the buyer's money comes; then they are owed to vendors."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An amount on an account: debits positive, credits negative."""

    account: str
    amount: int
    client: int | None = None
    lot: int | None = None


@dataclass(frozen=True, slots=True)
class Charged:
    """A line of an invoice as the ledger sees it."""

    kind: str
    amount: int
    lot: int | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A hammer price that is not yet covered by the buyer's money, and whose it will be."""

    lot: int
    vendor: int | None
    amount: int


def tidy(entries: Iterable[Entry]) -> list[Entry]:
    """Add up entries on the same account for the same client and lot; nothing is left out."""
    sums: dict[Entry, int] = {}
    for entry in entries:
        key = replace(entry, amount=0)
        sums[key] = sums.get(key, 0) + entry.amount
    return [replace(key, amount=amount) for key, amount in sums.items() if amount]


def sides(entries: Iterable[Entry]) -> dict[str, int]:
    """Return each side's sum; a sound posting has 0 on both."""
    found: dict[str, int] = {}
    for entry in entries:
        side = entry.account.partition(".")[0]
        found[side] = found.get(side, 0) + entry.amount
    return found


def released(lines: Sequence[Charged], buyer: int) -> list[Entry]:
    """Charge a released invoice to its buyer."""
    due = Entry(OFFICE_DUE, sum(line.amount for line in lines), buyer)
    return tidy([due, *(Entry(OF_KIND[line.kind], -line.amount, None, line.lot) for line in lines)])


def received(
    amount: int, due: int, waiting: Sequence[Waiting], buyer: int, *, from_credit: bool = False
) -> list[Entry]:
    """Take in a buyer's money: hammer prices first, then the house's charges, then their credit.

    from_credit spends what the buyer has standing with the house instead of new money.
    """
    covered = min(amount, max(due, 0))
    shares = _shares(covered, waiting, whole=covered == due)
    hammer, over = sum(share.amount for share in shares), amount - covered
    entries = [
        *(Entry(CLIENT_VENDORS, -share.amount, share.vendor, share.lot) for share in shares),
        *(Entry(OFFICE_HAMMER, share.amount, None, share.lot) for share in shares),
        Entry(OFFICE_BANK, covered - hammer),
        Entry(OFFICE_DUE, -covered, buyer),
    ]
    if from_credit:
        entries += [Entry(CLIENT_BANK, hammer - covered), Entry(CLIENT_BUYERS, covered, buyer)]
    else:
        entries += [Entry(CLIENT_BANK, hammer + over), Entry(CLIENT_BUYERS, -over, buyer)]
    return tidy(entries)


def _shares(covered: int, waiting: Sequence[Waiting], *, whole: bool) -> list[Waiting]:
    """Spread money over hammer prices in the order of the lots.

    Money that settles an invoice covers all of them, whatever a discount left of the charges.
    """
    left, shares = covered, []
    for lot in waiting:
        part = lot.amount if whole else min(left, lot.amount)
        left -= part
        shares.append(replace(lot, amount=part))
    return shares


def refunded(amount: int, credit: int, buyer: int) -> list[Entry]:
    """Give a buyer money back: from their credit first, then from the house's own bank.

    What the house gives beyond the credit is due again until the invoice is credited; vendors'
    money is never touched.
    """
    own = min(amount, max(credit, 0))
    return tidy(
        [
            Entry(CLIENT_BUYERS, own, buyer),
            Entry(CLIENT_BANK, -own),
            Entry(OFFICE_DUE, amount - own, buyer),
            Entry(OFFICE_BANK, own - amount),
        ]
    )


def disputed(opened: int, lost: int, known_opened: int, known_lost: int, buyer: int) -> list[Entry]:
    """Follow what the buyer's bank took back: on its own account while open, due again once lost.

    The house's own bank bears it; vendors' money is never touched. What is known already is not
    posted again, and a dispute that was won gives everything back.
    """
    waits, gone = opened - known_opened, lost - known_lost
    return tidy(
        [
            Entry(OFFICE_DISPUTED, waits),
            Entry(OFFICE_DUE, gone, buyer),
            Entry(OFFICE_BANK, -waits - gone),
        ]
    )


def processed(fee: int) -> list[Entry]:
    """Bear a payment processor's fee, or take one back: from the house's own bank alone."""
    return tidy([Entry(OFFICE_PROCESSOR, fee), Entry(OFFICE_BANK, -fee)])


def undone(booked: Iterable[Entry], buyer: int) -> list[Entry]:
    """Undo all that was booked for an invoice; what was paid stays as the buyer's credit.

    Money in the office's bank goes back to the clients' first, so that the credit is covered.
    """
    entries = list(booked)
    back = [
        replace(entry, amount=-entry.amount)
        for entry in entries
        if entry.account not in BANKS | {CLIENT_BUYERS}
    ]
    office = sum(entry.amount for entry in entries if entry.account == OFFICE_BANK)
    moved = [Entry(OFFICE_BANK, -office), Entry(CLIENT_BANK, office)]
    client = sides([*back, *moved]).get("client", 0)
    return tidy([*back, *moved, Entry(CLIENT_BUYERS, -client, buyer)])


def covering(owed: int, covered: int, vendor: int | None, lot: int) -> list[Entry]:
    """Let the house cover a vendor who was paid for what is no longer theirs, or take it back.

    owed is the vendor's balance for the lot (negative where they had too much), covered what the
    house put in before. The bank of clients never lends one client's money to another.
    """
    moved = -owed if owed < 0 else -min(owed, covered)
    return tidy(
        [
            Entry(CLIENT_BANK, moved),
            Entry(CLIENT_VENDORS, -moved, vendor, lot),
            Entry(OFFICE_COVERED, moved, vendor, lot),
            Entry(OFFICE_BANK, -moved),
        ]
    )


def numbered(series: str, sequence: int) -> str:
    """Return an invoice's number as it is printed."""
    return f"{series}{sequence:05d}"
