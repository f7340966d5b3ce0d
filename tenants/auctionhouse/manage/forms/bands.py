"""An increment table as rows of two fields; rows are added and removed by buttons of the page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from wtforms import Field, ValidationError

from auctionxchange.i18n import gettext as _
from auctionxchange.kernel.money import AmountInvalid, Currency, decimal_string, parse_amount

MOST_BANDS = 100
BLANK_ROWS = 3


@dataclass(slots=True)
class Row:
    """A row as typed, and what is wrong with it."""

    start: str = ""
    step: str = ""
    error: str = ""

    @property
    def blank(self) -> bool:
        """Tell whether nothing was typed."""
        return not self.start.strip() and not self.step.strip()


class BandsField(Field):
    """The table in minor units as [[from, step], …]; None where a row is wrong."""

    rows: list[Row]

    @property
    def unit(self) -> Currency:
        """Return the currency of the form the field stands in."""
        unit: Currency = self.meta.unit
        return unit

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:  # noqa: ARG002 - WTForms' own signature
        """Take the rows as posted, else the stored table."""
        self.process_errors: list[str] = []
        starts = formdata.getlist(f"{self.name}-from") if formdata else []
        steps = formdata.getlist(f"{self.name}-step") if formdata else []
        if starts or steps:
            self.rows = [Row(*texts) for texts in zip(starts, steps, strict=False)][:MOST_BANDS]
        else:
            self.show(data or [])
        self.data = self._read()

    def show(self, bands: Iterable[Sequence[int]]) -> None:
        """Put a table into the rows instead of what stood there."""
        self.rows = [
            Row(_short(start, self.unit), _short(step, self.unit)) for start, step in bands
        ]
        self.rows = self.rows or [Row("0"), *(Row() for _blank in range(BLANK_ROWS))]
        self.data = self._read()

    def add_row(self) -> None:
        """Add an empty row."""
        self.rows.append(Row())

    def remove_row(self, place: int) -> None:
        """Take a row away, counted from 0."""
        if 0 <= place < len(self.rows):
            del self.rows[place]
        self.data = self._read()

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - WTForms' own signature
        """Refuse a table that cannot be bid by; the rows say where it is wrong."""
        if self.data is None:
            wrong = [str(place) for place, row in enumerate(self.rows, start=1) if row.error]
            raise ValidationError(_("Look at row %(rows)s.", rows=", ".join(wrong)))
        if not self.data:
            raise ValidationError(_("Give at least one increment, starting from 0."))

    def _read(self) -> list[list[int]] | None:
        """Read the rows that are not blank, and say in a row what is wrong with it."""
        filled = [row for row in self.rows if not row.blank]
        bands = [self._band(row) for row in filled]
        if filled and bands[0] and bands[0][0] != 0:
            filled[0].error = _("The first row must start from 0.")
        for (before, _earlier), (band, row) in pairwise(zip(bands, filled, strict=True)):
            if before and band and band[0] <= before[0]:
                row.error = _(
                    "A row must start above the one before it, %(start)s.",
                    start=_short(before[0], self.unit),
                )
        read = [band for band in bands if band is not None]
        return None if any(row.error for row in filled) else read

    def _band(self, row: Row) -> list[int] | None:
        if not row.start.strip() or not row.step.strip():
            row.error = _("Give both: from which price, and the step.")
            return None
        try:
            start, step = parse_amount(row.start, self.unit), parse_amount(row.step, self.unit)
        except AmountInvalid as error:
            row.error = error.message()
            return None
        row.error = "" if step > 0 else _("The step must be more than nothing.")
        return [start, step]


def _short(minor: int, unit: Currency) -> str:
    text = decimal_string(minor, unit)
    whole, _point, cents = text.partition(".")
    return whole if not cents.strip("0") else text
