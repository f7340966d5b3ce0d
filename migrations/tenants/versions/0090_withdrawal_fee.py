"""A withdrawn lot may stand on its vendor's statement, with the fee that was agreed."""

from collections.abc import Sequence

from alembic import op

revision: str = "0090"
down_revision: str | None = "0080"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE statement_part DROP CONSTRAINT statement_part_outcome_check,"
        " ADD CONSTRAINT statement_part_outcome_check"
        " CHECK (outcome IN ('', 'sold', 'unsold', 'withdrawn'))"
    )
