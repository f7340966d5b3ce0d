"""What plans and subscriptions are called for people."""

from decimal import Decimal

from auctionxchange.i18n import gettext as _
from auctionxchange.i18n.formats import money, percent


def state_words(state: str) -> str:
    """Name a subscription's state."""
    words = {
        "trialing": _("On trial"),
        "active": _("Paid"),
        "past_due": _("Payment overdue"),
        "suspended": _("Suspended"),
        "cancelled": _("Cancelled"),
    }
    return words[state]


def charge_words(sales_charge: str, meter_price: int, basis_points: int, currency: str) -> str:
    """Say how sales are charged beside the monthly price."""
    if sales_charge == "meter":
        return _("%(amount)s for each lot sold", amount=money(meter_price, currency))
    if sales_charge == "fee":
        rate = percent(Decimal(basis_points) / 100)
        return _("%(rate)s of what buyers pay by card", rate=rate)
    return _("Nothing for each sale")
