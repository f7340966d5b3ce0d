"""Lot cards: made once for each version of a lot, language and theme, then only put together."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from flask import current_app
from markupsafe import Markup

from auctionhouse.bidding.buying import offered_at
from auctionhouse.bidding.selling import in_all
from auctionhouse.bidding.ways import buy_now_of
from auctionhouse.catalogue.queries.cards import LotRow, PictureRow
from auctionhouse.catalogue.queries.sales import SaleHead
from auctionhouse.money.vat import symbol
from auctionhouse.storefront.rules import phase_of, reserve_state, takes_bids
from auctionxchange.i18n.formats import reader_locale
from auctionxchange.kernel.cache import HouseCache
from auctionxchange.tenancy.current import current_house
from auctionxchange.tenancy.house import House
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
    format: str = "timed"
    pieces: int = 1
    """For how many a price is paid."""

    shared: bool = False
    """Whether several buyers may share them; then gone are sold, for what was earned in all."""

    gone: int = 0
    earned: int = 0
    buy_now: int | None = None
    """For how much it can be had at once while it runs."""

    after_sale: int | None = None
    """For how much it can be had after it was not sold, until then."""

    after_sale_until: datetime | None = None
    symbol: str = ""
    """What stands beside the number for the VAT treatment."""

    @property
    def total(self) -> int:
        """Return what all pieces come to at the present price, before premium."""
        return in_all(self.price or self.opening, self.pieces)


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
        format=row.format,
        pieces=row.pieces,
        shared=row.shared,
        gone=row.gone,
        earned=row.earned,
        buy_now=_buy_now(row, phase),
        after_sale=row.after_sale,
        after_sale_until=row.after_sale_until,
        symbol=symbol(row.treatment),
    )


def _buy_now(row: LotRow, phase: str) -> int | None:
    offer = buy_now_of(row.buy_now, row.buy_now_until) if takes_bids(phase) else None
    return offered_at(offer, row.price, row.asking)


@dataclass(frozen=True, slots=True)
class Seen:
    """How a page is seen: what all its cards depend on besides their lots."""

    house: House
    locale: str
    theme: str

    @classmethod
    def now(cls) -> Self:
        """Return how the page being made is seen."""
        return cls(current_house(), str(reader_locale()), current_theme().version)


def card_html(row: LotRow, sale: SaleHead, seen: Seen, kind: str = "card") -> Markup:
    """Return a lot's card, from the cache unless something it shows has changed.

    `kind` names the macro: "card" for the grid, "line" for the list.
    """
    phase = phase_of(row, sale.now, paused=sale.paused_at is not None)

    def make() -> Markup:
        card = card_of(row, sale.reference, sale.currency, phase)
        macros = current_app.jinja_env.get_template("components/lots.html").module
        made: Markup = getattr(macros, f"lot_{kind}")(card)
        return made

    return _cards.get(seen.house, card_key(row, phase, seen, kind), make)


def card_key(row: LotRow, phase: str, seen: Seen, kind: str) -> tuple[object, ...]:
    """Return everything a card depends on besides the house's schema."""
    return (
        kind, row.id, row.version, row.state_version, phase, seen.locale, seen.house.version,
        seen.theme,
    )  # fmt: skip
