"""Forms of what follows a release: late charges, non-payers, deposits, handing over."""

import secrets
from decimal import Decimal
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    DecimalField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    ValidationError,
)
from wtforms.validators import InputRequired, NumberRange, Optional

from auctionhouse.manage.choices import choice
from auctionhouse.manage.forms.fields import (
    AmountField,
    InCurrency,
    NumberedTextField,
    TextField,
    WordsField,
)
from auctionhouse.manage.forms.invoices import BuyerForm
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n import lazy_gettext as _l

_NEEDED = _l("Please fill this in.")
LONGEST_SCHEDULE = 10
LONGEST_DAYS = 365


class GivenReasonForm(FlaskForm):
    """An act that needs its reason."""

    reason = TextField(_l("Reason"), validators=[InputRequired(_NEEDED)], longest=500)


class CancelSaleForm(GivenReasonForm):
    """Why a sale is cancelled, for the house and for everybody."""

    notice = TextField(
        _l("Notice in the lot’s history"),
        validators=[InputRequired(_NEEDED)],
        description=_l("Everybody reads it; name nobody."),
    )


class ReissueForm(BuyerForm):
    """What the invoice should have said."""

    client_id = IntegerField(
        _l("Another client’s number"),
        validators=[Optional(), NumberRange(1)],
        description=_l("Empty: the same buyer, whose payments then pay the new invoice."),
    )
    reason = TextField(
        _l("Reason, printed on the credit note"), validators=[InputRequired(_NEEDED)]
    )


class DaysField(StringField):
    """Days as numbers with commas between, such as 3, 10, 21."""

    data: Any

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return ", ".join(str(day) for day in self.data or [])

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = [part.strip() for part in (valuelist[0] if valuelist else "").split(",")]
        typed = [part for part in typed if part]
        self.data = []
        if len(typed) > LONGEST_SCHEDULE:
            raise ValueError(_("At most ten reminders."))
        for part in typed:
            if not (part.isascii() and part.isdigit() and 0 < int(part) <= LONGEST_DAYS):
                raise ValueError(_("Write days as numbers from 1 to 365, such as 3, 10, 21."))
            self.data.append(int(part))


class CollectingForm(InCurrency):
    """How a legal entity collects."""

    reminder_days = DaysField(
        _l("Reminders, days after the due day"),
        description=_l("Such as 3, 10, 21. Empty: none are sent."),
    )
    interest_reference = DecimalField(
        _l("Reference rate in per cent a year"),
        validators=[Optional(), NumberRange(-5, 100)],
        description=_l("As your central bank or law states it; change it when it changes."),
    )
    interest_margin = DecimalField(
        _l("Margin above it in per cent"), validators=[Optional(), NumberRange(0, 100)]
    )
    interest_after_days = IntegerField(
        _l("Days after the due day without interest"),
        default=0,
        validators=[InputRequired(_NEEDED), NumberRange(0, 365)],
    )
    storage_after_days = IntegerField(
        _l("Days of free storage"),
        validators=[Optional(), NumberRange(0, 3650)],
        description=_l("Counted from the invoice. Empty: storage costs nothing."),
    )
    storage_fee = AmountField(_l("Storage for each lot and day"))
    storage_vat = DecimalField(
        _l("VAT on storage in per cent"), default=Decimal(0), validators=[NumberRange(0, 100)]
    )
    at_close = SelectField(
        _l("Invoices of a closed sale"),
        choices=[
            choice("nothing", _l("Staff make the invoices")),
            choice("draft", _l("Make pro-formas")),
            choice("release", _l("Make and release invoices")),
        ],
    )
    charge = SelectField(
        _l("Charge winners’ cards"),
        choices=[
            choice("nothing", _l("Never on their own")),
            choice("invoice", _l("For released invoices")),
            choice("proforma", _l("For pro-formas too; paying releases them")),
        ],
    )
    charge_up_to = AmountField(
        _l("Up to"), description=_l("What is more is paid by bank transfer or by link.")
    )
    charge_after_hours = IntegerField(
        _l("Hours to wait before"),
        default=24,
        validators=[InputRequired(_NEEDED), NumberRange(0, 720)],
    )
    link_days = IntegerField(
        _l("Days a link to pay is good for"),
        default=3,
        validators=[InputRequired(_NEEDED), NumberRange(1, 60)],
    )

    def validate_interest_margin(self, field: Any) -> None:
        """Ask for both parts of a rate, or for neither."""
        if (field.data is None) != (self.interest_reference.data is None):
            raise ValidationError(_("Fill in both the reference rate and the margin, or neither."))

    def validate_storage_fee(self, field: Any) -> None:
        """Ask for a fee where storage is charged."""
        if (field.data is None) != (self.storage_after_days.data is None):
            raise ValidationError(_("Fill in both the free days and the fee, or neither."))

    def validate_charge_up_to(self, field: Any) -> None:
        """Ask for a limit where cards are charged."""
        if self.charge.data != "nothing" and not field.data:
            raise ValidationError(_("Set a limit: larger sums are never charged on their own."))

    def values(self) -> dict[str, Any]:
        """Return what was typed."""
        return {name: field.data for name, field in self._fields.items() if name != "csrf_token"}


class CreditRefundForm(InCurrency):
    """A buyer's credit that was paid back."""

    token = HiddenField(default=lambda: secrets.token_urlsafe(12))
    entity_id = HiddenField()
    amount = AmountField(_l("Amount"), validators=[InputRequired(_NEEDED)])
    paid_on = DateField(_l("Paid on"), validators=[InputRequired(_NEEDED)])
    reference = TextField(_l("Reference"))
    reason = TextField(_l("Reason"), validators=[InputRequired(_NEEDED)], longest=500)


class DepositForm(InCurrency):
    """What a sale asks of bidders who want to bid high."""

    way = SelectField(
        _l("Bidders leave"),
        choices=[
            choice("", _l("Nothing")),
            choice("hold", _l("A hold on their card")),
            choice("deposit", _l("A deposit by card")),
        ],
    )
    amount = AmountField(_l("Amount"))
    above = AmountField(
        _l("To bid on one lot above"), description=_l("Up to this nothing is asked.")
    )

    def validate_way(self, field: Any) -> None:
        """Ask for both amounts where something is asked."""
        if field.data and not (self.amount.data and self.above.data):
            raise ValidationError(_("Fill in both amounts."))


class LotsForm(FlaskForm):
    """Lots of a release order that are ticked."""

    lots = SelectMultipleField(_l("Lots"), coerce=int)

    def validate_lots(self, field: Any) -> None:
        """Ask for one at least."""
        if not field.data:
            raise ValidationError(_("Tick the lots it is about."))


class CollectForm(LotsForm):
    """Lots that leave, and who takes them."""

    code = TextField(
        _l("Collection code"), longest=20, description=_l("Empty where you know who collects.")
    )
    collected_by = TextField(_l("Collected by"), validators=[InputRequired(_NEEDED)], longest=120)


class ParcelForm(LotsForm):
    """Lots that go into one parcel."""

    carrier = TextField(_l("Carrier"), longest=80)
    tracking = NumberedTextField(_l("Tracking number"), longest=80)
    contents = WordsField(_l("How it is packed"))


class HoldForm(GivenReasonForm):
    """Why nothing is handed over to a client."""

    kind = SelectField(
        _l("Hold"),
        choices=[choice("due_diligence", _l("Due diligence")), choice("other", _l("Other"))],
    )
