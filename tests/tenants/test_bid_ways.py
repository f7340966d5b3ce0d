"""The short way of bids beside the ordinary one: the same requests, the same answers.

Each request is sent twice, to equal lots of one sale: once to the application as it is served, once
to its pages alone. Whatever way the first takes, both answers and both lots must be the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import uuid4

import pytest
from structlog import wrap_logger
from structlog.contextvars import merge_contextvars
from structlog.testing import LogCapture

from auctionhouse.storefront import bid_door
from auctionxchange.kernel import web
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.house import House
from factories.rounds import Round, begin, sign_in
from factories.ways import Script, Ways

pytestmark = pytest.mark.usefixtures("_remembered")


@pytest.fixture(scope="module", params=["http", "https"])
def ways(request: pytest.FixtureRequest, settings: Settings, database: Database) -> Ways:
    """The application over each scheme; a proxy of ours is before it."""
    public = f"{request.param}://localhost:8000"
    return Ways(replace(settings, public_url=public, trusted_proxies=1), database)


@pytest.fixture(scope="module")
def ada(ways: Ways, database: Database, oak: House) -> Script:
    return sign_in(ways, database, oak)


@pytest.fixture
def round_(ways: Ways, database: Database, oak: House, ada: Script) -> Round:
    return begin(ways, database, oak, ada)


@dataclass(frozen=True)
class Sent:
    """What is different about a request, the way it goes, and what it is answered."""

    way: str
    status: int
    form: Mapping[str, str | None] = field(default_factory=dict)
    fields: Mapping[str, str | None] = field(default_factory=dict)
    more: tuple[str, ...] = ()


SAME = {
    "a plain bid": Sent("short", 200),
    "a bid in words": Sent("short", 200, {"words": "1"}),
    "too low": Sent("short", 409, {"maximum": "1"}),
    "in another language": Sent("short", 409, {"maximum": "1"}, {"Accept_Language": "fr"}),
    "further fields of a form": Sent("short", 200, {"back": "my-bids", "note": "é"}),
    "for several pieces": Sent("short", 422, {"pieces": "2"}),
    "for no pieces": Sent("short", 422, {"pieces": "x"}),
    "beyond what is counted": Sent("pages", 422, {"maximum": "9" * 18}),
    "no amount": Sent("pages", 422, {"maximum": "many"}),
    "nothing": Sent("pages", 422, {"maximum": ""}),
    "negative": Sent("pages", 422, {"maximum": "-200"}),
    "digits of another script": Sent("pages", 422, {"maximum": "٢٠٠"}),
    "in another currency": Sent("pages", 422, {"maximum": "200 EUR"}),
    "no token": Sent("pages", 422, {"token": None}),
    "a strange token": Sent("pages", 422, {"token": "1"}),
    "no text": Sent("pages", 422, {"note": "\0"}),
    "no name": Sent("pages", 422, {"a\0": "1"}),
    "forged": Sent("pages", 400, {"csrf_token": "forged"}),
    "without the form's token": Sent("pages", 400, {"csrf_token": None}),
    "far above": Sent("pages", 409, {"maximum": "5000000"}),
    "a flag for another amount": Sent("pages", 200, {"confirmed": "forged"}),
    "a host in capitals": Sent("short", 200, fields={"Host": "OAK.LOCALHOST:8000"}),
    "a host with a dot": Sent("short", 200, fields={"Host": "oak.localhost.:8000"}),
    "a host at another port": Sent("short", 200, fields={"Host": "oak.localhost:1"}),
    "a host without a port": Sent("short", 200, fields={"Host": "oak.localhost"}),
    "a host with a strange port": Sent("door", 404, fields={"Host": "oak.localhost:x"}),
    "a host below": Sent("door", 404, fields={"Host": "a.oak.localhost:8000"}),
    "another house's host": Sent("pages", 400, fields={"Host": "elm.localhost:8000"}),
    "nobody's host": Sent("door", 404, fields={"Host": "nobody.localhost:8000"}),
    "the exchange's host": Sent("door", 404, fields={"Host": "localhost:8000"}),
    "the console's host": Sent("door", 404, fields={"Host": "console.localhost:8000"}),
    "no host": Sent("door", 404, fields={"Host": None}),
    "two hosts": Sent("gunicorn", 400, more=("Host: elm.localhost:8000",)),
    "another host forwarded": Sent("short", 200, more=("X-Forwarded-Host: elm.localhost:8000",)),
    "forwarded over http": Sent("short", 200, fields={"X_Forwarded_Proto": "http"}),
    "forwarded over https": Sent("short", 200, fields={"X_Forwarded_Proto": "https"}),
    "forwarded over both": Sent(
        "gunicorn", 400, more=("X-Forwarded-Proto: http", "X-Forwarded-Proto: https")
    ),
    "no cookie": Sent("pages", 400, fields={"Cookie": None}),
    "an empty cookie": Sent("pages", 400, fields={"Cookie": "house=; __Host-house="}),
    "for a page": Sent("pages", 400, {"csrf_token": None}, {"Accept": "text/html"}),
    "for anything": Sent("pages", 200, fields={"Accept": "application/json, */*;q=0.1"}),
    "not a form": Sent("pages", 400, fields={"Content_Type": "application/json"}),
    "a form of parts": Sent("pages", 400, fields={"Content_Type": "multipart/form-data"}),
    "in a charset": Sent("short", 200, fields={
        "Content_Type": "application/x-www-form-urlencoded;charset=UTF-8"}),
    "a length twice": Sent("gunicorn", 400, more=("Content-Length: 1",)),
    "a length with a sign": Sent("gunicorn", 400, fields={"Content_Length": "+1"}),
    "a length and chunks": Sent("gunicorn", 400, more=("Transfer-Encoding: chunked",)),
    "chunks of another kind": Sent("gunicorn", 400, more=("Transfer-Encoding: xchunked",)),
    "a field with a space": Sent("gunicorn", 400, more=("X-Odd : 1",)),
    "a folded field": Sent("gunicorn", 400, more=("X-Odd: a\r\n b",)),
    "too many fields": Sent("gunicorn", 400, more=("X-Odd: 1",) * 100),
    "an end of the connection": Sent("door", 200, fields={"Connection": "close"}),
    "a field gunicorn leaves out": Sent("door", 200, more=("X_Odd: 1",)),
    "more than is read here": Sent("pages", 200, {"note": "a" * 5000}),
    "more than a form may hold": Sent("pages", 413, {"note": "a" * 2**20}),
    "broken off": Sent("pages", 400, fields={"Content_Length": "1000"}),
}  # fmt: skip
"""By what is sent. What is broken off was seen to be taken for a whole bid, by either way."""


@pytest.mark.parametrize("name", SAME)
def test_a_request_is_answered_the_same_either_way(round_: Round, name: str) -> None:
    sent = SAME[name]
    answer = round_.bid(*sent.more, form=sent.form, **sent.fields)
    assert (answer.way, answer.status) == (sent.way, sent.status)


ELSEWHERE: Mapping[str, Mapping[str, str | None]] = {
    "no referer": {"Referer": None, "Origin": None},
    "another site": {"Referer": "https://evil.example/", "Origin": "https://evil.example"},
    "a longer name": {"Referer": "https://oak.localhost:8000.evil.example/"},
    "another house": {"Referer": "https://elm.localhost:8000/"},
    "another port": {"Referer": "https://oak.localhost/"},
    "over http": {"Referer": "http://oak.localhost:8000/"},
    "a name before": {"Referer": "https://oak.localhost:8000@evil.example/"},
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_over_https_a_form_comes_from_the_houses_own_pages(round_: Round, name: str) -> None:
    """Over http there is nothing to hold a referer to: there the form's token alone decides."""
    answer = round_.bid(**ELSEWHERE[name])
    secure = round_.ways.settings.secure
    assert (answer.way, answer.status) == (("pages", 400) if secure else ("short", 200))


