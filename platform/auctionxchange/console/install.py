"""Puts the console into the platform's app: Flask-Admin with our pages and none of its files."""

from flask import Blueprint, Flask
from flask_admin import Admin
from flask_admin.theme import Theme

from auctionxchange.console.access import SIGN_OUT, may
from auctionxchange.console.houses import HousesView, house_word
from auctionxchange.console.ledgers import AuditView, MigrationsView
from auctionxchange.console.operators import OperatorsView
from auctionxchange.console.overview import OverviewView
from auctionxchange.console.stripe_events import (
    ReconciliationsView,
    StripeAccountsView,
    StripeEventsView,
)
from auctionxchange.console.subscriptions import PlansView, SubscriptionsView
from auctionxchange.console.words import act_words, subject_name
from auctionxchange.tenancy.resolver import CONSOLE_PATH

OWN_PAGES = Theme(folder="none", base_template="console/layout.html")
"""Flask-Admin looks for its templates in a folder of this name and finds none."""


def install_console(app: Flask) -> None:
    """Register the console's views below /console/."""
    app.register_blueprint(Blueprint("console", __name__, template_folder="templates"))
    app.jinja_env.globals.update(
        console_sign_out=SIGN_OUT,
        house_word=house_word,
        operator_may=may,
        act_words=act_words,
        subject_name=subject_name,
    )
    admin = Admin(
        app, name="AuctionXchange", theme=OWN_PAGES, index_view=OverviewView(), url=CONSOLE_PATH
    )
    admin.add_views(HousesView(), MigrationsView(), AuditView(), OperatorsView())
    admin.add_views(StripeAccountsView(), StripeEventsView(), ReconciliationsView())
    admin.add_views(PlansView(), SubscriptionsView())
