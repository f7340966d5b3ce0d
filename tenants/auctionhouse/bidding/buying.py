"""How a lot changes hands beside the hammer at a met reserve: at once, or subject to consent.

Pure functions over the same state as rules.py, in the same units. Only the standard library is
imported: the ledger's verifier is generated from this file too.
"""

from dataclasses import replace
from typing import Literal

from auctionhouse.bidding.rules import BuyNow, Decision, State, Terms

Result = Literal["sold", "conditional", "unsold"]
PERCENT = 100


def buy_now_price(terms: Terms, state: State) -> int | None:
    """Return the price for which the lot is had at once as it stands, or None where it is not."""
    return offered_at(terms.buy_now, state.price, state.asking(terms))


def offered_at(offer: BuyNow | None, price: int | None, asking: int) -> int | None:
    """Return the price of a buy-now where the bidding stands so, or None where it is over.

    Once somebody has bid it is offered below its limit only, and never for less than the next bid.
    """
    if offer is None or price is None:
        return None if offer is None else offer.price
    within = offer.until is not None and price < offer.until
    return offer.price if within and asking <= offer.price else None


def buy(terms: Terms, state: State, who: int | str, at: int) -> Decision:
    """Decide who takes the lot at its buy-now price; the lot ends with it, whoever led."""
    price = buy_now_price(terms, state)
    if at < state.opens_at:
        return _not_bought(terms, state, "early")
    if at >= state.ends_at:
        return _not_bought(terms, state, "late")
    if price is None:
        return _not_bought(terms, state, "not_offered")
    return Decision(
        sold_to(terms, state, who, price, at), accepted=True, maximum=price, bought=True
    )


def sold_to(terms: Terms, state: State, who: int | str, price: int, at: int) -> State:
    """Return the state of a lot that went to somebody at a price; one that still ran ends now."""
    met = terms.reserve is None or price >= terms.reserve
    ends_at = min(state.ends_at, at)
    return replace(state, leader=who, price=price, maximum=price, reserve_met=met, ends_at=ends_at)


def result(terms: Terms, state: State) -> Result:
    """Return what becomes of a lot whose end has come."""
    if state.leader is None or state.price is None:
        return "unsold"
    if state.reserve_met:
        return "sold"
    if not terms.conditional_share or terms.reserve is None:
        return "unsold"
    return "conditional" if state.price >= conditional_from(terms, terms.reserve) else "unsold"


def conditional_from(terms: Terms, reserve: int) -> int:
    """Return the least price at which a lot that misses its reserve is sold subject to consent."""
    return -(-reserve * terms.conditional_share // PERCENT)


def _not_bought(
    terms: Terms, state: State, reason: Literal["early", "late", "not_offered"]
) -> Decision:
    price = 0 if terms.buy_now is None else terms.buy_now.price
    return Decision(state, accepted=False, maximum=price, reason=reason)
