"""The form that opens a lot's book."""

from flask_wtf import FlaskForm
from wtforms.validators import InputRequired, Length

from auctionhouse.bidding.opened_book import LONGEST_REASON
from auctionhouse.manage.forms.fields import WordsField
from auctionxchange.i18n import lazy_gettext as _l


class OpenBookForm(FlaskForm):
    """Why the book is opened; the audit keeps it."""

    reason = WordsField(
        _l("Why you open it"),
        validators=[
            InputRequired(_l("Please fill this in.")),
            Length(max=LONGEST_REASON, message=_l("Please say it in 500 characters.")),
        ],
    )
