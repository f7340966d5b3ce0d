"""What the house's plan allows it, how the exchange is paid for its sales, and files' sizes."""

from collections.abc import Sequence

from alembic import op

revision: str = "0054"
down_revision: str | None = "0032"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_TABLES = """
CREATE TABLE plan_allowance (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    plan text NOT NULL,
    name text NOT NULL,
    lots integer,
    staff integer,
    storage_mb integer,
    sales_charge text NOT NULL CHECK (sales_charge IN ('none','meter','fee')),
    fee_basis_points integer NOT NULL DEFAULT 0,
    state text NOT NULL,
    trial_ends_at timestamptz,
    paid_until timestamptz,
    suspends_at timestamptz,
    customer text,
    CONSTRAINT plan_allowance_fee CHECK ((fee_basis_points > 0) = (sales_charge = 'fee'))
);
CREATE TABLE charged_lot (
    lot_id bigint PRIMARY KEY REFERENCES lot (id),
    way text NOT NULL CHECK (way IN ('meter','fee')),
    identifier text UNIQUE,
    charged_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    sent_at timestamptz,
    CONSTRAINT charged_lot_metered CHECK ((way = 'meter') = (identifier IS NOT NULL))
);
CREATE INDEX charged_lot_unsent ON charged_lot (lot_id) WHERE way = 'meter' AND sent_at IS NULL;
ALTER TABLE picture ADD COLUMN bytes bigint NOT NULL DEFAULT 0;
"""


def upgrade() -> None:
    op.execute(_TABLES)
