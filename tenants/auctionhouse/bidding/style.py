"""How amounts and times are written where bids are told in words."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC

from babel.dates import format_time

from auctionhouse.bidding.ledger import moment
from auctionxchange.kernel.money import Currency, format_amount


@dataclass(frozen=True, slots=True)
class Style:
    """How amounts in minor units and times in microseconds are written."""

    money: Callable[[int], str]
    clock: Callable[[int], str]


def style_of(unit: Currency, locale: str) -> Style:
    """Return how the examples' amounts and times are written for a reader."""
    return Style(
        money=lambda amount: format_amount(amount, unit, locale),
        clock=lambda value: format_time(moment(value), "medium", tzinfo=UTC, locale=locale),
    )
