"""Mails: two equal parts, headers that hold, and real conversations with a mail server."""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from auctionxchange.jobs.queue import is_final
from auctionxchange.mail import delivery
from auctionxchange.mail.delivery import SmtpMailer
from auctionxchange.mail.message import MailInvalid, build_message
from auctionxchange.sandbox.postgres import free_port

GONE = "gone@example.com"


class Server:
    """Keeps mails and refuses one recipient for good."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.envelopes: list[Any] = []
        self.encrypted: list[bool] = []

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address == GONE:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        self.envelopes.append(envelope)
        self.encrypted.append(session.ssl is not None)
        return "250 kept"


@contextmanager
def serving(server: Server, **options: Any) -> Iterator[int]:
    controller = Controller(server, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def mail(to: str = "ada@example.com", **changes: Any) -> EmailMessage:
    asked = {
        "sender_name": "Oak & Sons, “Auctioneers”",
        "sender": "auctions@example.org",
        "to": to,
        "subject": "Lot 5 — vous avez gagné",
        "text": "Bonjour Ada,\nvous avez gagné : 1 200 €.",
        "html": "<p>Bonjour <b>Ada</b></p>",
        "host": "oak.example.org",
        **changes,
    }
    return build_message(**asked)


def test_a_mail_arrives_with_both_parts_and_its_headers() -> None:
    server = Server()
    with serving(server) as port:
        SmtpMailer(f"smtp://127.0.0.1:{port}").deliver(mail())
    kept = server.mails[0]
    assert kept["Subject"] == "Lot 5 — vous avez gagné"
    assert kept["From"].addresses[0].display_name == "Oak & Sons, “Auctioneers”"
    assert kept["Auto-Submitted"] == "auto-generated"
    assert kept["Message-ID"].endswith("@oak.example.org>")
    assert kept.get_content_type() == "multipart/alternative"
    plain, html = kept.iter_parts()
    assert "1 200 €" in plain.get_content()
    assert "<b>Ada</b>" in html.get_content()
    assert server.envelopes[0].rcpt_tos == ["ada@example.com"]
    assert server.envelopes[0].mail_from == "auctions@example.org"


@pytest.mark.parametrize(
    "to",
    [
        "",
        "ada",
        "@example.com",
        "ada@",
        "ada@example.com\r\nBcc: eve@example.com",
        "ada@example.com\nX: y",
        "ada@example.com, eve@example.com",
        "Ada <ada@example.com>, eve@example.com",
        "ada@example.com\0",
    ],
)
def test_an_address_that_is_not_one_address_is_refused(to: str) -> None:
    with pytest.raises(MailInvalid):
        mail(to)


def test_a_subject_cannot_break_out() -> None:
    with pytest.raises(MailInvalid):
        mail(subject="Won\r\nBcc: eve@example.com")


def test_a_houses_name_cannot_break_out() -> None:
    message = mail(sender_name="Oak\r\nBcc: eve@example.com")
    assert message["Bcc"] is None
    assert message["From"].addresses[0].display_name == "Oak Bcc: eve@example.com"


def test_a_long_line_survives() -> None:
    server = Server()
    text = "lot " * 1000
    with serving(server) as port:
        SmtpMailer(f"smtp://127.0.0.1:{port}").deliver(mail(text=text, html=None))
    assert server.mails[0].get_content().strip() == text.strip()


def test_a_mailbox_that_is_gone_is_final_and_a_server_that_is_away_is_not() -> None:
    with serving(Server()) as port, pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        SmtpMailer(f"smtp://127.0.0.1:{port}").deliver(mail(GONE))
    assert is_final(refused.value)
    with pytest.raises(OSError, match="refused") as away:
        SmtpMailer(f"smtp://127.0.0.1:{free_port()}").deliver(mail())
    assert not is_final(away.value)
    busy = smtplib.SMTPRecipientsRefused({"ada@example.com": (450, b"later")})
    assert not is_final(busy)


def test_a_server_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "TIMEOUT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mailer = SmtpMailer(f"smtp://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(OSError, match="timed out"):
            mailer.deliver(mail())


def test_encrypted_and_signed_in_where_the_address_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = make_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    given: list[tuple[bytes, bytes]] = []

    def check(_server: Any, _session: Any, _envelope: Any, _kind: str, login: Any) -> AuthResult:
        given.append((login.login, login.password))
        return AuthResult(success=login.password == b"p@ss:word", handled=False)

    server = Server()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    options = {"tls_context": context, "authenticator": check, "auth_require_tls": True}
    with serving(server, **options) as port:
        SmtpMailer(f"smtp+starttls://ada:p%40ss%3Aword@localhost:{port}").deliver(mail())
        with pytest.raises(smtplib.SMTPAuthenticationError):
            SmtpMailer(f"smtp+starttls://ada:wrong@localhost:{port}").deliver(mail())
    assert server.encrypted == [True]
    assert given[0] == (b"ada", b"p@ss:word")


def test_a_server_nobody_vouches_for_gets_neither_password_nor_mail(tmp_path: Path) -> None:
    certificate, key = make_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = Server()
    with serving(server, tls_context=context) as port, pytest.raises(ssl.SSLError):
        SmtpMailer(f"smtp+starttls://ada:secret@localhost:{port}").deliver(mail())
    assert server.mails == []


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate of localhost that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files
