"""Where an offer stands, in the words of each of its parties."""

from collections.abc import Mapping
from typing import Any

from auctionhouse.offers.queries import OfferView
from auctionxchange.kernel.translation import gettext as _
from auctionxchange.kernel.translation import lazy_gettext as _l


def said_of(offer: OfferView) -> str:
    """Say to the bidder where an offer stands."""
    own = {
        "with_house": _("waits for the house"),
        "with_bidder": _("the house’s counter-offer"),
        "accepted": _("accepted: you bought the lot"),
        "declined": _("declined"),
        "withdrawn": _("withdrawn"),
        "expired": _("not answered in time"),
        "lapsed": _("ended with the lot, or by a bid on it"),
    }
    others = {"with_bidder": _("offered to you after the sale"), "lapsed": _("no longer offered")}
    words = {**own, **(others if offer.row.kind == "underbidder" else {})}
    return words[offer.state]


def house_words(offer: OfferView) -> str:
    """Say to the house where an offer stands."""
    words = {
        "waiting": _("in line"),
        "with_house": _("waits for us"),
        "with_bidder": _("waits for the bidder"),
        "accepted": _("accepted"),
        "declined": _("declined"),
        "withdrawn": _("withdrawn"),
        "expired": _("not answered in time"),
        "lapsed": _("no longer open"),
    }
    if offer.row.kind == "conditional":
        words |= {"with_house": _("waits for the seller"), "declined": _("refused by the seller")}
    if offer.row.kind == "everybody":
        words |= {"with_bidder": _("can be bought")}
    return words[offer.state]


def own_words(step: Any) -> str:
    """Say to the bidder what was done; whether a person answered or a bound of the lot is not."""
    house = step.actor in {"house", "rule"}
    return {
        "make": _("You offer"),
        "give": _("The house offers"),
        "counter": _("The house counters") if house else _("You counter"),
        "accept": _("The house accepts") if house else _("You accept"),
        "decline": _("The house declines") if house else _("You decline"),
        "withdraw": _("The house withdraws it") if house else _("You withdraw it"),
        "expire": _("Not answered in time"),
        "lapse": _("Ended with what happened to the lot"),
    }[step.act]


_SELLER: Mapping[str, Any] = {
    "make": _l("The bidding ended close to the reserve"),
    "accept": _l("The seller accepts"),
    "decline": _l("The seller declines"),
    "expire": _l("The seller did not answer in time"),
}
"""Steps of a bid that waits for its seller."""


def kind_words(kind: str) -> str:
    """Say what kind of offer it is."""
    words = {
        "best": _("Bidder’s offer"),
        "conditional": _("Near the reserve"),
        "underbidder": _("To an underbidder"),
        "everybody": _("To everybody"),
    }
    return words[kind]


def step_words(step: Any, kind: str = "best") -> str:
    """Say who did what in a step of an offer."""
    if kind == "conditional" and step.act in _SELLER:
        return str(_SELLER[step.act])
    if step.act == "make":
        return _("The house offers") if step.actor == "house" else _("The bidder offers")
    if step.act == "counter":
        house = step.actor == "house"
        return _("The house counters") if house else _("The bidder counters")
    if step.act == "accept":
        return {
            "house": _("The house accepts"), "bidder": _("The bidder accepts"),
            "rule": _("Accepted at once by the lot’s bounds"),
        }[step.actor]  # fmt: skip
    if step.act == "decline":
        return {
            "house": _("The house declines"), "bidder": _("The bidder declines"),
            "rule": _("Declined at once by the lot’s bounds"),
        }[step.actor]  # fmt: skip
    return {
        "give": _("Offered to the bidder"),
        "withdraw": _("Withdrawn"),
        "expire": _("Not answered in time"),
        "lapse": _("Ended with what happened to the lot"),
    }[step.act]
