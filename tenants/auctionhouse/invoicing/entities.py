"""The companies a house sells through."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.catalogue.locks import lock_sale
from auctionhouse.catalogue.models import Sale
from auctionhouse.invoicing.models import Invoice, LegalEntity
from auctionhouse.invoicing.refusals import (
    EntityCurrency,
    EntityFixed,
    EntityInUse,
    NoEntity,
    SeriesTaken,
)
from auctionxchange.kernel.errors import NotFound

FIELDS = (
    "name", "address", "country", "vat_number", "series", "credit_series", "bank", "currency",
    "payment_days",
)  # fmt: skip


def save_entity(
    session: Session, entity_id: int | None, values: Mapping[str, Any], *, actor: int | None
) -> LegalEntity:
    """Add a legal entity or change one; numbers go on from where they are.

    The bank account of one that exists stays: buyers pay into it, so two people change it (see
    two_person.py). Raises SeriesTaken, and EntityInUse for another currency once it has invoiced.
    """
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
    if entity_id is not None and entity.currency != values["currency"]:
        _check_unused(session, entity_id)
    for name in FIELDS:
        if entity_id is None or name != "bank":
            setattr(entity, name, values[name])
    session.add(entity)
    session.flush()
    audit.record(session, "entity.save", f"entity:{entity.id}", actor=actor, name=entity.name)
    return entity


def _check_unused(session: Session, entity_id: int) -> None:
    used = select(Invoice.id).where(Invoice.entity_id == entity_id)
    if session.scalars(used.limit(1)).first() is not None:
        raise EntityInUse


def lock_entity(session: Session, entity_id: int) -> LegalEntity:
    """Hold a legal entity's row to the end of the transaction; raises NotFound."""
    query = select(LegalEntity).where(LegalEntity.id == entity_id)
    query = query.with_for_update(key_share=True)
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound(entity=entity_id)
    return found


def change_bank(session: Session, entity_id: int, bank: str, *, actor: int | None) -> LegalEntity:
    """Name another bank account on invoices to come; those released keep theirs."""
    entity = lock_entity(session, entity_id)
    before, entity.bank = entity.bank, bank
    session.flush()
    audit.record(
        session, "entity.bank", f"entity:{entity_id}", actor=actor, before=before, after=bank
    )
    return entity


def assign_entity(
    session: Session, sale_id: int, entity_id: int | None, *, actor: int | None
) -> Sale:
    """Say which legal entity a sale is sold by; None leaves it to the first in its currency.

    Pro-formas move along, and so do cards charged for them. Raises EntityCurrency, and
    EntityFixed once an invoice of the sale is released.
    """
    sale = lock_sale(session, sale_id)
    if entity_id is not None and lock_entity(session, entity_id).currency != sale.currency:
        raise EntityCurrency(currency=sale.currency)
    if entity_id == sale.legal_entity_id:
        return sale
    released = select(Invoice.id).where(Invoice.sale_id == sale_id, Invoice.number.is_not(None))
    if session.scalars(released.limit(1)).first() is not None:
        raise EntityFixed
    before, sale.legal_entity_id = sale.legal_entity_id, entity_id
    session.flush()
    session.execute(
        update(Invoice)
        .where(Invoice.sale_id == sale_id, Invoice.number.is_(None))
        .values(entity_id=entity_for(session, sale).id)
    )
    audit.record(
        session, "sale.entity", f"sale:{sale_id}", actor=actor, before=before, after=entity_id
    )
    return sale


def entity_for(session: Session, sale: Sale) -> LegalEntity:
    """Return the entity a sale belongs to, or the first in its currency; raises NoEntity."""
    if sale.legal_entity_id is not None:
        return session.get_one(LegalEntity, sale.legal_entity_id)
    query = select(LegalEntity).where(LegalEntity.currency == sale.currency)
    found = session.scalars(query.order_by(LegalEntity.id).limit(1)).one_or_none()
    if found is None:
        raise NoEntity(currency=sale.currency)
    return found


def entities(session: Session) -> list[LegalEntity]:
    """Return the house's legal entities by name."""
    return list(session.scalars(select(LegalEntity).order_by(LegalEntity.name)))


def particulars(entity: LegalEntity) -> dict[str, Any]:
    """Return a legal entity's name, address, VAT number and bank."""
    names = ("name", "address", "country", "vat_number", "bank")
    return {name: getattr(entity, name) for name in names}
