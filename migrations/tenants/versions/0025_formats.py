"""In which format a lot is sold, and for how many pieces a price is paid.

So far a price was always paid for each piece; lots of several pieces say so from now on.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0025"
down_revision: str | None = "0040"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column(
        "lot_state",
        sa.Column("format", sa.Text(), server_default=sa.text("'timed'"), nullable=False),
    )
    op.add_column(
        "lot_state",
        sa.Column("pieces", sa.Integer(), server_default=sa.text("1"), nullable=False),
    )
    op.create_check_constraint("lot_state_pieces", "lot_state", "pieces > 0")
    op.execute(
        "UPDATE lot SET terms = coalesce(terms, '{}') || '{\"bid_for\": \"piece\"}'"
        " WHERE quantity > 1"
    )
    op.execute(
        "UPDATE lot_state s SET pieces = l.quantity FROM lot l"
        " WHERE l.id = s.lot_id AND l.quantity > 1"
    )
