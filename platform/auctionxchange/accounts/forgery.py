"""Forms are refused when sent from elsewhere or open for too long."""

from typing import NoReturn

from flask_wtf import CSRFProtect

from auctionxchange.kernel.errors import DomainError
from auctionxchange.kernel.translation import gettext as _


class FormExpired(DomainError):
    """A form came without the token of the browser's own session."""

    status = 400
    code = "form_expired"

    def message(self) -> str:
        return _("This page was open for too long. Go back, load it anew and try again.")


class FormProtection(CSRFProtect):
    """Checks every POST for the token of the session that asks; raises FormExpired without it."""

    def protect(self, apply_exemptions: bool = False) -> None:  # noqa: FBT001, FBT002 - its own
        """Check the form; an address of the page before that is none is a strange one."""
        try:
            super().protect(apply_exemptions)
        except ValueError as error:
            raise FormExpired(reason="referer") from error

    def _error_response(self, reason: str) -> NoReturn:
        raise FormExpired(reason=reason)
