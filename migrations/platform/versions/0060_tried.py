"""How often passwords, registrations and links were tried, by keyed digests."""

from collections.abc import Sequence

from alembic import context, op

revision: str = "0060"
down_revision: str | None = "0025"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_TRIED = """
CREATE UNLOGGED TABLE exchange.tried (
    key text PRIMARY KEY,
    tries integer NOT NULL CONSTRAINT tried_counts CHECK (tries >= 0),
    ends timestamptz NOT NULL
)
"""


def upgrade() -> None:
    op.execute(_TRIED)
    op.execute("CREATE INDEX tried_ends ON exchange.tried (ends)")
    platform = context.config.attributes["roles"].platform
    op.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON exchange.tried TO "{platform}"')
