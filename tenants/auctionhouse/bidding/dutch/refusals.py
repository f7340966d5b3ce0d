"""Why taking at a falling clock was refused, each with what to do next."""

from auctionhouse.bidding.errors import BidRefused
from auctionxchange.kernel.errors import Conflict
from auctionxchange.kernel.translation import gettext as _
from auctionxchange.kernel.translation import ngettext


class ClockNotStarted(BidRefused):
    """Before the clock begins to run; fields hold where it starts as shown."""

    code = "clock_not_started"

    def message(self) -> str:
        return _("The clock of this lot does not run yet. It starts at %(shown)s.", **self.fields)


class ClockPassed(BidRefused):
    """At or after the clock's end, or once its price fell below the reserve."""

    code = "clock_passed"

    def message(self) -> str:
        return _("The clock of this lot has stopped. You came too late; nothing was bought.")


class ClockAbove(BidRefused):
    """The clock stood above what was offered; fields hold its price as shown."""

    code = "clock_above"

    def message(self) -> str:
        return _(
            "By the clock of the service the price still was %(shown)s, more than you offered, so"
            " nothing was bought. Take it at that price, or wait.",
            **self.fields,
        )


class TooFewLeft(BidRefused):
    """More pieces were wanted than there are; fields hold how many are left."""

    code = "too_few_left"

    def message(self) -> str:
        left = self.fields["left"]
        return ngettext(
            "Only %(num)d piece is left, so nothing was bought. Take fewer.",
            "Only %(num)d pieces are left, so nothing was bought. Take fewer.",
            left,
        )


class TakingStays(Conflict):
    """What was taken at the clock is sold: a bid can be cancelled, a sale is corrected."""

    code = "taking_stays"

    def message(self) -> str:
        return _(
            "What was taken at the clock is sold. Correct the result once the lot has closed, or"
            " offer it in another sale."
        )
