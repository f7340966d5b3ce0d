"""Why a payment, a refund or a link was refused, and what to do instead."""

from auctionxchange.kernel.errors import Conflict, Invalid, NotFound
from auctionxchange.kernel.money import currency, decimal_string
from auctionxchange.kernel.translation import gettext as _


class PaymentUnknown(NotFound):
    """No payment of this house has this number."""

    code = "payment_unknown"

    def message(self) -> str:
        return _("There is no such payment.")


class AlreadyPaid(Conflict):
    """Nothing is left to pay."""

    code = "already_paid"

    def message(self) -> str:
        return _("This is paid. Thank you.")


class BeingPaid(Conflict):
    """Another try runs; its outcome is waited for."""

    code = "being_paid"

    def message(self) -> str:
        return _("This is being paid at the moment. Please look again in a few minutes.")


class NoCard(Conflict):
    """The client keeps no card with this house."""

    code = "no_card"

    def message(self) -> str:
        return _("There is no card on file. Please send the client a link to pay.")


class AmountChanged(Conflict):
    """The same reference was asked for with another sum."""

    code = "amount_changed"

    def message(self) -> str:
        return _("A payment of another amount was asked for already. Cancel that one first.")


class RefundTooLarge(Invalid):
    """More than is left; fields: left (minor units), currency."""

    code = "refund_too_large"

    def message(self) -> str:
        left = decimal_string(self.fields["left"], currency(self.fields["currency"]))
        return _(
            "At most %(left)s %(currency)s of this payment can be given back.",
            left=left,
            currency=self.fields["currency"],
        )


class LinkExpired(Conflict):
    """The link's time is over."""

    code = "link_expired"

    def message(self) -> str:
        return _("This link to pay is no longer valid. Please ask the house for a new one.")
