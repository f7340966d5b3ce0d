"""Why an act on the catalogue was refused, and what to do instead."""

from auctionxchange.i18n import gettext as _
from auctionxchange.kernel.errors import Conflict, Invalid


class ReferenceInvalid(Invalid):
    """The sale's short name cannot stand in an address."""

    code = "reference_invalid"

    def message(self) -> str:
        return _("Use small letters, digits and hyphens, for example spring-paintings.")


class ReferenceTaken(Conflict):
    """Another sale of the house has this short name."""

    code = "reference_taken"

    def message(self) -> str:
        return _("Another sale has this short name. Choose a different one.")


class NumberTaken(Conflict):
    """Another lot of the sale has this number."""

    code = "number_taken"

    def message(self) -> str:
        return _("Lot %(label)s exists already in this sale.", **self.fields)


class NumberInvalid(Invalid):
    """The text is no lot number."""

    code = "number_invalid"

    def message(self) -> str:
        return _("Write a number and at most two letters, for example 27 or 27A.")


class BoundsCross(Invalid):
    """A lot would accept offers below where it declines them, or either of nothing."""

    code = "bounds_cross"

    def message(self) -> str:
        return _("Accept from an amount above nothing, and not below where offers are declined.")


class ChangedMeanwhile(Conflict):
    """Somebody else saved after the form was opened."""

    code = "changed_meanwhile"

    def message(self) -> str:
        return _(
            "Somebody else changed this while you were editing. Your entries are still here; "
            "compare them with the saved page and save again to replace it."
        )


class FixedOnceShown(Conflict):
    """The field may not change any more."""

    code = "fixed"

    def message(self) -> str:
        return _("This can no longer change: %(names)s.", names=", ".join(self.fields["names"]))


class NotReady(Conflict):
    """The sale lacks something without which it cannot be published; fields hold findings."""

    code = "not_ready"

    def message(self) -> str:
        return _("The sale cannot be published yet. The list says what is missing.")


class StateRefuses(Conflict):
    """The sale's state does not allow the act."""

    code = "wrong_state"

    def message(self) -> str:
        return _("This cannot be done in the sale's present state.")


class OffersOpen(Conflict):
    """Somebody may still accept an offer on one of the sale's lots."""

    code = "offers_open"

    def message(self) -> str:
        return _("Offers on lots of this sale are still open. Answer or withdraw them first.")


class TextMissing(Invalid):
    """A notice or a reason says nothing."""

    code = "text_missing"

    def message(self) -> str:
        return _("Please write a sentence that bidders will read.")
