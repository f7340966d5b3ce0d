"""Forms of agreements with consignors."""

import re
from collections.abc import Mapping
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Optional

from auctionhouse.manage.choices import choice
from auctionhouse.manage.forms.fields import TextField, WordsField
from auctionhouse.manage.forms.money import bands_as_typed, pairs_typed, plain_typed
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n import lazy_gettext as _l

_NEEDED = _l("Please fill this in.")
_FEE = re.compile(r"(?P<value>[0-9.,  ]+)\s*(?P<percent>%?)\s*(?P<word>[a-z]*)")


class AgreementForm(FlaskForm):
    """What a consignor agrees to; entity_id is there for a new agreement alone."""

    entity_id = SelectField(_l("Legal entity"), coerce=int, validators=[Optional()])
    commission = TextAreaField(
        _l("Commission"),
        default="0: 15",
        validators=[InputRequired(_NEEDED)],
        description=_l("One line for each band: from price: per cent. The first starts from 0."),
    )
    minimum = TextField(_l("Least commission on a lot"))
    maximum = TextField(_l("Highest commission on a lot"))
    fees = TextAreaField(
        _l("Fees"),
        description=_l(
            "One line for each fee: its name, a colon, an amount or a rate with its sign, and"
            " sold, unsold, withdrawn, always or once; for example “Unsold lot: 10 unsold”."
        ),
    )
    vat_registered = BooleanField(_l("The consignor is registered for VAT"))
    declaration = BooleanField(
        _l("The consignor declared the goods eligible for the margin scheme"), default=True
    )
    resale_right = SelectField(
        _l("A royalty that the buyer does not bear"),
        choices=[
            choice("sale", _l("as the conditions of the sale say")),
            choice("seller", _l("borne by the seller")),
            choice("house", _l("borne by the house")),
        ],
    )
    note = WordsField(_l("Notes"), description=_l("Printed on the agreement."))

    def terms(self) -> dict[str, Any]:
        """Return the agreement as the vendor of a calculation file."""
        told = {
            "commission": pairs_typed(self.commission.data),
            "minimum": plain_typed(self.minimum),
            "maximum": plain_typed(self.maximum),
            "fees": [_fee(row) for row in _rows(self.fees.data)],
            "vat_registered": bool(self.vat_registered.data),
            "declaration": bool(self.declaration.data),
        }
        return {name: value for name, value in told.items() if value is not None}

    def refuse(self, key: str, problem: str) -> None:
        """Put a refusal beside the field its key belongs to."""
        for name in ("commission", "minimum", "maximum", "fees"):
            if key.startswith(f"vendor.{name}"):
                self[name].errors = [*self[name].errors, problem]
                return
        self.form_errors.append(problem)


class SignForm(FlaskForm):
    """Who signed, and when."""

    signed_by = TextField(_l("Signed by"), validators=[DataRequired(_NEEDED)])
    signed_on = DateField(_l("Signed on"), validators=[InputRequired(_NEEDED)])


def agreement_as_typed(terms: Mapping[str, Any]) -> dict[str, Any]:
    """Return an agreement's terms as the form's fields hold them."""
    return {
        "commission": bands_as_typed(terms.get("commission") or []),
        "minimum": terms.get("minimum") or "",
        "maximum": terms.get("maximum") or "",
        "fees": "\n".join(_fee_as_typed(fee) for fee in terms.get("fees") or []),
        "vat_registered": terms.get("vat_registered", False),
        "declaration": terms.get("declaration", True),
    }


def _rows(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def _fee(row: str) -> dict[str, Any]:
    """Read a line such as “Insurance: 1.5% always”; what cannot be read is refused later."""
    name, _colon, rest = (part.strip() for part in row.rpartition(":"))
    found = _FEE.fullmatch(rest.lower())
    if found is None:
        return {"name": name or _("Fee"), "amount": rest or "-"}
    fee: dict[str, Any] = {"name": name or _("Fee")}
    fee["percent" if found["percent"] else "amount"] = re.sub(r"[,  ]", "", found["value"])
    if found["word"] == "once":
        return {**fee, "per": "invoice"}
    return {**fee, "when": found["word"]} if found["word"] else fee


def _fee_as_typed(fee: Mapping[str, Any]) -> str:
    value = fee.get("amount") or f"{fee['percent']}%"
    word = "once" if fee.get("per") == "invoice" else fee.get("when", "sold")
    return f"{fee['name']}: {value} {word}"
