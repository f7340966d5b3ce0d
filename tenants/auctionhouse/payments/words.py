"""What Stripe's states and codes are called for people."""

from auctionxchange.i18n import gettext as _


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
