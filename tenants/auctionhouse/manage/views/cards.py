"""Card payments in the back office: connecting Stripe, what was paid, and giving money back."""

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from auctionhouse.manage.blueprint import actor, blueprint
from auctionhouse.members.access import acting_member, staff_required
from auctionhouse.payments.desk import Desk
from auctionhouse.payments.leading import leading_to_stripe
from auctionhouse.payments.queries import failed_payouts, latest_payments, payment_story
from auctionhouse.payments.refunding import refund_now
from auctionhouse.requests import house_session
from auctionhouse.services import services
from auctionxchange.i18n import gettext as _
from auctionxchange.kernel.errors import NotFound
from auctionxchange.kernel.money import currency, parse_amount
from auctionxchange.payments.accounts import account_of, connect, look_again
from auctionxchange.payments.gateway import make_gateway
from auctionxchange.tenancy.current import current_house

FIRST_ENTITY = 1


def _desk() -> Desk:
    found = services()
    return Desk(found.settings, found.database, current_house(), make_gateway(found.settings))


@blueprint.get("/money/cards")
@staff_required("owner", "clerk")
def card_payments() -> ResponseReturnValue:
    """Show the Stripe account's state and the latest payments."""
    account = account_of(services().database, current_house(), FIRST_ENTITY)
    page = render_template(
        "manage/cards.html",
        account=account,
        available=services().settings.stripe_secret_key is not None,
        rows=latest_payments(house_session()),
        payouts=failed_payouts(house_session()),
        words=_words(),
    )
    return leading_to_stripe(page)


def _words() -> dict[str, str]:
    """Return what each state of an account means for the house."""
    return {
        "active": _("Stripe has all it needs: cards can be charged."),
        "pending": _("Stripe is checking what you told it. This can take a few days."),
        "restricted": _("Stripe needs to know more about your house before cards can be charged."),
    }


@blueprint.post("/money/cards/connect")
@staff_required("owner")
def connect_stripe() -> ResponseReturnValue:
    """Lead the owner to Stripe, where the house is described."""
    desk = _desk()
    made = connect(
        desk.database,
        desk.gateway,
        desk.house,
        FIRST_ENTITY,
        name=desk.house.name,
        email=acting_member().email,
        currency=desk.house.currency,
        actor=acting_member().email,
    )
    back = desk.house.url(desk.settings, "/manage/money/cards/connected")
    return redirect(desk.gateway.onboarding_url(made.account, back=back), 303)


@blueprint.get("/money/cards/connected")
@staff_required("owner")
def connected() -> ResponseReturnValue:
    """Ask Stripe how far the account is, after the owner came back."""
    desk = _desk()
    account = account_of(desk.database, desk.house, FIRST_ENTITY)
    if account is not None:
        with desk.database.platform_session() as session, session.begin():
            look_again(session, desk.gateway, account.account)
    return redirect("/manage/money/cards")


@blueprint.get("/money/cards/<int:payment_id>")
@staff_required("owner", "clerk")
def card_payment(payment_id: int) -> ResponseReturnValue:
    """Show one payment with its tries, refunds and disputes."""
    story = payment_story(house_session(), payment_id)
    if story is None:
        raise NotFound
    return render_template("manage/card_payment.html", story=story)


@blueprint.post("/money/cards/<int:payment_id>/refund")
@staff_required("owner")
def refund_payment(payment_id: int) -> ResponseReturnValue:
    """Give back a part or all of a payment."""
    story = payment_story(house_session(), payment_id)
    if story is None:
        raise NotFound
    amount = parse_amount(request.form.get("amount", ""), currency(story.payment.currency))
    reason = request.form.get("reason", "").strip()
    refund_now(_desk(), payment_id, amount, reason=reason, actor=actor())
    flash(_("The refund was made."), "success")
    return redirect(f"/manage/money/cards/{payment_id}")
