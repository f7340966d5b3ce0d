"""Lot cards: made once for each version of a lot, language and theme, then only put together."""

from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from markupsafe import Markup

from auctionhouse.catalogue.queries.cards import LotRow, PictureRow
from auctionhouse.storefront.rules import phase_of, reserve_state
from auctionxchange.i18n.formats import reader_locale
from auctionxchange.kernel.cache import HouseCache
from auctionxchange.tenancy.current import current_house
from auctionxchange.theming.current import current_theme

CARDS_KEPT = 20_000
_cards = HouseCache(CARDS_KEPT)


@dataclass(frozen=True, slots=True)
class LotCard:
    """A lot as a card shows it; amounts in minor units of `currency`."""

    lot_id: int
    label: str
    address: str
    title: str
    maker: str
    estimate_low: int | None
    estimate_high: int | None
    estimate_on_request: bool
    currency: str
    phase: str
    reserve: str
    opening: int
    price: int | None
    bid_count: int
    starts_at: datetime
    ends_at: datetime
    picture: PictureRow | None
    version: int


def lot_address(reference: str, label: str) -> str:
    """Return the path of a lot's page."""
    return f"/sales/{reference}/lots/{label}"


def card_of(row: LotRow, reference: str, currency: str, phase: str) -> LotCard:
    """Build a card from a lot's row and the phase it is in now."""
    return LotCard(
        lot_id=row.id,
        label=row.label,
        address=lot_address(reference, row.label),
        title=row.title,
        maker=row.maker,
        estimate_low=row.estimate_low,
        estimate_high=row.estimate_high,
        estimate_on_request=row.estimate_on_request,
        currency=currency,
        phase=phase,
        reserve=reserve_state(has_reserve=row.has_reserve, met=row.reserve_met),
        opening=row.opening,
        price=row.price,
        bid_count=row.bid_count,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        picture=row.picture,
        version=row.state_version,
    )


def card_html(
    row: LotRow, *, reference: str, currency: str, now: datetime, paused: bool, kind: str = "card"
) -> Markup:
    """Return a lot's card, from the cache unless something it shows has changed.

    `kind` names the macro: "card" for the grid, "line" for the list.
    """
    phase = phase_of(row, now, paused=paused)
    key = card_key(row, phase, kind)

    def make() -> Markup:
        card = card_of(row, reference, currency, phase)
        macros = current_app.jinja_env.get_template("components/lots.html").module
        made: Markup = getattr(macros, f"lot_{kind}")(card)
        return made

    return _cards.get(current_house(), key, make)


def card_key(row: LotRow, phase: str, kind: str) -> tuple[object, ...]:
    """Return everything a card depends on besides the house's schema."""
    return (
        kind,
        row.id,
        row.version,
        row.state_version,
        phase,
        str(reader_locale()),
        current_house().version,
        current_theme().version,
    )
