"""Account mails leave by the outbox, rendered in the reader's theme and language."""

from typing import Any

from flask import Flask
from flask_security import MailUtil

from auctionxchange.accounts.plane import Plane


def mail_sender(plane: Plane) -> type[MailUtil]:
    """Build the class Flask-Security sends mails with."""

    class OutboxMail(MailUtil):
        """Writes mails into the outbox of the request's transaction."""

        def __init__(self, app: Flask) -> None:
            super().__init__(app)

        def send_mail(  # noqa: PLR0917 - the library calls it so
            self,
            template: str,
            subject: str,
            recipient: Any,
            sender: Any,
            body: str | None,
            html: str | None,
            **_context: Any,
        ) -> None:
            """Have a rendered mail sent after commit."""
            del template, sender
            plane.enqueue_mail(to=recipient, subject=str(subject), text=body or "", html=html)

    return OutboxMail
