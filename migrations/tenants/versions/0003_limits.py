"""What bidders bind themselves to in a sale, the house's own bids, and policies kept."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_POLICIES = """
coalesce(terms->>'retraction', 'never') IN ('never', 'allowed', 'lower_only')
AND coalesce(terms->>'house_bidding', 'never') IN ('never', 'below_reserve')
AND coalesce(terms->>'staff_bidding', 'never') IN ('never', 'in_advance')
AND coalesce((terms->>'retraction_hours')::numeric, 12) BETWEEN 0 AND 720
AND coalesce((terms->>'retraction_minutes')::numeric, 60) BETWEEN 0 AND 1440
AND coalesce((terms->>'confirm_times_asking')::numeric, 5) BETWEEN 0 AND 1000
AND coalesce((terms->>'confirm_times_estimate')::numeric, 2) BETWEEN 0 AND 1000
AND coalesce((terms->>'bid_limit')::numeric, 1) > 0
"""


def upgrade() -> None:
    op.create_check_constraint("sale_policies", "sale", _POLICIES)
    op.add_column(
        "client",
        sa.Column("for_house", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_index(
        "client_for_house", "client", ["for_house"], unique=True,
        postgresql_where=sa.text("for_house"),
    )  # fmt: skip
    op.add_column("registration", sa.Column("spending_limit", sa.BigInteger(), nullable=True))
    op.add_column(
        "registration",
        sa.Column("links_lots", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_check_constraint("registration_spending", "registration", "spending_limit > 0")
    _linked_lot()


def _linked_lot() -> None:
    op.create_table(
        "linked_lot",
        sa.Column("client_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lot_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sale_id", sa.BigInteger(), nullable=False),
        sa.Column("choice", sa.Integer(), nullable=False),
        sa.CheckConstraint("choice > 0", name="linked_lot_choice"),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"]),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"]),
        sa.ForeignKeyConstraint(["sale_id"], ["sale.id"]),
        sa.PrimaryKeyConstraint("client_id", "lot_id"),
    )
    op.create_index("linked_lot_sale", "linked_lot", ["sale_id", "client_id"])
