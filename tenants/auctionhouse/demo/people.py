"""Who may sign in at the demo, and the simulated bidders. The passwords are for trying only."""

import secrets
from pathlib import Path

from auctionhouse.members.operations import create_member, member_by_email, set_password
from auctionxchange.accounts.operators import create_operator
from auctionxchange.accounts.passwords import hashed
from auctionxchange.kernel.database import Database, HouseSession

PASSWORD = "paddle-and-hammer"  # noqa: S105 - printed at the start, for trying on one machine
OPERATOR = "operator@exchange.example"
BIDDERS = 8


def simulated(number: int) -> str:
    """Return the address of a simulated bidder."""
    return f"bidder{number}@simulated.example"


def simulation_password(folder: Path) -> str:
    """Return the simulated bidders' password, made once an installation."""
    place = folder / "simulation-password"
    if not place.exists():
        place.write_text(secrets.token_urlsafe(24))
        place.chmod(0o600)
    return place.read_text().strip()


def make_operator(database: Database) -> None:
    """Make the demo's operator."""
    with database.platform_session() as session, session.begin():
        create_operator(
            session, email=OPERATOR, name="Demo operator", password_hash=hashed(PASSWORD)
        )


def make_people(session: HouseSession, slug: str, language: str, simulation: str) -> None:
    """Make a clerk, a bidder to try with, and the simulated ones; the owner is there."""
    set_password(session, f"owner@{slug}.example", hashed(PASSWORD))
    member_by_email(session, f"owner@{slug}.example").name = "Olivia Owner"
    people = (
        ("clerk", "Casey Clerk", ("clerk", "bidder")),
        ("bidder", "Robin Bidder", ("bidder",)),
    )
    for name, shown, roles in people:
        create_member(
            session,
            email=f"{name}@{slug}.example",
            name=shown,
            password_hash=hashed(PASSWORD),
            roles=roles,
            locale=language,
        )
    kept = hashed(simulation)
    called = "Enchérisseur simulé" if language == "fr" else "Simulated bidder"
    for number in range(1, BIDDERS + 1):
        create_member(
            session,
            email=simulated(number),
            name=f"{called} {number}",
            password_hash=kept,
            locale=language,
        )
