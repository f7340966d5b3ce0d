"""The first page, a sale's catalogue, and the language a member wants to be written to in."""

from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from auctionhouse.bidding.outages import outages_of
from auctionhouse.catalogue.queries.cards import LotRow, lots_of
from auctionhouse.catalogue.queries.sales import (
    SaleHead,
    categories_of,
    find_sale,
    notices_of,
    public_sales,
)
from auctionhouse.members.access import is_staff, public
from auctionhouse.requests import house_session
from auctionhouse.storefront.cards import Seen, card_html, card_of, lot_address
from auctionhouse.storefront.formats import sale_kind
from auctionhouse.storefront.pages import Page, kept_page, wanted_lots
from auctionhouse.storefront.queries import Own, Reader, own_of, windows_of
from auctionhouse.storefront.reading import member_id, reader
from auctionhouse.storefront.rules import my_state, phase_of, sale_phase, split_label
from auctionxchange.kernel.errors import NotFound
from auctionxchange.tenancy.current import current_house

IN_WINDOW = 9
SHOWN_LARGE = 12

blueprint = Blueprint("storefront", __name__, template_folder="templates")


@blueprint.get("/")
@public
def home() -> ResponseReturnValue:
    """Show what is on now, what comes and what was."""
    sales = public_sales(house_session())
    return kept_page(
        (member_id(), is_staff(), [sale_version(sale) for sale in sales]),
        lambda: _home_page(sales),
    )


def _home_page(sales: list[SaleHead]) -> str:
    phases = {sale.id: sale_phase(sale, sale.now) for sale in sales}
    open_now = [s for s in sales if phases[s.id] in {"open", "paused", "closing"}]
    coming = [s for s in sales if phases[s.id] == "scheduled"]
    past = [s for s in sales if phases[s.id] == "closed"]
    shown = (*open_now, *coming, *past)[:SHOWN_LARGE]
    windows = windows_of(house_session(), [sale.id for sale in shown], IN_WINDOW)
    featured = next((sale for sale in shown if windows[sale.id]), None)
    return render_template(
        "storefront/home.html",
        featured=featured,
        hero=_hero(featured, windows[featured.id]) if featured else None,
        running=sorted(open_now, key=lambda sale: (sale.ends_at, sale.id)),
        coming=coming,
        past=past,
        phases=phases,
        windows=windows,
    )


def _hero(sale: SaleHead, lots: list[LotRow]) -> list[Any]:
    return [card_of(row, sale.reference, sale.currency, _phase(row, sale)) for row in lots]


def _phase(row: LotRow, sale: SaleHead) -> str:
    return phase_of(row, sale.now, paused=sale.paused_at is not None)


def _mine(row: LotRow, sale: SaleHead, own: Own) -> str | None:
    return my_state(
        _phase(row, sale), bid=row.id in own.bids, lead=own.leads(row), sealed=row.sealed
    )


def public_sale(reference: str) -> SaleHead:
    """Return a sale the public may see; raises NotFound."""
    sale = find_sale(house_session(), reference) if reference.isprintable() else None
    if sale is None:
        raise NotFound(sale=reference)
    return sale


def sale_version(sale: SaleHead) -> tuple[object, ...]:
    """Return everything of a sale that its pages show or depend on."""
    return (
        sale.id, sale.version, sale.lots, sale.lots_version, sale.states_version, sale.begun,
        sale.due, sale.last_notice, sale.paused_at, sale.closed_at, sale_phase(sale, sale.now),
    )  # fmt: skip


@blueprint.get("/sales/<reference>/")
@public
def sale(reference: str) -> ResponseReturnValue:
    """Show a sale and a page of its lots."""
    head = public_sale(reference)
    me = reader(head.id)
    return kept_page((sale_version(head), me, is_staff()), lambda: _sale_page(head, me))


def _sale_page(head: SaleHead, me: Reader) -> str:
    wanted = wanted_lots(request.args)
    rows, total = lots_of(house_session(), head.id, wanted, me.client_id)
    kind = "line" if request.args.get("view") == "list" else "card"
    own = own_of(house_session(), me.client_id, rows)
    seen = Seen.now()
    return render_template(
        "storefront/sale.html",
        sale=head,
        phase=sale_phase(head, head.now),
        kind_words=sale_kind(head.terms.get("format", "timed")),
        reader=me,
        notices=notices_of(house_session(), head.id) if head.last_notice else [],
        outages=outages_of(house_session(), head.id),
        categories=categories_of(house_session(), head.id),
        wanted=wanted,
        kind=kind,
        cells=[(card_html(row, head, seen, kind), _mine(row, head, own), row.id) for row in rows],
        page=Page(wanted.page, total, request.path, request.args.to_dict()),
    )


@blueprint.get("/sales/<reference>/jump")
@public
def jump(reference: str) -> ResponseReturnValue:
    """Go to a lot by its number, or to a search where it is no number."""
    wish = request.args.get("lot", "")
    label = split_label(wish)
    if label is None:
        return redirect(Page(1, 0, f"/sales/{reference}/", {}).but(q=wish.strip()))
    return redirect(lot_address(reference, f"{label[0]}{label[1]}"))


def remember_language(language: str) -> None:
    """Keep the language with the signed-in member, so that mails speak it too."""
    member = member_id()
    if member is not None and language in {*current_house().languages, current_house().language}:
        house_session().execute(
            text("UPDATE member SET locale = :language WHERE id = :member"),
            {"language": language, "member": member},
        )
