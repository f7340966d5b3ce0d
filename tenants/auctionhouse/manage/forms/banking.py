"""Forms of bank statements: the file, its columns, setting a line aside."""

from collections.abc import Sequence
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField
from wtforms.validators import DataRequired, InputRequired

from auctionhouse.banking.csv_files import DATES, Columns
from auctionhouse.manage.choices import choice
from auctionhouse.manage.forms.fields import TextField
from auctionxchange.i18n import lazy_gettext as _l

_NEEDED = _l("Please fill this in.")


class StatementForm(FlaskForm):
    """A file of the bank's, and whose account it is of."""

    entity_id = SelectField(_l("Legal entity"), coerce=int, validators=[InputRequired(_NEEDED)])
    file = FileField(
        _l("Statement"),
        validators=[FileRequired(_NEEDED)],
        description=_l("CAMT.053, MT940 or CSV, at most 5 MB."),
    )


class ColumnsForm(FlaskForm):
    """Which column of a CSV holds what."""

    day = SelectField(_l("Day"), validators=[InputRequired(_NEEDED)])
    date_format = SelectField(_l("Days are written"))
    amount = SelectField(_l("Amount, with a sign"))
    money_in = SelectField(
        _l("Money in"), description=_l("Where in and out have their own column.")
    )
    money_out = SelectField(_l("Money out"))
    payer = SelectField(_l("Who paid"))
    reference = SelectField(_l("Reference"))
    payer_account = SelectField(_l("Payer’s account"))

    def offer(self, heads: Sequence[str]) -> None:
        """Offer a file's headings for each column."""
        columns = [choice("", "–"), *(choice(head, head) for head in heads)]
        for field in self:
            if field.short_name == "date_format":
                field.choices = [choice("", _l("As the file has it")), *map(_day_choice, DATES)]
            elif isinstance(field, SelectField):
                field.choices = columns

    def columns(self) -> Columns:
        """Return what was chosen."""
        names = Columns(day="").told()
        return Columns(**{name: self[name].data or "" for name in names})


def _day_choice(form: str) -> Any:
    from datetime import date  # noqa: PLC0415 - one day that shows each way of writing

    return choice(form, date(2026, 11, 24).strftime(form))


class AsideForm(FlaskForm):
    """What a line is that pays no invoice."""

    note = TextField(
        _l("What it is"), validators=[DataRequired(_NEEDED)],
        description=_l("Such as: transfer between own accounts."), longest=500,
    )  # fmt: skip
