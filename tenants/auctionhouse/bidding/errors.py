"""Why a bid was refused, each with what to do next."""

from auctionxchange.kernel.errors import Conflict, Forbidden, NotFound
from auctionxchange.kernel.translation import gettext as _


class LotUnknown(NotFound):
    """There is no such lot open to bids."""

    code = "lot_unknown"

    def message(self) -> str:
        return _("This lot is not in a published sale.")


class BidRefused(Conflict):
    """Any refusal of a bid; nothing was changed."""

    code = "bid_refused"


class BidTooLow(BidRefused):
    """Below the asking price; fields hold it in minor units as minimum, and shown as written."""

    code = "bid_too_low"

    def message(self) -> str:
        return _("The next bid is %(shown)s or more.", **self.fields)


class NotARaise(BidRefused):
    """The leader offered no more than their own maximum."""

    code = "not_a_raise"

    def message(self) -> str:
        return _("You lead already. To raise your maximum, offer more than it.")


class LotClosed(BidRefused):
    """At or after the end."""

    code = "lot_closed"

    def message(self) -> str:
        return _("Bidding on this lot has closed. Your bid arrived too late and was not taken.")


class LotNotOpen(BidRefused):
    """Before the start."""

    code = "lot_not_open"

    def message(self) -> str:
        return _("Bidding on this lot has not opened yet.")


class LotWithdrawn(BidRefused):
    """The house took the lot out of the sale."""

    code = "lot_withdrawn"

    def message(self) -> str:
        return _("This lot was withdrawn from the sale.")


class SalePaused(BidRefused):
    """The house holds the sale."""

    code = "sale_paused"

    def message(self) -> str:
        return _("The sale is paused. No bids are taken until it goes on; no time is lost.")


class NotRegistered(Forbidden):
    """No approved registration for the sale; fields hold what is missing."""

    code = "not_registered"

    def message(self) -> str:
        texts = {
            "registration": _("Register for this sale before you bid."),
            "pending": _("Your registration waits for the house's approval."),
            "declined": _("The house has declined your registration for this sale."),
            "suspended": _("Your registration for this sale is suspended. Ask the house."),
        }
        return texts[self.fields["missing"]]


class OverLimit(BidRefused):
    """Above the limit the house set for this bidder; fields hold it as shown."""

    code = "over_limit"

    def message(self) -> str:
        return _("Your limit in this sale is %(shown)s. Ask the house to raise it.", **self.fields)


class BuyNowGone(BidRefused):
    """The lot cannot be had at once any more, or never could."""

    code = "buy_now_gone"

    def message(self) -> str:
        return _("This lot can no longer be bought at once. You can still bid on it.")


class PriceChanged(BidRefused):
    """The price is another than the one that was agreed to; fields hold it as shown."""

    code = "price_changed"

    def message(self) -> str:
        return _("The price is now %(shown)s. Please look at it again.", **self.fields)


class BuyerBlocked(Forbidden):
    """The house keeps this member out."""

    code = "buyer_blocked"

    def message(self) -> str:
        return _("This account is blocked. Please speak to the house.")


class OwnLot(Forbidden):
    """Consignors do not bid on their own lots."""

    code = "own_lot"

    def message(self) -> str:
        return _("You consigned this lot and cannot bid on it.")


class TokenReused(BidRefused):
    """The same submission came again with another content."""

    code = "token_reused"

    def message(self) -> str:
        return _("This form was sent before with another amount. Reload the page and bid again.")
