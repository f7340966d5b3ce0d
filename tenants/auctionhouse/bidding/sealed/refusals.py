"""Why an act on sealed bids was refused, each with what to do next."""

from auctionhouse.bidding.errors import BidRefused, BidTooLow
from auctionxchange.kernel.errors import Conflict
from auctionxchange.kernel.translation import gettext as _


class SealedUntilOpening(Conflict):
    """Nobody reads sealed bids before they are opened."""

    code = "sealed_until_opening"

    def message(self) -> str:
        return _(
            "The bids on this lot are sealed: nobody can read them before they are opened together,"
            " after the end. From then on they stand in its history."
        )


class SecondPersonNeeded(Conflict):
    """Who asked for the opening cannot also be the second person."""

    code = "second_person_needed"

    def message(self) -> str:
        return _(
            "You asked for the opening already. A second member of staff has to open the bids."
        )


class BelowLeastBid(BidTooLow):
    """Below the least bid; fields hold it in minor units as minimum, and shown as written."""

    def message(self) -> str:
        return _("A sealed bid on this lot is %(shown)s or more.", **self.fields)


class SealedBidFinal(BidRefused):
    """In this sale a sealed bid is handed in once."""

    code = "sealed_bid_final"

    def message(self) -> str:
        return _(
            "Your sealed bid stands already, and the terms of this sale do not let it be replaced."
        )


class SameSealedBid(BidRefused):
    """The same amount again would only lose its place in time."""

    code = "same_sealed_bid"

    def message(self) -> str:
        return _("That is your sealed bid already. It stands as it was handed in.")


class NoSealedBid(Conflict):
    """There is nothing to take back."""

    code = "no_sealed_bid"

    def message(self) -> str:
        return _("You have no sealed bid on this lot.")


class SealedBidStays(Conflict):
    """The sale does not let sealed bids be taken back."""

    code = "sealed_bid_stays"

    def message(self) -> str:
        return _(
            "In this sale a sealed bid cannot be taken back. Ask the house if you made a slip."
        )


class OpenedBidsStay(Conflict):
    """A lot whose sealed bids were opened takes no new ones."""

    code = "opened_bids_stay"

    def message(self) -> str:
        return _(
            "The sealed bids on this lot have been opened, so it cannot take sealed bids again."
            " Correct the result, or offer the lot in another sale."
        )
