"""What a house is born with: its roles, its first owner and a first version of conditions."""

import secrets

from sqlalchemy import Connection, text

from auctionxchange.tenancy.provisioning import NewHouse

ROLES = {
    "owner": "Runs the house and its staff",
    "clerk": "Builds catalogues and runs sales",
    "bidder": "Registers for sales and bids",
}


def seed_house(connection: Connection, new: NewHouse) -> None:
    """Write the first rows into the schema on the connection's path."""
    connection.execute(
        text("INSERT INTO role (name, description) VALUES (:name, :description)"),
        [{"name": name, "description": description} for name, description in ROLES.items()],
    )
    owner = {
        "email": new.owner_email.strip().lower(),
        "name": new.owner_email.partition("@")[0],
        "uniquifier": secrets.token_hex(32),
        "locale": new.language,
    }
    connection.execute(_OWNER, owner)
    connection.execute(_OWNER_ROLE, owner)


_OWNER = text(
    "WITH owner AS (INSERT INTO member (email, name, fs_uniquifier, locale, confirmed_at)"
    " VALUES (:email, :name, :uniquifier, :locale, clock_timestamp()) RETURNING id)"
    " INSERT INTO client (member_id, name, email) SELECT id, :name, :email FROM owner"
)
_OWNER_ROLE = text(
    "INSERT INTO member_role (member_id, role_id)"
    " SELECT m.id, r.id FROM member m, role r WHERE m.email = :email AND r.name = 'owner'"
)
