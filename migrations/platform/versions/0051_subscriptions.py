"""Plans of houses and what each house has subscribed to; a fee or a meter for sales, never both."""

from collections.abc import Sequence

from alembic import context, op

revision: str = "0051"
down_revision: str | None = "0050"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_PLAN = """
CREATE TABLE exchange.plan (
    code text PRIMARY KEY CHECK (code ~ '^[a-z][a-z0-9-]{1,30}$'),
    name text NOT NULL,
    price bigint NOT NULL CHECK (price >= 0),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    lots integer CHECK (lots > 0),
    staff integer CHECK (staff > 0),
    storage_mb integer CHECK (storage_mb > 0),
    sales_charge text NOT NULL DEFAULT 'none' CHECK (sales_charge IN ('none','meter','fee')),
    meter_price bigint NOT NULL DEFAULT 0,
    fee_basis_points integer NOT NULL DEFAULT 0,
    offered boolean NOT NULL DEFAULT true,
    stripe_price text,
    stripe_meter_price text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT plan_never_both CHECK (
        (meter_price > 0) = (sales_charge = 'meter')
        AND (fee_basis_points > 0) = (sales_charge = 'fee') AND fee_basis_points <= 2000)
)
"""
_SUBSCRIPTION = """
CREATE TABLE exchange.subscription (
    house_schema text PRIMARY KEY REFERENCES exchange.house (schema) ON DELETE CASCADE,
    plan text NOT NULL REFERENCES exchange.plan (code),
    state text NOT NULL CHECK (state IN
        ('trialing','active','past_due','suspended','cancelled')),
    trial_ends_at timestamptz,
    paid_until timestamptz,
    failed_at timestamptz,
    warned integer NOT NULL DEFAULT 0,
    customer text UNIQUE,
    stripe_subscription text UNIQUE,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    used_lots bigint,
    used_staff bigint,
    used_mb bigint,
    used_at timestamptz,
    CONSTRAINT subscription_trial CHECK (state <> 'trialing' OR trial_ends_at IS NOT NULL),
    CONSTRAINT subscription_failed CHECK (
        (failed_at IS NOT NULL) = (state IN ('past_due','suspended','cancelled')))
)
"""
_PLANS = """
INSERT INTO exchange.plan (code, name, price, currency, lots, staff, storage_mb, sales_charge,
    meter_price, fee_basis_points) VALUES
    ('studio', 'Studio', 4900, 'GBP', 500, 3, 5000, 'fee', 0, 150),
    ('house', 'House', 19900, 'GBP', 5000, 15, 50000, 'meter', 50, 0),
    ('salon', 'Salon', 59900, 'GBP', NULL, NULL, NULL, 'none', 0, 0)
"""


def upgrade() -> None:
    platform = context.config.attributes["roles"].platform
    op.execute(_PLAN)
    op.execute(_SUBSCRIPTION)
    op.execute(_PLANS)
    for table in ("plan", "subscription"):
        op.execute(f'GRANT SELECT, INSERT, UPDATE ON exchange.{table} TO "{platform}"')
