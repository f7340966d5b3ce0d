"""What is said about lines of a statement."""

from auctionxchange.i18n import gettext as _


def reason_words(reason: str) -> str:
    """Say why a person has to look at a line."""
    words = {
        "over": _("More than is due on the invoice it names"),
        "under": _("Less than is due on the invoice it names"),
        "split": _("One payment for several invoices"),
        "third_party": _("Paid by somebody who is not the buyer"),
        "unsure": _("Fits an invoice, but not without doubt"),
        "unknown": _("Fits no open invoice"),
        "outgoing": _("Money that went out"),
    }
    return words.get(reason, reason)


def state_words(state: str) -> str:
    """Say where a line stands."""
    words = {
        "queued": _("Waits for you"),
        "matched": _("Matched"),
        "set_aside": _("Set aside"),
    }
    return words[state]


def format_words(kind: str) -> str:
    """Name a file's format."""
    return {"camt": "CAMT.053", "mt940": "MT940", "csv": "CSV"}[kind]
