"""What Stripe told, and what was kept aside because it belongs to nobody we know."""

from typing import Any

from markupsafe import Markup

from auctionxchange.console.tables import ChoiceFilter, Table, stated
from auctionxchange.console.words import subject_name
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n import lazy_gettext as _l
from auctionxchange.i18n import ngettext
from auctionxchange.payments.models import StripeAccount, StripeComparison, StripeEvent
from auctionxchange.site.requests import platform_session

EVENT_WORDS = {
    "received": ("pending", _l("Waiting")),
    "done": ("approved", _l("Done")),
    "ignored": ("approved", _l("Not needed")),
    "stranger": ("declined", _l("Unknown account")),
    "foreign": ("declined", _l("Not at this account")),
}
CARD_WORDS = {
    "active": ("approved", _l("Takes cards")),
    "pending": ("pending", _l("Being checked by Stripe")),
    "restricted": ("pending", _l("Stripe needs to know more")),
    "revoked": ("declined", _l("Taken away")),
}


class StripeEventsView(Table):
    """The inbox of webhooks, the latest first."""

    column_list = ("received_at", "state", "kind", "account", "object_id", "event_id")
    column_labels = {
        "received_at": _l("Received"),
        "state": _l("State"),
        "kind": _l("Event"),
        "account": _l("Account"),
        "object_id": _l("Of"),
        "event_id": _l("Number"),
    }
    column_searchable_list = ("event_id", "account", "object_id", "kind")
    column_default_sort = ("received_at", True)
    empty_text = _l("Stripe has told nothing yet, or nothing matches.")

    def __init__(self) -> None:
        self.column_filters = [
            ChoiceFilter(StripeEvent.state, _l("State"), lambda state: EVENT_WORDS[state][1]),
            ChoiceFilter(StripeEvent.kind, _l("Event")),
        ]
        self.column_formatters = {"state": _event_state, "account": _whose}
        super().__init__(
            StripeEvent, name=_l("Stripe events"), category=_l("Ledgers"), endpoint="stripe-events"
        )


class StripeAccountsView(Table):
    """Which Stripe account is which house's, and whether it takes cards."""

    column_list = ("house_schema", "entity", "account", "card_payments", "looked_at", "revoked_at")
    column_labels = {
        "house_schema": _l("House"),
        "entity": _l("Legal entity no."),
        "account": _l("Account"),
        "card_payments": _l("Cards"),
        "looked_at": _l("Looked at"),
        "revoked_at": _l("Taken away"),
    }
    column_searchable_list = ("account", "house_schema")
    column_default_sort = ("created_at", True)
    empty_text = _l("No house has connected a Stripe account yet.")

    def __init__(self) -> None:
        self.column_filters = [
            ChoiceFilter(
                StripeAccount.card_payments, _l("Cards"), lambda state: _card_words(state)[1]
            )
        ]
        self.column_formatters = {"card_payments": _cards, "house_schema": _house}
        super().__init__(
            StripeAccount,
            name=_l("Stripe accounts"),
            category=_l("Ledgers"),
            endpoint="stripe-accounts",
        )


class ReconciliationsView(Table):
    """Whether Stripe's books and each house's agree; the amounts are the house's own affair."""

    column_list = ("house_schema", "entity", "account", "differences", "lines", "problem", "at")
    column_labels = {
        "house_schema": _l("House"),
        "entity": _l("Legal entity no."),
        "account": _l("Account"),
        "differences": _l("Differences"),
        "lines": _l("Lines at Stripe"),
        "problem": _l("Problem"),
        "at": _l("Compared"),
    }
    column_searchable_list = ("account", "house_schema")
    column_default_sort = ("differences", True)
    empty_text = _l("No books have been compared yet; they are every night.")
    figures = ("entity", "lines")

    def __init__(self) -> None:
        self.column_formatters = {"differences": _agrees, "house_schema": _house}
        super().__init__(
            StripeComparison,
            name=_l("Stripe’s books"),
            category=_l("Ledgers"),
            endpoint="stripe-books",
        )


def _agrees(_view: Table, _context: Any, row: StripeComparison, _name: str) -> Markup:
    if row.problem:
        return stated("pending", _("Not compared"))
    if row.differences:
        return stated("declined", ngettext("%(num)d difference", "%(num)d differences",
                                           row.differences))  # fmt: skip
    return stated("approved", _("Books agree"))


def _event_state(_view: Table, _context: Any, row: StripeEvent, _name: str) -> Markup:
    return stated(*EVENT_WORDS[row.state])


def _whose(_view: Table, _context: Any, row: StripeEvent, _name: str) -> Markup:
    """Name the house an event came from, with its account; the platform's own has none."""
    found = platform_session().get(StripeAccount, row.account or "")
    name = _("The exchange") if row.account is None else _("Nobody’s")
    name = name if found is None else subject_name(found.house_schema)
    return Markup("{} <code>{}</code>").format(name, row.account or "")


def _house(_view: Table, _context: Any, row: StripeAccount | StripeComparison, _name: str) -> str:
    return subject_name(row.house_schema)


def _cards(_view: Table, _context: Any, row: StripeAccount, _name: str) -> Markup:
    return stated(*_card_words(row.card_payments))


def _cards_named(state: str) -> Any:
    return _card_words(state)[1]


def _card_words(state: str) -> tuple[str, Any]:
    return CARD_WORDS.get(state, CARD_WORDS["restricted"])
