"""The platform's Flask app: the apex site and, on its own host, the operators' console."""

from dataclasses import dataclass

from flask import Flask

from auctionxchange.i18n import install_i18n
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.web import install_edge
from auctionxchange.site import health
from auctionxchange.tenancy.directory import Directory
from auctionxchange.theming.install import install_theming


@dataclass(frozen=True, slots=True)
class PlatformServices:
    """What the platform's views work with."""

    settings: Settings
    database: Database
    directory: Directory


def create_platform_app(settings: Settings, database: Database, directory: Directory) -> Flask:
    """Build the app that serves the apex and the console host."""
    app = Flask("auctionxchange", static_folder=None)
    install_theming(app, settings)
    install_i18n(app)
    app.extensions["auctionxchange"] = PlatformServices(settings, database, directory)
    install_edge(app, secure=settings.secure)
    app.register_blueprint(health.blueprint)
    return app
