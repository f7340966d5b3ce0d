"""The door: which host reaches what."""

import base64
import hashlib
from typing import Any, cast

import pytest
from werkzeug.test import Client

from auctionxchange.kernel.config import Settings
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.plain_pages import plain_headers, plain_page, reader_language
from auctionxchange.tenancy.resolver import Resolver, normalised_host


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("oak.localhost:8000", "oak.localhost"),
        ("OAK.Localhost.", "oak.localhost"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("bücher.example", None),
        ("oak.localhost:80a", None),
        ("oak..localhost", None),
        ("-oak.localhost", None),
        ("", None),
        ("oak.localhost, elm.localhost", None),
        ("[::1]:8000", None),
    ],
)
def test_failure_11_hosts_are_normalised_or_refused(raw: str, expected: str | None) -> None:
    assert normalised_host(raw) == expected


@pytest.mark.parametrize("host", ["nobody.localhost", "a.oak.localhost", "example.com", "bad host"])
def test_failure_11_an_unknown_host_is_a_plain_404(application: Client, host: str) -> None:
    answer = application.get("/", headers={"Host": host})
    assert answer.status_code == 404
    assert "Set-Cookie" not in answer.headers


def test_failure_11_a_forwarded_host_is_not_believed(application: Client, oak: House) -> None:
    answer = application.get(
        "/", headers={"Host": "nobody.localhost", "X-Forwarded-Host": f"{oak.slug}.localhost"}
    )
    assert answer.status_code == 404


@pytest.mark.parametrize("path", ["/console", "/console/", "/console/sign-in"])
def test_nothing_of_the_console_answers_at_the_apex(application: Client, path: str) -> None:
    assert application.get(path, headers={"Host": "localhost"}).status_code == 404


def test_who_speaks_french_reads_in_french_that_nobody_is_here(application: Client) -> None:
    headers = {"Host": "nobody.localhost", "Accept-Language": "fr-CA, en;q=0.5"}
    assert "Aucune maison de ventes" in application.get("/", headers=headers).text


def test_a_page_before_the_apps_is_styled_and_its_policy_names_the_style() -> None:
    page = plain_page("A & B", "<script>")
    style = page.partition(b"<style>")[2].partition(b"</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style).digest()).decode()
    policy = dict(plain_headers(page))["Content-Security-Policy"]
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'"
    assert b"A &amp; B" in page
    assert b"<script>" not in page


@pytest.mark.parametrize(
    ("accepted", "offered", "language"),
    [
        ("", ("fr", "en"), "fr"),
        ("en-GB", ("fr", "en"), "en"),
        ("de", ("fr",), "fr"),
        ("", (), "en"),
    ],
)
def test_a_closed_house_speaks_its_own_languages(
    accepted: str, offered: tuple[str, ...], language: str
) -> None:
    assert reader_language(accepted, offered) == language


def test_a_page_that_moved_to_the_houses_own_domain_keeps_its_letters(settings: Settings) -> None:
    """Seen to fail with the path quoted as text: é became two letters."""
    house = House(
        schema="t_000000000000", slug="oak", name="Oak", status="active", currency="GBP",
        time_zone="Europe/London", country="GB", language="en", languages=("en",), theme="base",
        secret="", primary_domain="bid.oak.example",
    )  # fmt: skip

    class OneHouse:
        def by_host(self, _host: str) -> House:
            return house

    nobody: Any = None
    resolver = Resolver(settings, cast("Directory", OneHouse()), nobody, nobody)
    answer = Client(resolver).get("/sales/été/", headers={"Host": "oak.localhost"})
    assert answer.status_code == 301
    assert answer.headers["Location"].endswith("bid.oak.example:8000/sales/%C3%A9t%C3%A9/")
