"""Houses in the console: ordered, made by the worker, suspended and resumed, always audited."""

import secrets

import pytest
from sqlalchemy import text

from auctionhouse.seed import seed_house
from auctionxchange.accounts.models import Operator
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.provisioning import owner_engine
from auctionxchange.tenancy.setup import Addresses
from auctionxchange.tenancy.tasks import make_registered_house
from factories.houses import make_house
from factories.operators import Browser, make_operator, signed_in


@pytest.fixture(scope="module")
def operator(database: Database) -> Operator:
    return make_operator(database)


@pytest.fixture(scope="module")
def browser(settings: Settings, database: Database, operator: Operator) -> Browser:
    return signed_in(settings, database, operator)


@pytest.fixture
def house(addresses: Addresses) -> tuple[str, str]:
    """A house of the test's own: its schema and short name."""
    slug = f"h{secrets.token_hex(5)}"
    schema = make_house(owner_engine(addresses.database_admin_url), seed_house, slug=slug)
    return schema, slug


def order(slug: str) -> dict[str, str]:
    return {
        "name": "Ash & Daughters", "slug": slug, "owner_email": "ash@ash.example",
        "country": "GB", "currency": "gbp", "time_zone": "Europe/London", "language": "en",
        "languages": "fr", "theme": "base",
    }  # fmt: skip


def rows(database: Database, query: str, **values: str) -> list[dict[str, object]]:
    with database.platform_connection() as connection:
        return [dict(row) for row in connection.execute(text(query), values).mappings()]


def audit_of(database: Database, slug: str) -> list[dict[str, object]]:
    query = "SELECT * FROM exchange.audit WHERE subject = :slug ORDER BY id"
    return rows(database, query, slug=slug)


def test_a_house_is_ordered_made_and_open(
    browser: Browser, settings: Settings, database: Database, operator: Operator
) -> None:
    slug = f"h{secrets.token_hex(5)}"
    token = browser.page("/console/houses/new/").token()
    answer = browser.post("/console/houses/new/", order(slug), token=token)
    assert answer.status_code == 303
    address = answer.headers["Location"]
    waiting = browser.page(address)
    assert "Provisioning" in waiting.text
    assert any(attributes.get("http-equiv") == "refresh" for _, attributes in waiting.tags)
    assert browser.get("/theme/x.css", f"{slug}.localhost").status_code == 404

    schema = address.rstrip("/").rpartition("/")[2]
    jobs = rows(
        database,
        "SELECT topic, payload FROM exchange.outbox"
        " WHERE kind = 'job' AND payload->>'schema' = :schema",
        schema=schema,
    )
    assert jobs == [{"topic": "tenancy.provision", "payload": {"schema": schema}}]
    assert make_registered_house(settings, seed_house, schema) is True
    assert make_registered_house(settings, seed_house, schema) is False

    made = browser.page(address)
    assert "Suspend Ash & Daughters" in made.text
    assert not any(attributes.get("http-equiv") == "refresh" for _, attributes in made.tags)
    (audit,) = audit_of(database, slug)
    assert (audit["action"], audit["actor"]) == ("house.create", operator.email)
    stored = rows(database, "SELECT * FROM exchange.house WHERE slug = :slug", slug=slug)[0]
    assert (stored["currency"], stored["languages"]) == ("GBP", ["en", "fr"])


def test_what_failed_in_the_worker_is_shown_and_tried_again(
    browser: Browser, settings: Settings, database: Database
) -> None:
    slug = f"h{secrets.token_hex(5)}"
    token = browser.page("/console/houses/new/").token()
    address = browser.post("/console/houses/new/", order(slug), token=token).headers["Location"]
    schema = address.rstrip("/").rpartition("/")[2]

    def broken(*_arguments: object) -> None:
        raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError):
        make_registered_house(settings, broken, schema)
    shown = browser.page(address)
    assert "the disk is full" in shown.text
    assert browser.post(f"{address}provision", {}, token=shown.token()).status_code == 303
    assert make_registered_house(settings, seed_house, schema) is True
    assert "the disk is full" not in browser.page(address).text
    actions = [row["action"] for row in audit_of(database, slug)]
    assert actions == ["house.create", "house.provision_again"]


