"""Legal entities, invoices with their lines, payments, and the ledger's postings.

Once an invoice has its number the database refuses to change it or its lines; payments and
postings are only ever added to; a posting whose sides do not balance is refused at commit.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from auctionhouse.columns import CreatedAt, Identifier, Minor, Moment, Words
from auctionxchange.kernel.database import HouseBase


class LegalEntity(HouseBase):
    """A company the house sells through: its name on invoices, its number series, its bank."""

    __tablename__ = "legal_entity"
    __table_args__ = (
        CheckConstraint("next_invoice > 0 AND next_credit > 0", name="legal_entity_next"),
        CheckConstraint("series <> credit_series", name="legal_entity_series"),
    )

    id: Mapped[Identifier]
    name: Mapped[str] = mapped_column(Text)
    address: Mapped[Words]
    country: Mapped[Words]
    vat_number: Mapped[Words]
    series: Mapped[str] = mapped_column(Text, unique=True)
    credit_series: Mapped[str] = mapped_column(Text, unique=True)
    next_invoice: Mapped[int] = mapped_column(Integer, server_default=text("1"), default=1)
    next_credit: Mapped[int] = mapped_column(Integer, server_default=text("1"), default=1)
    bank: Mapped[Words]
    currency: Mapped[str] = mapped_column(Text)
    payment_days: Mapped[int] = mapped_column(Integer, server_default=text("7"), default=7)
    created_at: Mapped[CreatedAt]


class Invoice(HouseBase):
    """A pro-forma until it has a number; a credit note is one that names what it credits.

    A credit note undoes what credits_id names, or takes something off what allows_id names.
    charges_for names the invoice whose lateness is charged, replaces_id the credited one whose
    place another takes.
    """

    __tablename__ = "invoice"
    __table_args__ = (
        CheckConstraint("kind IN ('invoice','credit_note')", name="invoice_kind"),
        CheckConstraint(
            "(kind = 'credit_note') = (credits_id IS NOT NULL OR allows_id IS NOT NULL)",
            name="invoice_credit",
        ),
        CheckConstraint("credits_id IS NULL OR allows_id IS NULL", name="invoice_credits_one"),
        Index("invoice_allowances", "allows_id", postgresql_where=text("allows_id IS NOT NULL")),
        CheckConstraint(
            "(number IS NULL) = (sequence IS NULL) AND (number IS NULL) = (released_at IS NULL)",
            name="invoice_released",
        ),
        UniqueConstraint("entity_id", "kind", "sequence", name="invoice_sequence"),
        UniqueConstraint("credits_id", name="invoice_credited_once"),
        CheckConstraint(
            "(charges_for IS NULL OR replaces_id IS NULL)"
            " AND (kind = 'invoice' OR (charges_for IS NULL AND replaces_id IS NULL))",
            name="invoice_follows",
        ),
        Index(
            "invoice_proforma_of_sale",
            "sale_id",
            "client_id",
            unique=True,
            postgresql_where=text(
                "number IS NULL AND kind = 'invoice' AND charges_for IS NULL"
                " AND replaces_id IS NULL"
            ),
        ),
        Index(
            "invoice_replaced_once",
            "replaces_id",
            unique=True,
            postgresql_where=text("replaces_id IS NOT NULL"),
        ),
        Index("invoice_charges", "charges_for", postgresql_where=text("charges_for IS NOT NULL")),
    )

    id: Mapped[Identifier]
    kind: Mapped[str] = mapped_column(Text)
    entity_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("legal_entity.id"))
    sale_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("sale.id"))
    client_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("client.id"), index=True)
    credits_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("invoice.id"))
    allows_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("invoice.id"))
    charges_for: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("invoice.id"))
    replaces_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("invoice.id"))
    number: Mapped[str | None] = mapped_column(Text, unique=True)
    sequence: Mapped[int | None] = mapped_column(Integer)
    currency: Mapped[str] = mapped_column(Text)
    total: Mapped[Minor]
    buyer: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    seller: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    place: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[Words]
    due_on: Mapped[date | None]
    released_at: Mapped[Moment | None]
    created_at: Mapped[CreatedAt]


class InvoiceLine(HouseBase):
    """One amount of an invoice with the rule and rate that made it."""

    __tablename__ = "invoice_line"

    invoice_id: Mapped[int] = mapped_column(
        BigInteger,
        ForeignKey("invoice.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    lot_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("lot.id"))
    kind: Mapped[str] = mapped_column(Text)
    rule: Mapped[str] = mapped_column(Text)
    amount: Mapped[Minor]
    percent: Mapped[Decimal | None] = mapped_column(Numeric(20, 10))
    base: Mapped[Minor | None]


class InvoiceLot(HouseBase):
    """A lot on an invoice; live until the invoice is credited, and on one live invoice only.

    Of a lot whose pieces several buyers share it is the share of one client; else share_of is 0.
    """

    __tablename__ = "invoice_lot"
    __table_args__ = (
        Index("invoice_lot_live", "lot_id", "share_of", unique=True, postgresql_where=text("live")),
    )

    invoice_id: Mapped[int] = mapped_column(
        BigInteger,
        ForeignKey("invoice.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    lot_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("lot.id"), primary_key=True, autoincrement=False
    )
    share_of: Mapped[int] = mapped_column(
        BigInteger, primary_key=True, autoincrement=False, server_default=text("0"), default=0
    )
    vat: Mapped[str] = mapped_column(Text)
    live: Mapped[bool] = mapped_column(Boolean, server_default=text("true"), default=True)


class InvoicePayment(HouseBase):
    """Money received for an invoice, as staff or a processor reported it."""

    __tablename__ = "invoice_payment"
    __table_args__ = (
        CheckConstraint("amount > 0", name="invoice_payment_amount"),
        CheckConstraint(
            "method IN ('cash','transfer','terminal','card','credit')",
            name="invoice_payment_method",
        ),
        {"comment": "append-only"},
    )

    id: Mapped[Identifier]
    invoice_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("invoice.id"), index=True)
    client_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("client.id"))
    amount: Mapped[Minor]
    method: Mapped[str] = mapped_column(Text)
    reference: Mapped[Words]
    received_on: Mapped[date]
    token: Mapped[str | None] = mapped_column(Text, unique=True)
    actor_member_id: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[CreatedAt]


class InvoicePaymentReversal(HouseBase):
    """A payment that was taken back; its row and the reversed postings stay."""

    __tablename__ = "invoice_payment_reversal"
    __table_args__ = {"comment": "append-only"}

    payment_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("invoice_payment.id"), primary_key=True, autoincrement=False
    )
    reason: Mapped[str] = mapped_column(Text)
    actor_member_id: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[CreatedAt]


class InvoiceRepayment(HouseBase):
    """Money of an invoice given back by hand, as two people agreed."""

    __tablename__ = "invoice_repayment"
    __table_args__ = (
        CheckConstraint("amount > 0", name="invoice_repayment_amount"),
        CheckConstraint(
            "method IN ('cash','transfer','terminal')", name="invoice_repayment_method"
        ),
        CheckConstraint("reason <> ''", name="invoice_repayment_reason"),
        {"comment": "append-only"},
    )

    id: Mapped[Identifier]
    invoice_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("invoice.id"), index=True)
    client_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("client.id"))
    amount: Mapped[Minor]
    method: Mapped[str] = mapped_column(Text)
    reference: Mapped[Words]
    reason: Mapped[str] = mapped_column(Text)
    paid_on: Mapped[date]
    approval_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("approval_request.id"), unique=True
    )
    actor_member_id: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[CreatedAt]


class CreditRefund(HouseBase):
    """A buyer's credit paid back to their bank."""

    __tablename__ = "credit_refund"
    __table_args__ = (
        CheckConstraint("amount > 0", name="credit_refund_amount_check"),
        {"comment": "append-only"},
    )

    id: Mapped[Identifier]
    client_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("client.id"), index=True)
    entity_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("legal_entity.id"))
    currency: Mapped[str] = mapped_column(Text)
    amount: Mapped[Minor]
    reference: Mapped[Words]
    paid_on: Mapped[date]
    token: Mapped[str | None] = mapped_column(Text, unique=True)
    actor_member_id: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[CreatedAt]


class Posting(HouseBase):
    """One balanced act in the ledger."""

    __tablename__ = "posting"
    __table_args__ = {"comment": "append-only"}

    id: Mapped[Identifier]
    at: Mapped[CreatedAt]
    kind: Mapped[str] = mapped_column(Text)
    entity_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("legal_entity.id"))
    invoice_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("invoice.id"), index=True)
    payment_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("invoice_payment.id"))
    statement_id: Mapped[int | None] = mapped_column(BigInteger)
    run_id: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(Text)
    actor_member_id: Mapped[int | None] = mapped_column(BigInteger)


class PostingEntry(HouseBase):
    """An amount on one account: debits positive, credits negative, minor units."""

    __tablename__ = "posting_entry"
    __table_args__ = (
        CheckConstraint("account ~ '^(client|office)[.][a-z_]+$'", name="posting_entry_account"),
        CheckConstraint("amount <> 0", name="posting_entry_amount"),
        Index("posting_entry_account_client", "account", "client_id"),
        {"comment": "append-only"},
    )

    posting_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("posting.id"), primary_key=True, autoincrement=False
    )
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    account: Mapped[str] = mapped_column(Text)
    client_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("client.id"))
    lot_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("lot.id"))
    amount: Mapped[Minor]
