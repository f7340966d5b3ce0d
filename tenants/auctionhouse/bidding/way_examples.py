"""Worked examples of the ways a lot is sold beside the hammer; figures are the engine's own."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from auctionhouse.bidding.bench import HOUR, START, Bench, fresh
from auctionhouse.bidding.buying import buy, buy_now_price
from auctionhouse.bidding.rules import BuyNow, State, Terms
from auctionhouse.bidding.telling import Told, tell
from auctionhouse.bidding.ways import buy_now_limit
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