@pytest.mark.parametrize(
    ("field", "value", "advice"),
    [
        ("slug", "console", "kept for the exchange"),
        ("slug", "Ash Ash", "2 to 40 letters"),
        ("currency", "POUND", "not a currency code"),
        ("time_zone", "Mars/Base", "Not a valid choice"),
        ("owner_email", "ash", "full e-mail address"),
        ("name", "  ", "Fill this in"),
    ],
)
def test_an_error_stands_beside_its_field_and_nothing_is_made(
    browser: Browser, database: Database, field: str, value: str, advice: str
) -> None:
    slug = f"h{secrets.token_hex(5)}"
    token = browser.page("/console/houses/new/").token()
    answer = browser.post("/console/houses/new/", {**order(slug), field: value}, token=token)
    body = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in body
    assert advice in body
    assert "Ash &amp; Daughters" in body or field == "name"
    assert rows(database, "SELECT 1 FROM exchange.house WHERE slug = :slug", slug=slug) == []


def test_a_taken_short_name_is_said_so(browser: Browser, house: tuple[str, str]) -> None:
    token = browser.page("/console/houses/new/").token()
    answer = browser.post("/console/houses/new/", order(house[1]), token=token)
    assert answer.status_code == 422
    assert "is taken" in answer.get_data(as_text=True)


def test_a_suspended_house_answers_503_until_it_is_resumed(
    browser: Browser, database: Database, operator: Operator, house: tuple[str, str]
) -> None:
    schema, slug = house
    page, host = f"/console/houses/{schema}/", f"{slug}.localhost"
    assert browser.get("/theme/x.css", host).status_code == 200

    token = browser.page(page).token()
    unexplained = browser.post(f"{page}suspend", {"reason": "  "}, token=token)
    assert unexplained.status_code == 422
    assert browser.get("/theme/x.css", host).status_code == 200

    assert browser.post(f"{page}suspend", {"reason": "unpaid"}, token=token).status_code == 303
    assert browser.get("/theme/x.css", host).status_code == 503
    assert "unpaid" in browser.page(page).text
    assert browser.post(f"{page}suspend", {"reason": "twice"}, token=token).status_code == 409

    assert browser.post(f"{page}resume", {"reason": ""}, token=token).status_code == 303
    assert browser.get("/theme/x.css", host).status_code == 200
    last = audit_of(database, slug)[-2:]
    assert [(row["action"], row["reason"]) for row in last] == [
        ("house.suspend", "unpaid"), ("house.resume", None),
    ]  # fmt: skip
    assert {row["actor"] for row in last} == {operator.email}
    assert (last[0]["before"], last[0]["after"]) == ({"status": "active"}, {"status": "suspended"})


@pytest.mark.parametrize("act", ["suspend", "resume", "provision"])
@pytest.mark.parametrize("token", [None, "forged"])
def test_a_form_without_our_token_changes_nothing(
    browser: Browser, database: Database, house: tuple[str, str], act: str, token: str | None
) -> None:
    before = audit_of(database, house[1])
    answer = browser.post(f"/console/houses/{house[0]}/{act}", {"reason": "x"}, token=token)
    assert answer.status_code == 400
    assert audit_of(database, house[1]) == before


def test_a_house_without_our_token_is_not_made(browser: Browser, database: Database) -> None:
    slug = f"h{secrets.token_hex(5)}"
    assert browser.post("/console/houses/new/", order(slug), token=None).status_code == 400
    assert rows(database, "SELECT 1 FROM exchange.house WHERE slug = :slug", slug=slug) == []


def test_an_unknown_house_is_not_found(browser: Browser) -> None:
    assert browser.get("/console/houses/t_0000000000000000/").status_code == 404
