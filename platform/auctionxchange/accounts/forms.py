"""The account forms where they differ: a name, and passwords typed once, shown if one likes."""

from typing import Any

from flask_security.forms import ChangePasswordForm, RegisterFormV2, ResetPasswordForm
from flask_security.proxies import _datastore
from sqlalchemy import func, select
from wtforms import StringField, ValidationError
from wtforms.validators import DataRequired, Length

from auctionxchange.kernel.card_numbers import CardNumberTyped, holds_card_number
from auctionxchange.kernel.translation import lazy_gettext as _

LONGEST_NAME = 120


def no_card_number(_form: Any, field: Any) -> None:
    """Refuse a card number at its field."""
    if isinstance(field.data, str) and holds_card_number(field.data):
        raise ValidationError(CardNumberTyped().message())


def trimmed(text: str | None) -> str:
    """Return a typed line without needless blanks: a name of nothing else is none."""
    return " ".join((text or "").split())


class NameField(StringField):
    """What a person is called."""

    def __init__(self, **options: Any) -> None:
        checks = [DataRequired(_("Tell us your name.")), Length(max=LONGEST_NAME), no_card_number]
        options |= {
            "validators": checks,
            "filters": [trimmed],
            "render_kw": {"autocomplete": "name"},
        }
        super().__init__(_("Name"), **options)


class RegisterForm(RegisterFormV2):
    """Registration: address, password and name."""

    name = NameField()

    def validate(self, **options: Any) -> bool:
        """Check the fields; a second click waits for the first and finds the account made."""
        key = func.hashtextextended(f"register:{self.email.data}".strip().lower(), 0)
        accounts: Any = _datastore
        accounts.db.session.execute(select(func.pg_advisory_xact_lock(key)))
        return bool(super().validate(**options))


class NewPasswordForm(ResetPasswordForm):
    """A new password, after the link in a mail."""

    password_confirm = None  # type: ignore[assignment]


class OtherPasswordForm(ChangePasswordForm):
    """The password one has and the one to have from now on."""

    new_password_confirm = None  # type: ignore[assignment]
