"""A right to choose as pages show it: the pieces by name, what was chosen, or until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from auctionhouse.bidding.selling import Choice
from auctionhouse.offers.choosing import choose_until, chosen_on
from auctionhouse.offers.refusals import ChoiceInvalid
from auctionxchange.i18n import gettext as _

LONGEST_NUMBER = 6


@dataclass(frozen=True, slots=True)
class RightView:
    """The pieces there are, and either until when somebody chooses or what they chose."""

    names: Sequence[str]
    until: datetime | None
    chosen: Sequence[int]

    @property
    def chosen_names(self) -> list[str]:
        """Return the names of what was chosen."""
        return [self.names[number - 1] for number in self.chosen]


def right_of(session: Session, lot_id: int, choice: Choice, phase: str) -> RightView:
    """Return how the right to choose on a lot stands."""
    if phase == "sold":
        return RightView(names_of(choice), None, chosen_on(session, lot_id))
    return RightView(names_of(choice), choose_until(session, lot_id), ())


def names_of(choice: Choice) -> list[str]:
    """Return what each piece is called; its number, where it has no name."""
    named = list(choice.names)
    rest = range(len(named) + 1, choice.pieces + 1)
    return named + [_("Piece %(number)s", number=number) for number in rest]


def read_chosen(typed: Sequence[str], choice: Choice) -> list[int]:
    """Read the numbers of ticked pieces; raises ChoiceInvalid for what is none."""
    if not all(one.isascii() and one.isdecimal() and len(one) <= LONGEST_NUMBER for one in typed):
        raise ChoiceInvalid(why="unknown", most=choice.pieces)
    return [int(one) for one in typed]
