"""Lots sold by a falling clock: never below their lowest price, and stopped below a reserve."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0080"
down_revision: str | None = "0085"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_OPEN = "status IN ('scheduled','open') AND passes_before_s > 0"


def upgrade() -> None:
    op.add_column(
        "lot_state",
        sa.Column("passes_before_s", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
    )
    op.create_check_constraint("lot_state_passes", "lot_state", "passes_before_s >= 0")
    op.create_check_constraint(
        "lot_state_clock",
        "lot_state",
        "format <> 'dutch' OR status <> 'open' OR price IS NULL OR price >= asking",
    )
    op.create_index("lot_state_passing", "lot_state", ["ends_at"], postgresql_where=sa.text(_OPEN))
    op.create_check_constraint(
        "lot_clock",
        "lot",
        "coalesce(jsonb_typeof(terms->'clock'), 'null') = 'null'"
        " OR ((terms->'clock'->>'start')::bigint > opening"
        " AND (terms->'clock'->>'step')::bigint <= (terms->'clock'->>'start')::bigint - opening)",
    )
