"""Forms of invoices, payments and legal entities."""

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
from wtforms.validators import InputRequired, NumberRange, Regexp
from wtforms.widgets import CheckboxInput

from auctionhouse.manage.choices import choice
from auctionhouse.manage.forms.fields import (
    AmountField,
    InCurrency,
    NumberedTextField,
    TextField,
    WordsField,
    cleaned,
)
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n import lazy_gettext as _l
from auctionxchange.kernel.errors import DomainError
from auctionxchange.kernel.money import currency

_NEEDED = _l("Please fill this in.")


class EntityForm(FlaskForm):
    """A company the house sells through."""

    name = TextField(_l("Name"), validators=[InputRequired(_NEEDED)])
    address = WordsField(_l("Address"), validators=[InputRequired(_NEEDED)])
    country = TextField(
        _l("Country"),
        validators=[
            InputRequired(_NEEDED),
            Regexp("^[A-Z]{2}$", message=_l("Two capital letters, such as FR.")),
        ],
        description=_l("Two letters, such as FR."),
    )
    vat_number = TextField(_l("VAT number"))
    series = TextField(
        _l("Series of invoices"),
        validators=[InputRequired(_NEEDED)],
        longest=20,
        description=_l("Stands before each number, such as UK-."),
    )
    credit_series = TextField(
        _l("Series of credit notes"), validators=[InputRequired(_NEEDED)], longest=20
    )
    bank = NumberedTextField(
        _l("Bank account of clients’ money"),
        description=_l("Printed on invoices. Another one takes effect once a colleague agrees."),
    )
    bank_reason = TextField(
        _l("Why the bank account changes"), description=_l("Only where it does."), longest=500
    )
    currency = TextField(_l("Currency"), validators=[InputRequired(_NEEDED)], longest=3)
    payment_days = IntegerField(
        _l("Days to pay"), default=7, validators=[InputRequired(_NEEDED), NumberRange(0, 365)]
    )

    def validate_currency(self, field: Any) -> None:
        """Refuse what is no currency."""
        try:
            currency(field.data)
        except DomainError as refusal:
            raise ValidationError(refusal.message()) from refusal

    def values(self) -> dict[str, Any]:
        """Return what was typed."""
        typed = {name: field.data for name, field in self._fields.items() if name != "csrf_token"}
        return {**typed, "address": cleaned(typed["address"])}


class SaleEntityForm(FlaskForm):
    """Which company a sale is sold by."""

    entity_id = SelectField(_l("Sold by"), coerce=int)


class PaymentForm(InCurrency):
    """Money that arrived."""

    token = HiddenField()
    amount = AmountField(_l("Amount"), validators=[InputRequired(_NEEDED)])
    method = SelectField(
        _l("How it was paid"),
        choices=[
            choice("transfer", _l("Bank transfer")),
            choice("cash", _l("Cash")),
            choice("terminal", _l("Card terminal")),
            choice("credit", _l("Credit with the house")),
        ],
    )
    received_on = DateField(_l("Received on"), validators=[InputRequired(_NEEDED)])
    reference = TextField(_l("Reference"))

    def validate_amount(self, field: Any) -> None:
        """Refuse a payment of nothing."""
        if not field.data:
            raise ValidationError(_("Type the amount that arrived."))


class BuyerForm(FlaskForm):
    """Who a pro-forma is made out to, and where the goods go."""

    name = TextField(_l("Name"), validators=[InputRequired(_NEEDED)])
    company = TextField(_l("Company"))
    address = WordsField(_l("Address"))
    country = TextField(_l("Country"))
    vat_number = TextField(_l("VAT number"))
    resale_certificate = TextField(
        _l("US resale certificate"), description=_l("With one, no sales tax is charged.")
    )
    place = TextField(_l("Place of delivery, for sales tax"))

    def buyer(self) -> dict[str, str]:
        """Return the buyer's particulars."""
        names = ("name", "company", "address", "country", "vat_number", "resale_certificate")
        return {name: cleaned(self[name].data) for name in names}


class CreditForm(FlaskForm):
    """Why an invoice is undone."""

    reason = TextField(
        _l("Reason, printed on the credit note"), validators=[InputRequired(_NEEDED)]
    )


class AllowanceForm(InCurrency):
    """What is taken off one charge of a released invoice; its token makes a second click harmless.

    A second click may name a charge the first one took off in whole, which is no choice any more.
    """

    token = HiddenField(default=lambda: secrets.token_urlsafe(12))
    place = SelectField(
        _l("Charge"), coerce=int, validators=[InputRequired(_NEEDED)], validate_choice=False
    )
    amount = AmountField(
        _l("Take off"),
        validators=[InputRequired(_NEEDED)],
        description=_l("Before tax; the tax on it goes with it."),
    )
    reason = TextField(
        _l("Reason, printed on the credit note"),
        validators=[InputRequired(_NEEDED)],
        longest=500,
    )


class ExportForm(FlaskForm):
    """Which lots left the country, and how that was proved."""

    lots = SelectMultipleField(
        _l("Lots"),
        coerce=int,
        option_widget=CheckboxInput(),
        validators=[InputRequired(_l("Tick at least one lot."))],
    )
    proof_on = DateField(_l("Export proved on"), validators=[InputRequired(_NEEDED)])
    reason = TextField(
        _l("Proof, printed on the credit note"),
        validators=[InputRequired(_NEEDED)],
        description=_l("Such as the number of the customs document."),
        longest=500,
    )
