"""The rules of bidding as a form: for a sale, and for a lot that differs from it key by key."""

from collections.abc import Mapping
from typing import Any

from wtforms import HiddenField, IntegerField, RadioField, SelectField, TextAreaField
from wtforms.validators import Optional

from auctionhouse.bidding.format_terms import LEAST_TO_CHOOSE
from auctionhouse.bidding.policies import SETTINGS, Setting, policies_of
from auctionhouse.bidding.selling import STEPLESS
from auctionhouse.bidding.term_errors import TermsInvalid
from auctionhouse.bidding.terms import CHOICES, SELLING, build_terms
from auctionhouse.bidding.ways import SHARES, WAY_CHOICES, WAYS
from auctionhouse.manage.choices import choice
from auctionhouse.manage.forms.bands import BandsField
from auctionhouse.manage.forms.fields import AmountField, TextField
from auctionhouse.manage.forms.format_settings import FORMAT_SETTINGS, FormatFields
from auctionhouse.manage.forms.setting_words import (
    BID_FOR_WORDS,
    CHOICE_WORDS,
    CLOSING_WORDS,
    FORMAT_WORDS,
    SCOPE_WORDS,
)
from auctionhouse.manage.forms.ways import WayFields, radio
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n import lazy_gettext as _l
from auctionxchange.kernel.money import Currency

LONGEST_GROUP = 40
USUAL_SOFT_CLOSE: Mapping[str, Any] = {
    "window_s": 120, "extend_s": 120, "from": "bid", "edge": True, "cap_s": None, "scope": "lot",
}  # fmt: skip
_FIELD_OF_PROBLEM = {"window": "window_s", "seconds": "window_s", "extension": "extend_s",
                     "cap": "cap_s"}  # fmt: skip
INHERITED = "sale"
_CHOSEN = {**SELLING, **CHOICES}


def policy_field(setting: Setting) -> Any:
    """Return the field of a policy, which brings its own words."""
    options = {"description": setting.explanation, "validators": [Optional()]}
    if setting.kind == "choice":
        known = [choice(value, label) for value, label in setting.choices]
        return RadioField(setting.label, choices=known, **options)
    if setting.kind == "amount":
        return AmountField(setting.label, **options)
    return IntegerField(setting.label, **options)


class SettingsForm(WayFields, FormatFields):
    """What a sale's terms and a lot's own terms have in common."""

    version = HiddenField()
    format = radio(_l("How the lots are sold"), FORMAT_WORDS)
    bid_for = radio(_l("A bid is for"), BID_FOR_WORDS)
    preset = SelectField(_l("Start from a usual table"), validators=[Optional()],
                         validate_choice=False)  # fmt: skip
    increments = BandsField(_l("Increments"))
    bound = radio(_l("A price exactly at a limit"), CHOICE_WORDS["bound"])
    pricing = radio(_l("Where the price goes when two maxima meet"), CHOICE_WORDS["pricing"])
    own_raise = radio(_l("A leader raises their own maximum"), CHOICE_WORDS["own_raise"])
    off_ladder = radio(_l("Amounts between the steps"), CHOICE_WORDS["off_ladder"])
    below_reserve = radio(_l("Bids below the reserve"), CHOICE_WORDS["below_reserve"])
    closing = radio(_l("Late bids"), CLOSING_WORDS)
    window_s = IntegerField(_l("A bid in the last … seconds is late"), validators=[Optional()])
    extend_s = IntegerField(_l("A late bid gives … seconds more"), validators=[Optional()])
    counted_from = radio(
        _l("The seconds are counted from"),
        {"bid": _l("the bid"), "end": _l("the end as it stood")},
    )
    edge = radio(
        _l("A bid exactly at the first of the late seconds"),
        {"yes": _l("is late and extends"), "no": _l("is not late yet")},
    )
    cap_s = IntegerField(_l("No lot runs longer than … seconds over its time"),
                         validators=[Optional()],
                         description=_l("Empty for no limit."))  # fmt: skip

    def fill(self, terms: Mapping[str, Any]) -> None:
        """Show stored terms instead of what stood in the fields."""
        soft = terms.get("soft_close")
        shown = {**USUAL_SOFT_CLOSE, **(soft or {})}
        self.fill_format(terms)
        self.fill_ways(terms)
        self.increments.show(terms.get("increments") or [])
        values = {name: terms.get(name, known[0]) for name, known in _CHOSEN.items()}
        values |= {
            "closing": "on" if soft else "off",
            "window_s": shown["window_s"],
            "extend_s": shown["extend_s"],
            "counted_from": shown["from"],
            "edge": "yes" if shown["edge"] else "no",
            "cap_s": shown["cap_s"],
            "scope": shown["scope"],
        }
        for name, value in values.items():
            if name in self:
                self[name].data = value
                self[name].raw_data = None

    @property
    def needs_increments(self) -> bool:
        """Tell whether what was chosen is sold in steps."""
        return self.format.data not in STEPLESS

    def validate(self, extra_validators: Any = None) -> bool:
        """Look at the table only where it is needed."""
        good = bool(super().validate(extra_validators))
        if self.increments.errors and not self.needs_increments:
            self.increments.errors = []
            good = not self.errors
        return good

    def soft_close(self) -> dict[str, Any] | None:
        """Return the soft close as typed, or None where late bids do not extend."""
        if self.closing.data == "off":
            return None
        read = {
            "window_s": self.window_s.data,
            "extend_s": self.extend_s.data,
            "from": self.counted_from.data or "bid",
            "edge": self.edge.data != "no",
            "cap_s": self.cap_s.data,
        }
        return {**read, "scope": self["scope"].data or "lot"} if "scope" in self else read

    def complain(self, refusal: TermsInvalid) -> None:
        """Put a refusal of the rules beside the field it belongs to."""
        name = _FIELD_OF_PROBLEM.get(refusal.fields["problem"], refusal.fields["setting"])
        if name in self:
            self[name].errors = [*self[name].errors, refusal.message()]
        else:
            self.form_errors.append(refusal.message())


