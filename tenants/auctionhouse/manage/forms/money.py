"""Money terms as staff type them, and the lot and vendor of a trial."""

import re
from collections.abc import Mapping
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

from auctionhouse.manage.choices import choice
from auctionhouse.manage.forms.fields import TextField
from auctionhouse.money.resale_countries import LAWS
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n import lazy_gettext as _l

_BANDS = _l("One line for each band: from price: per cent. The first starts from 0.")
_NEEDED = _l("Please fill this in.")
_TREATMENTS = [
    choice("premium_only", _l("VAT on the premium")),
    choice("standard", _l("VAT on hammer price and premium (†)")),
    choice("margin", _l("Margin scheme")),
    choice("import_reduced", _l("Imported, reduced rate on the hammer price (*)")),
    choice("import_standard", _l("Imported, standard rate on the hammer price (Ω)")),
    choice("zero", _l("Zero-rated (◊)")),
    choice("outside", _l("Outside the scope of VAT")),
]


class MoneyTermsForm(FlaskForm):
    """What the conditions of a sale say about money."""

    premium = TextAreaField(_l("Buyer’s premium"), default="0: 25", description=_BANDS)
    premium_minimum = TextField(_l("Least premium"))
    premium_maximum = TextField(_l("Highest premium"))
    surcharge_percent = TextField(_l("Internet surcharge in per cent"))
    overhead_percent = TextField(_l("Overhead premium in per cent"))
    fees = TextAreaField(
        _l("Fees on each lot"),
        description=_l("One line for each fee: name: amount, or name: percentage%."),
    )
    treatment = SelectField(_l("VAT on lots that name nothing else"), choices=_TREATMENTS)
    vat_standard = TextField(_l("Standard rate in per cent"))
    vat_premium = TextField(_l("Rate on premium and fees in per cent"))
    vat_reduced = TextField(_l("Reduced import rate in per cent"))
    sales_tax = TextField(_l("US sales tax in per cent"))
    resale_country = SelectField(
        _l("Resale right by the law of"),
        choices=[choice("", _l("No resale right")), *(choice(c, c) for c in sorted(LAWS))],
    )
    resale_bearer = SelectField(
        _l("The royalty is borne by"),
        choices=[
            choice("buyer", _l("the buyer")),
            choice("seller", _l("the seller")),
            choice("house", _l("the house")),
        ],
    )
    resale_rate = TextField(
        _l("Rate of exchange"),
        description=_l(
            "How much of the sale’s currency one unit of the limits’ currency is worth."
        ),
    )
    round = SelectField(
        _l("Rounding"),
        choices=[
            choice("line", _l("each line of the invoice")),
            choice("invoice", _l("each charge once for the invoice")),
        ],
    )

    def told(self) -> dict[str, Any]:
        """Return the terms as a calculation file tells them; what is empty is left out."""
        tax = plain_typed(self.sales_tax)
        country = self.resale_country.data or None
        right = {
            "country": country,
            "borne_by": self.resale_bearer.data or None,
            "rate": plain_typed(self.resale_rate),
        }
        return {
            "premium": pairs_typed(self.premium.data),
            **{name: plain_typed(self[name]) for name in _PLAIN},
            "fees": _fees(self.fees.data),
            "vat": {name: plain_typed(self[f"vat_{name}"]) for name in _RATES},
            "sales_tax": {"percent": tax} if tax else None,
            "resale_right": right if country else None,
            "round": self.round.data or None,
        }

    def refuse(self, key: str, problem: str) -> None:
        """Put a refusal beside the field its key belongs to."""
        for name, field in _FIELD_OF.items():
            if key.startswith(name):
                self[field].errors = [*self[field].errors, problem]
                return
        self.form_errors.append(problem)


_PLAIN = ("premium_minimum", "premium_maximum", "surcharge_percent", "overhead_percent")
_RATES = ("standard", "premium", "reduced")
_FIELD_OF = {
    **{f"terms.{name}": name for name in _PLAIN},
    "terms.premium": "premium",
    "terms.fees": "fees",
    **{f"terms.vat.{name}": f"vat_{name}" for name in _RATES},
    "terms.sales_tax": "sales_tax",
    "terms.resale_right.rate": "resale_rate",
    "resale_right.rate": "resale_rate",
    "terms.resale_right": "resale_country",
    "resale_right": "resale_country",
    "terms.round": "round",
    "lots[1].hammer": "hammer",
    "lots[1].quantity": "quantity",
    "lots[1].artist": "nationality",
    "lots[1].bought": "bought_from_artist_on",
    "vendor.commission": "commission",
    "vendor.minimum": "commission_minimum",
}
SECTIONS = (
    (
        _l("What buyers pay"),
        ("premium", *_PLAIN, "fees"),
    ),
    (_l("Taxes"), ("treatment", "vat_standard", "vat_premium", "vat_reduced", "sales_tax")),
    (
        _l("Resale right and rounding"),
        ("resale_country", "resale_bearer", "resale_rate", "round"),
    ),
)


