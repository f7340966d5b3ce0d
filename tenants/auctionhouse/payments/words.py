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
