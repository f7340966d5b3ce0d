"""What staff do about clients; sales, lots, registrations and bids have their own capabilities."""

from dataclasses import dataclass, fields

from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.members.models import Client
from auctionxchange.kernel.card_numbers import refuse_card_numbers
from auctionxchange.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class ClientDetails:
    """Who a client is and how to reach them."""

    name: str
    company: str | None = None
    email: str | None = None
    phone: str | None = None
    notes: str = ""


def _words(details: ClientDetails) -> list[str | None]:
    return [details.name, details.company, details.phone, details.notes]


def create_client(session: Session, details: ClientDetails, *, actor: int | None) -> Client:
    """Make a client who has no account; raises CardNumberTyped."""
    refuse_card_numbers(*_words(details))
    client = Client(**{item.name: getattr(details, item.name) for item in fields(details)})
    session.add(client)
    session.flush()
    audit.record(session, "client.create", f"client:{client.id}", actor=actor)
    return client


def edit_client(
    session: Session, client_id: int, details: ClientDetails, *, actor: int | None
) -> Client:
    """Change a client; raises NotFound and CardNumberTyped."""
    refuse_card_numbers(*_words(details))
    client = session.get(Client, client_id, with_for_update=True)
    if client is None:
        raise NotFound
    changed = [
        item.name
        for item in fields(details)
        if getattr(client, item.name) != getattr(details, item.name)
    ]
    for name in changed:
        setattr(client, name, getattr(details, name))
    if changed:
        audit.record(session, "client.edit", f"client:{client.id}", actor=actor, fields=changed)
    return client
