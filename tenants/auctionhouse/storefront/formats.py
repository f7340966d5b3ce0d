"""How the lots of each format are shown: the parts of their pages that differ."""

from collections.abc import Mapping
from dataclasses import dataclass

from auctionxchange.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class Shown:
    """Templates of a lot's page: price, own standing, form, the phone's bar, the rules in words."""

    price: str
    mine: str
    form: str
    bar: str
    rules: str


def _own(folder: str) -> Shown:
    """Return the templates that a format keeps in a folder of its own."""
    names = ("price", "mine", "form", "bar", "rules")
    return Shown(*(f"storefront/{folder}/{name}.html" for name in names))


SHOWN: Mapping[str, Shown] = {
    "timed": Shown(
        price="storefront/bid_price.html",
        mine="storefront/bid_mine.html",
        form="storefront/bid_timed.html",
        bar="storefront/bid_bar.html",
        rules="storefront/bid_steps.html",
    ),
    "sealed_first": _own("sealed"),
    "sealed_second": _own("sealed"),
    "sealed_pieces": _own("sealed"),
    "dutch": _own("dutch"),
    "choice": Shown(
        price="storefront/choice/price.html",
        mine="storefront/bid_mine.html",
        form="storefront/bid_timed.html",
        bar="storefront/bid_bar.html",
        rules="storefront/choice/rules.html",
    ),
}
"""By format."""


def sale_kind(form: str) -> str:
    """Return what a sale is called whose lots are sold in a format."""
    words = {
        "sealed_first": _("Sale by sealed bids"),
        "sealed_second": _("Sale by sealed bids"),
        "sealed_pieces": _("Sale by sealed bids"),
        "dutch": _("Sale by a falling clock"),
        "choice": _("Sale by buyer’s choice"),
    }
    return words.get(form, _("Timed online sale"))
