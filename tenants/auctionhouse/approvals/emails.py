"""Mails about requests, each a function that returns its subject in the reader's language."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import render_template
from flask_babel import force_locale
from sqlalchemy.orm import Session

from auctionhouse.approvals.acts import act_named
from auctionhouse.approvals.models import ApprovalRequest
from auctionhouse.members.models import Member
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.translation import gettext as _
from auctionxchange.tenancy.house import House

Context = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Mail:
    """A rendered mail."""

    to: str
    subject: str
    text: str
    html: str


def asked(context: Context) -> str:
    """Tell who may decide that something waits."""
    return _("%(name)s asks for your approval: %(what)s", **_named(context))


def decided(context: Context) -> str:
    """Tell who asked how it ended."""
    subjects = {
        "done": _("Approved and done: %(what)s", **_named(context)),
        "declined": _("Declined: %(what)s", **_named(context)),
        "stale": _("Not done, because things changed: %(what)s", **_named(context)),
        "expired": _("Expired without a decision: %(what)s", **_named(context)),
    }
    return subjects[context["request"].state]


def _named(context: Context) -> dict[str, str]:
    return {"name": context["asker"].name, "what": context["described"].title}


def build(
    make: Callable[[Context], str],
    request: ApprovalRequest,
    reader_id: int,
    *,
    session: Session,
    house: House,
    settings: Settings,
) -> Mail:
    """Render a mail in its reader's language."""
    reader = session.get_one(Member, reader_id)
    with force_locale(reader.locale or house.language):
        context: Context = {
            "request": request,
            "asker": session.get_one(Member, request.asked_by),
            "decider": request.decided_by and session.get(Member, request.decided_by),
            "described": act_named(request.kind).described(session, request.payload, request.facts),
            "link": house.url(settings, f"/manage/approvals/{request.id}"),
        }
        subject = make(context)
        text, html = (
            render_template(f"approvals/mail/{make.__name__}.{kind}", subject=subject, **context)
            for kind in ("txt", "html")
        )
    return Mail(reader.email, subject, text, html)
