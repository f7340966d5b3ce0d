"""Delivering a mail in one SMTP conversation."""

import smtplib
import ssl
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import unquote, urlsplit

TIMEOUT_SECONDS = 20
SUBMISSION_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class Mailer(Protocol):
    """Whatever delivers mails."""

    def deliver(self, message: EmailMessage) -> None:
        """Hand a mail over; raises OSError or smtplib.SMTPException where that fails."""
        ...


class SmtpMailer:
    """Speaks to the server of SMTP_URL, with TLS and a password where the address has them."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)

    def deliver(self, message: EmailMessage) -> None:
        """Hand a mail over."""
        with self._connect() as server:
            if self._parts.scheme == "smtp+starttls":
                server.starttls(context=ssl.create_default_context())
            if self._parts.username:
                server.login(unquote(self._parts.username), unquote(self._parts.password or ""))
            server.send_message(message)

    def _connect(self) -> smtplib.SMTP:
        host = self._parts.hostname or "127.0.0.1"
        port = self._parts.port or SUBMISSION_PORTS[self._parts.scheme]
        if self._parts.scheme == "smtps":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=context)
        return smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
