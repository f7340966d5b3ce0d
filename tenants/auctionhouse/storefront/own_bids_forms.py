"""Forms with which bidders take bids back and bind themselves."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, TextAreaField
from wtforms.validators import InputRequired

from auctionhouse.bidding.exposure import Limits
from auctionhouse.manage.forms.fields import AmountField, InCurrency, TextField
from auctionxchange.i18n import lazy_gettext as _l

LONGEST_NUMBER = 9
_NEEDED = _l("Please fill this in.")


class RetractForm(FlaskForm):
    """Why a bid is taken back; the sequence is the last bid the bidder has seen."""

    sequence = HiddenField()
    reason = TextField(_l("Why?"), validators=[InputRequired(_NEEDED)], longest=500)

    @property
    def last_seen(self) -> int:
        """Return the sequence of the bid the page showed, 0 for what is none."""
        shown = self.sequence.data or ""
        number = shown.isascii() and shown.isdigit() and len(shown) <= LONGEST_NUMBER
        return int(shown) if number else 0


class LimitsForm(InCurrency):
    """A sum for all lots of a sale, and lots of which only one is wanted."""

    spending = AmountField(
        _l("At most in all"),
        description=_l("Without premium. Bids that could cost more than this are not taken."),
    )
    choices = TextAreaField(
        _l("Only one of these lots"),
        description=_l("One line for each choice, such as 12, 14."),
    )

    def lines(self) -> list[list[str]]:
        """Return the lot numbers of each line."""
        rows = (self.choices.data or "").replace(";", ",").splitlines()
        return [[label.strip() for label in row.split(",")] for row in rows if row.strip()]


def filled_limits(limits: Limits, labels: dict[int, str], **options: Any) -> LimitsForm:
    """Return the form with the present limits; what was posted wins."""
    lines: dict[int, list[str]] = {}
    for lot, choice in limits.choices.items():
        lines.setdefault(choice, []).append(labels.get(lot, ""))
    typed = "\n".join(", ".join(line) for line in lines.values())
    return LimitsForm(data={"spending": limits.spending, "choices": typed}, **options)
