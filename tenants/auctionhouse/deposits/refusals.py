"""Why a deposit cannot be asked or left."""

from auctionxchange.i18n import gettext as _
from auctionxchange.kernel.errors import Conflict


class NoDepositAsked(Conflict):
    """The sale asks for none, or is over, or the bidder is not registered."""

    code = "no_deposit_asked"

    def message(self) -> str:
        return _("This sale asks for no deposit from you.")


class DepositSettled(Conflict):
    """Bidders have left deposits under the terms as they are."""

    code = "deposit_settled"

    def message(self) -> str:
        return _("Bidders have left deposits already; what is asked stays as it is.")
