"""When services were out of reach, written by themselves when they come back."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import context, op

revision: str = "0002"
down_revision: str | None = "0010"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "service_outage",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("until_at > from_at", name="service_outage_lasts"),
        sa.PrimaryKeyConstraint("id"),
        schema="exchange",
    )
    op.create_index(
        "service_outage_name", "service_outage", ["name", "id"], unique=False, schema="exchange"
    )
    platform = context.config.attributes["roles"].platform
    op.execute(f'GRANT SELECT, INSERT ON exchange.service_outage TO "{platform}"')
