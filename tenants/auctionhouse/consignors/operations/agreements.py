"""Agreements: drafted, kept in versions, signed."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.consignors.models import Agreement
from auctionhouse.consignors.refusals import AgreementSigned, SignatureInvalid
from auctionhouse.invoicing.models import LegalEntity
from auctionhouse.members.models import Client
from auctionhouse.money.terms_format import read_vendor
from auctionxchange.i18n.days import house_day
from auctionxchange.kernel.errors import NotFound
from auctionxchange.kernel.money import currency


def draft_agreement(
    session: Session,
    client_id: int,
    entity_id: int,
    terms: Mapping[str, Any],
    *,
    resale_right: str = "sale",
    note: str = "",
    actor: int | None,
) -> Agreement:
    """Make the first version of an agreement, told as the vendor of a calculation file.

    Raises ReckoningInvalid for terms that cannot be reckoned with.
    """
    entity = session.get(LegalEntity, entity_id)
    client = session.get(Client, client_id)
    if entity is None or client is None:
        raise NotFound(entity=entity_id, client=client_id)
    read_vendor(terms, currency(entity.currency))
    # The highest number is read behind the entity's row, so that two drafts get two numbers.
    session.execute(
        select(LegalEntity.id).order_by(LegalEntity.id).limit(1).with_for_update(key_share=True)
    )
    newest = session.scalar(select(func.coalesce(func.max(Agreement.number), 0))) or 0
    made = Agreement(
        client_id=client_id,
        entity_id=entity_id,
        number=newest + 1,
        version=1,
        currency=entity.currency,
        terms=dict(terms),
        resale_right=resale_right,
        note=note,
        actor_member_id=actor,
    )
    return _kept(session, made, "agreement.draft", actor)


def change_agreement(
    session: Session,
    agreement_id: int,
    terms: Mapping[str, Any],
    *,
    resale_right: str,
    note: str,
    actor: int | None,
) -> Agreement:
    """Change an unsigned version, or make the next one of a signed agreement.

    Raises ReckoningInvalid, and AgreementSigned where a later version is there already.
    """
    found = lock_agreement(session, agreement_id)
    read_vendor(terms, currency(found.currency))
    if found.signed_on is None:
        found.terms, found.resale_right, found.note = dict(terms), resale_right, note
        return _kept(session, found, "agreement.change", actor)
    newest = session.scalar(
        select(func.max(Agreement.version)).where(Agreement.number == found.number)
    )
    if newest != found.version:
        raise AgreementSigned
    made = Agreement(
        client_id=found.client_id,
        entity_id=found.entity_id,
        number=found.number,
        version=found.version + 1,
        currency=found.currency,
        terms=dict(terms),
        resale_right=resale_right,
        note=note,
        actor_member_id=actor,
    )
    return _kept(session, made, "agreement.version", actor)


def sign_agreement(
    session: Session, agreement_id: int, *, signed_on: date, signed_by: str, actor: int | None
) -> Agreement:
    """Enter who signed a version and when; from here on the database keeps it as it is.

    Raises AgreementSigned and SignatureInvalid.
    """
    found = lock_agreement(session, agreement_id)
    if found.signed_on is not None:
        raise AgreementSigned
    if not signed_by.strip() or signed_on > house_day(session):
        raise SignatureInvalid
    found.signed_on, found.signed_by = signed_on, signed_by.strip()
    return _kept(session, found, "agreement.sign", actor)


def lock_agreement(session: Session, agreement_id: int) -> Agreement:
    """Hold a version to the end of the transaction; raises NotFound."""
    query = select(Agreement).where(Agreement.id == agreement_id).with_for_update(key_share=True)
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound(agreement=agreement_id)
    return found


def _kept(session: Session, agreement: Agreement, act: str, actor: int | None) -> Agreement:
    session.add(agreement)
    session.flush()
    audit.record(
        session, act, f"agreement:{agreement.id}", actor=actor, client=agreement.client_id,
        number=agreement.number, version=agreement.version,
    )  # fmt: skip
    return agreement
