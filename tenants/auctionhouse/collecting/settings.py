"""How a legal entity collects, as its house set it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.collecting.models import CollectingRules
from auctionhouse.invoicing.models import LegalEntity
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.errors import NotFound

FIELDS = (
    "reminder_days", "interest_reference", "interest_margin", "interest_after_days",
    "storage_after_days", "storage_fee", "storage_vat", "at_close", "charge", "charge_up_to",
    "charge_after_hours", "link_days",
)  # fmt: skip


def rules_of(session: Session, entity_id: int) -> CollectingRules:
    """Return an entity's rules; reminders alone where the house set none."""
    found = session.get(CollectingRules, entity_id)
    return found or CollectingRules(
        entity_id=entity_id, reminder_days=[3, 10, 21], interest_after_days=0, storage_vat=0,
        at_close="nothing", charge="nothing", charge_after_hours=24, link_days=3,
    )  # fmt: skip


def save_rules(
    session: Session, entity_id: int, values: Mapping[str, Any], *, actor: int | None
) -> CollectingRules:
    """Set an entity's rules; the database refuses what cannot be."""
    if session.get(LegalEntity, entity_id, with_for_update={"key_share": True}) is None:
        raise NotFound(entity=entity_id)
    rules = session.get(CollectingRules, entity_id) or CollectingRules(entity_id=entity_id)
    for name in FIELDS:
        setattr(rules, name, values[name])
    rules.reminder_days = sorted(set(rules.reminder_days))
    rules.changed_at = database_now(session)
    session.add(rules)
    session.flush()
    told = {name: str(values[name]) for name in FIELDS}
    audit.record(session, "collecting.rules", f"entity:{entity_id}", actor=actor, **told)
    return rules
