"""A lot's terms from what is stored for its sale and itself, and checks that say how to mend them.

Stored amounts are minor units and durations seconds. A lot's own terms override its sale's, key
by key, but which lots close together is the sale's to say; opening and reserve are the lot's.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from auctionhouse.bidding.dutch.rules import MOST_STEPS, steps_of
from auctionhouse.bidding.format_terms import (
    public_selling,
    read_choice,
    read_truth,
    selling_terms,
)
from auctionhouse.bidding.rules import BuyNow, SoftClose, Terms
from auctionhouse.bidding.selling import BID_FOR, FORMATS, STEPLESS, counts_pieces
from auctionhouse.bidding.term_errors import TermsInvalid
from auctionhouse.bidding.ways import (
    SHARES,
    WAY_CHOICES,
    buy_now_of,
    choice_of,
    share_of,
    way_problem,
)

SECOND = 1_000_000
LONGEST_EXTENSION_SECONDS = 24 * 3600
NO_STEPS = ((0, 1),)
"""Of lots whose bids need no steps and whose terms name none."""

TIMED = FORMATS[0]
SCOPES = ("lot", "group", "cascade", "predecessor")

CHOICES: Mapping[str, tuple[str, ...]] = {
    "bound": ("exclusive", "inclusive"),
    "pricing": ("to_maximum", "ladder"),
    "own_raise": ("keeps", "tops_up"),
    "off_ladder": ("accept", "round_down"),
    "below_reserve": ("normal", "full_max"),
}

SELLING: Mapping[str, tuple[str, ...]] = {"format": FORMATS, "bid_for": BID_FOR}
"""What is sold how; the ledger tells of it only where it is not the usual."""


def build_terms(
    sale: Mapping[str, Any],
    lot: Mapping[str, Any] | None,
    opening: int,
    reserve: int | None,
    quantity: int = 1,
    *,
    buy_now: BuyNow | None = None,
) -> Terms:
    """Merge and check the terms of a lot of so many pieces; raises TermsInvalid."""
    merged = {**sale, **(lot or {})}
    if lot and lot.get("soft_close") and sale.get("soft_close"):
        merged["soft_close"] = {
            **lot["soft_close"],
            "scope": sale["soft_close"].get("scope", "lot"),
        }
    _check_selling(merged)
    form = read_choice(merged, "format", FORMATS, "format")
    by_piece = counts_pieces(form, read_choice(merged, "bid_for", BID_FOR, "bid_for"))
    no_steps = NO_STEPS if form in STEPLESS else None
    terms = Terms(
        increments=_increments(merged.get("increments") or no_steps),
        opening=opening,
        reserve=reserve,
        soft_close=_soft_close(merged.get("soft_close")),
        **_beside_the_hammer(merged, buy_now),
        format=form,
        pieces=quantity if by_piece and form != "choice" else 1,
        **selling_terms(form, merged, quantity),
        **{name: read_choice(merged, name, known, name) for name, known in CHOICES.items()},
    )
    check_amounts(opening, reserve, None if buy_now is None else buy_now.price)
    check_clock(terms)
    return terms


def check_clock(terms: Terms) -> None:
    """Raise TermsInvalid for a clock that does not fall from above the reserve to the opening."""
    clock = terms.clock
    if clock is None:
        return
    if clock.start <= terms.opening:
        raise TermsInvalid("clock_start", "clock_start")
    if clock.step > clock.start - terms.opening:
        raise TermsInvalid("clock_step", "clock_below_lowest")
    if terms.reserve is not None and terms.reserve > clock.start:
        raise TermsInvalid("clock_start", "clock_reserve")
    steps = steps_of(terms)
    if steps > MOST_STEPS:
        raise TermsInvalid("clock_step", "clock_long", steps=steps, most=MOST_STEPS)


def _beside_the_hammer(merged: Mapping[str, Any], buy_now: BuyNow | None) -> dict[str, Any]:
    """Return how else the lot is sold; in formats other than timed bidding it is not."""
    if merged.get("format", TIMED) != TIMED:
        return {}
    return {
        "buy_now": buy_now,
        "offers": choice_of(merged, "offers"),
        "conditional_share": share_of(merged, "conditional_share"),
    }


def check_amounts(opening: int, reserve: int | None, buy_now: int | None = None) -> None:
    """Raise TermsInvalid for an opening, a reserve or a buy-now price no lot could be sold by."""
    if opening <= 0:
        raise TermsInvalid("opening", "opening")
    if reserve is not None and reserve < opening:
        raise TermsInvalid("reserve", "reserve")
    if buy_now is not None and (buy_now <= opening or buy_now < (reserve or 0)):
        raise TermsInvalid("buy_now", "buy_now")


def _check_selling(merged: Mapping[str, Any]) -> None:
    """Raise TermsInvalid for a way of selling that is none."""
    found = way_problem(merged)
    if found is None:
        return
    name, problem = found
    if problem == "choice":
        known = ", ".join(WAY_CHOICES[name])
        raise TermsInvalid(name, problem, value=merged[name], choices=known)
    least, most, _usual = SHARES[name]
    raise TermsInvalid(name, problem, least=least, most=most)


class OwnAmounts(NamedTuple):
    """What of a lot's terms stands in columns of its own; amounts in minor units."""

    opening: int
    reserve: int | None
    quantity: int
    buy_now: int | None
    buy_now_until: int | None


