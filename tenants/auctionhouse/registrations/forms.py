"""The form by which a bidder accepts a sale's conditions."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField
from wtforms.validators import InputRequired

from auctionxchange.i18n import lazy_gettext as _l


class RegisterForm(FlaskForm):
    """One tick, and which version it is for."""

    conditions_id = HiddenField()
    accepted = BooleanField(
        _l("I have read and accept the conditions of sale"),
        validators=[
            InputRequired(_l("Tick this to accept the conditions; without it you cannot bid."))
        ],
    )
