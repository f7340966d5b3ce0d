"""What operators fill in; the rules themselves are the tenancy's."""

import zoneinfo
from functools import cache
from typing import Any

from babel import Locale
from babel.core import get_global
from flask_wtf import FlaskForm
from wtforms import (
    EmailField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, ValidationError
from wtforms.widgets import CheckboxInput

from auctionxchange.billing.rules import TRIAL_DAYS
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n import lazy_gettext as _l
from auctionxchange.i18n.formats import language_name, reader_locale
from auctionxchange.kernel.errors import DomainError
from auctionxchange.tenancy.provisioning import NewHouse
from auctionxchange.tenancy.slugs import LONGEST, checked_slug
from auctionxchange.tenancy.validation import (
    LANGUAGES,
    LONGEST_NAME,
    checked_currency,
    checked_owner,
)
from auctionxchange.theming.themes import BASE, load_theme, theme_names

LONGEST_REASON = 500
LONGEST_TRIAL = 365
FIELD_OF = {
    "slug_invalid": "slug",
    "slug_reserved": "slug",
    "slug_taken": "slug",
    "currency_unknown": "currency",
}
"""Which field a refusal belongs to where it does not say so itself."""

_required = DataRequired(_l("Fill this in."))


def _trimmed(text: str | None) -> str | None:
    return text.strip() if text else text


class NewHouseForm(FlaskForm):
    """What a house is created with."""

    name = StringField(
        _l("Name"),
        [_required, Length(max=LONGEST_NAME)],
        [_trimmed],
        description=_l("As bidders know it."),
    )
    slug = StringField(
        _l("Short name"),
        [_required, Length(max=LONGEST)],
        [_trimmed],
        description=_l("The first part of its address: letters a–z, digits, single hyphens."),
        render_kw={"autocapitalize": "none", "spellcheck": "false"},
    )
    owner_email = EmailField(
        _l("Owner’s e-mail address"),
        [_required, Length(max=254)],
        [_trimmed],
        description=_l("The first member of staff; sets a password by “forgotten password”."),
    )
    country = SelectField(_l("Country"), [_required])
    currency = StringField(
        _l("Currency"),
        [_required],
        [_trimmed, lambda text: text.upper() if text else text],
        description=_l("ISO 4217, such as GBP. It cannot be changed after the first sale."),
        render_kw={"maxlength": 3, "autocapitalize": "characters", "spellcheck": "false"},
    )
    time_zone = SelectField(_l("Time zone"), [_required])
    language = SelectField(_l("First language"), [_required])
    languages = SelectMultipleField(_l("Also in"), option_widget=CheckboxInput())
    theme = SelectField(_l("Theme"), [_required], default=BASE)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        blank = ("", _("Choose…"))
        spoken = [(code, language_name(code)) for code in LANGUAGES]
        self.country.choices = [blank, *countries(str(reader_locale()))]
        self.time_zone.choices = [blank, *((zone, zone) for zone in time_zones())]
        self.language.choices = spoken
        self.languages.choices = spoken
        self.theme.choices = [(name, load_theme(name).title) for name in theme_names()]

    def validate_slug(self, field: StringField) -> None:
        """Refuse a short name that cannot be the first part of a host name."""
        _as_field_error(checked_slug, field.data)

    def validate_currency(self, field: StringField) -> None:
        """Refuse what nobody can pay in."""
        _as_field_error(checked_currency, field.data)

    def validate_owner_email(self, field: EmailField) -> None:
        """Refuse what is no e-mail address."""
        _as_field_error(checked_owner, field.data)

    def house(self) -> NewHouse:
        """Return what was asked for."""
        further = self.languages.data or []
        return NewHouse(
            slug=self.slug.data or "",
            name=self.name.data or "",
            currency=self.currency.data or "",
            time_zone=self.time_zone.data,
            country=self.country.data,
            language=self.language.data,
            languages=tuple(dict.fromkeys((self.language.data, *further))),
            owner_email=self.owner_email.data or "",
            theme=self.theme.data,
        )

    def blame(self, error: DomainError) -> None:
        """Put a refusal beside the field it is about; raises it again where there is none."""
        name = error.fields.get("field") or FIELD_OF.get(error.code)
        if name is None:
            raise error
        field = self[str(name)]
        field.errors = [*field.errors, error.message()]


class ReasonForm(FlaskForm):
    """Why something is done to a house."""

    reason = TextAreaField(
        _l("Reason"),
        [DataRequired(_l("Say why: the reason is kept in the audit.")), Length(max=LONGEST_REASON)],
        [_trimmed],
        render_kw={"rows": 3, "maxlength": LONGEST_REASON},
    )


class PlanForm(ReasonForm):
    """Which plan a house is put on, and why."""

    plan = SelectField(_l("Plan"), [_required])
    trial_days = IntegerField(
        _l("Days of trial"),
        [InputRequired(_l("Fill this in.")), NumberRange(0, LONGEST_TRIAL)],
        default=TRIAL_DAYS,
        description=_l("Counts for a house that has had no plan yet."),
    )


class OptionalReasonForm(FlaskForm):
    """A note on something that needs no explanation."""

    reason = StringField(_l("Note"), [Length(max=LONGEST_REASON)], [_trimmed])


class ConfirmForm(FlaskForm):
    """Nothing but the proof that the button was pressed on our page."""


def _as_field_error(check: Any, text: str | None) -> None:
    try:
        check(text or "")
    except DomainError as error:
        raise ValidationError(error.message()) from error


@cache
def time_zones() -> tuple[str, ...]:
    """Return the zones with a place in their name, such as Europe/London."""
    return tuple(sorted(zone for zone in zoneinfo.available_timezones() if _is_place(zone)))


def _is_place(zone: str) -> bool:
    return "/" in zone and not zone.startswith(("Etc/", "SystemV/", "US/", "posix/", "right/"))


@cache
def countries(locale: str) -> tuple[tuple[str, str], ...]:
    """Return the countries as (code, name) in the reader's language, by name."""
    names = Locale.parse(locale).territories
    codes = [code for code in get_global("territory_zones") if len(code) == 2 and code in names]  # noqa: PLR2004
    return tuple(sorted(((code, names[code]) for code in codes), key=lambda pair: pair[1]))