class SaleTermsForm(SettingsForm):
    """The terms all lots of a sale are sold by unless one has its own."""

    scope = radio(_l("Which lots get more time"), SCOPE_WORDS)

    def fill(self, terms: Mapping[str, Any]) -> None:
        """Show stored terms and what the house allows."""
        super().fill(terms)
        for setting in SETTINGS:
            stored = terms.get(setting.name)
            self[setting.name].data = setting.default if stored is None else stored

    def policies(self) -> dict[str, Any]:
        """Return what the house allows, as typed; an empty field is the usual."""
        return {setting.name: self[setting.name].data for setting in SETTINGS}

    def terms(self) -> dict[str, Any]:
        """Return what was typed as it is stored; the increments only where they are right."""
        choices = {
            name: self[name].data or known[0] for name, known in _CHOSEN.items() if name in self
        }
        bands = self.increments.data or []
        return {
            **choices,
            **({"increments": bands} if bands or self.needs_increments else {}),
            "soft_close": self.soft_close(),
            **self.format_settings(choices["format"]),
            **self.ways(),
            **self.policies(),
        }

    def check(self, stored: Mapping[str, Any], opening: int) -> dict[str, Any] | None:
        """Return the terms to store, or None with the reason beside the field."""
        good = self.validate()
        terms = {**stored, **self.terms()}
        if self.increments.data or not self.needs_increments:
            try:
                build_terms(terms, None, opening, None, LEAST_TO_CHOOSE)
                policies_of(terms)
            except TermsInvalid as refusal:
                self.complain(refusal)
                good = False
        return terms if good else None


for policy in SETTINGS:
    setattr(SaleTermsForm, policy.name, policy_field(policy))


class LotTermsForm(SettingsForm):
    """What of a sale's terms a lot has its own way; the rest follows the sale."""

    own_increments = RadioField(_l("Increments"), choices=[
        choice(INHERITED, _l("as the sale")), choice("own", _l("a table of its own")),
    ], validators=[Optional()])  # fmt: skip
    piece_names = TextAreaField(
        _l("Names of the pieces"), validators=[Optional()],
        description=_l("One a line, in their order, such as “No. 1, oval”. They may be left out."),
    )  # fmt: skip
    closing_group = TextField(
        _l("Closes together with"), longest=LONGEST_GROUP,
        description=_l("Any name; where the sale extends groups, lots of one name move together."),
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in (*_CHOSEN, *WAY_CHOICES, "closing"):
            if name in self:
                self[name].choices = [choice(INHERITED, _l("as the sale")), *self[name].choices]
        del self.preset

    def fill_own(self, sale: Mapping[str, Any], own: Mapping[str, Any], group: str) -> None:
        """Show a lot's own terms; what it leaves to the sale is marked so, with its values."""
        self.fill({**sale, **own})
        inherited = [name for name in (*_CHOSEN, *WAY_CHOICES) if name in self and name not in own]
        inherited += ["closing"] if "soft_close" not in own else []
        for name in inherited:
            self[name].data = INHERITED
        for name in filter(self.__contains__, SHARES):
            self[name].data = own.get(name)
        self.own_increments.data = "own" if "increments" in own else INHERITED
        self.closing_group.data = group

    @property
    def needs_increments(self) -> bool:
        """Tell whether the lot has a table of its own."""
        return bool(self.own_increments.data == "own")

    def own(self) -> dict[str, Any]:
        """Return only what the lot has its own way."""
        named = {name: self[name].data for name in (*_CHOSEN, *WAYS) if name in self}
        own: dict[str, Any] = {
            name: value for name, value in named.items() if value not in {None, INHERITED}
        }
        if self.own_increments.data == "own":
            own["increments"] = self.increments.data or []
        if self.closing.data in {"on", "off"}:
            own["soft_close"] = self.soft_close()
        named_only = "choice" if self.piece_names.data else None
        return own | self.format_settings(own.get("format", named_only))

    def check(
        self, sale: Mapping[str, Any], stored: Mapping[str, Any], opening: int,
        reserve: int | None, quantity: int,
    ) -> dict[str, Any] | None:  # fmt: skip
        """Return the lot's own terms to store, or None with the reason beside the field."""
        good = self.validate()
        kept = {name: value for name, value in stored.items() if name not in _SETTINGS}
        own = {**kept, **self.own()}
        if own.get("increments", not self.needs_increments):
            try:
                build_terms(sale, own, opening, reserve, quantity)
            except TermsInvalid as refusal:
                self.complain(refusal)
                good = False
        return own if good else None


_SETTINGS = frozenset({*_CHOSEN, *WAYS, *FORMAT_SETTINGS, "increments", "soft_close"})


def offer_presets(form: Any, names: Mapping[str, str]) -> None:
    """Give the choice of tables their names."""
    known = [choice(name, words) for name, words in names.items()]
    form.preset.choices = [choice("", _("Choose…")), *known]


def filled_sale_terms(terms: Mapping[str, Any], *, unit: Currency, posted: bool) -> SaleTermsForm:
    """Return the form as posted, else with a sale's stored terms."""
    form = SaleTermsForm(unit=unit)
    if not posted:
        form.fill(terms)
    return form
