"""What acts on plans and subscriptions are refused for."""

from auctionxchange.kernel.errors import Conflict, NotFound
from auctionxchange.kernel.translation import gettext as _


class PlanUnknown(NotFound):
    """There is no such plan, or it is not offered any more."""

    code = "plan_unknown"

    def message(self) -> str:
        return _("There is no such plan.")


class SubscribedElsewhere(Conflict):
    """The house pays for its plan at Stripe; the plan there has to be ended first."""

    code = "subscribed"

    def message(self) -> str:
        return _(
            "The house pays for its plan already. Cancel that subscription at Stripe, then change."
        )


class BillingLinkExpired(Conflict):
    """The link's time is over or it was signed for something else."""

    code = "billing_link_expired"

    def message(self) -> str:
        return _("This link is no longer valid. Open “Plan” in your back office for a new one.")
