"""Forms of what needs two people: declining, switching a rule off, giving money back."""

import secrets
from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, SelectField, ValidationError
from wtforms.validators import DataRequired, InputRequired

from auctionhouse.approvals.operations import LONGEST_REASON
from auctionhouse.manage.choices import choice
from auctionhouse.manage.forms.fields import AmountField, InCurrency, TextField
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n import lazy_gettext as _l

_NEEDED = _l("Please fill this in.")


class DecideForm(FlaskForm):
    """The fingerprint of what the approver read."""

    digest = HiddenField()


class DeclineForm(FlaskForm):
    """Why a request is turned down."""

    note = TextField(
        _l("Why you decline"),
        validators=[DataRequired(_NEEDED)],
        description=_l("Who asked reads it."),
        longest=LONGEST_REASON,
    )


class SwitchForm(FlaskForm):
    """Why one person is to be enough from now on."""

    reason = TextField(_l("Reason"), validators=[DataRequired(_NEEDED)], longest=LONGEST_REASON)


class RefundForm(InCurrency):
    """How much is given back, and why; its token makes a second click harmless."""

    token = HiddenField(default=lambda: secrets.token_urlsafe(12))
    amount = AmountField(_l("Amount"), validators=[InputRequired(_NEEDED)])
    reason = TextField(
        _l("Reason"),
        validators=[DataRequired(_NEEDED)],
        description=_l("Kept with the refund, and read by whoever approves it."),
        longest=LONGEST_REASON,
    )

    def validate_amount(self, field: Any) -> None:
        """Refuse to give nothing back."""
        if not field.data:
            raise ValidationError(_("Type the amount to give back."))


class RepayForm(RefundForm):
    """How money is given back that did not come by card."""

    method = SelectField(
        _l("How it is given back"),
        choices=[
            choice("transfer", _l("Bank transfer")),
            choice("cash", _l("Cash")),
            choice("terminal", _l("Card terminal")),
        ],
    )
    paid_on = DateField(_l("Given back on"), validators=[InputRequired(_NEEDED)])
    reference = TextField(_l("Reference"))
