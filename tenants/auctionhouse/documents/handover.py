"""Release orders and packing lists on paper."""

from datetime import date
from pathlib import Path

from auctionhouse.documents.brand import Brand
from auctionhouse.documents.paper import LotGroup, Pair, Panel, Paper, Part, Words, set_in_type
from auctionhouse.handover.queries import OrderPage, ParcelLots
from auctionhouse.invoicing.parties import buyer_lines, foot_of, seller_lines
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n.formats import day


def release_order(page: OrderPage, today: date, brand: Brand, static_root: Path) -> bytes:
    """Return the order by which a paid invoice's lots are handed over."""
    code = Panel(
        _("Collection code"),
        [(_("Show this code, or have it shown by whoever collects for you."), "")],
        large=page.order.code,
    )
    parts: list[Part] = [code, *(_lot(page, lot.label, lot.title) for lot in page.lots)]
    parts.append(
        Words([_("Received in good order: name, date and signature of who collects.")], small=True)
    )
    return set_in_type(_paper(page, order_title(page), today, parts), brand, static_root)


def order_title(page: OrderPage) -> str:
    """Return what a release order is called, with its number."""
    return _("Release order %(number)s", number=page.number)


def packing_list(
    page: OrderPage, parcel: ParcelLots, today: date, brand: Brand, static_root: Path
) -> bytes:
    """Return what is in one parcel of an order."""
    pairs: list[Pair] = [
        (_("Parcel"), f"{parcel.parcel.number} / {len(page.parcels)}"),
        (_("Carrier"), parcel.parcel.carrier or "–"),
        (_("Tracking number"), parcel.parcel.tracking or "–"),
    ]
    parts: list[Part] = [Panel("", pairs)]
    parts += [_lot(page, lot.label, lot.title) for lot in parcel.lots]
    if parcel.parcel.contents:
        parts.append(Words([parcel.parcel.contents]))
    title = _("Packing list %(number)s", number=f"{page.number}-{parcel.parcel.number}")
    return set_in_type(_paper(page, title, today, parts), brand, static_root)


def _paper(page: OrderPage, title: str, today: date, parts: list[Part]) -> Paper:
    invoice = page.invoice
    return Paper(
        title=title,
        made_on=today,
        sender=seller_lines(page.seller),
        recipient=buyer_lines(invoice.buyer),
        facts=[
            (_("Date"), day(today)),
            (_("Invoice"), invoice.number or ""),
            (_("Sale"), page.sale_title),
            (_("Lots"), str(len(page.lots))),
        ],
        parts=parts,
        foot=foot_of(page.seller),
    )


def _lot(page: OrderPage, label: str, title: str) -> LotGroup:
    notes = [page.places[label]] if page.places.get(label) else []
    return LotGroup(label=label, title=title, notes=notes)
