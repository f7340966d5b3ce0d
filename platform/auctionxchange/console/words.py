"""The platform's audit in words: what was done, and to whom, by names instead of codes."""

from collections.abc import Mapping
from typing import Any

from flask import g
from sqlalchemy import or_, select

from auctionxchange.i18n import lazy_gettext as _l
from auctionxchange.site.requests import platform_session
from auctionxchange.tenancy.models import HouseRecord

ACTS: Mapping[str, Any] = {
    "house.create": _l("House created"),
    "house.suspend": _l("House suspended"),
    "house.resume": _l("House resumed"),
    "house.provision_again": _l("House: making it tried again"),
    "operator.create": _l("Operator created, or password set"),
    "operator.block": _l("Operator blocked"),
    "operator.unblock": _l("Operator unblocked"),
    "operator.session_revoked": _l("Operator’s browser signed out"),
    "subscription.plan": _l("Plan changed"),
    "subscription.trialing": _l("Subscription on trial"),
    "subscription.active": _l("Subscription paid"),
    "subscription.past_due": _l("Subscription overdue"),
    "subscription.suspended": _l("Subscription suspended"),
    "subscription.cancelled": _l("Subscription cancelled"),
    "stripe.connected": _l("Stripe connected"),
    "stripe.revoked": _l("Stripe taken away"),
}
"""By the name an act is recorded under; one that is not here is shown by it."""


def act_words(action: str) -> str:
    """Say what was done."""
    return str(ACTS.get(action, action))


def subject_name(subject: str) -> str:
    """Return a house's name for its short name or schema; an operator's address as it is."""
    known: dict[str, str] = g.setdefault("subject_names", {})
    if subject not in known:
        named = or_(HouseRecord.slug == subject, HouseRecord.schema == subject)
        found = platform_session().scalar(select(HouseRecord.name).where(named))
        known[subject] = found or subject
    return known[subject]
