"""Fields for the ways a lot is sold beside the hammer, of a sale's terms and of a lot's own."""

from collections.abc import Mapping
from typing import Any

from wtforms import IntegerField, RadioField
from wtforms.validators import Optional

from auctionhouse.bidding.ways import SHARES, WAY_CHOICES, WAYS
from auctionhouse.manage.choices import choice
from auctionhouse.manage.forms.fields import InCurrency
from auctionhouse.manage.forms.setting_words import WAY_WORDS
from auctionxchange.i18n import lazy_gettext as _l


def radio(label: Any, choices: Mapping[str, Any]) -> RadioField:
    """Return a choice of one, from stored values and their words."""
    return RadioField(
        label, choices=[choice(value, text) for value, text in choices.items()],
        validators=[Optional()],
    )  # fmt: skip


class WayFields(InCurrency):
    """How long a lot can be had at once, whether by an offer, and when its seller is asked."""

    buy_now_until = radio(
        _l("A lot with a buy-now price can be bought at once"), WAY_WORDS["buy_now_until"]
    )
    buy_now_share = IntegerField(_l("Per cent of the estimate"), validators=[Optional()])

    offers = radio(_l("Bidders may make offers"), WAY_WORDS["offers"])
    conditional_share = IntegerField(
        _l("The seller is asked from … per cent of the reserve"), validators=[Optional()],
        description=_l("0 for never."),
    )  # fmt: skip

    def fill_ways(self, terms: Mapping[str, Any]) -> None:
        """Show stored terms, or the usual where they say nothing."""
        for name in filter(self.__contains__, WAYS):
            usual = WAY_CHOICES[name][0] if name in WAY_CHOICES else SHARES[name][2]
            self[name].data = terms.get(name, usual)
            self[name].raw_data = None

    def ways(self) -> dict[str, Any]:
        """Return what was typed as it is stored; an empty field is the usual."""
        choices = {
            name: self[name].data or known[0] for name, known in WAY_CHOICES.items() if name in self
        }
        shares = {
            name: usual if self[name].data is None else self[name].data
            for name, (_least, _most, usual) in SHARES.items()
            if name in self
        }
        return {**choices, **shares}
