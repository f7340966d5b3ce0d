"""Making a registered house in the worker, which has the owner's address; the web has not."""

from auctionxchange.kernel.config import SettingInvalid, Settings
from auctionxchange.tenancy.provisioning import Seed, owner_engine, provision_registered

PROVISION = "tenancy.provision"
"""The job's name; its only argument is `schema`."""


def make_registered_house(settings: Settings, seed: Seed, schema: str) -> bool:
    """Make a house the console has registered; False where it was made already.

    Raises SettingInvalid where the worker was not given the owner's address.
    """
    if settings.database_admin_url is None:
        raise SettingInvalid("DATABASE_ADMIN_URL", "the worker needs it to make houses")
    engine = owner_engine(settings.database_admin_url)
    try:
        return provision_registered(engine, schema, seed)
    finally:
        engine.dispose()
