"""The room of one sale while it runs: bids come in, staff pause, postpone, resume and tell."""

from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from auctionhouse.catalogue import operations
from auctionhouse.catalogue.models import Sale, SaleNotice
from auctionhouse.manage.blueprint import STAFF, actor, blueprint
from auctionhouse.manage.forms.sales import NoticeForm, PostponeForm
from auctionhouse.manage.queries import sales as queries
from auctionhouse.manage.queries import today
from auctionhouse.members.access import staff_required
from auctionhouse.requests import house_session
from auctionxchange.i18n import gettext as _
from auctionxchange.kernel.errors import DomainError


@blueprint.get("/sales/<int:sale_id>/room")
@staff_required(*STAFF)
def room(sale_id: int) -> ResponseReturnValue:
    """Show a running sale."""
    return _page(queries.sale_of(house_session(), sale_id), None)


@blueprint.get("/sales/<int:sale_id>/room/board")
@staff_required(*STAFF)
def room_board(sale_id: int) -> ResponseReturnValue:
    """Send the part of the room that moves, for its script."""
    sale = queries.sale_of(house_session(), sale_id)
    return render_template("manage/parts/board.html", **_board(sale))


@blueprint.post("/sales/<int:sale_id>/<any(pause,resume,notice,postpone):act>")
@staff_required(*STAFF)
def tell(sale_id: int, act: str) -> ResponseReturnValue:
    """Do what the pressed button says, with the notice bidders read."""
    sale = queries.sale_of(house_session(), sale_id)
    form = PostponeForm() if act == "postpone" else NoticeForm()
    if not form.validate():
        return _page(sale, form)
    try:
        with house_session().begin_nested():
            done = _do(sale, act, form)
    except DomainError as refusal:
        form.form_errors.append(refusal.message())
        return _page(sale, form)
    flash(done, "success")
    return redirect(f"/manage/sales/{sale_id}/room")


def _do(sale: Sale, act: str, form: NoticeForm) -> str:
    session, notice = house_session(), form.body.data or ""
    if act == "pause":
        operations.pause_sale(session, sale.id, notice, actor=actor())
        return _("The sale is paused. No bid is taken until you resume it.")
    if act == "resume":
        operations.resume_sale(session, sale.id, notice, actor=actor())
        return _("The sale goes on.")
    if act == "postpone":
        assert isinstance(form, PostponeForm)
        later = timedelta(minutes=form.minutes.data or 0)
        operations.postpone_sale(session, sale.id, later, notice, actor=actor())
        return _("All lots that are open close %(n)s minutes later.", n=form.minutes.data)
    operations.post_notice(session, sale.id, notice, actor=actor())
    return _("The notice is posted.")


def _page(sale: Sale, wrong: NoticeForm | None) -> ResponseReturnValue:
    page = render_template(
        "manage/room.html",
        form=wrong or PostponeForm(formdata=None),
        notices=house_session().scalars(
            select(SaleNotice).where(SaleNotice.sale_id == sale.id).order_by(SaleNotice.id.desc())
        ),
        **_board(sale),
    )
    return page, 422 if wrong is not None else 200


def _board(sale: Sale) -> dict[str, Any]:
    session = house_session()
    order = request.args.get("order", "ends")
    return {
        "sale": sale,
        "figures": queries.room_figures(session, sale.id),
        "lots": queries.lot_rows(session, sale.id, order=order),
        "bids": today.latest_bids(session, sale.id),
        "order": order,
    }
