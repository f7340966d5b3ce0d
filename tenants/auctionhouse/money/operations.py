"""Setting what a sale, a lot and an artist's file say about money."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.catalogue.locks import lock_lot, lock_sale
from auctionhouse.catalogue.models import Lot, Sale
from auctionhouse.consignors.assigning import check_margin
from auctionhouse.money.models import Artist
from auctionhouse.money.resale_right import in_minor_units
from auctionhouse.money.stored import LotMoney, cost_of
from auctionhouse.money.terms_format import read_terms
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.errors import Conflict
from auctionxchange.kernel.money import currency
from auctionxchange.kernel.translation import gettext as _


class MoneyFixed(Conflict):
    """Bidders have seen the sale's money terms, or have bid on the lot."""

    code = "money_fixed"

    def message(self) -> str:
        return _(
            "The sale is published: its money terms stay as bidders saw them. Make a new sale for"
            " other terms."
        )


def set_sale_money(
    session: Session, sale_id: int, told: Mapping[str, Any], treatment: str, *, actor: int | None
) -> Sale:
    """Keep a draft's money terms, told as in a calculation file.

    Raises ReckoningInvalid for what cannot be reckoned with and MoneyFixed once it is shown.
    """
    sale = lock_sale(session, sale_id)
    if sale.state != "draft":
        raise MoneyFixed
    unit = currency(sale.currency)
    terms = read_terms(told, unit)
    on = (sale.ends_at or database_now(session)).date()
    if terms.resale_right is not None:
        in_minor_units(terms.resale_right, unit, on)
    bands = told.get("premium") or [["0", "0"]]
    rest = {key: value for key, value in told.items() if key != "premium" and value is not None}
    sale.premium_percent = Decimal(bands[0][1])
    sale.money = {**rest, "premium_above": bands[1:], "treatment": treatment}
    sale.version += 1
    audit.record(session, "sale.money", f"sale:{sale.id}", actor=actor, money=sale.money)
    return sale


def set_lot_money(
    session: Session,
    lot_id: int,
    *,
    vat: str | None,
    artist_id: int | None,
    bought_from_artist_on: date | None,
    premium: list[list[str]] | None,
    actor: int | None,
) -> Lot:
    """Keep what is particular to a lot; raises ReckoningInvalid, MoneyFixed, MarginForbidden."""
    lot = lock_lot(session, lot_id)
    sale = session.get_one(Sale, lot.sale_id)
    if sale.state != "draft":
        raise MoneyFixed
    money = LotMoney(vat=vat, premium=premium)
    on = (sale.ends_at or database_now(session)).date()
    unit = currency(sale.currency)
    cost_of(lot.opening, sale.money, sale.premium_percent, money, unit=unit, on=on)
    lot.vat, lot.artist_id, lot.premium = vat, artist_id, premium
    check_margin(session, sale, lot)
    lot.bought_from_artist_on = bought_from_artist_on
    lot.version += 1
    audit.record(session, "lot.money", f"lot:{lot.id}", actor=actor, vat=vat, artist=artist_id)
    return lot


def save_artist(
    session: Session,
    name: str,
    nationality: str,
    *,
    born: int | None,
    died: int | None,
    actor: int | None,
) -> Artist:
    """Make an artist's file or correct the one of that name."""
    artist = session.scalars(select(Artist).where(Artist.name == name)).one_or_none()
    if artist is None:
        artist = Artist(name=name)
        session.add(artist)
    artist.nationality, artist.born, artist.died = nationality, born, died
    session.flush()
    audit.record(session, "artist.save", f"artist:{artist.id}", actor=actor, name=name)
    return artist
