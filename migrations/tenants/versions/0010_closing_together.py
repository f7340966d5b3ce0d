"""Lots that close together, and terms the database itself refuses."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column(
        "sale",
        sa.Column(
            "closes_together",
            sa.Boolean(),
            sa.Computed("coalesce(terms->'soft_close'->>'scope', 'lot') <> 'lot'", persisted=True),
            nullable=False,
        ),
    )
    op.add_column(
        "lot", sa.Column("closing_group", sa.Text(), server_default=sa.text("''"), nullable=False)
    )
    op.create_check_constraint("sale_terms", "sale", "exchange.terms_sound(terms)")
    op.create_check_constraint("lot_terms", "lot", "exchange.terms_sound(terms)")
    op.create_check_constraint("lot_reserve_reaches_opening", "lot", "reserve >= opening")
