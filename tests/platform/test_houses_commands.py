"""The command line of the people who run an installation: houses, migrations, clear refusals."""

import json
import secrets
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text
from wsgi import create_app

from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.histories import HOUSES, PLATFORM, head
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.slugs import RESERVED, SlugInvalid, SlugReserved, checked_slug

Run = Callable[..., Result]
PROFILE = {
    "--name": "Ash & Daughters", "--currency": "GBP", "--time-zone": "Europe/London",
    "--country": "GB", "--language": "en", "--owner": "ash@ash.example",
}  # fmt: skip


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name, value in {
        "DATABASE_URL": settings.database_url,
        "DATABASE_ADMIN_URL": settings.database_admin_url or "",
        "SECRET_KEY": settings.secret_key,
        "PUBLIC_URL": settings.public_url,
        "AUCTIONXCHANGE_ENVIRONMENT": "test",
    }.items():
        monkeypatch.setenv(name, value)

    def told(*words: str) -> Result:
        return CliRunner().invoke(create_app().cli, words)

    return told


def profile(**changes: str) -> list[str]:
    """Return the options a house is created with."""
    given = {**PROFILE, **{f"--{name.replace('_', '-')}": value for name, value in changes.items()}}
    return [word for pair in given.items() for word in pair]


def statuses(database: Database, slug: str) -> list[str]:
    with database.platform_session() as session:
        query = text("SELECT status FROM exchange.house WHERE slug = :slug")
        return list(session.execute(query, {"slug": slug}).scalars())


def test_a_house_is_created_listed_suspended_and_resumed(run: Run, database: Database) -> None:
    slug = f"h{secrets.token_hex(5)}"
    made = run("houses", "create", slug, *profile(), "--also", "fr")
    assert made.exit_code == 0, made.output
    assert "ash@ash.example sets a password" in made.output
    listed = json.loads(run("houses", "list", "--json").output)
    mine = next(one for one in listed if one["slug"] == slug)
    assert (mine["status"], mine["name"]) == ("active", "Ash & Daughters")
    assert f"{slug:<20} active" in run("houses", "list").output
    assert run("houses", "suspend", slug, "--reason", "fees unpaid").exit_code == 0
    assert statuses(database, slug) == ["suspended"]
    again = run("houses", "suspend", slug, "--reason", "fees unpaid")
    assert again.exit_code == 1
    assert "cannot become suspended" in again.output
    assert run("houses", "resume", slug).exit_code == 0
    assert statuses(database, slug) == ["active"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": "  "}, "Give the house a name"),
        ({"name": "x" * 121}, "at most 120 characters"),
        ({"name": "two\nlines"}, "in one line"),
        ({"currency": "gbp"}, "not a currency code"),
        ({"currency": "XXX"}, "not a currency code"),
        ({"currency": "DEM"}, "not a currency code"),
        ({"time_zone": "Mars/Olympus"}, "time zone such as"),
        ({"country": "UK"}, "two-letter country code"),
        ({"language": "xx"}, "language code"),
        ({"language": "de"}, "one of these languages"),
        ({"owner": "nobody"}, "full e-mail address"),
        ({"theme": "nothing"}, "one of these themes"),
    ],
)
def test_a_wrong_profile_is_said_in_a_sentence_and_nothing_is_made(
    run: Run, database: Database, change: dict[str, str], told: str
) -> None:
    """Seen to fail for theme, long name, XXX and DEM: the house was made, and its pages failed."""
    slug = f"h{secrets.token_hex(5)}"
    answer = run("houses", "create", slug, *profile(**change))
    assert answer.exit_code == 1
    assert told in answer.output
    assert "Traceback" not in answer.output
    assert statuses(database, slug) == []


@pytest.mark.parametrize("slug", ["www", "console", "api", "live", "mail", "xn--bcher", "t-1"])
def test_a_reserved_short_name_is_refused(run: Run, slug: str) -> None:
    answer = run("houses", "create", slug, *profile())
    assert answer.exit_code == 1
    assert "Error:" in answer.output
    with pytest.raises((SlugReserved, SlugInvalid)):
        checked_slug(slug)


@pytest.mark.parametrize(
    "slug", ["a", "Oak", "oak_", "-oak", "oak-", "o--k", "1oak", "ö", "x" * 41]
)
def test_what_cannot_be_a_host_names_first_part_is_refused(slug: str) -> None:
    with pytest.raises(SlugInvalid):
        checked_slug(slug)


def test_short_names_that_are_needed_are_reserved() -> None:
    assert {"console", "www", "api", "live", "mail", "stripe", "static", "admin"} <= RESERVED
    assert checked_slug("oak-and-sons-2") == "oak-and-sons-2"


@pytest.mark.parametrize(
    "words",
    [
        ("houses", "suspend", "nobody", "--reason", "x"),
        ("houses", "suspend", "oak", "--reason", "  "),
        ("houses", "resume", "nobody"),
    ],
)
def test_an_act_that_cannot_be_is_refused_with_a_sentence(
    run: Run, oak: House, words: tuple[str, ...]
) -> None:
    assert oak.slug == "oak"
    answer = run(*words)
    assert answer.exit_code == 1
    assert answer.output.startswith("Error: ")


def test_a_dry_run_tells_where_everything_stands_and_changes_nothing(run: Run, oak: House) -> None:
    answer = run("migrate", "--dry-run")
    assert answer.exit_code == 0, answer.output
    assert f"The shared tables are at {head(PLATFORM)}" in answer.output
    assert f"the newest is {head(HOUSES)}" in answer.output
    assert oak.schema not in answer.output


def test_a_migration_with_nothing_to_do_says_so(run: Run) -> None:
    answer = run("migrate")
    assert answer.exit_code == 0, answer.output
    assert "0 houses were behind." in answer.output


@pytest.mark.parametrize("count", ["0", "-3", "many"])
def test_an_impossible_number_of_processes_is_refused(run: Run, count: str) -> None:
    """Seen to fail with any number taken: the command ended in a traceback."""
    assert run("migrate", "--processes", count).exit_code == 2


@pytest.mark.parametrize(
    "words",
    [("houses", "list"), ("migrate",), ("migrate", "--dry-run"), ("operators", "list")],
)
def test_a_database_that_is_away_is_said_in_a_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """Seen to fail with the driver's error let through."""
    for name in ("DATABASE_URL", "DATABASE_ADMIN_URL"):
        monkeypatch.setenv(name, "postgresql://nobody:x@127.0.0.1:1/nothing")
    answer = run(*words)
    assert answer.exit_code == 1
    assert answer.output.startswith("Error: The database does not answer: ")
    assert "\n" not in answer.output.rstrip()


def test_a_database_that_was_never_set_up_is_said_in_a_sentence(
    run: Run, superuser_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_ADMIN_URL", superuser_url)
    assert "The shared tables are at nothing" in run("migrate", "--dry-run").output
    monkeypatch.setenv("DATABASE_URL", superuser_url)
    answer = run("houses", "list")
    assert answer.exit_code == 1
    assert "run database setup, then migrate" in answer.output


@pytest.mark.parametrize(
    ("name", "value"),
    [("DATABASE_URL", ""), ("SECRET_KEY", "short"), ("DATABASE_ADMIN_URL", "mysql://x")],
)
def test_a_setting_that_cannot_be_used_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    answer = run("houses", "list")
    assert answer.exit_code == 1
    assert answer.output.startswith(f"Error: {name}: ")
