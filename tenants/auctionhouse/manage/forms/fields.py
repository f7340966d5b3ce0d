"""Fields that read money in a sale's currency and times in the house's zone."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from flask_wtf import FlaskForm
from wtforms import DateTimeLocalField, Field, StringField, TextAreaField, ValidationError
from wtforms.widgets import TextInput

from auctionxchange.accounts.forms import no_card_number
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n.formats import house_zone
from auctionxchange.kernel.money import AmountInvalid, Currency, decimal_string, parse_amount

_TYPED = "%Y-%m-%dT%H:%M"


class InCurrency(FlaskForm):
    """A form whose amounts are typed in one currency."""

    def __init__(self, *args: Any, unit: Currency, **options: Any) -> None:
        super().__init__(*args, meta={"unit": unit}, **options)
        self.unit = unit


class AmountField(Field):
    """An amount in minor units, or None where nothing was typed; read in the form's unit."""

    widget = TextInput()

    @property
    def unit(self) -> Currency:
        """Return the currency of the form the field stands in."""
        unit: Currency = self.meta.unit
        return unit

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        if self.data is None:
            return ""
        return decimal_string(self.data, self.unit)

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not text:
            return
        try:
            self.data = parse_amount(text, self.unit)
        except AmountInvalid as error:
            raise ValueError(error.message()) from error


class MomentField(DateTimeLocalField):
    """A time typed in the house's zone, kept in UTC."""

    def process_data(self, value: Any) -> None:
        self.data = None if value is None else value.astimezone(house_zone())

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not text:
            return
        try:
            typed = datetime.strptime(text[:16], _TYPED)  # noqa: DTZ007 - the zone is added below
        except ValueError as error:
            raise ValueError(_("Write day and time, for example 2026-05-31 18:00.")) from error
        local = typed.replace(tzinfo=house_zone())
        moment = local.astimezone(UTC)
        if moment.astimezone(house_zone()).replace(tzinfo=None) != typed:
            raise ValueError(_("The clocks go forward over this time; choose another."))
        self.data = moment

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return self.data.strftime(_TYPED) if self.data else ""


class TextField(StringField):
    """A line of text, trimmed, of a length that fits; empty text is never None.

    A card number is refused, whoever types it about whom.
    """

    refuses_cards: ClassVar[bool] = True

    def __init__(self, *args: Any, longest: int = 300, **options: Any) -> None:
        super().__init__(*args, **options)
        self.longest = longest

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = " ".join(valuelist[0].split()) if valuelist else ""

    def pre_validate(self, form: Any) -> None:
        if self.data and len(self.data) > self.longest:
            raise ValidationError(_("At most %(n)s characters.", n=self.longest))
        if self.refuses_cards:
            no_card_number(form, self)


class NumberedTextField(TextField):
    """A line that may be all digits: about a lot, a parcel or an account at a bank."""

    refuses_cards = False


class WordsField(TextAreaField):
    """A longer text about people or to them, in which a card number is refused."""

    def pre_validate(self, form: Any) -> None:
        no_card_number(form, self)


def cleaned(text: str | None) -> str:
    """Trim a longer text and write its line ends one way."""
    return (text or "").replace("\r\n", "\n").strip()
