"""The platform's Flask app: the apex site and, on its own host, the operators' console."""

from flask import Flask

from auctionxchange.accounts.operators import install_operators
from auctionxchange.billing import views as billing
from auctionxchange.console.access import install_guard
from auctionxchange.console.install import install_console
from auctionxchange.i18n import install_i18n
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.web import install_edge
from auctionxchange.payments import views as payments
from auctionxchange.site import health, home
from auctionxchange.site.requests import install_session
from auctionxchange.site.services import PlatformServices
from auctionxchange.tenancy.directory import Directory
from auctionxchange.theming.install import install_theming

__all__ = ["PlatformServices", "create_platform_app"]

LARGEST_FORM = 256 * 1024


def create_platform_app(settings: Settings, database: Database, directory: Directory) -> Flask:
    """Build the app that serves the apex and the console host."""
    app = Flask("auctionxchange", static_folder=None, template_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_FORM,
        TESTING=settings.environment == "test",
    )
    app.extensions["auctionxchange"] = PlatformServices(settings, database, directory)
    install_theming(app, settings)
    install_i18n(app)
    install_session(app)
    install_edge(app, secure=settings.secure)
    install_guard(app)
    install_operators(app, settings, database)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(home.blueprint)
    app.register_blueprint(payments.blueprint)
    app.register_blueprint(billing.blueprint)
    # Stripe signs what it sends; it has no form of ours.
    app.extensions["csrf"].exempt(payments.blueprint)
    install_console(app)
    return app
