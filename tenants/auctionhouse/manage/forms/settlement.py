"""Forms of statements, payout runs and the settings of paying vendors."""

import secrets
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from auctionhouse.approvals.operations import LONGEST_REASON
from auctionhouse.consignors.accounts import BankAccount, read_account
from auctionhouse.consignors.refusals import AccountInvalid
from auctionhouse.manage.choices import choice
from auctionhouse.manage.forms.fields import AmountField, InCurrency, NumberedTextField, TextField
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n import lazy_gettext as _l

_NEEDED = _l("Please fill this in.")
LONGEST_DELAY = 365


class Ticks(SelectMultipleField):
    """Several of some choices, each with a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class CounterForm(FlaskForm):
    """Which lots of a statement are undone, and why."""

    lots = Ticks(_l("Lots"), coerce=int, validators=[DataRequired(_l("Tick at least one lot."))])
    reason = TextField(
        _l("Reason, printed on the counter-statement"), validators=[DataRequired(_NEEDED)]
    )


class HoldForm(FlaskForm):
    """Which lot's money is kept back, and why."""

    lot_id = SelectField(_l("Lot"), coerce=int, validators=[InputRequired(_NEEDED)])
    reason = TextField(_l("Reason"), validators=[DataRequired(_NEEDED)], longest=500)


class ContraForm(InCurrency):
    """How much of a client's own invoice is paid from what is payable to them."""

    token = HiddenField(default=lambda: secrets.token_urlsafe(12))
    invoice_id = SelectField(_l("Invoice"), coerce=int, validators=[InputRequired(_NEEDED)])
    amount = AmountField(_l("Amount"), validators=[InputRequired(_NEEDED)])

    def validate_amount(self, field: Any) -> None:
        """Refuse a contra of nothing."""
        if not field.data:
            raise ValidationError(_("Type the amount."))


class ReturnedForm(InCurrency):
    """Money a consignor paid to the house."""

    token = HiddenField(default=lambda: secrets.token_urlsafe(12))
    entity_id = SelectField(_l("Legal entity"), coerce=int, validators=[InputRequired(_NEEDED)])
    amount = AmountField(_l("Amount"), validators=[InputRequired(_NEEDED)])
    reason = TextField(_l("For what"), validators=[DataRequired(_NEEDED)])

    def validate_amount(self, field: Any) -> None:
        """Refuse nothing."""
        if not field.data:
            raise ValidationError(_("Type the amount."))


class ProposeForm(FlaskForm):
    """Who is paid, how and when; the choice of consignors stands in the list."""

    method = SelectField(
        _l("How"),
        choices=[
            choice("sepa", _l("SEPA file (pain.001)")),
            choice("bacs", _l("Bacs file (Standard 18)")),
            choice("hand", _l("By hand, at the bank")),
        ],
    )
    pay_on = DateField(_l("Day of payment"), validators=[InputRequired(_NEEDED)])
    reason = TextField(
        _l("Reason"),
        validators=[DataRequired(_NEEDED)],
        description=_l("Read by whoever approves it, and kept."),
        longest=LONGEST_REASON,
    )


class AskAgainForm(FlaskForm):
    """Why a proposed run or version is asked for again."""

    reason = TextField(_l("Reason"), validators=[DataRequired(_NEEDED)], longest=LONGEST_REASON)


class BankReasonForm(FlaskForm):
    """Why a payment came back, as its bank says; the form around it is the one that is checked."""

    why = TextField(_l("The bank’s reason"), longest=LONGEST_REASON)


class RetryForm(FlaskForm):
    """To which payee a payment that came back is made again, and when."""

    payee_id = SelectField(_l("To"), coerce=int, validators=[InputRequired(_NEEDED)])
    pay_on = DateField(_l("Day of payment"), validators=[InputRequired(_NEEDED)])
    reason = TextField(_l("Reason"), validators=[DataRequired(_NEEDED)], longest=LONGEST_REASON)


class PayWhenForm(FlaskForm):
    """When vendors are paid."""

    reserve_days = IntegerField(
        _l("Days after the sale"),
        validators=[InputRequired(_NEEDED), NumberRange(0, LONGEST_DELAY)],
        description=_l("Before that nothing is payable, whatever buyers have paid."),
    )
    bank_days = IntegerField(
        _l("Days that new bank details wait"),
        validators=[InputRequired(_NEEDED), NumberRange(0, LONGEST_DELAY)],
    )
    pay_when = SelectField(
        _l("A buyer has paid"),
        choices=[
            choice("invoice_paid", _l("when the whole invoice is paid")),
            choice("hammer_covered", _l("when the lot’s hammer price is paid")),
        ],
    )


class PayerForm(FlaskForm):
    """An entity as the one who pays; an empty account keeps the known one."""

    series = TextField(
        _l("Series of statements"), validators=[DataRequired(_NEEDED)], longest=20,
        description=_l("Stands before each number, such as S-."),
    )  # fmt: skip
    holder = TextField(_l("Name of the account"), validators=[DataRequired(_NEEDED)], longest=70)
    kind = SelectField(
        _l("Kind of account"),
        choices=[choice("uk", _l("Sort code and number")), choice("iban", _l("IBAN"))],
    )
    iban = NumberedTextField(_l("IBAN"), longest=42)
    bic = TextField(_l("BIC"), longest=11)
    sort_code = TextField(_l("Sort code"), longest=8)
    number = NumberedTextField(_l("Account number"), longest=10)
    bacs_user = TextField(_l("Bacs service user number"), longest=6)
    bank_reason = TextField(
        _l("Why the bank account changes"),
        description=_l("Only where it does. It takes effect once a colleague agrees."),
        longest=500,
    )

    def account(self) -> BankAccount | None:
        """Return the account typed, or None; a wrong one stands beside its field."""
        typed = {name: self[name].data or "" for name in ("iban", "bic", "sort_code", "number")}
        if not any(typed.values()):
            return None
        try:
            return read_account(self.kind.data or "uk", **typed)
        except AccountInvalid as refusal:
            self.refuse(refusal.fields["field"], refusal.message())
            return None

    def refuse(self, name: str, problem: str) -> None:
        """Put a refusal beside its field."""
        self[name].errors = [*self[name].errors, problem]
