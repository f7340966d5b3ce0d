"""How requests stand, in words."""

from auctionxchange.i18n import gettext as _


def request_words(state: str) -> str:
    """Say how a request stands."""
    words = {
        "waiting": _("Waits for approval"),
        "done": _("Approved and done"),
        "declined": _("Declined"),
        "withdrawn": _("Withdrawn"),
        "stale": _("Not done: things changed"),
    }
    return words.get(state, _("Expired"))
