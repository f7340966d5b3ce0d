"""Card payments in the back office: what was paid, what is disputed, and giving money back."""

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue

from auctionhouse.approvals.operations import ask
from auctionhouse.approvals.telling import waiting_about
from auctionhouse.manage.blueprint import STAFF, actor, blueprint
from auctionhouse.manage.forms.approvals import RefundForm
from auctionhouse.manage.views.approvals import asked
from auctionhouse.manage.views.sales import UNPROCESSABLE
from auctionhouse.manage.views.stripe import entity_accounts
from auctionhouse.members.access import staff_required
from auctionhouse.payments.disputes import open_disputes
from auctionhouse.payments.leading import leading_to_stripe
from auctionhouse.payments.queries import (
    PaymentStory,
    failed_payouts,
    latest_payments,
    payment_story,
)
from auctionhouse.payments.two_person import REFUND
from auctionhouse.payments.words import account_words, dispute_words, lack_words, reason_words
from auctionhouse.requests import house_session
from auctionhouse.services import services
from auctionxchange.i18n import gettext as _
from auctionxchange.kernel.errors import DomainError, NotFound
from auctionxchange.kernel.money import currency


@blueprint.get("/money/cards")
@staff_required(*STAFF)
def card_payments() -> ResponseReturnValue:
    """Show the Stripe accounts' states, what needs an answer, and the latest payments."""
    session = house_session()
    page = render_template(
        "manage/cards.html",
        accounts=entity_accounts(),
        available=services().settings.stripe_secret_key is not None,
        rows=latest_payments(session),
        disputes=open_disputes(session),
        payouts=failed_payouts(session),
        words={
            "account": account_words,
            "lack": lack_words,
            "dispute": dispute_words,
            "reason": reason_words,
        },
    )
    return leading_to_stripe(page)


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
        "manage/card_payment.html", story=story, form=form, waiting=waiting, dispute=dispute_words,
        reason=reason_words,
    )  # fmt: skip
    return page, UNPROCESSABLE if form.errors else 200
