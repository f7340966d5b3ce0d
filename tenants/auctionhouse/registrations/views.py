"""The page on which a bidder registers for a sale."""

import re

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionhouse.catalogue.models import Conditions, Sale
from auctionhouse.deposits.models import SaleDeposit
from auctionhouse.deposits.operations import LEFT, deposit_of
from auctionhouse.invoicing.entities import entity_for
from auctionhouse.invoicing.refusals import NoEntity
from auctionhouse.members.access import acting_member, member_required
from auctionhouse.payments.leading import leading_to_stripe
from auctionhouse.payments.links import refresh
from auctionhouse.payments.models import Payment
from auctionhouse.payments.views import own_desk
from auctionhouse.registrations.forms import RegisterForm
from auctionhouse.registrations.models import Registration
from auctionhouse.registrations.operations import register
from auctionhouse.registrations.queries import client_of, registration_of, takes_registrations
from auctionhouse.registrations.refusals import ConditionsNotAccepted
from auctionhouse.requests import house_session
from auctionhouse.services import services
from auctionxchange.i18n import gettext as _
from auctionxchange.kernel.errors import NotFound

blueprint = Blueprint("registrations", __name__, template_folder="templates")


@blueprint.route("/sales/<reference>/register", methods=["GET", "POST"])
@member_required
def register_for_sale(reference: str) -> ResponseReturnValue:
    """Show the conditions, take the acceptance, tell the paddle; lead back to the lot, if any."""
    session = house_session()
    sale = _published_sale(session, reference)
    lot = _lot_they_came_from(sale)
    form = RegisterForm()
    if request.method == "POST" and form.validate():
        refused = _register(session, sale, form)
        if refused is None:
            return redirect(_afterwards(session, sale, lot))
        form.accepted.errors = [refused]
    form.conditions_id.data = str(sale.conditions_id)
    registration = registration_of(session, sale.id, acting_member().id)
    page = render_template(
        "registrations/register.html",
        sale=sale,
        form=form,
        lot=lot,
        conditions=session.get(Conditions, sale.conditions_id),
        registration=registration,
        open=takes_registrations(session, sale),
        cards=services().settings.stripe_secret_key is not None,
        entity=_entity_of(session, sale),
        asked=session.get(SaleDeposit, sale.id),
        left=_left(session, registration),
    )
    return leading_to_stripe(page), 422 if form.errors else 200


def _lot_they_came_from(sale: Sale) -> str | None:
    """Return the address of the sale's lot they were sent here from, or None."""
    way = request.args.get("next", "")
    return way if re.fullmatch(rf"/sales/{sale.reference}/lots/[0-9A-Za-z]+", way) else None


def _afterwards(session: Session, sale: Sale, lot: str | None) -> str:
    """Lead who may bid to the lot they came from, and all others to their registration."""
    page = f"/sales/{sale.reference}/register"
    if lot is None:
        return page
    registration = registration_of(session, sale.id, acting_member().id)
    approved = registration is not None and registration.state == "approved"
    return lot if approved else f"{page}?next={lot}"


def _entity_of(session: Session, sale: Sale) -> int | None:
    """Return the legal entity whose account keeps a card for a sale; None where there is none."""
    try:
        return entity_for(session, sale).id
    except NoEntity:
        return None


def _left(session: Session, registration: Registration | None) -> Payment | None:
    """Return what was left or asked for as a deposit, after asking Stripe about an open page."""
    found = None if registration is None else deposit_of(session, registration.id)
    if found is not None and found.state not in LEFT:
        refresh(own_desk(), found.id)
        session.refresh(found)
        session.refresh(registration)
    return found


def _register(session: Session, sale: Sale, form: RegisterForm) -> str | None:
    """Register the member; return why not where the conditions changed under the reader."""
    client = client_of(session, acting_member().id)
    if client is None:
        raise NotFound
    shown = form.conditions_id.data or ""
    conditions_id = int(shown) if shown.isascii() and shown.isdigit() else None
    try:
        registration = register(session, sale, client, conditions_id, actor=acting_member().id)
    except ConditionsNotAccepted:
        return _("The conditions have changed. Please read the new version and accept it.")
    if registration.state == "approved":
        flash(
            _("You are registered. Your paddle is %(paddle)s.", paddle=registration.paddle),
            "success",
        )
    else:
        flash(_("Thank you. The house is looking at your registration."), "success")
    return None


def _published_sale(session: Session, reference: str) -> Sale:
    query = select(Sale).where(Sale.reference == reference, Sale.state != "draft")
    sale = session.scalars(query).one_or_none()
    if sale is None:
        raise NotFound
    return sale
