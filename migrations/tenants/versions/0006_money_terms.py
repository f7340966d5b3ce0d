"""What sales and lots say about money, and the artists whose works they are."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0006"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "artist",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("nationality", sa.Text(), nullable=False),
        sa.Column("born", sa.Integer(), nullable=True),
        sa.Column("died", sa.Integer(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("nationality ~ '^[A-Z]{2}$'", name="artist_nationality"),
        sa.CheckConstraint("died >= born", name="artist_died_after_birth"),
        sa.CheckConstraint("name <> ''", name="artist_name"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.add_column(
        "sale",
        sa.Column("money", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
    )
    op.create_check_constraint("sale_money", "sale", "jsonb_typeof(money) = 'object'")
    op.add_column("lot", sa.Column("vat", sa.Text(), nullable=True))
    op.add_column("lot", sa.Column("premium", postgresql.JSONB(none_as_null=True), nullable=True))
    op.add_column("lot", sa.Column("artist_id", sa.BigInteger(), nullable=True))
    op.add_column("lot", sa.Column("bought_from_artist_on", sa.Date(), nullable=True))
    op.create_foreign_key("lot_artist", "lot", "artist", ["artist_id"], ["id"])
    op.create_check_constraint(
        "lot_vat",
        "lot",
        "vat IN ('standard','premium_only','margin','import_reduced','import_standard','zero',"
        "'outside')",
    )
    op.create_check_constraint(
        "lot_premium", "lot", "premium IS NULL OR jsonb_typeof(premium) = 'array'"
    )
