"""Consignors in a list, with what they have and what is missing."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Integer,
    Select,
    Text,
    column,
    func,
    select,
    text,
    true,
)
from sqlalchemy.orm import Session

_CONSIGNORS = """
    SELECT c.id, c.name, c.company, c.email, c.phone, c.member_id,
        (SELECT count(DISTINCT a.number) FROM agreement a
         WHERE a.client_id = c.id AND a.signed_on IS NOT NULL) AS agreements,
        (SELECT count(*) FROM lot l WHERE l.consignor_client_id = c.id) AS lots,
        (SELECT count(*) FROM lot l WHERE l.consignor_client_id = c.id
         AND l.agreement_id IS NULL) AS without_agreement,
        EXISTS (SELECT FROM payee_instruction i WHERE i.client_id = c.id
                AND i.state = 'approved') AS payees,
        EXISTS (SELECT FROM payee_instruction i WHERE i.client_id = c.id
                AND i.state = 'proposed') AS waits
    FROM client c
    WHERE NOT c.for_house
      AND (EXISTS (SELECT FROM agreement a WHERE a.client_id = c.id)
           OR EXISTS (SELECT FROM lot l WHERE l.consignor_client_id = c.id)
           OR EXISTS (SELECT FROM intake i WHERE i.client_id = c.id)
           OR EXISTS (SELECT FROM payee_instruction i WHERE i.client_id = c.id))
"""
CONSIGNORS = (
    text(_CONSIGNORS)
    .columns(
        column("id", BigInteger), column("name", Text), column("company", Text),
        column("email", Text), column("phone", Text), column("member_id", BigInteger),
        column("agreements", Integer), column("lots", Integer),
        column("without_agreement", Integer), column("payees", Boolean), column("waits", Boolean),
    )
    .subquery("consignors")
)  # fmt: skip
"""Every client who consigns with what stands in a list."""

_FILTERS: Mapping[str, ColumnElement[bool]] = {
    "all": true(),
    "no_agreement": CONSIGNORS.c.without_agreement > 0,
    "no_payees": ~CONSIGNORS.c.payees,
    "waits": CONSIGNORS.c.waits,
}
FILTERS = tuple(_FILTERS)


def select_consignors(search: str = "", show: str = "all") -> Select[Any]:
    """Select the clients who consign, by name; only those something is missing of, if asked."""
    found = CONSIGNORS.c
    query = select(CONSIGNORS).where(_FILTERS[show])
    if search:
        whole = func.concat_ws(" ", found.name, found.company, found.email, found.phone)
        query = query.where(whole.icontains(search, autoescape=True))
    return query.order_by(func.lower(found.name), found.id)


def consigns(session: Session, client_id: int) -> bool:
    """Tell whether a client has anything with the house as a vendor."""
    query = text(
        "SELECT EXISTS (SELECT FROM agreement WHERE client_id = :c)"
        " OR EXISTS (SELECT FROM lot WHERE consignor_client_id = :c)"
        " OR EXISTS (SELECT FROM intake WHERE client_id = :c)"
    )
    return bool(session.scalar(query, {"c": client_id}))
