"""Runs the platform's history on the connection it is given, in the exchange schema."""

from alembic import context
from sqlalchemy import Connection

import auctionxchange.accounts.models
import auctionxchange.tenancy.models  # noqa: F401 - registers the tables
from auctionxchange.kernel.database import PlatformBase

connection: Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=PlatformBase.metadata,
    include_schemas=True,
    include_name=lambda name, kind, _parents: kind != "schema" or name == "exchange",
    version_table="alembic_version",
    version_table_schema="exchange",
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
