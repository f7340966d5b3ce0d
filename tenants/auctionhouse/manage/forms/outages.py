"""The form of what a sale gives back after an interruption."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField, ValidationError
from wtforms.validators import InputRequired, NumberRange, Optional

from auctionhouse.manage.choices import choice
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n import lazy_gettext as _l

MOST_MINUTES = 24 * 60


class OutageRuleForm(FlaskForm):
    """Nothing, the time itself, or the time and so many minutes at the least."""

    given = RadioField(
        _l("When the service cannot be reached, lots that are open"),
        choices=[
            choice("nothing", _l("end when they would have ended")),
            choice("time", _l("end later by as long as it lasted")),
            choice("least", _l("end later by as long as it lasted, and at least by:")),
        ],
        validators=[InputRequired(_l("Please choose one."))],
    )
    minutes = IntegerField(
        _l("Minutes at the least"),
        validators=[
            Optional(),
            NumberRange(0, MOST_MINUTES, message=_l("From 0 minutes to one day, 1440.")),
        ],
    )

    def validate_given(self, field: RadioField) -> None:
        """Ask for the minutes where they are needed."""
        if field.data == "least" and not self.minutes.data:
            raise ValidationError(_("Say how many minutes."))

    def rule(self) -> dict[str, int] | None:
        """Return the rule as terms store it."""
        if self.given.data == "nothing":
            return None
        minutes = self.minutes.data if self.given.data == "least" else 0
        return {"at_least_s": 60 * (minutes or 0)}


def filled_outage_form(terms: Any) -> OutageRuleForm:
    """Return the form as a sale's terms have it."""
    seconds = (terms.get("outage") or {}).get("at_least_s")
    given = "nothing" if seconds is None else "least" if seconds else "time"
    return OutageRuleForm(given=given, minutes=-(-seconds // 60) if seconds else None)
