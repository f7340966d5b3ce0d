"""Forms of the room of offers: answers, and offers of what was not sold."""

import uuid
from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectField
from wtforms.validators import UUID, InputRequired, NumberRange, Optional

from auctionhouse.manage.choices import choice
from auctionhouse.manage.forms.fields import AmountField, InCurrency, MomentField
from auctionhouse.offers.after_sale import Asked
from auctionhouse.offers.holding import FEWEST_HOURS, MOST_HOURS
from auctionxchange.i18n import lazy_gettext as _l

_NEEDED = _l("Please fill this in.")
IN_TURN, AT_ONCE = "in_turn", "at_once"


def hours_field() -> IntegerField:
    """Return the field for the time to answer in."""
    return IntegerField(
        _l("Hours to answer"),
        validators=[InputRequired(_NEEDED), NumberRange(FEWEST_HOURS, MOST_HOURS)],
    )


class SeenForm(InCurrency):
    """An answer says which amount it is about."""

    amount = HiddenField()


class CounterForm(SeenForm):
    """An offer of the house in answer to a bidder's."""

    counter = AmountField(_l("Counter-offer"), validators=[InputRequired(_NEEDED)])
    hours = hours_field()


class EverybodyForm(InCurrency):
    """A price for everybody registered, until a date."""

    price = AmountField(_l("Price"), validators=[InputRequired(_NEEDED)])
    until = MomentField(_l("Until"), validators=[InputRequired(_NEEDED)])


class ClientOfferForm(InCurrency):
    """What a client says on the telephone: an offer, or that they buy."""

    token = HiddenField(default=lambda: str(uuid.uuid4()), validators=[UUID()])
    client_id = SelectField(_l("Client"), coerce=int, validators=[InputRequired(_NEEDED)])
    amount = AmountField(_l("Amount"), validators=[InputRequired(_NEEDED)])


class UnderbiddersForm(InCurrency):
    """Which underbidders are offered the lot, for how much and for how long."""

    way = RadioField(
        _l("They are asked"),
        choices=[
            choice(IN_TURN, _l("one after the other, each with so many hours")),
            choice(AT_ONCE, _l("all at once: the first to accept has it")),
        ],
        default=IN_TURN,
    )
    hours = hours_field()

    def prices(self, asked: Sequence[Asked]) -> dict[int, int]:
        """Return the price of each client that is ticked; an empty one is their own bid."""
        taken = [one for one in asked if one.may_buy and self[f"take_{one.client_id}"].data]
        typed = {one.client_id: self[f"price_{one.client_id}"].data for one in taken}
        return {
            one.client_id: one.amount if typed[one.client_id] is None else typed[one.client_id]
            for one in taken
        }


def underbidders_form(asked: Sequence[Asked], hours: int, **options: Any) -> UnderbiddersForm:
    """Return the form with a tick and a price for each who may buy."""
    made: dict[str, Any] = {}
    for one in asked:
        if one.may_buy:
            made[f"take_{one.client_id}"] = BooleanField(_l("Offer it to them"))
            made[f"price_{one.client_id}"] = AmountField(_l("Price"), validators=[Optional()])
    known = {f"price_{one.client_id}": one.amount for one in asked if one.may_buy}
    known |= {f"take_{one.client_id}": True for one in asked if one.may_buy}
    kind: Any = type("UnderbiddersOfLot", (UnderbiddersForm,), made)
    form: UnderbiddersForm = kind(data={"way": IN_TURN, "hours": hours, **known}, **options)
    return form
