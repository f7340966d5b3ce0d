"""The web, worker and gateway refuse to run with more power than they need."""

from sqlalchemy import text

from auctionxchange.kernel.config import SettingInvalid
from auctionxchange.kernel.database import Database


def refuse_superuser(database: Database) -> None:
    """Raise SettingInvalid if DATABASE_URL names a superuser or a role that can make roles."""
    with database.platform_connection() as connection:
        powerful = connection.execute(
            text("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = session_user")
        ).scalar_one()
    if powerful:
        advice = (
            "this role is too powerful to serve with; use the login that database setup printed"
        )
        raise SettingInvalid("DATABASE_URL", advice)
