"""Two ledgers nobody edits: where each house's schema stands, and who did what."""

import json
from typing import Any

from flask import url_for
from markupsafe import Markup

from auctionxchange.console.tables import ChoiceFilter, Table, stated
from auctionxchange.console.words import ACTS, act_words, subject_name
from auctionxchange.i18n import lazy_gettext as _l
from auctionxchange.tenancy.histories import HOUSES, head
from auctionxchange.tenancy.models import AuditRecord, HouseMigration

MIGRATION_WORDS = {
    "done": ("approved", _l("Done")),
    "current": ("approved", _l("Current")),
    "running": ("pending", _l("Running")),
    "waiting": ("pending", _l("Waiting")),
    "failed": ("declined", _l("Failed")),
}


def migration_state(state: str) -> Markup:
    """Draw the state of a migration."""
    return stated(*MIGRATION_WORDS[state])


class MigrationsView(Table):
    """The ledger of migrations: one row a house."""

    column_list = ("house_schema", "state", "revision", "error", "started_at", "finished_at")
    column_labels = {
        "house_schema": _l("House"),
        "state": _l("State"),
        "revision": _l("Revision"),
        "error": _l("Error"),
        "started_at": _l("Started"),
        "finished_at": _l("Finished"),
    }
    list_template = "console/migrations.html"
    column_searchable_list = ("house_schema", "error")
    column_default_sort = ("finished_at", True)
    empty_text = _l("No house has been made or migrated yet.")

    def __init__(self) -> None:
        self.column_filters = [
            ChoiceFilter(HouseMigration.state, _l("State")),
            ChoiceFilter(HouseMigration.revision, _l("Revision")),
        ]
        self.column_formatters = {"house_schema": _house, "state": _migration_state}
        super().__init__(
            HouseMigration, name=_l("Migrations"), category=_l("Ledgers"), endpoint="migrations"
        )

    def newest(self) -> str:
        """Return the revision every house should be at."""
        return head(HOUSES)


class ActFilter(ChoiceFilter):
    """Acts by what they are called."""

    def get_options(self, view: Any) -> list[tuple[str, Any]]:
        present = super().get_options(view) or []
        return [(value, ACTS.get(value, value)) for value, _name in present]


class AuditView(Table):
    """Who did what to a house or an operator, why, and what it was before."""

    column_list = ("at", "actor", "action", "subject", "reason", "before", "after")
    column_labels = {
        "at": _l("At"),
        "actor": _l("By"),
        "action": _l("Action"),
        "subject": _l("Of"),
        "reason": _l("Reason"),
        "before": _l("Before"),
        "after": _l("After"),
    }
    column_sortable_list = ("at", "actor", "action", "subject")
    column_searchable_list = ("actor", "action", "subject", "reason")
    column_default_sort = ("at", True)
    empty_text = _l("Nothing was done yet, or nothing matches.")

    def __init__(self) -> None:
        self.column_filters = [
            ActFilter(AuditRecord.action, _l("Action")),
            ChoiceFilter(AuditRecord.actor, _l("By")),
        ]
        self.column_formatters = {
            "before": _values,
            "after": _values,
            "action": _act,
            "subject": _subject,
        }
        self.column_formatters_export = {"before": _json, "after": _json}
        super().__init__(AuditRecord, name=_l("Audit"), category=_l("Ledgers"), endpoint="audit")


def _house(_view: Table, _context: Any, row: HouseMigration, _name: str) -> Markup:
    address = url_for("houses.house", schema=row.house_schema)
    return Markup('<a href="{}">{}</a>').format(address, subject_name(row.house_schema))


def _act(_view: Table, _context: Any, row: AuditRecord, _name: str) -> str:
    return act_words(row.action)


def _subject(_view: Table, _context: Any, row: AuditRecord, _name: str) -> str:
    return subject_name(row.subject)


def _migration_state(_view: Table, _context: Any, row: HouseMigration, _name: str) -> Markup:
    return migration_state(row.state)


def _values(_view: Table, _context: Any, row: AuditRecord, name: str) -> str:
    values = getattr(row, name) or {}
    return ", ".join(f"{key}: {value}" for key, value in values.items())


def _json(_view: Table, _context: Any, row: AuditRecord, name: str) -> str:
    values = getattr(row, name)
    return "" if values is None else json.dumps(values, ensure_ascii=False)
