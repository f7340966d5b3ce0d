"""Why an offer was not made, or not answered as somebody wished, each with what to do next."""

from auctionxchange.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from auctionxchange.kernel.translation import gettext as _


class OfferUnknown(NotFound):
    """There is no such offer, or not for this reader."""

    code = "offer_unknown"


class OffersNotTaken(Conflict):
    """The lot's terms take no offers."""

    code = "offers_not_taken"

    def message(self) -> str:
        return _("This lot takes no offers. You can bid on it.")


class OffersOver(Conflict):
    """Somebody has bid."""

    code = "offers_over"

    def message(self) -> str:
        return _("Somebody has bid on this lot, so offers on it are over. You can bid as well.")


class OfferReachesPrice(Invalid):
    """As much as the lot is had for at once; fields hold it as shown."""

    code = "offer_reaches_price"

    def message(self) -> str:
        return _("You can have this lot at once for %(shown)s. Buy it, or offer less.",
                 **self.fields)  # fmt: skip


class OfferStands(Conflict):
    """One open offer on a lot is enough."""

    code = "offer_stands"

    def message(self) -> str:
        return _("There is an open offer on this lot already. It has to end before another.")


class TooManyOffers(Conflict):
    """As many open offers in the sale as a bidder may have; fields hold how many."""

    code = "too_many_offers"

    def message(self) -> str:
        return _(
            "You have %(most)s open offers in this sale, which is as many as you may. Withdraw one"
            " or wait for an answer.",
            **self.fields,
        )


class EnoughTries(Conflict):
    """As many offers on one lot as a bidder may make; fields hold how many."""

    code = "enough_tries"

    def message(self) -> str:
        return _("You have made %(most)s offers on this lot, which is as many as you may. You can"
                 " bid on it.", **self.fields)  # fmt: skip


class OfferMoved(Conflict):
    """The offer is no longer what the page showed."""

    code = "offer_moved"

    def message(self) -> str:
        return _("This offer has moved on. Load the page again to see where it stands.")


class OfferExpired(Conflict):
    """The time to answer has passed."""

    code = "offer_expired"

    def message(self) -> str:
        return _("The time to answer this offer has passed.")


class ChoiceInvalid(Invalid):
    """No choice among the lot's pieces; fields say why, and how many there are."""

    code = "choice_invalid"

    def message(self) -> str:
        texts = {
            "none": _("Tick at least one piece: one is yours in any case."),
            "twice": _("Name each piece once."),
            "unknown": _("The lot has pieces 1 to %(most)s.", **self.fields),
        }
        return texts[self.fields["why"]]


class ChoiceMade(Conflict):
    """Nothing is to be chosen on the lot any more."""

    code = "choice_made"

    def message(self) -> str:
        return _("The choice on this lot has been made. Load the page again to see it.")


class ChoiceOver(Conflict):
    """The time to choose has passed."""

    code = "choice_over"

    def message(self) -> str:
        return _("The time to choose has passed: the first piece is sold to the winner.")


class CounterInvalid(Invalid):
    """An answer that is no step towards each other; fields say why."""

    code = "counter_invalid"

    def message(self) -> str:
        texts = {
            "above": _("Ask for more than %(shown)s, or accept the offer.", **self.fields),
            "below": _("Offer less than %(shown)s, or accept it.", **self.fields),
            "price": _("Ask for less than the buy-now price of %(shown)s.", **self.fields),
        }
        return texts[self.fields["why"]]


class HoursInvalid(Invalid):
    """No time to answer in; fields hold the bounds."""

    code = "hours_invalid"

    def message(self) -> str:
        return _("Give from %(least)s to %(most)s hours to answer.", **self.fields)


class UntilInvalid(Invalid):
    """A time that has passed, or too far ahead; fields hold how many days ahead."""

    code = "until_invalid"

    def message(self) -> str:
        return _("Choose a time from an hour to %(most)s days from now.", **self.fields)


class CannotBeSold(Conflict):
    """Who offered may no longer buy at this price; why is theirs and not told."""

    code = "cannot_be_sold"

    def message(self) -> str:
        return _(
            "The registration or a limit of who offered no longer allows this price. Decline the"
            " offer, or speak to them."
        )


class NotUnsold(Conflict):
    """Only what was not sold is offered after the sale."""

    code = "not_unsold"

    def message(self) -> str:
        return _("Only a lot that was not sold is offered after the sale.")


class SharedLot(Conflict):
    """Bidders may have some of the lot's pieces, which no offer after the sale can say."""

    code = "shared_lot"

    def message(self) -> str:
        return _("A lot whose pieces bidders may share or choose is not offered after the sale.")


class NotSold(Conflict):
    """There is no sale to cancel."""

    code = "not_sold"

    def message(self) -> str:
        return _("This lot is not sold, so there is no sale to cancel.")


class NotAnUnderbidder(Invalid):
    """Offers after the sale go to those who bid and may buy."""

    code = "not_an_underbidder"

    def message(self) -> str:
        return _("Choose from those who bid on this lot and may still buy in this sale.")


class NobodyChosen(Invalid):
    """An offer to nobody."""

    code = "nobody_chosen"

    def message(self) -> str:
        return _("Choose at least one bidder.")


class StillDeciding(Forbidden):
    """The seller decides, and nobody before that."""

    code = "still_deciding"

    def message(self) -> str:
        return _("The seller has not decided yet.")
