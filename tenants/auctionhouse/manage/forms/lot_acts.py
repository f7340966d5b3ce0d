"""Forms of the acts on a lot's bids and result; each asks for words."""

import uuid
from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField
from wtforms.validators import UUID, InputRequired

from auctionhouse.manage.choices import choice
from auctionhouse.manage.forms.fields import (
    AmountField,
    InCurrency,
    MomentField,
    TextField,
    WordsField,
)
from auctionxchange.i18n import lazy_gettext as _l

_NEEDED = _l("Please fill this in.")
LONGEST_REASON = 500


class CancelForm(FlaskForm):
    """Why a bid is cancelled: for the house, and if wanted for everybody."""

    reason = TextField(
        _l("Reason"),
        validators=[InputRequired(_NEEDED)],
        description=_l("Kept with the bid, seen by staff alone."),
        longest=LONGEST_REASON,
    )
    notice = TextField(
        _l("Words for everybody"),
        description=_l("Stands in the lot’s public ledger and in the mail to the bidder."),
        longest=LONGEST_REASON,
    )


class ReopenForm(FlaskForm):
    """Until when a lot takes bids again, and why."""

    ends_at = MomentField(_l("New end"), validators=[InputRequired(_NEEDED)])
    notice = WordsField(_l("Notice to bidders"), validators=[InputRequired(_NEEDED)])


class ChooseForm(FlaskForm):
    """Which pieces are sold to a winner; they are ticked beside it."""

    token = HiddenField(validators=[UUID()])


class CorrectForm(InCurrency):
    """Who bought for how much after all."""

    client_id = SelectField(_l("Buyer"), coerce=int, validators=[InputRequired(_NEEDED)])
    price = AmountField(_l("Hammer price"))
    notice = WordsField(_l("Notice to bidders"), validators=[InputRequired(_NEEDED)])
    reason = TextField(
        _l("Reason"),
        validators=[InputRequired(_NEEDED)],
        description=_l("Kept in the audit, seen by staff alone."),
        longest=LONGEST_REASON,
    )

    def offer(self, bidders: list[Any]) -> None:
        """Offer the sale's bidders, and that it was not sold."""
        self.client_id.choices = [choice(0, _l("Not sold")), *bidders]


class HouseBidForm(InCurrency):
    """A bid of the house for the seller; its token makes a second click harmless."""

    token = HiddenField(default=lambda: str(uuid.uuid4()), validators=[UUID()])
    maximum = AmountField(_l("Bid up to"), validators=[InputRequired(_NEEDED)])
