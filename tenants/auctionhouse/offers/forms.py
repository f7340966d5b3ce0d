"""Forms with which bidders answer offers; making one is a form of the lot's page."""

from wtforms import HiddenField
from wtforms.validators import Optional

from auctionhouse.manage.forms.fields import AmountField, InCurrency
from auctionxchange.i18n import lazy_gettext as _l


class AnswerForm(InCurrency):
    """An answer says which amount it is about; a counter-offer has one of its own."""

    amount = HiddenField()
    counter = AmountField(_l("Your counter-offer"), validators=[Optional()])
