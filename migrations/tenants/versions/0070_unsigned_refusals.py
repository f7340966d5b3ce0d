"""A refused bid is kept in its batch's transaction and signed when its receipt is asked for."""

from collections.abc import Sequence

from alembic import op

revision: str = "0070"
down_revision: str | None = "0051"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE refused_bid"
        " ADD COLUMN reference uuid NOT NULL DEFAULT gen_random_uuid(),"
        " ALTER COLUMN signature DROP NOT NULL,"
        " ALTER COLUMN key_id DROP NOT NULL,"
        " ADD CONSTRAINT refused_bid_signed CHECK ((signature IS NULL) = (key_id IS NULL))"
    )
    op.create_index("refused_bid_reference", "refused_bid", ["reference"], unique=True)
