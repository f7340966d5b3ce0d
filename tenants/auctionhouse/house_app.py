"""The houses' Flask app: one for all of them, told by the resolver whose request it serves."""

from flask import Blueprint, Flask

import auctionhouse.listeners  # noqa: F401 - so that everybody hears of what happens
from auctionhouse.approvals import views as approvals
from auctionhouse.bidding import views as bidding
from auctionhouse.bidding.gathering import Gathering
from auctionhouse.catalogue import views as media
from auctionhouse.collecting import views as collecting
from auctionhouse.deposits import views as deposits
from auctionhouse.documents import vendor_views  # noqa: F401 - puts its pages on documents'
from auctionhouse.documents import views as documents
from auctionhouse.invoicing import views as invoicing
from auctionhouse.live import views as live
from auctionhouse.manage import views as manage
from auctionhouse.members import views as members
from auctionhouse.members.plane import install_members
from auctionhouse.money.words import premium_words
from auctionhouse.offers import views as offers
from auctionhouse.payments import views as payments
from auctionhouse.receipts import views as receipts
from auctionhouse.registrations import views as registrations
from auctionhouse.requests import install_session
from auctionhouse.services import HouseServices
from auctionhouse.settlement import views as settlement
from auctionhouse.storefront import (
    bid_views,
    buy_views,
    lot_views,
    own_bids_views,
    sealed_views,
)
from auctionhouse.storefront import views as storefront
from auctionhouse.storefront.bid_door import BidDoor
from auctionhouse.storefront.unchanged import Unchanged
from auctionxchange.i18n import install_i18n
from auctionxchange.kernel.clock import SystemClock
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.limits import RateLimits
from auctionxchange.kernel.storage import make_storage
from auctionxchange.kernel.web import install_edge
from auctionxchange.serving.express import Express
from auctionxchange.tenancy.directory import Directory
from auctionxchange.theming.install import install_theming

LARGEST_UPLOAD = 64 * 1024 * 1024

BLUEPRINTS: tuple[Blueprint, ...] = (
    members.blueprint,
    live.blueprint,
    approvals.blueprint,
    bidding.blueprint,
    storefront.blueprint,
    lot_views.blueprint,
    bid_views.blueprint,
    buy_views.blueprint,
    offers.blueprint,
    own_bids_views.blueprint,
    sealed_views.blueprint,
    receipts.blueprint,
    media.blueprint,
    registrations.blueprint,
    invoicing.blueprint,
    documents.blueprint,
    settlement.blueprint,
    settlement.templates,
    collecting.blueprint,
    deposits.blueprint,
    payments.blueprint,
    manage.blueprint,
)
"""One a capability."""


def create_house_app(settings: Settings, database: Database, directory: Directory) -> Flask:
    """Build the app that serves every house's own host."""
    app = Flask("auctionhouse", static_folder=None, template_folder=None)
    install_theming(app, settings, remember_language=storefront.remember_language)
    install_i18n(app)
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_UPLOAD, TESTING=settings.environment == "test")
    services = app.extensions["auctionhouse"] = HouseServices(
        settings,
        database,
        directory,
        RateLimits(),
        SystemClock(),
        make_storage(settings),
        Gathering(database),
    )
    app.jinja_env.filters["premium"] = premium_words
    install_session(app)
    install_edge(app, secure=settings.secure)
    install_members(app, settings, database)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    pages = Unchanged(app, app.wsgi_app, services)
    door = app.extensions["auctionhouse.door"] = BidDoor(app, pages, services)
    app.wsgi_app = door  # type: ignore[method-assign]
    return app


def express_of(app: Flask) -> Express:
    """Return the short way of bids through a house app."""
    door: BidDoor = app.extensions["auctionhouse.door"]
    return door.express
