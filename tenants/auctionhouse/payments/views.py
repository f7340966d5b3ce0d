"""The client's own pages: cards on file, and the signed link to pay."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from auctionhouse.invoicing.models import LegalEntity
from auctionhouse.members.access import current_client_id, member_required, public
from auctionhouse.payments.cards import look_for_card, open_card_page
from auctionhouse.payments.desk import Desk
from auctionhouse.payments.leading import leading_to_stripe
from auctionhouse.payments.links import open_page, read_token, refresh, still_valid
from auctionhouse.payments.models import CardOnFile, Payment
from auctionhouse.requests import house_session
from auctionhouse.services import services
from auctionxchange.kernel.errors import NotFound
from auctionxchange.payments.accounts import accounts_of
from auctionxchange.payments.gateway import make_gateway
from auctionxchange.tenancy.current import current_house

blueprint = Blueprint("payments", __name__, template_folder="templates")


def own_desk() -> Desk:
    """Open the desk of the house whose request this is; raises PaymentsOff."""
    found = services()
    return Desk(found.settings, found.database, current_house(), make_gateway(found.settings))


@dataclass(frozen=True, slots=True)
class EntityCard:
    """The card a client keeps with one legal entity of the house, if any."""

    entity: LegalEntity
    card: CardOnFile | None


@blueprint.get("/account/card")
@member_required
def card() -> ResponseReturnValue:
    """Show the cards on file, and take over what was just typed at Stripe."""
    desk, client = own_desk(), _client()
    rows = []
    for account in accounts_of(desk.database, desk.house):
        entity = house_session().get(LegalEntity, account.entity)
        if entity is not None and account.active:
            rows.append(EntityCard(entity, look_for_card(desk, client, account.account)))
    return leading_to_stripe(render_template("payments/card.html", rows=rows))


@blueprint.post("/account/card")
@member_required
def keep_card() -> ResponseReturnValue:
    """Lead to Stripe's page for a card, at the account of the legal entity that was chosen."""
    house = current_house()
    entity = house_session().get(LegalEntity, request.form.get("entity", 0, type=int))
    if entity is None:
        raise NotFound
    back = house.url(services().settings, "/account/card")
    address = open_card_page(
        own_desk(), _client(), entity=entity.id, currency=entity.currency, back=back
    )
    return redirect(address, 303)


@blueprint.route("/pay/<token>", methods=["GET", "POST"])
@public
def pay(token: str) -> ResponseReturnValue:
    """Show what is to be paid, and lead to Stripe's page."""
    desk = own_desk()
    payment_id = read_token(services().settings, desk.house, token)
    if request.method == "POST":
        back = desk.house.url(services().settings, f"/pay/{token}")
        return redirect(open_page(desk, payment_id, back=back), 303)
    refresh(desk, payment_id)
    payment = house_session().get(Payment, payment_id)
    if payment is None:
        raise NotFound
    if payment.state not in {"paid", "held"}:
        still_valid(house_session(), payment)
    page = render_template("payments/pay.html", payment=payment, token=token)
    return leading_to_stripe(page)


def _client() -> int:
    client = current_client_id()
    if client is None:
        raise NotFound
    return client
