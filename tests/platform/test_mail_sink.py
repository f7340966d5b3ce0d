"""The mail sink: what is sent is kept and shown, and runs nothing."""

import smtplib
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from auctionxchange.sandbox import mail_sink
from auctionxchange.sandbox.mail_sink import MailFolder
from auctionxchange.sandbox.postgres import free_port
from auctionxchange.sandbox.processes import Processes


@dataclass(frozen=True)
class Sink:
    """Where a running sink is and what it keeps."""

    page: httpx.Client
    smtp_port: int
    folder: Path


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Sink]:
    smtp_port, page_port = free_port(), free_port()
    environ = {
        "SMTP_PORT": str(smtp_port),
        "MAIL_SINK_PORT": str(page_port),
        "MAIL_FOLDER": str(tmp_path / "mail"),
    }
    address = f"http://127.0.0.1:{page_port}"
    with (
        Processes(environ, tmp_path / "logs") as processes,
        httpx.Client(base_url=address) as client,
    ):
        processes.start({"mail": "python -m auctionxchange.sandbox.mail_sink"})
        processes.wait_until_serving(address, "mail.localhost")
        yield Sink(client, smtp_port, tmp_path / "mail")


def sent(port: int, subject: str, html: str) -> None:
    message = EmailMessage()
    message["From"] = "Oak & Sons <oak@localhost>"
    message["To"] = "zoë@example.com"
    message["Subject"] = subject
    message.set_content("You have been outbid — bid again")
    message.add_alternative(html, subtype="html")
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as server:
        server.send_message(message, "oak@localhost", ["zoe@example.com"])


def test_messages_are_listed_newest_first(sink: Sink) -> None:
    assert "Nothing was sent" in sink.page.get("/").text
    sent(sink.smtp_port, "First", "<p>one</p>")
    sent(sink.smtp_port, "Second <b>", "<p>two</p>")
    listed = sink.page.get("/messages.json").json()
    assert [message["subject"] for message in listed] == ["Second <b>", "First"]
    assert listed[0]["house"] == "Oak & Sons"
    assert "Second &lt;b&gt;" in sink.page.get("/").text
    assert "Second &lt;b&gt;" in sink.page.get("/", params={"to": "ZOË@"}).text
    assert "Nothing was sent" in sink.page.get("/", params={"to": "somebody"}).text


def test_html_is_framed_without_scripts(sink: Sink) -> None:
    sent(sink.smtp_port, "Hello", "<script>alert(1)</script><p>outbid</p>")
    name = sink.page.get("/messages.json").json()[0]["name"]
    page = sink.page.get(f"/messages/{name}")
    assert "You have been outbid — bid again" in page.text
    assert "<script>" not in page.text
    frame = sink.page.get(f"/messages/{name}/html")
    policy = frame.headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy


def test_no_other_file_is_shown(sink: Sink) -> None:
    (sink.folder.parent / "secret.eml").write_text("Subject: no\n\nno", "utf-8")
    assert sink.page.get("/messages/..%2Fsecret").status_code == 404


def test_the_oldest_messages_go_when_there_are_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_sink, "KEPT", 3)
    monkeypatch.setattr(mail_sink, "LOOK_EVERY", 1)
    folder = MailFolder(tmp_path)
    for number in range(5):
        folder.keep(f"Subject: {number}\n\nA body that a list does not need".encode())
    assert [message["subject"] for message in folder.newest()] == ["4", "3", "2"]
