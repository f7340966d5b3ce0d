"""Why a registration was refused, and what to do instead."""

from auctionxchange.i18n import gettext as _
from auctionxchange.kernel.errors import Conflict, Forbidden, Invalid


class RegistrationClosed(Conflict):
    """The sale takes no registrations: not shown yet, or over."""

    code = "registration_closed"

    def message(self) -> str:
        return _("This sale takes no registrations.")


class ConditionsNotAccepted(Invalid):
    """What was accepted is not the sale's present version of the conditions."""

    code = "conditions_not_accepted"

    def message(self) -> str:
        return _("Please read and accept the conditions of this sale.")


class RegistrationRefused(Forbidden):
    """The house declined or suspended this client for the sale."""

    code = "registration_refused"

    def message(self) -> str:
        return _("Your registration was not accepted. Please speak to the house.")


class DecisionImpossible(Conflict):
    """The registration's state does not allow the decision."""

    code = "decision_impossible"

    def message(self) -> str:
        return _("Somebody else has decided this meanwhile. The list shows the present state.")


class ReasonMissing(Invalid):
    """Declining and suspending need a reason for the house's records."""

    code = "reason_missing"

    def message(self) -> str:
        return _("Please give a reason for the house’s records.")
