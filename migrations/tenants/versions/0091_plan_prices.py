"""The house's copy of its plan says what the plan costs, for the page where it is looked up."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0091"
down_revision: str | None = "0090"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("plan_allowance", sa.Column("price", sa.BigInteger()))
    op.add_column(
        "plan_allowance",
        sa.Column("meter_price", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
    )
    op.add_column("plan_allowance", sa.Column("currency", sa.Text()))
