"""Lots that are had at once at a price of their own, and settings of how else lots are sold."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0020"
down_revision: str | None = "0050"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_SELLING = """
coalesce(terms->>'buy_now_until', 'first_bid') IN ('first_bid', 'low_estimate', 'high_estimate')
AND coalesce(terms->>'offers', 'never') IN ('never', 'below_buy_now', 'every_lot')
AND coalesce((terms->>'buy_now_share')::numeric, 80) BETWEEN 1 AND 200
AND coalesce((terms->>'conditional_share')::numeric, 0) BETWEEN 0 AND 99
"""


def upgrade() -> None:
    for name in ("buy_now", "buy_now_until"):
        op.add_column("lot", sa.Column(name, sa.BigInteger(), nullable=True))
    op.create_check_constraint(
        "lot_buy_now",
        "lot",
        "buy_now IS NULL OR (buy_now > opening AND buy_now >= coalesce(reserve, 0))",
    )
    op.create_check_constraint("lot_buy_now_until", "lot", "buy_now_until > 0")
    for table in ("sale", "lot"):
        op.create_check_constraint(f"{table}_selling", table, _SELLING)
