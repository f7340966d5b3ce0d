"""How a call to Stripe ends when it does not end well, told apart by what is known afterwards."""

from auctionxchange.kernel.errors import Conflict, Forbidden, Invalid, Unavailable
from auctionxchange.kernel.translation import gettext as _


class PaymentDeclined(Conflict):
    """The bank refused: final for this try. fields: reason, intent (an id or None)."""

    code = "payment_declined"

    def message(self) -> str:
        return _("The card was declined. Please use another card or pay by bank transfer.")


class AuthenticationNeeded(Conflict):
    """The bank wants to see the cardholder, who must come back. fields: intent."""

    code = "authentication_needed"

    def message(self) -> str:
        return _("Your bank asks you to confirm this payment.")


class OutcomeUnknown(Unavailable):
    """No answer came back: the money may have moved or not; the same key will tell."""

    code = "outcome_unknown"

    def message(self) -> str:
        return _("We do not know yet whether the payment went through. We are asking again.")


class AccessRevoked(Forbidden):
    """The house's Stripe account no longer lets us act for it."""

    code = "stripe_access_revoked"

    def message(self) -> str:
        return _("The Stripe account is no longer connected. Please connect it again.")


class NotAtStripe(Invalid):
    """Stripe knows no such object at this account."""

    code = "not_at_stripe"

    def message(self) -> str:
        return _("Stripe knows nothing of this payment at this account.")


class StripeRefused(Invalid):
    """Stripe refused the request as put; fields: reason (its code), told (its words)."""

    code = "stripe_refused"

    def message(self) -> str:
        return _("Stripe refused this: %(told)s", told=self.fields.get("told", ""))


class NotConnected(Conflict):
    """The house has no Stripe account that may take cards."""

    code = "stripe_not_connected"

    def message(self) -> str:
        return _("Card payments are not set up yet. Connect a Stripe account first.")


class PaymentsOff(Unavailable):
    """The installation has no key of Stripe's."""

    code = "payments_off"

    def message(self) -> str:
        return _("Card payments are not available here.")


class CurrencyLacking(Conflict):
    """The account settles in another currency; fields: currency, account_currency."""

    code = "currency_lacking"

    def message(self) -> str:
        return _(
            "The Stripe account of this legal entity takes %(account_currency)s, not %(currency)s."
            " Sell through a legal entity with an account in %(currency)s.",
            **self.fields,
        )
