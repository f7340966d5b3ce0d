"""The exchange's front page: open houses and nothing that is not true."""

from dataclasses import replace

from sqlalchemy import text
from werkzeug.test import Client

from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.site.platform_app import create_platform_app
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.resolver import PLANE
from factories.pages import Page


def front_page(settings: Settings, database: Database) -> Page:
    app = create_platform_app(settings, database, Directory(database, settings))
    answer = Client(app).get("/", environ_overrides={PLANE: "site"})
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers or "Domain" not in answer.headers["Set-Cookie"]
    return Page(answer.get_data(as_text=True))


def test_only_open_houses_are_listed(settings: Settings, database: Database, oak: House) -> None:
    assert f"http://{oak.slug}.localhost:8000/" in front_page(settings, database).links()
    change = text("UPDATE exchange.house SET status = :status WHERE schema = :schema")
    try:
        with database.platform_connection() as connection:
            connection.execute(change, {"status": "suspended", "schema": oak.schema})
        page = front_page(settings, database)
        assert f"http://{oak.slug}.localhost:8000/" not in page.links()
        assert oak.name not in page.text
    finally:
        with database.platform_connection() as connection:
            connection.execute(change, {"status": "active", "schema": oak.schema})


def test_the_mail_sink_is_linked_in_the_demo_alone(settings: Settings, database: Database) -> None:
    sink = "http://mail.localhost:8000/"
    assert sink not in front_page(settings, database).links()
    assert sink in front_page(replace(settings, mail_sink_url=sink), database).links()


def test_it_keeps_the_policy_and_offers_no_sign_up(settings: Settings, database: Database) -> None:
    page = front_page(settings, database)
    assert page.refused_by_policy() == []
    assert not any(attributes.get("type") == "email" for _, attributes in page.tags)
