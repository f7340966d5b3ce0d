"""The form of a sale, in sections, and the acts on a running one."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    DecimalField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, NumberRange, Optional

from auctionhouse.catalogue.details import SaleDetails
from auctionhouse.catalogue.models import Sale
from auctionhouse.catalogue.rules import FIXED_ONCE_PUBLISHED
from auctionhouse.manage.choices import choice
from auctionhouse.manage.forms.fields import (
    InCurrency,
    MomentField,
    NumberedTextField,
    WordsField,
    cleaned,
)
from auctionhouse.manage.forms.terms import Ladder, LadderInvalid, ladder_as_text, ladder_from_text
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n import lazy_gettext as _l
from auctionxchange.kernel.money import Currency, currency

_NEEDED = _l("Please fill this in.")
_FIELDS_OF_TERMS = ("increments", "bound", "soft_close_seconds", "extension_seconds")
LONGEST_CLOSING_INTERVAL = 3600
LONGEST_SOFT_CLOSE = 3600

SECTIONS = (
    (_l("What it is"), ("title", "subtitle", "reference", "description")),
    (
        _l("When and where"),
        ("starts_at", "ends_at", "closing_interval_seconds", "place", "viewing"),
    ),
    (
        _l("How bidding goes"),
        ("preset", "increments", "bound", "soft_close_seconds", "extension_seconds"),
    ),
    (
        _l("What buyers pay and agree to"),
        ("premium_percent", "premium_vat_note", "conditions_id", "registration_mode"),
    ),
    (_l("Further texts"), ("shipping", "note")),
)


class SaleForm(InCurrency):
    """A sale's description and terms."""

    version = HiddenField()
    title = NumberedTextField(_l("Title"), validators=[InputRequired(_NEEDED)])
    subtitle = NumberedTextField(_l("Subtitle"))
    reference = NumberedTextField(
        _l("Short name in addresses"),
        validators=[InputRequired(_NEEDED)],
        description=_l("Small letters, digits and hyphens, such as spring-paintings."),
    )
    description = TextAreaField(_l("Description"), description=_l("Markdown is understood."))
    starts_at = MomentField(_l("Bidding opens"), validators=[Optional()])
    ends_at = MomentField(_l("First lot closes"), validators=[Optional()])
    closing_interval_seconds = IntegerField(
        _l("Seconds between closings"),
        default=60,
        validators=[InputRequired(_NEEDED), NumberRange(0, LONGEST_CLOSING_INTERVAL)],
        description=_l("0 closes all lots together."),
    )
    place = NumberedTextField(_l("Place"))
    viewing = TextAreaField(_l("Viewing"))
    preset = SelectField(
        _l("Start from a usual table"), validators=[Optional()], validate_choice=False
    )
    increments = TextAreaField(
        _l("Bidding increments"),
        description=_l("One line for each band: from price: step. The first starts from 0."),
    )
    bound = SelectField(
        _l("A price exactly at a limit"),
        default="exclusive",
        validators=[InputRequired(_NEEDED)],
        choices=[
            choice("exclusive", _l("takes the step of the band that begins there")),
            choice("inclusive", _l("takes the step of the band that ends there")),
        ],
    )
    soft_close_seconds = IntegerField(
        _l("A bid in the last … seconds"),
        default=120,
        validators=[InputRequired(_NEEDED), NumberRange(0, LONGEST_SOFT_CLOSE)],
        description=_l("0 switches extensions off."),
    )
    extension_seconds = IntegerField(
        _l("… leaves at least so many seconds"),
        default=120,
        validators=[InputRequired(_NEEDED), NumberRange(0, LONGEST_SOFT_CLOSE)],
    )
    premium_percent = DecimalField(
        _l("Buyer’s premium in per cent"),
        default=Decimal(0),
        places=None,
        validators=[InputRequired(_NEEDED), NumberRange(0, 100)],
    )
    premium_vat_note = NumberedTextField(
        _l("About tax"), description=_l("Shown beside the premium, such as “including VAT”.")
    )
    conditions_id = SelectField(_l("Conditions of sale"), coerce=int)
    registration_mode = RadioField(
        _l("Registration"),
        default="automatic",
        validators=[InputRequired(_NEEDED)],
        choices=[
            choice("automatic", _l("Bidders are approved at once")),
            choice("approved", _l("Staff approve each bidder")),
        ],
    )
    shipping = TextAreaField(_l("Shipping and collection"))
    note = TextAreaField(_l("Note on the sale’s page"))

    ladder: Ladder = []

    def validate_increments(self, field: Any) -> None:
        """Read the table; an empty one is allowed in a draft."""
        if not (field.data or "").strip():
            return
        try:
            self.ladder = ladder_from_text(field.data, self.unit)
        except LadderInvalid as error:
            raise ValidationError(str(error)) from error

    def validate_extension_seconds(self, field: Any) -> None:
        """Refuse extensions of nothing where the soft close is on."""
        if self.soft_close_seconds.data and not field.data:
            raise ValidationError(_("An extension lasts at least one second."))

    def validate_ends_at(self, field: Any) -> None:
        """Refuse a sale that closes before it opens."""
        starts = self.starts_at.data if "starts_at" in self else None
        if field.data and starts and field.data <= starts:
            raise ValidationError(_("The first lot must close after bidding opens."))

    def without_terms(self) -> None:
        """Leave out the rules of bidding, which have a page of their own once there is a sale."""
        for name in (*_FIELDS_OF_TERMS, "preset"):
            del self[name]

    def without_fixed_fields(self) -> None:
        """Leave out what may not change once the sale is shown."""
        for name in FIXED_ONCE_PUBLISHED:
            if name in self:
                del self[name]

    def details(self, sale: Sale | None) -> SaleDetails:
        """Return what was typed, and the sale's own value for what the form left out."""
        values: dict[str, Any] = {}
        for name in SaleDetails.__dataclass_fields__:
            if name == "terms":
                continue
            values[name] = self[name].data if name in self else getattr(sale, name)
            if name in _TEXTS:
                values[name] = cleaned(values[name])
        values["conditions_id"] = values["conditions_id"] or None
        terms = sale.terms if sale is not None else {}
        values["terms"] = self._terms() if "increments" in self else terms
        return SaleDetails(**values)

    def _terms(self) -> dict[str, Any]:
        """Return a new sale's terms; its page of terms has all the others."""
        window, extension = self.soft_close_seconds.data, self.extension_seconds.data
        counted = {"from": "bid", "edge": True}
        soft_close = {**counted, "window_s": window, "extend_s": extension} if window else None
        return {
            "increments": self.ladder,
            "bound": self.bound.data,
            "soft_close": soft_close,
        }


