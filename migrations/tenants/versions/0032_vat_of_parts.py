"""A statement says of each lot how it was taxed: lots under the margin scheme want a note."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0032"
down_revision: str | None = "0026"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column(
        "statement_part",
        sa.Column("vat", sa.Text(), server_default=sa.text("''"), nullable=False),
    )
