"""The companies a house sells through."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.invoicing.models import LegalEntity
from auctionhouse.invoicing.refusals import SeriesTaken
from auctionxchange.kernel.errors import NotFound

FIELDS = (
    "name", "address", "country", "vat_number", "series", "credit_series", "bank", "currency",
    "payment_days",
)  # fmt: skip


def save_entity(
    session: Session, entity_id: int | None, values: Mapping[str, Any], *, actor: int | None
) -> LegalEntity:
    """Add a legal entity or change one; numbers go on from where they are. Raises SeriesTaken."""
    series = [values["series"], values["credit_series"]]
    taken = select(LegalEntity.id).where(
        or_(LegalEntity.series.in_(series), LegalEntity.credit_series.in_(series)),
        LegalEntity.id != (entity_id or 0),
    )
    if series[0] == series[1] or session.scalars(taken).first() is not None:
        raise SeriesTaken
    entity = LegalEntity() if entity_id is None else session.get(LegalEntity, entity_id)
    if entity is None:
        raise NotFound(entity=entity_id)
    for name in FIELDS:
        setattr(entity, name, values[name])
    session.add(entity)
    session.flush()
    audit.record(session, "entity.save", f"entity:{entity.id}", actor=actor, name=entity.name)
    return entity


def entities(session: Session) -> list[LegalEntity]:
    """Return the house's legal entities by name."""
    return list(session.scalars(select(LegalEntity).order_by(LegalEntity.name)))
