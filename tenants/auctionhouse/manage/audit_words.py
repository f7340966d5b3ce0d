"""The audit in words: what was done, to what, and with which particulars.

Acts are named “thing.verb” where they are recorded. What has no words here is shown as it is named.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionhouse.catalogue.models import Lot, Sale
from auctionhouse.catalogue.rules import lot_label
from auctionhouse.manage.queries.people import audit_entries
from auctionhouse.members.models import Client, Member
from auctionhouse.registrations.models import Registration
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n import lazy_gettext as _l

LONGEST_DIGEST = 12
LONGEST_VALUE = 80

THINGS: Mapping[str, Any] = {
    "approval": _l("Approval"), "artist": _l("Artist"), "bid": _l("Bid"), "card": _l("Card"),
    "client": _l("Client"), "conditions": _l("Conditions"), "entity": _l("Legal entity"),
    "invoice": _l("Invoice"), "list": _l("List"), "lot": _l("Lot"), "member": _l("Member"),
    "notice": _l("Notice"), "payment": _l("Payment"), "payout": _l("Payout"),
    "picture": _l("Picture"), "registration": _l("Registration"), "release": _l("Release"),
    "sale": _l("Sale"), "statement": _l("Statement"),
}  # fmt: skip

VERBS: Mapping[str, Any] = {
    "add": _l("added"), "allowance": _l("credit note for a part"),
    "approve": _l("approval"), "archive": _l("archiving"),
    "block": _l("blocking"), "buyer": _l("other buyer"), "cancel": _l("cancelling"),
    "change": _l("change"), "close": _l("closing"), "correct": _l("correction"),
    "create": _l("creation"), "credit": _l("credit note"), "decline": _l("refusal"),
    "delete": _l("deletion"), "draft": _l("draft"), "edit": _l("change"), "export": _l("export"),
    "house": _l("for the seller"), "limit": _l("limit"), "lower": _l("lower maximum"),
    "money": _l("money terms"), "open_book": _l("look into the book"), "order": _l("order"),
    "outage": _l("time given back"), "outage_rule": _l("rule for interruptions"),
    "own_limits": _l("limits of their own"), "pause": _l("pause"), "payment": _l("payment"),
    "post": _l("posting"), "postpone": _l("postponement"), "publish": _l("publication"),
    "refund": _l("refund"), "register": _l("registration"), "release": _l("release"),
    "renumber": _l("new number"), "reopen": _l("reopening"), "resume": _l("resumption"),
    "retract": _l("taken back"), "roles": _l("roles"), "save": _l("change"),
    "set_password": _l("new password"), "suspend": _l("suspension"), "terms": _l("bidding terms"),
    "unblock": _l("unblocking"), "withdraw": _l("withdrawal"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the audit as it is read."""

    at: datetime
    who: str
    done: str
    subject: str
    name: str
    path: str | None
    detail: str


PATHS = {
    "sale": "/manage/sales/{}/",
    "lot": "/manage/lots/{}",
    "member": "/manage/members/{}",
    "client": "/manage/clients/{}",
    "registration": "/manage/registrations/{}",
    "invoice": "/manage/money/invoices/{}",
    "entity": "/manage/money/entities/{}",
}
"""Where a thing's own page is."""


def act_words(action: str) -> str:
    """Say what was done, such as “Lot: publication”."""
    thing, _dot, verb = action.partition(".")
    if not verb:
        return _thing(thing)
    done = str(VERBS.get(verb, verb.replace("_", " ")))
    return _("%(thing)s: %(done)s", thing=_thing(thing), done=done)


def told(detail: Mapping[str, Any]) -> str:
    """Say the particulars of an act in one line."""
    given = {key: value for key, value in detail.items() if value not in (None, "", [], {})}
    return "; ".join(f"{key.replace('_', ' ')}: {_value(key, one)}" for key, one in given.items())


def _value(key: str, value: Any) -> str:
    if isinstance(value, list) and all(isinstance(one, str | int) for one in value):
        return ", ".join(str(one) for one in value)
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    longest = LONGEST_DIGEST if key == "digest" else LONGEST_VALUE
    return shown if len(shown) <= longest else f"{shown[:longest]}…"


def acts_on(session: Session, subject: str) -> list[Act]:
    """Return the latest acts on one thing."""
    return acts_of(session, audit_entries(session, subject))


def acts_of(session: Session, rows: Sequence[Any]) -> list[Act]:
    """Put rows of the audit into words."""
    names = subject_names(session, (row.AuditEntry.subject for row in rows))
    return [
        Act(
            at=entry.at,
            who=row.name or row.email or _("the system"),
            done=act_words(entry.action),
            subject=entry.subject,
            name=names[entry.subject],
            path=subject_path(entry.subject),
            detail=told(entry.detail),
        )
        for row in rows
        for entry in (row.AuditEntry,)
    ]


def subject_path(subject: str) -> str | None:
    """Return where the page of a thing is, or None where it has none."""
    kind, _colon, identity = subject.partition(":")
    known = kind in PATHS and identity.isascii() and identity.isdigit()
    return PATHS[kind].format(identity) if known else None


def subject_names(session: Session, subjects: Iterable[str]) -> dict[str, str]:
    """Return what people call the things of a page of the audit, one query a kind."""
    wanted: dict[str, set[int]] = {}
    names = {}
    for subject in set(subjects):
        kind, _colon, identity = subject.partition(":")
        names[subject] = f"{_thing(kind)} {identity}"
        if kind in _NAMES and identity.isascii() and identity.isdigit():
            wanted.setdefault(kind, set()).add(int(identity))
    for kind, ids in wanted.items():
        query, shown = _NAMES[kind]
        for row in session.execute(query.where(query.selected_columns[0].in_(ids))):
            names[f"{kind}:{row[0]}"] = shown(row)
    return names


def _thing(kind: str) -> str:
    return str(THINGS.get(kind, kind.replace("_", " ")))


def _lot_name(row: Any) -> str:
    return _("Lot %(number)s", number=f"{lot_label(row.number, row.suffix)} · {row.title}")


_NAMES: Mapping[str, tuple[Any, Any]] = {
    "sale": (select(Sale.id, Sale.title), lambda row: row.title),
    "lot": (select(Lot.id, Lot.number, Lot.suffix, Lot.title), _lot_name),
    "member": (select(Member.id, Member.name, Member.email), lambda row: row.name or row.email),
    "client": (select(Client.id, Client.name), lambda row: row.name),
    "registration": (
        select(Registration.id, Client.name).join(Client, Client.id == Registration.client_id),
        lambda row: row.name,
    ),
}
