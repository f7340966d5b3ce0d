"""Maxima and salts are stored sealed; receipts, the keys that sign them, and outages.

An amount from before keeps its eight bytes, which are read as they are.
"""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0010"
branch_labels: None = None
depends_on: None = None

SEALED = (("lot_state", "maximum"), ("lot_state", "second_maximum"), ("ledger_entry", "maximum"))

OUTAGE_RULE = (
    "coalesce(jsonb_typeof(terms->'outage'), 'null') = 'null'"
    " OR coalesce((terms->'outage'->>'at_least_s')::int BETWEEN 0 AND 86400, false)"
)


def upgrade() -> None:
    for table, column in SEALED:
        op.alter_column(
            table, column, type_=sa.LargeBinary(), postgresql_using=f"int8send({column})"
        )
    op.create_check_constraint("sale_outage_rule", "sale", OUTAGE_RULE)
    _signing_key()
    _refused_bid()
    _sale_outage()


def _signing_key() -> None:
    op.create_table(
        "signing_key",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("private_key", sa.LargeBinary(), nullable=False),
        _clock("created_at"),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "signing_key_current",
        "signing_key",
        [sa.text("(retired_at IS NULL)")],
        unique=True,
        postgresql_where=sa.text("retired_at IS NULL"),
    )


def _refused_bid() -> None:
    op.create_table(
        "refused_bid",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("maximum", sa.LargeBinary(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"]),
        sa.ForeignKeyConstraint(["key_id"], ["signing_key.id"]),
        sa.PrimaryKeyConstraint("id"),
        comment="append-only",
    )
    op.create_index("refused_bid_client", "refused_bid", ["client_id", "lot_id"])
    op.create_index("refused_bid_lot", "refused_bid", ["lot_id"])


def _sale_outage() -> None:
    op.create_table(
        "sale_outage",
        sa.Column("outage_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sale_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lots", sa.Integer(), nullable=False),
        _clock("accounted_at"),
        sa.CheckConstraint("until_at > from_at", name="sale_outage_lasts"),
        sa.ForeignKeyConstraint(["sale_id"], ["sale.id"]),
        sa.PrimaryKeyConstraint("outage_id", "sale_id"),
        comment="append-only",
    )


def _clock(name: str) -> sa.Column[datetime]:
    return sa.Column(
        name,
        sa.DateTime(timezone=True),
        server_default=sa.text("clock_timestamp()"),
        nullable=False,
    )
