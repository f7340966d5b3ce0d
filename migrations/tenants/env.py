"""Runs the houses' history: on a house's connection, or as a script for a new house."""

from alembic import context

import auctionhouse.models  # noqa: F401 - registers the tables
from auctionxchange.kernel.database import HouseBase

VERSION_TABLE = "alembic_version_tenant"

if context.is_offline_mode():
    context.configure(
        dialect_name="postgresql",
        target_metadata=HouseBase.metadata,
        literal_binds=True,
        transactional_ddl=False,
        version_table=VERSION_TABLE,
    )
else:
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=HouseBase.metadata,
        version_table=VERSION_TABLE,
        include_name=lambda name, kind, _parents: kind != "table" or name != VERSION_TABLE,
    )
with context.begin_transaction():
    context.run_migrations()
