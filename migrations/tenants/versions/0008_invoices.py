"""Legal entities, invoices that stay as released, payments, and a ledger that balances."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_RELEASED = """
CREATE FUNCTION refuse_released() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF OLD.number IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'restrict_violation',
            MESSAGE = 'invoice ' || OLD.number || ' is released and stays as it is';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END
$$
"""
_LINES = """
CREATE FUNCTION refuse_released_lines() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    touched bigint := CASE WHEN TG_OP = 'INSERT' THEN NEW.invoice_id ELSE OLD.invoice_id END;
BEGIN
    IF EXISTS (SELECT FROM invoice WHERE id = touched AND number IS NOT NULL) THEN
        RAISE EXCEPTION 'the lines of a released invoice stay as they are'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END
$$
"""
_BALANCED = """
CREATE FUNCTION refuse_unbalanced() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (SELECT FROM posting_entry WHERE posting_id = NEW.posting_id
               GROUP BY split_part(account, '.', 1) HAVING sum(amount) <> 0) THEN
        RAISE EXCEPTION 'a side of the posting does not balance'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$
"""
_TRIGGERS = """
CREATE TRIGGER invoice_released BEFORE UPDATE OR DELETE ON invoice
    FOR EACH ROW EXECUTE FUNCTION refuse_released();
CREATE TRIGGER invoice_line_released BEFORE INSERT OR UPDATE OR DELETE ON invoice_line
    FOR EACH ROW EXECUTE FUNCTION refuse_released_lines();
CREATE CONSTRAINT TRIGGER posting_balanced AFTER INSERT ON posting_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unbalanced();
"""


def identity() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False)


def words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=sa.text("''"), nullable=False)


def created() -> sa.Column[sa.DateTime]:
    return sa.Column(
        "created_at",
        sa.DateTime(timezone=True),
        server_default=sa.text("clock_timestamp()"),
        nullable=False,
    )


def upgrade() -> None:
    _entities()
    _invoices()
    _payments()
    _ledger()
    for statement in (_RELEASED, _LINES, _BALANCED, _TRIGGERS):
        op.execute(statement)


def _entities() -> None:
    op.create_table(
        "legal_entity",
        identity(),
        sa.Column("name", sa.Text(), nullable=False),
        words("address"),
        words("country"),
        words("vat_number"),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("credit_series", sa.Text(), nullable=False),
        sa.Column("next_invoice", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("next_credit", sa.Integer(), server_default=sa.text("1"), nullable=False),
        words("bank"),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("payment_days", sa.Integer(), server_default=sa.text("7"), nullable=False),
        created(),
        sa.CheckConstraint("next_invoice > 0 AND next_credit > 0", name="legal_entity_next"),
        sa.CheckConstraint("series <> credit_series", name="legal_entity_series"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("series"),
        sa.UniqueConstraint("credit_series"),
    )
    op.add_column("sale", sa.Column("legal_entity_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key("sale_legal_entity", "sale", "legal_entity", ["legal_entity_id"], ["id"])


def _invoices() -> None:
    op.create_table(
        "invoice",
        identity(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.BigInteger(), nullable=False),
        sa.Column("sale_id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("credits_id", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("buyer", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("seller", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        words("reason"),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        created(),
        sa.CheckConstraint("kind IN ('invoice','credit_note')", name="invoice_kind"),
        sa.CheckConstraint(
            "(kind = 'credit_note') = (credits_id IS NOT NULL)", name="invoice_credit"
        ),
        sa.CheckConstraint(
            "(number IS NULL) = (sequence IS NULL) AND (number IS NULL) = (released_at IS NULL)",
            name="invoice_released",
        ),
        sa.ForeignKeyConstraint(["entity_id"], ["legal_entity.id"]),
        sa.ForeignKeyConstraint(["sale_id"], ["sale.id"]),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"]),
        sa.ForeignKeyConstraint(["credits_id"], ["invoice.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
        sa.UniqueConstraint("entity_id", "kind", "sequence", name="invoice_sequence"),
        sa.UniqueConstraint("credits_id", name="invoice_credited_once"),
    )
    op.create_index("ix_invoice_client_id", "invoice", ["client_id"])
    op.create_index(
        "invoice_proforma",
        "invoice",
        ["sale_id", "client_id"],
        unique=True,
        postgresql_where=sa.text("number IS NULL AND kind = 'invoice'"),
    )
    op.create_table(
        "invoice_line",
        sa.Column("invoice_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("percent", sa.Numeric(20, 10), nullable=True),
        sa.Column("base", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"]),
        sa.PrimaryKeyConstraint("invoice_id", "position"),
    )
    op.create_table(
        "invoice_lot",
        sa.Column("invoice_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lot_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("vat", sa.Text(), nullable=False),
        sa.Column("live", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"]),
        sa.PrimaryKeyConstraint("invoice_id", "lot_id"),
    )
    op.create_index(
        "invoice_lot_live", "invoice_lot", ["lot_id"], unique=True, postgresql_where=sa.text("live")
    )


def _payments() -> None:
    op.create_table(
        "invoice_payment",
        identity(),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        words("reference"),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("actor_member_id", sa.BigInteger(), nullable=True),
        created(),
        sa.CheckConstraint("amount > 0", name="invoice_payment_amount"),
        sa.CheckConstraint(
            "method IN ('cash','transfer','terminal','card','credit')",
            name="invoice_payment_method",
        ),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"]),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token"),
        comment="append-only",
    )
    op.create_index("ix_invoice_payment_invoice_id", "invoice_payment", ["invoice_id"])


def _ledger() -> None:
    op.create_table(
        "posting",
        identity(),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.BigInteger(), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=True),
        sa.Column("payment_id", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("actor_member_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["entity_id"], ["legal_entity.id"]),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"]),
        sa.ForeignKeyConstraint(["payment_id"], ["invoice_payment.id"]),
        sa.PrimaryKeyConstraint("id"),
        comment="append-only",
    )
    op.create_index("ix_posting_invoice_id", "posting", ["invoice_id"])
    op.create_table(
        "posting_entry",
        sa.Column("posting_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=True),
        sa.Column("lot_id", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("account ~ '^(client|office)[.][a-z_]+$'", name="posting_entry_account"),
        sa.CheckConstraint("amount <> 0", name="posting_entry_amount"),
        sa.ForeignKeyConstraint(["posting_id"], ["posting.id"]),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"]),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"]),
        sa.PrimaryKeyConstraint("posting_id", "position"),
        comment="append-only",
    )
    op.create_index("posting_entry_account_client", "posting_entry", ["account", "client_id"])
