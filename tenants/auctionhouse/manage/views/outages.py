"""Interruptions of the service: what a sale gives back for them, and what it gave."""

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from auctionhouse.bidding.outages import outages_of
from auctionhouse.catalogue.operations.outage import set_outage_rule
from auctionhouse.manage.blueprint import STAFF, actor, blueprint
from auctionhouse.manage.forms.outages import filled_outage_form
from auctionhouse.manage.queries import sales as queries
from auctionhouse.manage.views.sales import UNPROCESSABLE
from auctionhouse.members.access import staff_required
from auctionhouse.requests import house_session
from auctionxchange.i18n import gettext as _


@blueprint.route("/sales/<int:sale_id>/outages", methods=["GET", "POST"])
@staff_required(*STAFF)
def outages(sale_id: int) -> ResponseReturnValue:
    """Show the rule, which a draft may change, and the interruptions accounted for."""
    session = house_session()
    sale = queries.sale_of(session, sale_id)
    form = filled_outage_form(sale.terms)
    if request.method == "POST" and form.validate():
        set_outage_rule(session, sale_id, form.rule(), actor=actor())
        flash(_("The rule is saved."), "success")
        return redirect(f"/manage/sales/{sale_id}/outages")
    page = render_template(
        "manage/outages.html", sale=sale, form=form, outages=outages_of(session, sale_id)
    )
    return page, UNPROCESSABLE if form.errors else 200
