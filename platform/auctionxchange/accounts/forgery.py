"""Forms are refused when sent from elsewhere, open for too long, or holding what no text holds."""

from typing import Any, NoReturn

from flask import request
from flask_wtf import CSRFProtect

from auctionxchange.kernel.errors import DomainError, Invalid
from auctionxchange.kernel.translation import gettext as _


class FormExpired(DomainError):
    """A form came without the token of the browser's own session."""

    status = 400
    code = "form_expired"

    def message(self) -> str:
        return _("This page was open for too long. Go back, load it anew and try again.")


class FormProtection(CSRFProtect):
    """Checks every POST for the token of the session that asks."""

    def protect(self, **options: Any) -> None:
        """Raise FormExpired without the token, and Invalid for the character no database keeps."""
        super().protect(**options)
        if any("\0" in value for _, value in request.form.items(multi=True)):
            raise Invalid

    def _error_response(self, reason: str) -> NoReturn:
        raise FormExpired(reason=reason)
