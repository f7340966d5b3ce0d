"""Houses for tests."""

import secrets

from sqlalchemy import Engine

from auctionxchange.tenancy.provisioning import NewHouse, Seed, create_house


def make_house(
    engine: Engine,
    seed: Seed,
    *,
    slug: str | None = None,
    language: str = "en",
    currency: str = "GBP",
    theme: str = "base",
) -> str:
    """Make a house and return its schema; without a slug it gets a random one."""
    name = slug or f"h{secrets.token_hex(5)}"
    new = NewHouse(
        slug=name,
        name=f"House of {name.title()}",
        currency=currency,
        time_zone="Europe/London" if currency == "GBP" else "Europe/Paris",
        country="GB" if currency == "GBP" else "FR",
        language=language,
        languages=("en", "fr"),
        owner_email=f"owner@{name}.example",
        theme=theme,
    )
    return create_house(engine, new, seed, actor="test")
