"""The exchange's own plans, and what each house has subscribed to."""

from typing import Any

from flask import url_for
from markupsafe import Markup

from auctionxchange.billing.models import Plan, Subscription
from auctionxchange.billing.words import charge_words, state_words
from auctionxchange.console.tables import ChoiceFilter, Table, stated
from auctionxchange.console.words import subject_name
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n import lazy_gettext as _l
from auctionxchange.i18n.formats import datetime_short, money, number
from auctionxchange.site.requests import platform_session

DRAWN = {
    "trialing": "pending",
    "active": "approved",
    "past_due": "declined",
    "suspended": "suspended",
    "cancelled": "archived",
}


class PlansView(Table):
    """What houses can be put on."""

    column_list = (
        "name", "price", "lots", "staff", "storage_mb", "sales_charge", "offered",
    )  # fmt: skip
    column_labels = {
        "name": _l("Plan"),
        "price": _l("A month"),
        "lots": _l("Lots"),
        "staff": _l("Staff"),
        "storage_mb": _l("Storage (MB)"),
        "sales_charge": _l("For each sale"),
        "offered": _l("Offered"),
    }
    column_default_sort = "price"
    empty_text = _l("There are no plans.")
    figures = ("price", "lots", "staff", "storage_mb")

    def __init__(self) -> None:
        self.column_formatters = {
            "price": _price, "sales_charge": _charge, "lots": _most, "staff": _most,
            "storage_mb": _most, "offered": _offered,
        }  # fmt: skip
        super().__init__(Plan, name=_l("Plans"), category=_l("Exchange"), endpoint="plans")


class SubscriptionsView(Table):
    """Which house is on which plan, whether it is paid, and what it uses."""

    column_list = (
        "house_schema", "plan", "state", "trial_ends_at", "paid_until", "failed_at", "used_lots",
        "used_staff", "used_mb",
    )  # fmt: skip
    column_labels = {
        "house_schema": _l("House"),
        "plan": _l("Plan"),
        "state": _l("State"),
        "trial_ends_at": _l("Trial until"),
        "paid_until": _l("Paid until"),
        "failed_at": _l("Unpaid since"),
        "used_lots": _l("Lots used"),
        "used_staff": _l("Staff used"),
        "used_mb": _l("Storage used (MB)"),
    }
    column_searchable_list = ("house_schema", "customer")
    column_default_sort = ("changed_at", True)
    empty_text = _l("No house is on a plan yet.")
    figures = ("used_lots", "used_staff", "used_mb")

    def __init__(self) -> None:
        self.column_filters = [ChoiceFilter(Subscription.state, _l("State"), state_words)]
        self.column_formatters = {
            "state": _state, "house_schema": _house, "plan": _plan, "used_lots": _used,
            "used_staff": _used, "used_mb": _used, "paid_until": _paid_until,
        }  # fmt: skip
        super().__init__(
            Subscription, name=_l("Subscriptions"), category=_l("Exchange"),
            endpoint="subscriptions",
        )  # fmt: skip


def _price(_view: Table, _context: Any, row: Plan, _name: str) -> str:
    return money(row.price, row.currency)


def _most(_view: Table, _context: Any, row: Plan, name: str) -> str:
    most = getattr(row, name)
    return _("no limit") if most is None else number(most)


def _used(_view: Table, _context: Any, row: Subscription, name: str) -> str:
    used = getattr(row, name)
    return "–" if used is None else number(used)


def _paid_until(_view: Table, _context: Any, row: Subscription, _name: str) -> str:
    """Tell a period's end only where it is paid; Stripe begins a period before it is."""
    return datetime_short(row.paid_until) if row.state == "active" else ""


def _offered(_view: Table, _context: Any, row: Plan, _name: str) -> str:
    return _("yes") if row.offered else _("no")


def _plan(_view: Table, _context: Any, row: Subscription, _name: str) -> str:
    return platform_session().get_one(Plan, row.plan).name


def _charge(_view: Table, _context: Any, row: Plan, _name: str) -> str:
    return charge_words(row.sales_charge, row.meter_price, row.fee_basis_points, row.currency)


def _state(_view: Table, _context: Any, row: Subscription, _name: str) -> Markup:
    return stated(DRAWN[row.state], state_words(row.state))


def _house(_view: Table, _context: Any, row: Subscription, _name: str) -> Markup:
    address = url_for("houses.house", schema=row.house_schema)
    return Markup('<a href="{}">{}</a>').format(address, subject_name(row.house_schema))
