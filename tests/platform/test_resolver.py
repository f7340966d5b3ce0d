"""The door: which host reaches what."""

import pytest
from werkzeug.test import Client

from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.resolver import normalised_host


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