def test_cookies_of_another_name_house_or_browser_are_worth_nothing(
    round_: Round, database: Database, oak: House, elm: House
) -> None:
    script, ways = round_.script, round_.ways
    name, _eq, value = script.cookies.partition("=")
    assert name == ("__Host-house" if ways.settings.secure else "house")
    other = name.removeprefix("__Host-") if ways.settings.secure else f"__Host-{name}"
    bob, eve = sign_in(ways, database, oak), sign_in(ways, database, elm)
    damaged = f"{name}={value[:-9]}{'A' if value[-9] != 'A' else 'B'}{value[-8:]}"
    for cookies in (f"{other}={value}", bob.cookies, eve.cookies, damaged, f"x=1; {damaged}"):
        assert round_.bid(Cookie=cookies).status == 400
    assert round_.bid(form={"csrf_token": bob.token}).status == 400
    twice = round_.bid(Cookie=f"{script.cookies}; {damaged}")
    assert (twice.way, twice.status) == ("short", 200)
    large = round_.bid(form={"maximum": "300"}, Cookie=f"{script.cookies}; x={'a' * 4096}")
    assert (large.way, large.status) == ("pages", 200)


def test_a_repeated_bid_is_one_bid_whatever_way_it_comes(round_: Round) -> None:
    tokens = {round_.path(number): str(uuid4()) for number in (1, 2)}

    def bid(path: str, amount: str = "200") -> bytes:
        return round_.script.bid(path, form={"token": tokens[path], "maximum": amount})

    first, again = (round_.same(bid) for _ in range(2))
    assert (first.way, again.way, first.body) == ("short", "short", again.body)
    assert round_.ways.serve_by_pages(bid(round_.path(1))).told == first.told
    other = round_.same(lambda path: bid(path, "300"))
    assert (other.way, other.told["error"]) == ("short", "token_reused")
    assert round_.states()[0].bid_count == 1


def test_each_way_leaves_one_line_in_the_log(
    round_: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the house, the address as a pattern, and the name that the answer carries."""
    log, lines = LogCapture(), []
    monkeypatch.setattr(web, "_log", wrap_logger(None, processors=[merge_contextvars, log]))
    for form in ({"maximum": "300"}, {"maximum": "1"}):
        for serve, number in ((round_.ways.serve, 1), (round_.ways.serve_by_pages, 2)):
            log.entries.clear()
            answer = serve(round_.script.bid(round_.path(number), form=form))
            (line,) = log.entries
            assert line["request"] == answer.headers["X-Request-Id"]
            lines.append({**line, "ms": 0, "request": ""})
    assert lines[0] == lines[1]
    assert lines[2] == lines[3]
    assert (lines[0]["house"], lines[0]["path"]) == ("oak", bid_door.RULE)
