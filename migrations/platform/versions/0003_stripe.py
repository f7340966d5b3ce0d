"""Which Stripe account is whose, and the inbox of what Stripe tells."""

from collections.abc import Sequence

from alembic import context, op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_ACCOUNT = """
CREATE TABLE exchange.stripe_account (
    account text PRIMARY KEY,
    house_schema text NOT NULL REFERENCES exchange.house (schema) ON DELETE CASCADE,
    entity bigint NOT NULL,
    card_payments text NOT NULL DEFAULT 'restricted',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    revoked_at timestamptz,
    looked_at timestamptz,
    CONSTRAINT stripe_account_shape CHECK (account ~ '^acct_[A-Za-z0-9]+$')
)
"""
_ONE_EACH = """
CREATE UNIQUE INDEX stripe_account_entity ON exchange.stripe_account (house_schema, entity)
WHERE revoked_at IS NULL
"""
_EVENT = """
CREATE TABLE exchange.stripe_event (
    event_id text PRIMARY KEY,
    endpoint text NOT NULL CHECK (endpoint IN ('platform', 'connect')),
    account text,
    kind text NOT NULL,
    object_kind text,
    object_id text,
    livemode boolean NOT NULL,
    created_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    state text NOT NULL DEFAULT 'received'
        CHECK (state IN ('received', 'done', 'ignored', 'stranger', 'foreign')),
    done_at timestamptz
)
"""


def upgrade() -> None:
    platform = context.config.attributes["roles"].platform
    op.execute(_ACCOUNT)
    op.execute(_ONE_EACH)
    op.execute(_EVENT)
    op.execute(
        "CREATE INDEX stripe_event_open ON exchange.stripe_event (received_at)"
        " WHERE state IN ('received', 'stranger', 'foreign')"
    )
    for table in ("stripe_account", "stripe_event"):
        op.execute(f'GRANT SELECT, INSERT, UPDATE ON exchange.{table} TO "{platform}"')