class TrialForm(MoneyTermsForm):
    """Terms with one lot and its vendor, to be tried without saving anything."""

    hammer = TextField(_l("Hammer price"), default="1000")
    quantity = TextField(_l("Pieces"), default="1")
    nationality = TextField(_l("Artist’s nationality"), description=_l("Two letters, such as FR."))
    died = TextField(_l("Artist died in"))
    bought_from_artist_on = TextField(
        _l("Seller bought from the artist on"), description=_l("A day such as 2026-03-01.")
    )
    commission = TextAreaField(_l("Vendor’s commission"), description=_BANDS)
    commission_minimum = TextField(_l("Least commission"))
    vat_registered = BooleanField(_l("The vendor is registered for VAT"))
    declaration = BooleanField(_l("The vendor declared the goods eligible for the margin scheme"))

    def line(self, unit: str) -> dict[str, Any]:
        """Return the trial as a line of a calculation file."""
        nation = plain_typed(self.nationality)
        return {
            "currency": unit,
            "lots": [
                {
                    "lot": "1",
                    "hammer": plain_typed(self.hammer) or "0",
                    "quantity": plain_typed(self.quantity),
                    "vat": self.treatment.data or None,
                    "artist": {"nationality": nation.upper(), "died": plain_typed(self.died)}
                    if nation
                    else None,
                    "bought_from_artist_on": plain_typed(self.bought_from_artist_on),
                }
            ],
            "terms": self.told(),
            "vendor": {
                "commission": pairs_typed(self.commission.data),
                "minimum": plain_typed(self.commission_minimum),
                "vat_registered": bool(self.vat_registered.data),
                "declaration": bool(self.declaration.data),
            },
        }


TRIAL_SECTIONS = (
    (
        _l("The lot"),
        ("hammer", "quantity", "nationality", "died", "bought_from_artist_on"),
    ),
    *SECTIONS,
    (
        _l("The vendor"),
        ("commission", "commission_minimum", "vat_registered", "declaration"),
    ),
)


class LotMoneyForm(FlaskForm):
    """What is particular to one lot."""

    vat = SelectField(
        _l("VAT"), choices=[choice("", _l("As the sale says")), *_TREATMENTS], default=""
    )
    artist_id = SelectField(_l("Artist, for the resale right"), coerce=int, default=0)
    bought_from_artist_on = DateField(
        _l("Seller bought from the artist on"), validators=[Optional()]
    )
    premium = TextAreaField(_l("Buyer’s premium of this lot alone"), description=_BANDS)

    def own_premium(self) -> list[list[str]] | None:
        """Return the lot's own bands, or None for the sale's."""
        return pairs_typed(self.premium.data) or None


class ArtistForm(FlaskForm):
    """An artist's file."""

    name = TextField(_l("Name"), validators=[InputRequired(_NEEDED)])
    nationality = StringField(
        _l("Nationality"),
        validators=[
            InputRequired(_NEEDED),
            Length(2, 2),
            Regexp("^[A-Z]{2}$", message=_l("Two capital letters, such as FR.")),
        ],
        description=_l("Two letters, such as FR."),
    )
    born = IntegerField(_l("Born in"), validators=[Optional(), NumberRange(1000, 9999)])
    died = IntegerField(_l("Died in"), validators=[Optional(), NumberRange(1000, 9999)])


def terms_as_typed(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return terms told as in a calculation file as the form's fields hold them."""
    vat, right = told.get("vat") or {}, told.get("resale_right") or {}
    return {
        "premium": bands_as_typed(told.get("premium") or []),
        **{name: told.get(name) or "" for name in _PLAIN},
        "fees": "\n".join(
            f"{fee['name']}: {fee.get('amount') or fee['percent'] + '%'}"
            for fee in told.get("fees") or []
        ),
        **{f"vat_{name}": vat.get(name) or "" for name in _RATES},
        "sales_tax": (told.get("sales_tax") or {}).get("percent", ""),
        "resale_country": right.get("country") or "",
        "resale_bearer": right.get("borne_by") or "buyer",
        "resale_rate": right.get("rate") or "",
        "round": told.get("round") or "line",
    }


def bands_as_typed(bands: list[list[str]]) -> str:
    """Write bands as they are typed."""
    return "\n".join(f"{start}: {percent}" for start, percent in bands)


def plain_typed(field: Any) -> str | None:
    """Return a typed number without its signs, or None where nothing was typed."""
    text = (field.data or "").strip()
    return text.removesuffix("%").strip().replace(",", "") or None


def pairs_typed(text: str | None) -> list[list[str]]:
    """Split lines into pairs; what they hold is judged where terms are read."""
    rows = [line.strip() for line in (text or "").splitlines() if line.strip()]
    return [[part.strip(" %").replace(",", "") for part in re.split(r"[:=]", row)] for row in rows]


def _fees(text: str | None) -> list[dict[str, Any]]:
    fees = []
    for row in (line for line in (text or "").splitlines() if line.strip()):
        name, _colon, value = (part.strip() for part in row.partition(":"))
        key = "percent" if value.endswith("%") else "amount"
        fees.append({"name": name or _("Fee"), key: value.strip(" %").replace(",", "") or "-"})
    return fees
