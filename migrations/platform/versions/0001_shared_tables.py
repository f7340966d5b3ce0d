"""The shared tables, their row security, and the job queue's own schema."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import context, op
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects import postgresql

from auctionxchange.tenancy.models import TransactionId
from auctionxchange.tenancy.setup import RoleNames

revision: str = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    _audit()
    _house()
    _operator()
    _operator_role()
    _outbox()
    _service_heartbeat()
    _domain()
    _migration()
    _operator_roles()
    _operator_session()
    names = context.config.attributes["roles"]
    _outbox_security(names)
    _platform_privileges(names)
    _jobs(names)


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("after", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        schema="exchange",
    )
    op.create_index(op.f("ix_exchange_audit_at"), "audit", ["at"], unique=False, schema="exchange")
    op.create_index(
        op.f("ix_exchange_audit_subject"), "audit", ["subject"], unique=False, schema="exchange"
    )


def _house() -> None:
    op.create_table(
        "house",
        sa.Column("schema", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="provisioning", nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("languages", postgresql.JSONB(), nullable=False),
        sa.Column("theme", sa.Text(), server_default="base", nullable=False),
        sa.Column(
            "theme_settings", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("primary_domain", sa.Text(), nullable=True),
        sa.Column("database", sa.Text(), server_default="main", nullable=False),
        sa.Column("owner_email", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("suspended_reason", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("schema"),
        sa.UniqueConstraint("slug"),
        schema="exchange",
    )


def _operator() -> None:
    op.create_table(
        "operator",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("fs_uniquifier", sa.Text(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("last_login_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("current_login_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_login_ip", sa.Text(), nullable=True),
        sa.Column("current_login_ip", sa.Text(), nullable=True),
        sa.Column("login_count", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("fs_uniquifier"),
        schema="exchange",
    )
    op.create_index(
        "operator_email",
        "operator",
        [sa.literal_column("lower(email)")],
        unique=True,
        schema="exchange",
    )


def _operator_role() -> None:
    op.create_table(
        "operator_role",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
        schema="exchange",
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "transaction",
            TransactionId(),
            server_default=sa.text("pg_current_xact_id()"),
            nullable=False,
        ),
        sa.Column("house", sa.Text(), server_default=sa.text("current_user"), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="exchange",
    )
    op.create_index(
        "outbox_live_order",
        "outbox",
        ["transaction", "id"],
        unique=False,
        schema="exchange",
        postgresql_where=sa.text("kind = 'live'"),
    )
    op.create_index(
        "outbox_jobs_waiting",
        "outbox",
        ["id"],
        unique=False,
        schema="exchange",
        postgresql_where=sa.text("kind = 'job'"),
    )


def _service_heartbeat() -> None:
    op.create_table(
        "service_heartbeat",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        schema="exchange",
    )


def _domain() -> None:
    op.create_table(
        "domain",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("house_schema", sa.Text(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["house_schema"], ["exchange.house.schema"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("host"),
        schema="exchange",
    )
    op.create_index(
        op.f("ix_exchange_domain_house_schema"),
        "domain",
        ["house_schema"],
        unique=False,
        schema="exchange",
    )


def _migration() -> None:
    op.create_table(
        "migration",
        sa.Column("house_schema", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["house_schema"], ["exchange.house.schema"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("house_schema"),
        schema="exchange",
    )


def _operator_roles() -> None:
    op.create_table(
        "operator_roles",
        sa.Column("operator_id", sa.BigInteger(), nullable=False),
        sa.Column("role_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["operator_id"], ["exchange.operator.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["role_id"],
            ["exchange.operator_role.id"],
        ),
        sa.PrimaryKeyConstraint("operator_id", "role_id"),
        schema="exchange",
    )


def _operator_session() -> None:
    op.create_table(
        "operator_session",
        sa.Column("operator_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column(
            "last_seen_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("user_agent", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("remembered", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["operator_id"], ["exchange.operator.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        schema="exchange",
    )
    op.create_index(
        op.f("ix_exchange_operator_session_operator_id"),
        "operator_session",
        ["operator_id"],
        unique=False,
        schema="exchange",
    )


def _outbox_security(names: RoleNames) -> None:
    """A house may add rows in its own name and see none."""
    op.execute("ALTER TABLE exchange.outbox ENABLE ROW LEVEL SECURITY")
    op.execute(f'GRANT INSERT (kind, topic, payload) ON exchange.outbox TO "{names.houses}"')
    op.execute(
        f'CREATE POLICY own_name ON exchange.outbox FOR INSERT TO "{names.houses}" '
        "WITH CHECK (house = current_user)"
    )
    op.execute(
        f'CREATE POLICY platform ON exchange.outbox TO "{names.platform}" '
        "USING (true) WITH CHECK (true)"
    )


def _platform_privileges(names: RoleNames) -> None:
    op.execute(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA exchange "
        f'TO "{names.platform}"'
    )
    op.execute(f'REVOKE ALL ON exchange.alembic_version FROM "{names.platform}"')
    op.execute(f'GRANT SELECT ON exchange.alembic_version TO "{names.platform}"')
    op.execute(f'REVOKE UPDATE, DELETE ON exchange.audit FROM "{names.platform}"')


def _jobs(names: RoleNames) -> None:
    """The queue's own tables, as the library ships them, in a schema nobody else uses."""
    op.execute("SET LOCAL search_path = jobs")
    cursor = op.get_bind().connection.cursor()
    cursor.execute(SchemaManager.get_schema())
    op.execute("SET LOCAL search_path = ''")
    for objects in ("TABLES", "SEQUENCES", "FUNCTIONS"):
        op.execute(f'GRANT ALL ON ALL {objects} IN SCHEMA jobs TO "{names.platform}"')
