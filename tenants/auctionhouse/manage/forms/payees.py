"""The rows of payees as staff type them: who gets what, into which account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import SelectField

from auctionhouse.consignors.accounts import BankAccount, read_account
from auctionhouse.consignors.operations.payees import NewPayee
from auctionhouse.consignors.refusals import AccountInvalid, PayeesInvalid
from auctionhouse.consignors.rules import read_share
from auctionhouse.manage.forms.fields import TextField
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n import lazy_gettext as _l
from auctionxchange.kernel.errors import DomainError
from auctionxchange.kernel.money import Currency, parse_amount

COLUMNS = (
    "rule", "name", "value", "reference", "kind", "iban", "bic", "sort_code", "number", "known",
)  # fmt: skip
MORE_ROWS = 2


@dataclass(frozen=True, slots=True)
class PayeeRow:
    """A row of the form: what was typed, the mask of a known account, and what is wrong."""

    typed: Mapping[str, str]
    masked: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Tell whether nothing was typed that matters."""
        return not any(self.typed.get(name) for name in COLUMNS if name not in {"rule", "kind"})

    def __getitem__(self, name: str) -> str:
        return self.typed.get(name, "")


def empty_row(rule: str = "share", kind: str = "uk") -> PayeeRow:
    """Return a row to fill in."""
    return PayeeRow({"rule": rule, "kind": kind})


def rows_typed(form: MultiDict[str, str], masks: Mapping[str, str]) -> list[PayeeRow]:
    """Return the rows of a sent form; masks are known accounts' by the payee they belong to."""
    columns = {name: form.getlist(f"payee-{name}") for name in COLUMNS}
    count = max(len(values) for values in columns.values())
    rows = []
    for place in range(count):
        typed = {
            name: values[place].strip() if place < len(values) else ""
            for name, values in columns.items()
        }
        rows.append(PayeeRow(typed, masks.get(typed["known"], "")))
    return rows


def read_rows(
    rows: Sequence[PayeeRow], known: Mapping[str, BankAccount], unit: Currency
) -> tuple[list[NewPayee], list[PayeeRow]]:
    """Read rows as payees; a row that cannot be read comes back with what is wrong."""
    payees, looked = [], []
    for row in rows:
        if row.empty:
            continue
        try:
            payees.append(_payee(row, known, unit))
            looked.append(row)
        except AccountInvalid as refusal:
            wrong = {refusal.fields["field"]: refusal.message()}
            looked.append(replace(row, errors=wrong))
        except PayeesInvalid as refusal:
            looked.append(replace(row, errors={refusal.fields["field"]: refusal.message()}))
    return payees, looked


def _payee(row: PayeeRow, known: Mapping[str, BankAccount], unit: Currency) -> NewPayee:
    rule: Any = row["rule"] if row["rule"] in {"share", "amount", "house"} else "share"
    account = None if rule == "house" else _account(row, known)
    share, amount = Fraction(), None
    if rule == "share":
        share = _share(row["value"] or "100%")
    else:
        amount = _amount(row["value"], unit)
    return NewPayee(
        rule=rule,
        name=row["name"],
        reference=row["reference"],
        share=share,
        amount=amount,
        currency=None if amount is None else unit.code,
        account=account,
    )


def _account(row: PayeeRow, known: Mapping[str, BankAccount]) -> BankAccount:
    """Read the bank details typed, or keep the known ones where none were."""
    if not any(row[name] for name in ("iban", "bic", "sort_code", "number")):
        kept = known.get(row["known"])
        if kept is not None:
            return kept
    return read_account(
        row["kind"], iban=row["iban"], bic=row["bic"], sort_code=row["sort_code"],
        number=row["number"],
    )  # fmt: skip


def _share(text: str) -> Fraction:
    try:
        return read_share(text)
    except ValueError as error:
        raise PayeesInvalid(
            None, "value", _("Write a share in per cent or as a fraction, such as 50 or 1/3.")
        ) from error


def _amount(text: str, unit: Currency) -> int:
    try:
        return parse_amount(text, unit)
    except DomainError as refusal:
        raise PayeesInvalid(None, "value", refusal.message()) from refusal


class PayeesForm(FlaskForm):
    """What is not in the rows: why, and the currency of fixed amounts."""

    currency = SelectField(_l("Currency of fixed amounts"))
    reason = TextField(
        _l("Reason"), description=_l("Read by whoever approves it, and kept."), longest=500
    )
