"""Writing the ledger and reading its balances; nothing else inserts into its tables."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse.invoicing import rules
from auctionhouse.invoicing.models import Invoice, InvoicePayment, Posting, PostingEntry
from auctionhouse.invoicing.rules import Entry, Waiting


def post(
    session: Session,
    invoice: Invoice,
    kind: str,
    entries: Sequence[Entry],
    *,
    actor: int | None,
    payment: InvoicePayment | None = None,
) -> None:
    """Write a posting of an invoice."""
    write(session, _posting(invoice, kind, actor=actor, payment=payment), entries)


def post_each(
    session: Session,
    kind: str,
    entries: Sequence[tuple[Invoice, Sequence[Entry]]],
    *,
    actor: int | None,
) -> None:
    """Write a posting of a kind for each of some invoices."""
    _write(session, [(_posting(one, kind, actor=actor), lines) for one, lines in entries])


def _posting(
    invoice: Invoice, kind: str, *, actor: int | None, payment: InvoicePayment | None = None
) -> Posting:
    return Posting(
        kind=kind,
        entity_id=invoice.entity_id,
        invoice_id=invoice.id,
        payment_id=None if payment is None else payment.id,
        currency=invoice.currency,
        actor_member_id=actor,
    )


def write(session: Session, posting: Posting, entries: Sequence[Entry]) -> None:
    """Write a posting with its entries; the database refuses one whose sides do not balance."""
    _write(session, [(posting, entries)])


def _write(session: Session, postings: Sequence[tuple[Posting, Sequence[Entry]]]) -> None:
    wanted = [(posting, entries) for posting, entries in postings if entries]
    session.add_all(posting for posting, _entries in wanted)
    session.flush()
    session.add_all(
        PostingEntry(
            posting_id=posting.id,
            position=position,
            account=entry.account,
            client_id=entry.client,
            lot_id=entry.lot,
            amount=entry.amount,
        )
        for posting, entries in wanted
        for position, entry in enumerate(entries, start=1)
    )
    session.flush()


_BOOKED = text(
    "SELECT e.account, e.client_id, e.lot_id, sum(e.amount)::bigint AS amount"
    " FROM posting p JOIN posting_entry e ON e.posting_id = p.id WHERE p.invoice_id = :invoice"
    " GROUP BY 1, 2, 3 HAVING sum(e.amount) <> 0 ORDER BY 1, 3, 2"
)


def booked(session: Session, invoice_id: int) -> list[Entry]:
    """Return the balances of all that was posted for an invoice."""
    rows = session.execute(_BOOKED, {"invoice": invoice_id})
    return [Entry(row.account, row.amount, row.client_id, row.lot_id) for row in rows]


_POSTED = text(
    "SELECT e.account, sum(e.amount)::bigint AS amount FROM posting p"
    " JOIN posting_entry e ON e.posting_id = p.id WHERE p.invoice_id = :invoice AND p.kind = :kind"
    " GROUP BY e.account"
)


def posted(session: Session, invoice_id: int, kind: str) -> dict[str, int]:
    """Return what one kind of posting for an invoice comes to on each account."""
    found = session.execute(_POSTED, {"invoice": invoice_id, "kind": kind})
    return {row.account: row.amount for row in found}


def due(session: Session, invoice_id: int) -> int:
    """Return what is still to be paid on a released invoice, minor units."""
    return balance(session, invoice_id, rules.OFFICE_DUE)


def balance(session: Session, invoice_id: int, account: str) -> int:
    """Return what stands on an account for an invoice, debits positive, minor units."""
    return sum(entry.amount for entry in booked(session, invoice_id) if entry.account == account)


_WAITING = text(
    "SELECT e.lot_id, l.consignor_client_id AS vendor, -sum(e.amount)::bigint AS amount"
    " FROM posting p JOIN posting_entry e ON e.posting_id = p.id JOIN lot l ON l.id = e.lot_id"
    " WHERE p.invoice_id = :invoice AND e.account = :account"
    " GROUP BY e.lot_id, l.consignor_client_id, l.number, l.suffix"
    " HAVING sum(e.amount) <> 0 ORDER BY l.number, l.suffix"
)


def waiting(session: Session, invoice_id: int) -> list[Waiting]:
    """Return the hammer prices of an invoice that no money covers yet, in the lots' order."""
    rows = session.execute(_WAITING, {"invoice": invoice_id, "account": rules.OFFICE_HAMMER})
    return [Waiting(row.lot_id, row.vendor, row.amount) for row in rows]


