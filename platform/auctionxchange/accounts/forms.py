"""The forms of registration, with a name, since a bidder is a person to the house."""

from flask_security.forms import RegisterFormV2
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from auctionxchange.kernel.translation import lazy_gettext as _

LONGEST_NAME = 120


class RegisterForm(RegisterFormV2):
    """Registration: address, password and name."""

    name = StringField(
        _("Name"),
        validators=[InputRequired(_("Tell us your name.")), Length(max=LONGEST_NAME)],
        render_kw={"autocomplete": "name"},
    )
