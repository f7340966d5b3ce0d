"""The account forms where they differ: a name, and passwords typed once, shown if one likes."""

from typing import Any

from flask_security.forms import ChangePasswordForm, RegisterFormV2, ResetPasswordForm
from flask_security.proxies import _datastore
from sqlalchemy import func, select
from wtforms import StringField, ValidationError
from wtforms.validators import InputRequired, Length

from auctionxchange.kernel.card_numbers import CardNumberTyped, holds_card_number
from auctionxchange.kernel.translation import lazy_gettext as _

LONGEST_NAME = 120


def no_card_number(_form: Any, field: Any) -> None:
    """Refuse a card number at its field."""
    if isinstance(field.data, str) and holds_card_number(field.data):
        raise ValidationError(CardNumberTyped().message())


class RegisterForm(RegisterFormV2):
    """Registration: address, password and name."""

    name = StringField(
        _("Name"),
        validators=[
            InputRequired(_("Tell us your name.")),
            Length(max=LONGEST_NAME),
            no_card_number,
        ],
        render_kw={"autocomplete": "name"},
    )

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
