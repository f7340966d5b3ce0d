"""The words for every state a lot, a bidder, a sale or a registration can be in."""

from collections.abc import Mapping
from typing import Any

from auctionxchange.i18n.messages import lazy_gettext as _

STATE_WORDS: Mapping[str, Any] = {
    "open": _("Open"),
    "leading": _("You lead"),
    "outbid": _("Outbid"),
    "closing": _("Closing"),
    "ended": _("Ended, bids sealed"),
    "sealed": _("Sealed bid handed in"),
    "closed": _("Closed"),
    "sold": _("Sold"),
    "unsold": _("Unsold"),
    "choosing": _("The winner chooses"),
    "conditional": _("Subject to the seller’s consent"),
    "withdrawn": _("Withdrawn"),
    "extended": _("Extended"),
    "paused": _("Paused"),
    "scheduled": _("Not yet open"),
    "reserve_met": _("Reserve met"),
    "reserve_not_met": _("Reserve not met"),
    "no_reserve": _("No reserve"),
    "pending": _("Pending"),
    "approved": _("Approved"),
    "declined": _("Declined"),
    "suspended": _("Suspended"),
    "draft": _("Draft"),
    "published": _("Published"),
    "archived": _("Archived"),
    "won": _("Won"),
    "lost": _("Not won"),
    "not_registered": _("Not registered"),
    "active": _("Active"),
    "running": _("Running"),
}
"""State → word, translated when it is shown."""


def state_word(name: str) -> str:
    """Return a state's word in the reader's language; an unknown state is shown as it is named."""
    return str(STATE_WORDS.get(name, name))
