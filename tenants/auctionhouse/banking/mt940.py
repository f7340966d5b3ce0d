"""Reading MT940, by the library that knows the banks' dialects of it."""

from typing import Any

import mt940  # type: ignore[import-not-found,import-untyped,unused-ignore]

from auctionhouse.banking.lines import FileUnreadable, Line, StatementRead
from auctionxchange.kernel.money import currency

UNREADABLE = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What the library raises for what it cannot read."""


def read_mt940(content: bytes) -> list[StatementRead]:
    """Return the file's statements; raises FileUnreadable."""
    text = content.decode("utf-8-sig", errors="replace")
    # The library takes a text of one line for a file's name.
    if "\n" not in text or ":20:" not in text:
        raise FileUnreadable("mt940")
    try:
        return [_statement(found) for found in mt940.parse_statements(text)]
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        RuntimeError,
        TypeError,
        ValueError,
    ) as error:
        raise FileUnreadable("mt940") from error


def _statement(found: Any) -> StatementRead:
    account = str(found.data.get("account_identification") or "")
    lines = [_line(one.data) for one in found if one.data.get("amount") is not None]
    opening = found.data.get("final_opening_balance") or found.data.get("opening_balance")
    unit = lines[0].currency if lines else str(opening.amount.currency if opening else "")
    return StatementRead(account, unit, lines)


def _line(data: dict[str, Any]) -> Line:
    money = data["amount"]
    unit = currency(str(money.currency))
    scaled = money.amount.scaleb(unit.exponent)
    if scaled != scaled.to_integral_value():
        raise FileUnreadable("amount")
    details = str(data.get("transaction_details") or "")
    references = (data.get("customer_reference"), data.get("purpose") or details.replace("\n", " "))
    return Line(
        booked_on=_day(data.get("entry_date") or data["date"]),
        amount=int(scaled),
        currency=unit.code,
        payer=str(data.get("applicant_name") or ""),
        payer_account=str(data.get("applicant_iban") or data.get("applicant_bin") or ""),
        reference=" ".join(str(one) for one in references if one and one != "NONREF"),
        bank_reference=str(data.get("bank_reference") or ""),
    )


def _day(found: Any) -> Any:
    from datetime import date  # noqa: PLC0415 - the library's own type is narrowed here

    return date(found.year, found.month, found.day)
