"""Card payments in the back office: what was paid, what is disputed, and giving money back."""

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue

from auctionhouse.approvals.operations import ask
from auctionhouse.approvals.telling import waiting_about
from auctionhouse.manage.blueprint import STAFF, actor, blueprint
from auctionhouse.manage.forms.approvals import RefundForm
from auctionhouse.manage.listing import shown_list
from auctionhouse.manage.money_columns import PAYMENTS
from auctionhouse.manage.views.approvals import asked
from auctionhouse.manage.views.sales import UNPROCESSABLE
from auctionhouse.manage.views.stripe import entity_accounts
from auctionhouse.members.access import staff_required
from auctionhouse.payments.disputes import open_disputes
from auctionhouse.payments.leading import leading_to_stripe
from auctionhouse.payments.queries import (
    PaymentStory,
    failed_payouts,
    payment_story,
    select_payments,
)
from auctionhouse.payments.two_person import REFUND
from auctionhouse.payments.words import (
    account_words,
    attempt_words,
    decline_words,
    dispute_words,
    lack_words,
    payment_words,
    reason_words,
    refund_words,
)
from auctionhouse.requests import house_session
from auctionhouse.services import services
from auctionxchange.i18n import gettext as _
from auctionxchange.kernel.errors import DomainError, NotFound
from auctionxchange.kernel.money import currency

WORDS = {
    "account": account_words,
    "attempt": attempt_words,
    "decline": decline_words,
    "dispute": dispute_words,
    "lack": lack_words,
    "payment": payment_words,
    "reason": reason_words,
    "refund": refund_words,
}


@blueprint.get("/money/cards")
@staff_required(*STAFF)
def card_payments() -> ResponseReturnValue:
    """Show the Stripe accounts' states, what needs an answer, and the latest payments."""
    session, settings = house_session(), services().settings
    page = shown_list(
        "manage/cards.html",
        select_payments(),
        PAYMENTS,
        name="card-payments",
        accounts=entity_accounts(),
        available=settings.stripe_secret_key is not None,
        sandbox=settings.stripe_pages if settings.stripe_api_base else None,
        disputes=open_disputes(session),
        payouts=failed_payouts(session),
        words=WORDS,
    )
    return leading_to_stripe(page) if isinstance(page, str) else page


@blueprint.get("/money/cards/<int:payment_id>")
@staff_required(*STAFF)
def card_payment(payment_id: int) -> ResponseReturnValue:
    """Show one payment with its tries, refunds and disputes."""
    story = _story(payment_id)
    return _payment_page(story, RefundForm(unit=currency(story.payment.currency)))


@blueprint.post("/money/cards/<int:payment_id>/refund")
@staff_required(*STAFF)
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
    page = render_template(
        "manage/card_payment.html", story=story, form=form, waiting=waiting, words=WORDS
    )  # fmt: skip
    return page, UNPROCESSABLE if form.errors else 200
