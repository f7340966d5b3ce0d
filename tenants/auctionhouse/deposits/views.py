"""Leaving what a sale asks of bidders who want to bid high."""

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from auctionhouse.catalogue.models import Sale
from auctionhouse.deposits.operations import LEFT, ask_bidder
from auctionhouse.deposits.refusals import NoDepositAsked
from auctionhouse.members.access import acting_member, member_required
from auctionhouse.payments.links import token_of
from auctionhouse.registrations.queries import registration_of
from auctionhouse.requests import house_session
from auctionhouse.services import services
from auctionxchange.kernel.errors import NotFound
from auctionxchange.tenancy.current import current_house

blueprint = Blueprint("deposits", __name__)


@blueprint.post("/sales/<reference>/deposit")
@member_required
def leave(reference: str) -> ResponseReturnValue:
    """Lead a bidder to the page where the hold or the deposit is left."""
    session = house_session()
    sale = session.scalars(select(Sale).where(Sale.reference == reference)).one_or_none()
    if sale is None:
        raise NotFound
    registration = registration_of(session, sale.id, acting_member().id)
    if registration is None:
        raise NoDepositAsked
    payment = ask_bidder(session, registration, actor=acting_member().id)
    if payment.state in LEFT:
        return redirect(f"/sales/{sale.reference}/register")
    token = token_of(services().settings, current_house(), payment.id)
    return redirect(f"/pay/{token}", 303)
