"""Worked examples of the ways a lot is sold beside the hammer; figures are the engine's own."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from auctionhouse.bidding.bench import HOUR, START, Bench, fresh
from auctionhouse.bidding.buying import buy, buy_now_price, conditional_from, result
from auctionhouse.bidding.rules import BuyNow, State, Terms
from auctionhouse.bidding.telling import Told, tell
from auctionhouse.bidding.ways import answered_by_rule, buy_now_limit, takes_offers
from auctionxchange.kernel.translation import gettext as _

ESTIMATED_TIMES_OPENING = (2, 3)
"""Low and high estimate of an example without one."""

AT_ONCE_TIMES_OPENING = 5


def assumed_buy_now(
    terms: Mapping[str, Any], opening: int, low: int | None, high: int | None
) -> BuyNow:
    """Return what an example's lot is had for at once where its own price is not set."""
    if low is None or high is None:
        low, high = (opening * times for times in ESTIMATED_TIMES_OPENING)
    price = opening * AT_ONCE_TIMES_OPENING
    return BuyNow(max(price, 2 * high), buy_now_limit(terms, low, high))


def buy_now(bench: Bench) -> list[str]:
    """Tell how long a lot can be had at once, and what a purchase does."""
    terms = bench.terms
    if terms.buy_now is None:
        return []
    limit = terms.buy_now.until
    said = [_at_once(bench, fresh(terms)), _at_once(bench, _bid_up(terms, terms.opening))]
    if limit is not None and terms.opening < limit <= terms.buy_now.price:
        said.append(_at_once(bench, _bid_up(terms, limit)))
    return [*said, _bought(bench)]


def _bid_up(terms: Terms, price: int) -> State:
    return replace(fresh(terms), leader="Ann", price=price, maximum=price, bids=1)


def _at_once(bench: Bench, state: State) -> str:
    price = buy_now_price(bench.terms, state)
    shown = {"price": bench.money(state.price or 0)}
    if price is None:
        return _("At a price of %(price)s it can no longer be bought at once.", **shown)
    if state.price is None:
        return _("Before the first bid the lot can be had at once for %(now)s.",
                 now=bench.money(price))  # fmt: skip
    return _("At a price of %(price)s it can still be had for %(now)s.",
             now=bench.money(price), **shown)  # fmt: skip


def _bought(bench: Bench) -> str:
    before = fresh(bench.terms)
    decision = buy(bench.terms, before, "Ben", START + HOUR)
    return tell(Told(bench.terms, before, "Ben", decision.maximum, decision), bench.style)


def offers(bench: Bench) -> list[str]:
    """Tell which lots take offers, until when, and how a lot's hidden bounds answer them."""
    plain = replace(bench.terms, buy_now=None)
    price = bench.terms.buy_now or BuyNow(bench.terms.opening * AT_ONCE_TIMES_OPENING)
    priced = replace(bench.terms, buy_now=price)
    if not takes_offers(priced, None):
        return [_("No lot takes offers.")]
    said = [
        _("A lot that can be bought at once for %(now)s takes offers below that.",
          now=bench.money(price.price)),
        _("Any other lot takes offers of any sum.") if takes_offers(plain, None)
        else _("No other lot takes offers."),
    ]  # fmt: skip
    if not takes_offers(priced, bench.terms.opening):
        said.append(_("Once somebody has bid %(price)s, it takes none and those made have ended.",
                      price=bench.money(bench.terms.opening)))  # fmt: skip
    return [*said, *_bounded(bench, price.price)]


def _bounded(bench: Bench, price: int) -> list[str]:
    """Tell how hidden bounds of two and three fifths of a price answer offers."""
    below, above = (max(price * fifths // 5, bench.terms.opening) for fifths in (2, 3))
    bounds = {"below": bench.money(below), "above": bench.money(above)}
    said = [
        _(
            "A lot’s hidden bounds may decline below %(below)s and accept from %(above)s:",
            **bounds,
        )
    ]
    for amount in sorted({below - 1, below, above}):
        offered = bench.money(amount)
        said.append(
            {
                "accept": _("An offer of %(offered)s is accepted at once.", offered=offered),
                "decline": _("An offer of %(offered)s is declined at once.", offered=offered),
                None: _("An offer of %(offered)s waits for you.", offered=offered),
            }[answered_by_rule(amount, above, below)]
        )
    return said


def conditional_share(bench: Bench) -> list[str]:
    """Tell from which price on a lot that misses its reserve waits for its seller."""
    terms = bench.terms
    reserve = terms.reserve or bench.rungs(10)[9]
    under = replace(terms, reserve=reserve)
    least = conditional_from(terms, reserve) if terms.conditional_share else reserve
    return [_ended(bench, under, price) for price in sorted({least - 1, least, reserve})]


def _ended(bench: Bench, terms: Terms, price: int) -> str:
    reserve = terms.reserve or 0
    state = replace(_bid_up(terms, price), reserve_met=price >= reserve)
    shown = {"reserve": bench.money(reserve), "price": bench.money(price)}
    return {
        "sold": _("With a reserve of %(reserve)s, a highest bid of %(price)s buys the lot.",
                  **shown),
        "conditional": _("With a reserve of %(reserve)s, a highest bid of %(price)s buys the lot"
                         " if the seller accepts it.", **shown),
        "unsold": _("With a reserve of %(reserve)s, the lot is not sold at %(price)s.", **shown),
    }[result(terms, state)]  # fmt: skip
