"""Card payments in the back office: connecting Stripe, what was paid, and giving money back."""

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from auctionhouse.approvals.operations import ask
from auctionhouse.approvals.telling import waiting_about
from auctionhouse.invoicing.entities import entities
from auctionhouse.invoicing.models import LegalEntity
from auctionhouse.manage.blueprint import actor, blueprint
from auctionhouse.manage.forms.approvals import RefundForm
from auctionhouse.manage.views.approvals import asked
from auctionhouse.manage.views.sales import UNPROCESSABLE
from auctionhouse.members.access import acting_member, staff_required
from auctionhouse.payments.desk import Desk
from auctionhouse.payments.leading import leading_to_stripe
from auctionhouse.payments.queries import (
    PaymentStory,
    failed_payouts,
    latest_payments,
    payment_story,
)
from auctionhouse.payments.two_person import REFUND
from auctionhouse.requests import house_session
from auctionhouse.services import services
from auctionxchange.i18n import gettext as _
from auctionxchange.kernel.errors import DomainError, NotFound
from auctionxchange.kernel.money import currency
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
    """Show each legal entity's Stripe account and the latest payments."""
    page = render_template(
        "manage/cards.html",
        accounts=[
            (entity, name, account_of(services().database, current_house(), entity))
            for entity, name in _entities()
        ],
        available=services().settings.stripe_secret_key is not None,
        rows=latest_payments(house_session()),
        payouts=failed_payouts(house_session()),
        words=_words(),
    )
    return leading_to_stripe(page)


def _entities() -> list[tuple[int, str]]:
    """Return the legal entities that may have an account; the house itself until it adds one."""
    found = [(one.id, one.name) for one in entities(house_session())]
    return found or [(FIRST_ENTITY, current_house().name)]


def _chosen() -> tuple[int, str, str]:
    """Return the entity a request is about, its name and its currency; raises NotFound."""
    wanted = request.values.get("entity", FIRST_ENTITY, type=int)
    found = house_session().get(LegalEntity, wanted)
    if found is not None:
        return found.id, found.name, found.currency
    if (wanted, current_house().name) in _entities():
        return wanted, current_house().name, current_house().currency
    raise NotFound(entity=wanted)


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
    """Lead the owner to Stripe, where the legal entity is described."""
    desk = _desk()
    entity, name, unit = _chosen()
    made = connect(
        desk.database,
        desk.gateway,
        desk.house,
        entity,
        name=name,
        email=acting_member().email,
        currency=unit,
        actor=acting_member().email,
    )
    back = desk.house.url(desk.settings, f"/manage/money/cards/connected?entity={entity}")
    return redirect(desk.gateway.onboarding_url(made.account, back=back), 303)


@blueprint.get("/money/cards/connected")
@staff_required("owner")
def connected() -> ResponseReturnValue:
    """Ask Stripe how far the account is, after the owner came back."""
    desk = _desk()
    account = account_of(desk.database, desk.house, _chosen()[0])
    if account is not None:
        with desk.database.platform_session() as session, session.begin():
            look_again(session, desk.gateway, account.account)
    return redirect("/manage/money/cards")


@blueprint.get("/money/cards/<int:payment_id>")
@staff_required("owner", "clerk")
def card_payment(payment_id: int) -> ResponseReturnValue:
    """Show one payment with its tries, refunds and disputes."""
    story = _story(payment_id)
    return _payment_page(story, RefundForm(unit=currency(story.payment.currency)))


@blueprint.post("/money/cards/<int:payment_id>/refund")
@staff_required("owner", "clerk")
def refund_payment(payment_id: int) -> ResponseReturnValue:
    """Ask for a part or all of a payment to be given back."""
    story = _story(payment_id)
    form = RefundForm(unit=currency(story.payment.currency))
    if form.validate():
        payload = {"payment": payment_id, "amount": form.amount.data}
        try:
            with house_session().begin_nested():
                made = ask(
                    house_session(), REFUND, payload, reason=form.reason.data or "",
                    actor=actor(), token=form.token.data or None,
                )  # fmt: skip
        except DomainError as refusal:
            form.form_errors.append(refusal.message())
        else:
            flash(asked(made, _("The refund is on its way.")), "success")
            return redirect(f"/manage/money/cards/{payment_id}")
    return _payment_page(story, form)


def _story(payment_id: int) -> PaymentStory:
    story = payment_story(house_session(), payment_id)
    if story is None:
        raise NotFound
    return story


def _payment_page(story: PaymentStory, form: RefundForm) -> ResponseReturnValue:
    waiting = waiting_about(house_session(), f"payment:{story.payment.id}")
    page = render_template("manage/card_payment.html", story=story, form=form, waiting=waiting)
    return page, UNPROCESSABLE if form.errors else 200
