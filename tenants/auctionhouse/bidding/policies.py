"""What a sale's house allows around a bid: taking it back, its own bids, limits, confirmation.

Stored beside the increments in the sale's terms; the rules that decide prices do not read them.
SETTINGS lists them for a form, each with what it means.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, Literal

from auctionhouse.bidding.term_errors import TermsInvalid
from auctionxchange.kernel.money import LARGEST_AMOUNT
from auctionxchange.kernel.translation import gettext as _
from auctionxchange.kernel.translation import lazy_gettext as _l

Kind = Literal["choice", "whole", "amount"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a sale: its key in the terms, what it may be, and how it is explained.

    Choices are (stored value, label) pairs; a whole number lies from least to most; an amount is
    in minor units of the sale's currency, None where there is no limit.
    """

    name: str
    kind: Kind
    label: Any
    explanation: Any
    default: Any
    choices: tuple[tuple[str, Any], ...] = ()
    most: int = 0
    least: int = 0


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "retraction", "choice", _l("May bidders take a bid back?"),
        _l("A bid that is taken back no longer counts; the price is decided again without it."
           " Your conditions of sale must say so."),
        "never",
        (
            ("never", _l("Never")),
            ("allowed", _l("Yes, within the times below")),
            ("lower_only", _l("Only lower a maximum to the current price")),
        ),
    ),
    Setting(
        "retraction_hours", "whole", _l("Hours before the end until which all own bids may go"),
        _l("Later than that only the last bid may go, and only shortly after it was placed."),
        12, most=720,
    ),
    Setting(
        "retraction_minutes", "whole", _l("Minutes in which the last bid may go after that"),
        _l("Counted from when the bid was placed; 0 lets none go so late."),
        60, most=1440,
    ),
    Setting(
        "house_bidding", "choice", _l("May the house bid for the seller?"),
        _l("Only below the reserve. The sale’s page says so beforehand; each such bid is marked in"
           " the ledger at once and shown as the house’s once the lot has closed."),
        "never",
        (("never", _l("No")), ("below_reserve", _l("Yes, below the reserve"))),
    ),
    Setting(
        "staff_bidding", "choice", _l("May staff bid for themselves?"),
        _l("In advance means before the bidding opens; such bids are shown as staff’s."),
        "never",
        (("never", _l("No")), ("in_advance", _l("Only in advance, and shown as such"))),
    ),
    Setting(
        "bid_limit", "amount", _l("Highest bid on a lot"),
        _l("Holds for everyone without a limit of their own. Leave it empty for none."),
        None,
    ),
    Setting(
        "confirm_times_asking", "whole", _l("Confirm bids of so many times the asking price"),
        _l("A slip of the finger is asked about once more, with the sum in words. 0 never asks."),
        5, most=1000,
    ),
    Setting(
        "confirm_times_estimate", "whole", _l("Confirm bids of so many times the high estimate"),
        _l("The same for bids far above the estimate. 0 never asks."),
        2, most=1000,
    ),
    Setting(
        "offer_hours", "whole", _l("Hours in which an offer is to be answered"),
        _l("Counted anew from each answer; an offer ends with the lot in any case."),
        48, most=336, least=1,
    ),
    Setting(
        "offers_each", "whole", _l("Offers a bidder may have open in the sale at once"),
        _l("An offer binds: what is offered counts towards the bidder’s own limits."),
        3, most=100, least=1,
    ),
    Setting(
        "conditional_hours", "whole", _l("Hours the seller has for a bid close to the reserve"),
        _l("After that the lot is not sold. The bidder is told until when the seller decides."),
        72, most=720, least=1,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Policies:
    """A sale's policies; the amount in minor units."""

    retraction: Literal["never", "allowed", "lower_only"] = "never"
    retraction_hours: int = 12
    retraction_minutes: int = 60
    house_bidding: Literal["never", "below_reserve"] = "never"
    staff_bidding: Literal["never", "in_advance"] = "never"
    bid_limit: int | None = None
    confirm_times_asking: int = 5
    confirm_times_estimate: int = 2
    offer_hours: int = 48
    offers_each: int = 3
    conditional_hours: int = 72

    def far_above(self, maximum: int, asking: int, estimate: int | None) -> bool:
        """Tell whether an amount is so far above asking price or high estimate as to be asked."""
        if maximum <= asking:
            return False
        times = self.confirm_times_asking
        of_estimate = self.confirm_times_estimate if estimate is not None else 0
        return bool(
            (times and maximum >= asking * times)
            or (of_estimate and maximum >= (estimate or 0) * of_estimate)
        )


class PolicyInvalid(TermsInvalid):
    """A policy nobody could keep; fields name the setting and the problem."""

    def message(self) -> str:
        texts = {
            "choice": _("Choose one of: %(choices)s.", choices=self.fields.get("choices", "")),
            "whole": _(
                "Give a whole number from %(least)s to %(most)s.",
                least=self.fields.get("least", 0),
                most=self.fields.get("most", 0),
            ),
            "amount": _("A limit must be above zero; leave it empty for none."),
        }
        return texts[self.fields["problem"]]


def policies_of(terms: Mapping[str, Any]) -> Policies:
    """Read a sale's policies out of its stored terms; raises PolicyInvalid."""
    return Policies(**{setting.name: _read(terms, setting) for setting in SETTINGS})


@lru_cache(maxsize=2_000)
def stored_policies(terms: str) -> Policies:
    """Read policies from the JSON text as stored; the same text is parsed once."""
    return policies_of(json.loads(terms))


def public_policies(policies: Policies) -> dict[str, Any]:
    """Return the policies that differ from the usual, by key."""
    return {
        item.name: getattr(policies, item.name)
        for item in fields(policies)
        if getattr(policies, item.name) != item.default
    }


def _read(terms: Mapping[str, Any], setting: Setting) -> Any:
    value = terms.get(setting.name)
    if value is None:
        return setting.default
    if setting.kind == "choice":
        known = [choice for choice, _label in setting.choices]
        if value not in known:
            raise PolicyInvalid(setting.name, "choice", choices=", ".join(known))
    elif type(value) is not int or not _within(value, setting):
        raise PolicyInvalid(setting.name, setting.kind, least=setting.least, most=setting.most)
    return value


def _within(value: int, setting: Setting) -> bool:
    if setting.kind == "amount":
        return 0 < value <= LARGEST_AMOUNT
    return setting.least <= value <= setting.most
