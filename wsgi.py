"""The only place that knows both planes: the web's entry and the command line's.

The web is gunicorn as the Procfile starts it; commands are `flask --app wsgi …`. Nothing is
read from the environment or connected to at import.
"""

import os

from flask import Flask

import auctionhouse.payments.commands  # noqa: F401 - adds the houses' own to the group
from auctionhouse.bidding.commands import bidding
from auctionhouse.house_app import create_house_app, express_of
from auctionhouse.members.commands import members, owners_first_step
from auctionhouse.money.commands import money
from auctionhouse.seed import seed_house
from auctionxchange.accounts.commands import operators
from auctionxchange.kernel.config import Settings, load_settings
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.logs import configure_logs
from auctionxchange.payments.commands import payments
from auctionxchange.site.platform_app import create_platform_app
from auctionxchange.tenancy import cli
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.heartbeats import WEB, keep_beating
from auctionxchange.tenancy.resolver import Application, Entrance, Resolver
from auctionxchange.tenancy.superuser import refuse_superuser


def create_application() -> Application:
    """Build the web application from the environment; raises SettingInvalid."""
    settings = load_settings(os.environ)
    configure_logs(settings.log_format)
    database = Database(
        settings.database_url, secret_key=settings.secret_key, pool_size=settings.database_pool
    )
    refuse_superuser(database)
    keep_beating(database, WEB)
    return build_application(settings, database)


def build_application(settings: Settings, database: Database) -> Application:
    """Put the two apps behind the resolver."""
    directory = Directory(database, settings)
    house = create_house_app(settings, database, directory)
    resolver = Resolver(
        settings,
        directory,
        platform=create_platform_app(settings, database, directory),
        house=house,
        express=express_of(house),
    )
    return Entrance(resolver, settings.trusted_proxies)


def create_app() -> Flask:
    """Build the app the command line runs in; commands read their settings when they need them."""
    app = Flask("commands")
    app.cli.add_command(cli.house_commands(seed_house, owners_first_step))
    app.cli.add_command(cli.migrate)
    app.cli.add_command(cli.database)
    app.cli.add_command(members)
    app.cli.add_command(operators)
    app.cli.add_command(bidding)
    app.cli.add_command(payments)
    app.cli.add_command(money)
    return app
