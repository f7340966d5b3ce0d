"""What Stripe's states and codes are called for people."""

from auctionhouse.payments.models import Payment, PaymentAttempt
from auctionxchange.i18n import gettext as _


def payment_words(payment: Payment) -> str:
    """Say how a payment stands."""
    if payment.disputed:
        return _("Disputed")
    words = {
        "paid": _("Paid"),
        "pending": _("Outcome not known yet"),
        "action_required": _("Waits for the client’s confirmation"),
        "held": _("Held on the card"),
        "failed": _("Declined"),
    }
    return words.get(payment.state, _("Due"))


def attempt_words(attempt: PaymentAttempt) -> str:
    """Say how one try to be paid went: the way, and what came of it."""
    ways = {
        "card": _("The card on file"),
        "link": _("A link to pay"),
        "hold": _("A hold on the card"),
    }
    ends = {
        "open": _("begun"),
        "unknown": _("outcome not known yet"),
        "held": _("held"),
        "paid": _("paid"),
        "declined": _("declined"),
        "action": _("the bank wants to see the cardholder"),
        "cancelled": _("given up"),
        "refused": _("Stripe refused the request"),
    }
    way = ways.get(attempt.way, attempt.way)
    return _("%(way)s: %(end)s", way=way, end=ends.get(attempt.state, attempt.state))


def decline_words(code: str) -> str:
    """Say why a bank declined; a code that is not known here is shown as Stripe names it."""
    words = {
        "card_declined": _("The bank gave no reason."),
        "generic_decline": _("The bank gave no reason."),
        "do_not_honor": _("The bank gave no reason."),
        "insufficient_funds": _("There is not enough money on the card."),
        "expired_card": _("The card has expired."),
        "incorrect_cvc": _("The card’s security code is wrong."),
        "lost_card": _("The card was reported lost."),
        "stolen_card": _("The card was reported stolen."),
        "processing_error": _("Something went wrong at the bank."),
        "authentication_required": _("The bank wants to see the cardholder."),
    }
    return words.get(code, code)


def refund_words(state: str) -> str:
    """Say how a refund stands."""
    words = {"open": _("on its way"), "done": _("given back"), "failed": _("refused by Stripe")}
    return words.get(state, state)


def dispute_words(status: str) -> str:
    """Say how a dispute stands; a state that came later is shown as Stripe names it."""
    words = {
        "needs_response": _("needs an answer"),
        "under_review": _("the bank is deciding"),
        "won": _("won"),
        "lost": _("lost"),
        "warning_needs_response": _("the bank asks a question"),
        "warning_under_review": _("the bank is considering your answer"),
        "warning_closed": _("the bank’s question is closed"),
        "prevented": _("prevented"),
    }
    return words.get(status, status)


def account_words(state: str) -> str:
    """Say what the state of an account's card payments means for the house."""
    words = {
        "active": _("Stripe has all it needs: cards can be charged."),
        "pending": _("Stripe is checking what you told it. This can take a few days."),
        "restricted": _("Stripe needs to know more about this company before cards are charged."),
        "unsupported": _("Stripe takes no card payments for this company."),
        "revoked": _("Our access was taken away at Stripe: no card is charged until you connect"
                     " again. What was paid stays here."),
    }  # fmt: skip
    return words.get(state, words["restricted"])


def lack_words(code: str) -> str:
    """Say what Stripe lacks; a code that came later is shown as Stripe names it."""
    words = {
        "determining_status": _("Stripe has not decided yet."),
        "requirements_past_due": _("Something asked for is overdue. Go on at Stripe."),
        "requirements_pending_verification": _("What you sent is being checked."),
        "restricted_other": _("Stripe limits this account. Ask Stripe’s support."),
        "unsupported_business": _("Stripe does not serve this kind of business."),
        "unsupported_country": _("Stripe does not serve this country."),
        "unsupported_entity_type": _("Stripe does not serve this form of company."),
    }
    return words.get(code, code)


def difference_words(kind: str) -> str:
    """Say what two books differ about."""
    words = {
        "paid": _("Paid by card"),
        "refunded": _("Refund"),
        "disputed": _("Dispute"),
        "payout": _("Payout to the bank"),
        "fees": _("Stripe’s fees in the ledger"),
        "other": _("Something else at Stripe"),
        "paid_posted": _("Card payment in the ledger"),
        "refunded_posted": _("Refund in the ledger"),
        "disputed_posted": _("Dispute in the ledger"),
    }
    return words.get(kind, kind)


def reason_words(reason: str) -> str:
    """Say why a cardholder objects."""
    words = {
        "fraudulent": _("The cardholder says they did not make this payment."),
        "product_not_received": _("The cardholder says they did not receive the lot."),
        "product_unacceptable": _("The cardholder says the lot is not as described."),
        "duplicate": _("The cardholder says they were charged twice."),
        "credit_not_processed": _("The cardholder says a refund is missing."),
        "unrecognized": _("The cardholder does not recognise the payment."),
        "subscription_canceled": _("The cardholder says they had cancelled."),
        "general": _("The bank gives no particular reason."),
    }
    return words.get(reason, reason)
