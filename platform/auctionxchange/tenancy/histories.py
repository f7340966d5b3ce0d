"""The two Alembic histories: the shared tables' and the houses'."""

import io
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from auctionxchange.kernel.config import REPOSITORY

PLATFORM = REPOSITORY / "migrations" / "platform"
HOUSES = REPOSITORY / "migrations" / "tenants"
HOUSE_VERSION_TABLE = "alembic_version_tenant"


def history(folder: Path) -> Config:
    """Return the configuration of one history, without any file beside it."""
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@cache
def head(folder: Path) -> str:
    """Return a history's newest revision; there is exactly one."""
    revision = ScriptDirectory.from_config(history(folder)).get_current_head()
    assert revision is not None
    return revision


@cache
def house_script() -> str:
    """Compile the houses' whole history into one SQL script, stamped at its head.

    It names no schema: the search path of the transaction that runs it decides whose it is.
    """
    buffer = io.StringIO()
    config = history(HOUSES)
    config.output_buffer = buffer
    command.upgrade(config, "head", sql=True)
    # Written for a driver that is handed values, which would take a single sign for a place of
    # one; the script is run without any.
    return buffer.getvalue().replace("%%", "%")
