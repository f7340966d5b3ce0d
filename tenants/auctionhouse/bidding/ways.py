"""Settings of the ways a lot is sold beside the hammer: at once, by offers, subject to consent.

They stand beside the increments in a sale's terms, and a lot may have its own. Shares are whole
per cent. What a lot can be had for at once is the lot's own price.
"""

from collections.abc import Mapping
from typing import Any, Literal

from auctionhouse.bidding.buying import PERCENT
from auctionhouse.bidding.rules import BuyNow, Terms

WAY_CHOICES: Mapping[str, tuple[str, ...]] = {
    "buy_now_until": ("first_bid", "low_estimate", "high_estimate"),
    "offers": ("never", "below_buy_now", "every_lot"),
}
SHARES: Mapping[str, tuple[int, int, int]] = {
    "buy_now_share": (1, 200, 80),
    "conditional_share": (0, 99, 0),
}
"""By setting: the least, the most and the usual per cent."""

WAYS = (*WAY_CHOICES, *SHARES)
Problem = Literal["choice", "share"]


def way_problem(terms: Mapping[str, Any]) -> tuple[str, Problem] | None:
    """Return the first setting that cannot be sold by and what is wrong with it, or None."""
    for name, choices in WAY_CHOICES.items():
        if terms.get(name, choices[0]) not in choices:
            return name, "choice"
    for name, (least, most, usual) in SHARES.items():
        share = terms.get(name, usual)
        if type(share) is not int or not least <= share <= most:
            return name, "share"
    return None


def choice_of(terms: Mapping[str, Any], name: str) -> Any:
    """Return a choice as set, or the usual one."""
    return terms.get(name, WAY_CHOICES[name][0])


def share_of(terms: Mapping[str, Any], name: str) -> int:
    """Return a share as set, or the usual one, in per cent."""
    share: int = terms.get(name, SHARES[name][2])
    return share


def buy_now_limit(terms: Mapping[str, Any], low: int | None, high: int | None) -> int | None:
    """Return the price of the bidding at which a buy-now ends, from a lot's estimate, rounded up.

    None is the first bid: where the terms say so, and for a lot without an estimate.
    """
    estimate = {"low_estimate": low, "high_estimate": high}.get(choice_of(terms, "buy_now_until"))
    if estimate is None:
        return None
    return -(-estimate * share_of(terms, "buy_now_share") // PERCENT)


def buy_now_of(price: int | None, until: int | None) -> BuyNow | None:
    """Return a lot's offer to be had at once, as its columns tell it."""
    return None if price is None else BuyNow(price, until)


def takes_offers(terms: Terms, price: int | None) -> bool:
    """Tell whether bidders may make offers on a lot that stands so: never once it was bid on."""
    if price is not None or terms.offers == "never":
        return False
    return terms.offers == "every_lot" or terms.buy_now is not None


def bounds_hold(accept_from: int | None, decline_below: int | None) -> bool:
    """Tell whether a lot's hidden bounds answer an offer one way, and from something above 0."""
    above_zero = all(bound is None or bound > 0 for bound in (accept_from, decline_below))
    crossed = None not in {accept_from, decline_below} and (accept_from or 0) < (decline_below or 0)
    return above_zero and not crossed


def answered_by_rule(
    amount: int, accept_from: int | None, decline_below: int | None
) -> Literal["accept", "decline"] | None:
    """Return how a lot's hidden bounds answer an offer at once, or None where staff decide."""
    if accept_from is not None and amount >= accept_from:
        return "accept"
    if decline_below is not None and amount < decline_below:
        return "decline"
    return None
