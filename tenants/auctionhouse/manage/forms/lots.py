"""The form of a lot, in sections, and the small acts on lots and pictures."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    SelectField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, NumberRange, Optional

from auctionhouse.bidding.ways import bounds_hold
from auctionhouse.catalogue.details import LotDetails
from auctionhouse.catalogue.models import Lot
from auctionhouse.catalogue.refusals import BoundsCross, NumberInvalid
from auctionhouse.catalogue.rules import lot_label, parse_lot_label
from auctionhouse.manage.choices import choice
from auctionhouse.manage.forms.fields import (
    AmountField,
    InCurrency,
    NumberedTextField,
    WordsField,
    cleaned,
)
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n import lazy_gettext as _l
from auctionxchange.kernel.money import Currency

_NEEDED = _l("Please fill this in.")
MOST_PIECES = 100_000

SECTIONS = (
    (_l("What it is"), ("label", "title", "subtitle", "maker", "category", "description")),
    (_l("Facts"), ("medium", "dimensions", "period", "origin", "quantity")),
    (
        _l("Money"),
        (
            "estimate_low", "estimate_high", "estimate_on_request", "opening", "reserve",
            "reserve_shown", "buy_now", "offer_accept_from", "offer_decline_below",
        ),
    ),
    (_l("Condition and history"), ("condition", "provenance", "literature", "exhibitions")),
    (
        _l("Seller, place and shipping"),
        (
            "consignor_client_id", "agreement_id", "seller_is_trader", "location", "shipping",
            "internal_notes",
        ),
    ),
)  # fmt: skip
SIDE_BY_SIDE = (
    ("label", "quantity"),
    ("maker", "category"),
    ("medium", "dimensions"),
    ("period", "origin"),
    ("estimate_low", "estimate_high"),
    ("opening", "reserve"),
    ("offer_accept_from", "offer_decline_below"),
)
_TEXTS = (
    "description", "provenance", "literature", "exhibitions", "condition", "shipping",
    "internal_notes",
)  # fmt: skip


class LotForm(InCurrency):
    """A lot's description and money."""

    version = HiddenField()
    label = NumberedTextField(_l("Lot number"), validators=[InputRequired(_NEEDED)], longest=8)
    title = NumberedTextField(_l("Title"), validators=[InputRequired(_NEEDED)])
    subtitle = NumberedTextField(_l("Subtitle"))
    maker = NumberedTextField(_l("Artist or maker"))
    category = NumberedTextField(_l("Category"))
    description = TextAreaField(_l("Description"), description=_l("Markdown is understood."))
    medium = NumberedTextField(_l("Medium"))
    dimensions = NumberedTextField(_l("Dimensions"))
    period = NumberedTextField(_l("Date or period"))
    origin = NumberedTextField(_l("Origin"))
    quantity = IntegerField(
        _l("Pieces"), default=1, validators=[InputRequired(_NEEDED), NumberRange(1, MOST_PIECES)]
    )
    estimate_low = AmountField(_l("Low estimate"))
    estimate_high = AmountField(_l("High estimate"))
    estimate_on_request = BooleanField(_l("Estimate on request"))
    opening = AmountField(_l("Opening price"), validators=[InputRequired(_NEEDED)])
    reserve = AmountField(_l("Reserve"), description=_l("Seen by staff alone."))
    reserve_shown = BooleanField(_l("Show the amount of the reserve to everyone"))
    buy_now = AmountField(
        _l("Buy-now price"),
        description=_l("Shown to everyone. Whoever pays it has the lot at once; see the terms."),
    )
    offer_accept_from = AmountField(
        _l("Accept offers at once from"),
        description=_l("Seen by staff alone; where the terms let bidders make offers."),
    )
    offer_decline_below = AmountField(
        _l("Decline offers at once below"), description=_l("Seen by staff alone.")
    )
    condition = TextAreaField(_l("Condition"))
    provenance = TextAreaField(_l("Provenance"))
    literature = TextAreaField(_l("Literature"))
    exhibitions = TextAreaField(_l("Exhibitions"))
    consignor_client_id = SelectField(_l("Consignor"), coerce=int, validators=[Optional()])
    agreement_id = SelectField(
        _l("Agreement"),
        coerce=int,
        validators=[Optional()],
        description=_l("Under which the consignor is settled with; theirs, and signed."),
    )
    seller_is_trader = BooleanField(_l("The seller is a trader"))
    location = NumberedTextField(_l("Where it is kept"), description=_l("Seen by staff alone."))
    shipping = TextAreaField(_l("Shipping"), description=_l("Where it differs from the sale’s."))
    internal_notes = TextAreaField(_l("Notes"), description=_l("Seen by staff alone."))

    def validate_label(self, field: Any) -> None:
        """Refuse what is no lot number."""
        if field.data and parse_lot_label(field.data) is None:
            raise ValidationError(NumberInvalid().message())

    def validate_opening(self, field: Any) -> None:
        """Refuse a price of nothing."""
        if field.data == 0:
            raise ValidationError(_("The opening price must be more than nothing."))

    def validate_reserve(self, field: Any) -> None:
        """Read 0 as no reserve and refuse one below the opening price."""
        if field.data == 0:
            field.data = None
        if field.data is not None and self.opening.data and field.data < self.opening.data:
            raise ValidationError(_("The reserve is below the opening price."))

    def validate_buy_now(self, field: Any) -> None:
        """Read 0 as none and refuse a price that a bid or the reserve would pass."""
        if field.data == 0:
            field.data = None
        if field.data is None or not self.opening.data:
            return
        if field.data <= self.opening.data or field.data < (self.reserve.data or 0):
            raise ValidationError(
                _("It must be above the opening price and not below the reserve.")
            )

    def validate_offer_decline_below(self, field: Any) -> None:
        """Read 0 as none and refuse bounds that cross."""
        for bound in (self.offer_accept_from, field):
            bound.data = bound.data or None
        if not bounds_hold(self.offer_accept_from.data, field.data):
            raise ValidationError(BoundsCross().message())

    def validate_estimate_high(self, field: Any) -> None:
        """Refuse estimates the wrong way round, or half of them."""
        low = self.estimate_low.data
        if (low is None) != (field.data is None):
            raise ValidationError(_("Give both estimates or none."))
        if low is not None and field.data < low:
            raise ValidationError(_("The high estimate is below the low one."))

    def details(self) -> LotDetails:
        """Return what was typed; only after it was found valid."""
        numbered = parse_lot_label(self.label.data or "")
        assert numbered is not None
        values: dict[str, Any] = {"number": numbered[0], "suffix": numbered[1]}
        for name in LotDetails.__dataclass_fields__:
            if name not in values:
                typed = self[name].data
                values[name] = cleaned(typed) if name in _TEXTS else typed
        for name in ("consignor_client_id", "agreement_id"):
            values[name] = values[name] or None
        return LotDetails(**values)


def filled_lot_form(
    lot: Lot | None,
    *,
    unit: Currency,
    consignors: list[Any],
    agreements: list[Any],
    next_number: int,
) -> LotForm:
    """Return the form with a lot's present values; what was posted wins."""
    label = lot_label(lot.number, lot.suffix) if lot else str(next_number)
    form = LotForm(obj=lot, data={"label": label}, unit=unit)
    form.consignor_client_id.choices = [choice(0, _("Not recorded")), *consignors]
    form.agreement_id.choices = [choice(0, _("None yet")), *agreements]
    return form


class WithdrawForm(FlaskForm):
    """Why a lot is withdrawn; bidders read it."""

    reason = WordsField(_l("Notice to bidders"), validators=[InputRequired(_NEEDED)])


class EmptyForm(FlaskForm):
    """Nothing but the proof that the page was ours."""
