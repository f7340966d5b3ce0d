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

    def _error_response(self, reason: str) -> NoReturn:
        raise FormExpired(reason=reason)
