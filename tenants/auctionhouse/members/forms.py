"""The form of a member's own details."""

from flask_wtf import FlaskForm
from wtforms import SelectField

from auctionxchange.accounts.forms import NameField
from auctionxchange.kernel.translation import lazy_gettext as _


class ProfileForm(FlaskForm):
    """Name and language."""

    name = NameField()
    locale = SelectField(_("Language of pages and mails"))