_HOLD = text("SELECT id FROM client WHERE id = :client FOR NO KEY UPDATE")


def hold_account(session: Session, client_id: int) -> None:
    """Hold a buyer's credit against others who spend it, to the end of the transaction."""
    session.execute(_HOLD, {"client": client_id})


_CREDIT = text(
    "SELECT coalesce(-sum(e.amount), 0)::bigint FROM posting p"
    " JOIN posting_entry e ON e.posting_id = p.id"
    " WHERE e.account = :account AND e.client_id = :client AND p.entity_id = :entity"
    " AND p.currency = :currency"
)


def credit_of(session: Session, client_id: int, entity_id: int, currency: str) -> int:
    """Return what a buyer has standing with a legal entity, minor units."""
    key = {"account": rules.CLIENT_BUYERS, "client": client_id, "entity": entity_id}
    return int(session.execute(_CREDIT, {**key, "currency": currency}).scalar_one())


@dataclass(frozen=True, slots=True)
class ClientMoney:
    """One entity's clients' bank against what it owes to vendors and buyers, minor units."""

    entity_id: int
    entity: str
    currency: str
    bank: int
    vendors: int
    buyers: int

    @property
    def difference(self) -> int:
        """Return by how much the bank is above what is owed; anything but 0 is wrong."""
        return self.bank - self.vendors - self.buyers


_CLIENT_MONEY = text(
    "SELECT n.id, n.name, p.currency,"
    " coalesce(sum(e.amount) FILTER (WHERE e.account = 'client.bank'), 0)::bigint,"
    " coalesce(-sum(e.amount) FILTER (WHERE e.account = 'client.vendors'), 0)::bigint,"
    " coalesce(-sum(e.amount) FILTER (WHERE e.account = 'client.buyers'), 0)::bigint"
    " FROM posting_entry e JOIN posting p ON p.id = e.posting_id"
    " JOIN legal_entity n ON n.id = p.entity_id GROUP BY n.id, n.name, p.currency"
    " ORDER BY n.name, p.currency"
)
_UNBALANCED = text(
    "SELECT DISTINCT posting_id FROM (SELECT posting_id FROM posting_entry"
    " GROUP BY posting_id, split_part(account, '.', 1) HAVING sum(amount) <> 0) wrong"
    " ORDER BY posting_id"
)


_OVERDRAWN = text(
    "SELECT e.client_id, e.lot_id FROM posting_entry e JOIN posting p ON p.id = e.posting_id"
    " WHERE e.account IN ('client.vendors', 'client.buyers')"
    " GROUP BY p.entity_id, p.currency, e.account, e.client_id, e.lot_id"
    " HAVING sum(e.amount) > 0 ORDER BY 1, 2"
)


def overdrawn(session: Session) -> list[tuple[int | None, int | None]]:
    """Return clients and lots for which more left the clients' bank than came; never any."""
    return [(row.client_id, row.lot_id) for row in session.execute(_OVERDRAWN)]


def client_money(session: Session) -> list[ClientMoney]:
    """Return each entity's clients' money."""
    return [ClientMoney(*row) for row in session.execute(_CLIENT_MONEY)]


def unbalanced(session: Session) -> list[int]:
    """Return the postings whose sides do not balance; a sound ledger has none."""
    return list(session.execute(_UNBALANCED).scalars())