def amounts_of(lot: Mapping[str, Any]) -> OwnAmounts:
    """Return a lot's own amounts by the names of their columns."""
    return OwnAmounts(*(lot[name] for name in OwnAmounts._fields))


@lru_cache(maxsize=20_000)
def stored_terms(sale: str, lot: str | None, amounts: OwnAmounts) -> Terms:
    """Build terms from the JSON texts and amounts as stored; the same texts are parsed once."""
    own = None if lot is None else json.loads(lot)
    opening, reserve, quantity, price, until = amounts
    buy_now = buy_now_of(price, until)
    return build_terms(json.loads(sale), own, opening, reserve, quantity, buy_now=buy_now)


def public_terms(terms: Terms) -> dict[str, Any]:
    """Return the terms as the ledger shows them: without the reserve.

    Format, pieces, and ways to sell beside the hammer are told where they are not the usual ones.
    """
    soft = terms.soft_close
    return {
        **public_selling(terms),
        **_public_ways(terms),
        "increments": [list(band) for band in terms.increments],
        "opening": terms.opening,
        **{name: getattr(terms, name) for name in CHOICES},
        "soft_close": None
        if soft is None
        else {
            "window_s": soft.window // SECOND,
            "extend_s": soft.extension // SECOND,
            "from": soft.counted_from,
            "edge": soft.edge_counts,
            "cap_s": None if soft.cap is None else soft.cap // SECOND,
            "scope": soft.scope,
        },
    }


def _public_ways(terms: Terms) -> dict[str, Any]:
    offer = terms.buy_now
    told = {
        "buy_now": None if offer is None else {"price": offer.price, "until": offer.until},
        "offers": None if terms.offers == "never" else terms.offers,
        "conditional_share": terms.conditional_share or None,
    }
    return {name: value for name, value in told.items() if value is not None}


def _increments(bands: Any) -> tuple[tuple[int, int], ...]:
    if not bands:
        raise TermsInvalid("increments", "increments_empty")
    try:
        read = tuple((_whole(start), _whole(step)) for start, step in bands)
    except (TypeError, ValueError) as error:
        raise TermsInvalid("increments", "increments_shape") from error
    if read[0][0] != 0:
        raise TermsInvalid("increments", "increments_start")
    if any(later[0] <= earlier[0] for earlier, later in pairwise(read)):
        raise TermsInvalid("increments", "increments_order")
    if any(step <= 0 for _start, step in read):
        raise TermsInvalid("increments", "increments_step")
    return read


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise TypeError(f"{value!r} is no whole number")
    return value


def _soft_close(stored: Any) -> SoftClose | None:
    if not stored:
        return None
    try:
        window, extension = _whole(stored["window_s"]), _whole(stored["extend_s"])
        cap = None if stored.get("cap_s") is None else _whole(stored["cap_s"])
    except (AttributeError, KeyError, TypeError) as error:
        raise TermsInvalid("soft_close", "seconds") from error
    if window <= 0:
        raise TermsInvalid("soft_close", "window")
    if not 0 < extension <= LONGEST_EXTENSION_SECONDS:
        raise TermsInvalid("soft_close", "extension")
    if cap is not None and cap < extension:
        raise TermsInvalid("soft_close", "cap")
    return SoftClose(
        window=window * SECOND,
        extension=extension * SECOND,
        counted_from=read_choice(stored, "from", ("bid", "end"), "soft_close"),
        edge_counts=read_truth(stored, "edge", "soft_close"),
        cap=None if cap is None else cap * SECOND,
        scope=read_choice(stored, "scope", SCOPES, "soft_close"),
    )
