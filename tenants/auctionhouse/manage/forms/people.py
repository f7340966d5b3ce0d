"""Forms about clients, registrations and bids entered for a client."""

import uuid

from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import UUID, InputRequired, NumberRange, Optional, Regexp
from wtforms.widgets import CheckboxInput

from auctionhouse.manage.choices import choice
from auctionhouse.manage.forms.fields import AmountField, InCurrency, TextField, WordsField
from auctionxchange.i18n import lazy_gettext as _l

_NEEDED = _l("Please fill this in.")


class ClientForm(FlaskForm):
    """Somebody who buys or sells, with or without an account."""

    name = TextField(_l("Name"), validators=[InputRequired(_NEEDED)])
    company = TextField(_l("Company"))
    email = TextField(
        _l("E-mail"),
        validators=[
            Optional(),
            Regexp(r"^[^@\s]+@[^@\s]+\.[^@\s]+$", message=_l("This is no e-mail address.")),
        ],
    )
    phone = TextField(_l("Telephone"), longest=60)
    notes = WordsField(_l("Notes"), description=_l("Seen by staff alone."))


class ReasonForm(FlaskForm):
    """Why somebody is declined, suspended or blocked."""

    reason = TextField(_l("Reason"))


class BlockForm(ReasonForm):
    """Why a member is kept out."""

    reason = TextField(
        _l("Reason"),
        validators=[InputRequired(_l("Say why: the reason is kept with the member."))],
    )


class RolesForm(FlaskForm):
    """What a member may do at the house."""

    roles = SelectMultipleField(
        _l("Roles"),
        choices=[
            choice("owner", _l("Owner: everything, and who works here")),
            choice("clerk", _l("Clerk: sales, lots, clients, registrations and money")),
            choice("bidder", _l("Bidder: registers for sales and bids")),
        ],
        option_widget=CheckboxInput(),
    )


class LimitForm(InCurrency):
    """How far a client may bid on one lot."""

    bid_limit = AmountField(_l("Limit for one lot"))


class ConditionsForm(FlaskForm):
    """The next version of the house's conditions."""

    title = TextField(_l("Title"), validators=[InputRequired(_NEEDED)])
    body = TextAreaField(
        _l("Text"),
        validators=[InputRequired(_NEEDED)],
        description=_l("Markdown is understood. A published version never changes."),
    )


class ClientBidForm(InCurrency):
    """A bid placed by staff on behalf of a client; its token makes a second click harmless."""

    token = HiddenField(default=lambda: str(uuid.uuid4()), validators=[UUID()])
    confirmed = HiddenField()
    lot_id = SelectField(_l("Lot"), coerce=int, validators=[InputRequired(_NEEDED)])
    client_id = SelectField(_l("On behalf of"), coerce=int, validators=[InputRequired(_NEEDED)])
    maximum = AmountField(_l("Bid up to"), validators=[InputRequired(_NEEDED)])
    pieces = IntegerField(_l("Pieces"), default=1, validators=[Optional(), NumberRange(min=1)])

    @property
    def wanted(self) -> int:
        """Return for how many pieces, where the lots of the sale may be shared."""
        return int(self["pieces"].data or 1) if "pieces" in self else 1
