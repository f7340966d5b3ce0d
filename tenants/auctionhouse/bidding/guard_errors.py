"""Why a guard refused a bid or an act on a lot, each with what to do next."""

from auctionhouse.bidding.errors import BidRefused
from auctionxchange.kernel.errors import Conflict, Forbidden, Invalid
from auctionxchange.kernel.translation import gettext as _


class OverSpending(BidRefused):
    """Above what is left of the bidder's own limit for the sale; fields as shown."""

    code = "over_spending"

    def message(self) -> str:
        return _(
            "Your own limit for this sale is %(limit)s in all, and %(left)s of it is left. Bid less"
            " here or raise the limit on your limits page.",
            **self.fields,
        )


class PiecesInvalid(Invalid):
    """Not a number of pieces the lot has; fields tell the most."""

    code = "pieces_invalid"

    def message(self) -> str:
        return _("Give the number of pieces as a whole number from 1 to %(most)s.", **self.fields)


class OtherLotLed(BidRefused):
    """The bidder wants one lot of several and leads or bought another; fields name it."""

    code = "other_lot_led"

    def message(self) -> str:
        return _(
            "You want only one of these lots and have lot %(other)s. Bid here once you are outbid"
            " there, or part the lots on your limits page.",
            **self.fields,
        )


class LimitBusy(BidRefused):
    """The bidder's limits are changing at this very moment."""

    code = "limit_busy"

    def message(self) -> str:
        return _("Your limits are just being changed. Please place the bid again.")


class LimitBelowExposure(Conflict):
    """A limit below what is led and bought already; fields as shown."""

    code = "limit_below_exposure"

    def message(self) -> str:
        return _(
            "You lead or bought lots for up to %(exposure)s already. Choose a limit that is not"
            " below it.",
            **self.fields,
        )


class LotsLedTogether(Conflict):
    """Two lots of a choice are led or bought already; fields name them."""

    code = "lots_led_together"

    def message(self) -> str:
        return _(
            "You lead or bought more than one of the lots %(lots)s already, so they can no longer"
            " be a choice of one.",
            **self.fields,
        )


class ChoiceInvalid(Invalid):
    """No choice between lots of the sale; fields tell what was typed."""

    code = "choice_invalid"

    def message(self) -> str:
        return _(
            "Write at least two lot numbers of this sale in a line, such as 12, 14, and each lot"
            " only once. “%(typed)s” is not that.",
            **self.fields,
        )


class StaffBidRefused(Forbidden):
    """The house's policy on bids of its own staff; fields hold the policy."""

    code = "staff_bid"

    def message(self) -> str:
        if self.fields["policy"] == "in_advance":
            return _("Staff bid for themselves only before the bidding opens.")
        return _("Staff of the house do not bid for themselves in this sale.")


class HouseBidRefused(Forbidden):
    """A bid of the house for the seller that the law or the sale does not allow; fields say why."""

    code = "house_bid"

    def message(self) -> str:
        texts = {
            "never": _("The terms of this sale do not let the house bid for the seller."),
            "format": _("The house bids for the seller in timed bidding only."),
            "no_reserve": _("The lot has no reserve, so the house cannot bid for the seller."),
            "reserve": _("The house bids below the reserve only. Offer less than the reserve."),
            "purchase": _("The house cannot buy a lot it sells."),
        }
        return texts[self.fields["why"]]


class HouseBidStands(Conflict):
    """A reserve cannot go down to what the house bid itself."""

    code = "house_bid_stands"

    def message(self) -> str:
        return _("The house bid for the seller at or above this reserve. Cancel its bid first.")


class ConfirmationNeeded(BidRefused):
    """So far above the asking price or the estimate that it may be a slip; fields as shown."""

    code = "confirmation_needed"

    def message(self) -> str:
        return _(
            "%(shown)s is far above the next bid of %(asking)s. Please confirm that you mean it.",
            **self.fields,
        )


class RetractionRefused(Conflict):
    """The sale's rule does not let this bid go; fields say why."""

    code = "retraction_refused"

    def message(self) -> str:
        texts = {
            "never": _("In this sale bids cannot be taken back. Ask the house if you made a slip."),
            "late": _("It is too late to take this bid back. Ask the house if you made a slip."),
            "lower_only": _("In this sale a maximum can be lowered, but a bid not taken back."),
            "not_allowed": _("In this sale a maximum cannot be lowered."),
            "not_leading": _("Only who leads can lower their maximum: yours is used up."),
            "nothing": _("Your maximum is no higher than the price, so there is nothing to lower."),
            "changed": _("You bid again in the meantime. Load the page again to see it."),
        }
        return texts[self.fields["why"]]


class NotYourBid(Forbidden):
    """A bid of somebody else, or one that no longer counts."""

    code = "not_your_bid"

    def message(self) -> str:
        return _("This is not a standing bid of yours, so you cannot take it back.")


class NoStandingBid(Conflict):
    """There is no such bid on the lot, or it was taken back or cancelled before."""

    code = "no_standing_bid"

    def message(self) -> str:
        return _("This bid no longer counts. Reload the page to see which bids do.")


class ReasonNeeded(Invalid):
    """Whoever takes back or cancels says why."""

    code = "reason_needed"

    def message(self) -> str:
        return _("Give a reason; it is kept with the bid.")


class EndInvalid(Invalid):
    """A lot reopens for a time that has not passed."""

    code = "end_invalid"

    def message(self) -> str:
        return _("Choose an end at least a minute from now.")


class CorrectionInvalid(Conflict):
    """A correction that says nothing new or what cannot be; fields say why."""

    code = "correction_invalid"

    def message(self) -> str:
        texts = {
            "waiting": _("The seller has not decided yet. Enter what the seller says first."),
            "choosing": _("The winner is still choosing. Choose for them, or reopen the lot."),
            "choice": _(
                "The buyer of this lot chose among its pieces. Only that nobody bought it can be"
                " corrected here."
            ),
            "open": _("Only a closed lot can be corrected. Cancel the wrong bid instead."),
            "same": _("This is what the ledger says already. Change buyer or price."),
            "price": _("The price must be above zero."),
            "buyer": _("The buyer must be registered and approved for this sale."),
            "own": _("A consignor cannot buy their own lot."),
            "shared": _(
                "Several buyers may share this lot’s pieces. Only that nobody bought it can be"
                " corrected here."
            ),
        }
        return texts[self.fields["why"]]
