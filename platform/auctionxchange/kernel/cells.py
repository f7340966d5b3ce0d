"""Rows as a file for spreadsheets: text that no spreadsheet takes for a formula."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r")
MARK = "\ufeff"
"""By this a spreadsheet knows that the file is UTF-8."""


def safe_cell(value: Any) -> Any:
    """Return a value as a cell holds it: moments in ISO 8601, no formulas, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value


def csv_text(heads: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """Write rows below their heads as comma-separated values."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow([safe_cell(head) for head in heads])
    writer.writerows([safe_cell(value) for value in row] for row in rows)
    return MARK + written.getvalue()
