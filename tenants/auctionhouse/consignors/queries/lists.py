"""Consignors in a list, with what they have and what is missing."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

_CONSIGNORS = """
    SELECT c.id, c.name, c.company, c.email, c.member_id,
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
      AND (:search = '' OR concat_ws(' ', c.name, c.company, c.email, c.phone) ILIKE :pattern)
"""
_FILTERS: Mapping[str, str] = {
    "all": "",
    "no_agreement": " AND without_agreement > 0",
    "no_payees": " AND NOT payees",
    "waits": " AND waits",
}
FILTERS = tuple(_FILTERS)
MOST = 500


def consignors(session: Session, search: str = "", show: str = "all") -> Sequence[Any]:
    """Return the clients who consign, by name; only those something is missing of, if asked."""
    escaped = search.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    query = text(
        f"SELECT * FROM ({_CONSIGNORS}) found WHERE true{_FILTERS[show]}"  # noqa: S608 - our own texts
        " ORDER BY lower(name), id LIMIT :most"
    )
    key = {"search": search, "pattern": f"%{escaped}%", "most": MOST}
    return session.execute(query, key).all()


def consigns(session: Session, client_id: int) -> bool:
    """Tell whether a client has anything with the house as a vendor."""
    query = text(
        "SELECT EXISTS (SELECT FROM agreement WHERE client_id = :c)"
        " OR EXISTS (SELECT FROM lot WHERE consignor_client_id = :c)"
        " OR EXISTS (SELECT FROM intake WHERE client_id = :c)"
    )
    return bool(session.scalar(query, {"c": client_id}))
