"""Terms that cannot be sold by, each with a sentence that says how to mend them."""

from collections.abc import Mapping
from typing import Any

from auctionxchange.kernel.errors import Invalid
from auctionxchange.kernel.translation import gettext as _


class TermsInvalid(Invalid):
    """Terms that cannot be sold by; fields name the setting and the problem."""

    code = "terms_invalid"

    def __init__(self, setting: str, problem: str, **fields: Any) -> None:
        super().__init__(setting=setting, problem=problem, **fields)

    def message(self) -> str:
        return str(_TEXTS[self.fields["problem"]](self.fields))


_TEXTS: Mapping[str, Any] = {
    "increments_empty": lambda _f: _("Give at least one increment, starting from 0."),
    "increments_shape": lambda _f: _("Each increment is two whole amounts: from and step."),
    "increments_start": lambda _f: _("The first increment must start from 0."),
    "increments_order": lambda _f: _("Each increment must start above the one before it."),
    "increments_step": lambda _f: _("Every step must be above zero."),
    "opening": lambda _f: _("The opening bid must be above zero."),
    "reserve": lambda _f: _("The reserve may not be below the opening bid."),
    "buy_now": lambda _f: _(
        "The buy-now price must be above the opening bid and not below the reserve."
    ),
    "clock_missing": lambda _f: _(
        "Give the price the clock starts at, the step it falls by, and the seconds between steps."
    ),
    "clock_start": lambda _f: _(
        "The clock must start above the opening price, which is the lowest it falls to."
    ),
    "clock_step": lambda _f: _("The clock must fall by more than nothing."),
    "clock_below_zero": lambda _f: _(
        "With its first step the clock would fall to zero or below. Make the step smaller than the"
        " price it starts at."
    ),
    "clock_below_lowest": lambda _f: _(
        "With its first step the clock would fall below the opening price, which is the lowest it"
        " falls to. Make the step smaller."
    ),
    "clock_every": lambda _f: _("The clock falls after one second at least and one day at most."),
    "clock_long": lambda f: _(
        "The clock would take %(steps)s steps; make the step larger, so that it takes %(most)s at"
        " most.",
        steps=f["steps"],
        most=f["most"],
    ),
    "clock_reserve": lambda _f: _(
        "The reserve may not be above the price the clock starts at: nobody could buy the lot."
    ),
    "choice_pieces": lambda _f: _(
        "Buyer’s choice needs a lot of two pieces or more. Give the lot’s quantity first, or choose"
        " another format."
    ),
    "choice_hours": lambda f: _(
        "The winner has from one to %(most)s whole hours to choose.", most=f["most"]
    ),
    "choice_names_shape": lambda _f: _("Give the pieces’ names as texts, one for each."),
    "choice_names_long": lambda f: _(
        "A piece’s name has one to %(most)s characters.", most=f["most"]
    ),
    "choice_names": lambda f: _(
        "These are %(names)s names, and the lot has %(pieces)s pieces. Take some out, or change"
        " the lot’s quantity.",
        names=f["names"],
        pieces=f["pieces"],
    ),
    "share": lambda f: _(
        "Give a whole per cent from %(least)s to %(most)s.", least=f["least"], most=f["most"]
    ),
    "choice": lambda f: _(
        "“%(value)s” is not one of: %(choices)s.", value=f["value"], choices=f["choices"]
    ),
    "seconds": lambda _f: _("Give the soft close’s times in whole seconds."),
    "window": lambda _f: _("The soft-close window must be above zero seconds."),
    "extension": lambda _f: _("An extension lasts from one second to one day."),
    "cap": lambda _f: _("The limit of all extensions must be at least one extension."),
}
