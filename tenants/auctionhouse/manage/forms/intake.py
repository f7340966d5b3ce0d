"""The receipt for what a consignor brings."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import DateField, HiddenField
from wtforms.validators import InputRequired

from auctionhouse.consignors.operations.intake import Received
from auctionhouse.manage.forms.fields import TextField, WordsField
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n import lazy_gettext as _l
from auctionxchange.kernel.errors import DomainError
from auctionxchange.kernel.money import Currency, parse_amount

COLUMNS = ("description", "quantity", "condition", "reserve")
ROWS, MOST_PIECES, LONGEST = 5, 100_000, 2_000


class IntakeForm(FlaskForm):
    """When and where; the things are rows."""

    token = HiddenField(default=lambda: secrets.token_urlsafe(12))
    received_on = DateField(_l("Received on"), validators=[InputRequired()])
    place = TextField(_l("Where"))
    note = WordsField(_l("Notes"), description=_l("Printed on the receipt."))


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A row as typed, and what is wrong with it."""

    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.typed.get(name, "")


def rows_typed(form: MultiDict[str, str]) -> list[ItemRow]:
    """Return the rows of a sent form."""
    columns = {name: form.getlist(f"item-{name}") for name in COLUMNS}
    count = max(len(values) for values in columns.values())
    return [
        ItemRow(
            {
                name: values[place].strip() if place < len(values) else ""
                for name, values in columns.items()
            }
        )
        for place in range(count)
    ]


def read_rows(rows: Sequence[ItemRow], unit: Currency) -> tuple[list[Received], list[ItemRow]]:
    """Read rows as things received; empty ones are left out, wrong ones say what is wrong."""
    things, looked = [], []
    for row in rows:
        if not any(row[name] for name in COLUMNS):
            continue
        errors = {}
        quantity, reserve = row["quantity"] or "1", None
        if not row["description"] or len(row["description"]) > LONGEST:
            errors["description"] = _("Say what it is.")
        if not (quantity.isascii() and quantity.isdigit() and 0 < int(quantity) <= MOST_PIECES):
            errors["quantity"] = _("Write a whole number of at least 1.")
        try:
            reserve = parse_amount(row["reserve"], unit) if row["reserve"] else None
        except DomainError as refusal:
            errors["reserve"] = refusal.message()
        looked.append(ItemRow(row.typed, errors))
        if not errors:
            things.append(
                Received(row["description"], int(quantity), row["condition"], reserve or None)
            )
    return things, looked