_TEXTS = ("description", "viewing", "shipping", "note")


def filled_sale_form(sale: Sale | None, *, house_currency: str, choices: list[Any]) -> SaleForm:
    """Return the form with a sale's present values; what was posted wins."""
    unit = currency(sale.currency if sale else house_currency)
    form = SaleForm(obj=sale, unit=unit)
    if sale is not None and form.premium_percent.raw_data is None:
        form.premium_percent.data = Decimal(f"{sale.premium_percent.normalize():f}")
    form.conditions_id.choices = [choice(0, _("None yet")), *choices]
    if sale is not None:
        form.without_terms()
    if sale is not None and sale.state != "draft":
        form.without_fixed_fields()
    return form


def terms_as_typed(terms: Mapping[str, Any], unit: Currency) -> dict[str, Any]:
    """Return stored terms as the form's fields hold them."""
    soft = terms.get("soft_close") or {"window_s": 0, "extend_s": 120}
    return {
        "increments": ladder_as_text(terms.get("increments", []), unit),
        "bound": terms.get("bound", "exclusive"),
        "soft_close_seconds": soft["window_s"],
        "extension_seconds": soft["extend_s"],
    }


class NoticeForm(FlaskForm):
    """A text bidders will read."""

    body = WordsField(_l("Notice to bidders"), validators=[InputRequired(_NEEDED)])


class PostponeForm(NoticeForm):
    """How much later the lots close, and why."""

    minutes = IntegerField(
        _l("Minutes later"), default=30, validators=[InputRequired(_NEEDED), NumberRange(1, 20160)]
    )
