"""What an account settles in and lacks, and whether Stripe's books and a house's agree."""

from collections.abc import Sequence

from alembic import context, op

revision: str = "0050"
down_revision: str | None = "0060"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_ACCOUNT = """
ALTER TABLE exchange.stripe_account
    ADD COLUMN currency text CHECK (currency ~ '^[A-Z]{3}$'),
    ADD COLUMN lacks jsonb NOT NULL DEFAULT '[]'
"""
_RECONCILIATION = """
CREATE TABLE exchange.stripe_comparison (
    account text PRIMARY KEY REFERENCES exchange.stripe_account (account) ON DELETE CASCADE,
    house_schema text NOT NULL REFERENCES exchange.house (schema) ON DELETE CASCADE,
    entity bigint NOT NULL,
    differences integer NOT NULL CHECK (differences >= 0),
    lines integer NOT NULL,
    problem text,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
)
"""


def upgrade() -> None:
    platform = context.config.attributes["roles"].platform
    op.execute(_ACCOUNT)
    op.execute(_RECONCILIATION)
    op.execute(f'GRANT SELECT, INSERT, UPDATE ON exchange.stripe_comparison TO "{platform}"')
