"""Why something about an unpaid invoice was refused."""

from auctionxchange.i18n import gettext as _
from auctionxchange.kernel.errors import Conflict, Invalid


class NothingToCharge(Conflict):
    """The invoice is not late, or its lateness was charged up to today."""

    code = "nothing_to_charge"

    def message(self) -> str:
        return _("There is no interest and no storage to charge up to today.")


class WayNotOpen(Conflict):
    """The step before this one was not taken; fields: act."""

    code = "way_not_open"

    def message(self) -> str:
        texts = {
            "warned": _("This invoice is not overdue."),
            "cancelled": _("Warn the buyer first; the sale can be cancelled afterwards."),
            "blocked": _("Warn the buyer first; the account can be blocked afterwards."),
        }
        return texts[self.fields["act"]]


class ReasonNeeded(Invalid):
    """Every step needs its reason."""

    code = "reason_needed"

    def message(self) -> str:
        return _("Please give a reason for the house’s records.")


class PaidInPart(Conflict):
    """Money came for an invoice whose sale was to be cancelled."""

    code = "paid_in_part"

    def message(self) -> str:
        return _("Some of this invoice is paid. Refund the payment or make a credit note instead.")


class NoAccountToBlock(Conflict):
    """The buyer has no account with the house."""

    code = "no_account"

    def message(self) -> str:
        return _("This buyer has no account that could be blocked.")
