"""The page where a house pays for itself: at the apex, so that a suspended house reaches it."""

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from auctionxchange.billing.links import read_token
from auctionxchange.billing.models import Plan, Subscription
from auctionxchange.billing.rules import suspends_at
from auctionxchange.billing.stripe_side import Till
from auctionxchange.billing.words import charge_words, state_words
from auctionxchange.kernel.errors import NotFound
from auctionxchange.payments.billing_gateway import make_billing_gateway
from auctionxchange.payments.leading import leading_to
from auctionxchange.payments.refusals import OutcomeUnknown, PaymentsOff
from auctionxchange.site.requests import platform_session
from auctionxchange.site.services import platform_services
from auctionxchange.tenancy.models import HouseRecord

blueprint = Blueprint("billing", __name__, template_folder="templates")


@blueprint.route("/billing/<token>", methods=["GET", "POST"])
def billing(token: str) -> ResponseReturnValue:
    """Show a house its plan and lead to Stripe to subscribe, pay, or change the card."""
    settings = platform_services().settings
    schema = read_token(settings, token)
    till = Till(platform_services().database, make_billing_gateway(settings), schema)
    if request.method == "POST":
        back = f"{settings.public_url}/billing/{token}"
        portal = request.form.get("act") == "portal"
        address = till.portal_url(back=back) if portal else till.checkout_url(back=back)
        return redirect(address, 303)
    try:
        till.refresh()
    except (OutcomeUnknown, PaymentsOff):
        platform_session().expire_all()
    row = platform_session().get(Subscription, schema)
    house = platform_session().get(HouseRecord, schema)
    if row is None or house is None:
        raise NotFound
    page = render_template(
        "billing/billing.html", row=row, record=house, plan=platform_session().get(Plan, row.plan),
        suspends_at=suspends_at(row.failed_at), state_words=state_words, charge_words=charge_words,
    )  # fmt: skip
    return leading_to(page, f"{settings.stripe_pages} https://billing.stripe.com")
