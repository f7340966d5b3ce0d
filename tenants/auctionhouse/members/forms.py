"""The form of a member's own details."""

from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from auctionxchange.accounts.forms import no_card_number
from auctionxchange.kernel.translation import lazy_gettext as _

LONGEST_NAME = 120


class ProfileForm(FlaskForm):
    """Name and language."""

    name = StringField(
        _("Name"),
        validators=[
            InputRequired(_("Tell us your name.")),
            Length(max=LONGEST_NAME),
            no_card_number,
        ],
        render_kw={"autocomplete": "name"},
    )
    locale = SelectField(_("Language of pages and mails"))
