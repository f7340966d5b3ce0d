"""Credit notes that take something off an invoice which stands otherwise."""

from collections.abc import Sequence

from alembic import op

revision: str = "0085"
down_revision: str | None = "0021"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE invoice ADD COLUMN allows_id bigint REFERENCES invoice (id),"
        " DROP CONSTRAINT invoice_credit,"
        " ADD CONSTRAINT invoice_credit CHECK ((kind = 'credit_note') ="
        " (credits_id IS NOT NULL OR allows_id IS NOT NULL)),"
        " ADD CONSTRAINT invoice_credits_one CHECK (credits_id IS NULL OR allows_id IS NULL)"
    )
    op.create_index(
        "invoice_allowances", "invoice", ["allows_id"], postgresql_where="allows_id IS NOT NULL"
    )
