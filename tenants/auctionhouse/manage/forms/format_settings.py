"""What the formats beside timed bidding ask of a sale's terms, as fields of their form."""

from collections.abc import Mapping
from typing import Any

from wtforms import IntegerField
from wtforms.validators import Optional

from auctionhouse.bidding.format_terms import CHOICE_HOURS
from auctionhouse.bidding.selling import (
    CHANGES,
    OPENED_BY,
    ORDERS,
    PAYS,
    SEALED_FORMATS,
)
from auctionhouse.manage.forms.fields import AmountField, InCurrency
from auctionhouse.manage.forms.setting_words import (
    CHANGES_WORDS,
    COUNT_WORDS,
    OPENED_BY_WORDS,
    ORDER_WORDS,
    PAYS_WORDS,
)
from auctionhouse.manage.forms.ways import radio
from auctionxchange.i18n import lazy_gettext as _l


class FormatFields(InCurrency):
    """The settings of sealed bids, of a falling clock, and of a buyer's choice."""

    changes = radio(_l("A bidder may"), CHANGES_WORDS)
    opened_by = radio(_l("The bids are opened by"), OPENED_BY_WORDS)
    count = radio(_l("Before that everybody is told"), COUNT_WORDS)
    pays = radio(_l("Each buyer pays"), PAYS_WORDS)
    order = radio(_l("Of equal bids is served first"), ORDER_WORDS)

    clock_start = AmountField(_l("The clock starts at"), validators=[Optional()])
    clock_step = AmountField(_l("It falls each time by"), validators=[Optional()])
    clock_every = IntegerField(_l("… seconds after each step"), validators=[Optional()])
    choice_hours = IntegerField(_l("Hours the winner has to choose"), validators=[Optional()])

    def fill_format(self, terms: Mapping[str, Any]) -> None:
        """Show what is stored, or the usual."""
        sealed, clock = terms.get("sealed") or {}, terms.get("clock") or {}
        choice = terms.get("choice") or {}
        values = {
            "changes": sealed.get("changes", "never"),
            "opened_by": sealed.get("opened_by", "clock"),
            "count": "yes" if sealed.get("count", True) else "no",
            "pays": sealed.get("pays", PAYS[0]),
            "order": sealed.get("order", ORDERS[0]),
            "clock_start": clock.get("start"),
            "clock_step": clock.get("step"),
            "clock_every": clock.get("every_s"),
            "choice_hours": choice.get("hours", CHOICE_HOURS),
            "piece_names": "\n".join(choice.get("names") or []),
        }
        for name, value in values.items():
            if name in self:
                self[name].data = value
                self[name].raw_data = None

    def format_settings(self, form: str | None) -> dict[str, Any]:
        """Return as it is stored what a format is told; nothing for those that ask nothing."""
        if form == "dutch":
            clock = {
                "start": self.clock_start.data,
                "step": self.clock_step.data,
                "every_s": self.clock_every.data,
            }
            return {"clock": clock}
        if form == "choice":
            hours = self.choice_hours.data
            typed = self["piece_names"].data if "piece_names" in self else ""
            names = [line.strip() for line in (typed or "").splitlines() if line.strip()]
            return {"choice": {"hours": CHOICE_HOURS if hours is None else hours, "names": names}}
        if form not in SEALED_FORMATS:
            return {}
        sealed = {
            "changes": self.changes.data or CHANGES[0],
            "opened_by": self.opened_by.data or OPENED_BY[0],
            "count": self.count.data != "no",
        }
        if form == "sealed_pieces":
            sealed |= {"pays": self.pays.data or PAYS[0], "order": self.order.data or ORDERS[0]}
        return {"sealed": sealed}


FORMAT_SETTINGS = frozenset({"sealed", "clock", "choice"})
"""The keys of terms these fields are stored under."""
