"""Errors that mean something to a person; the edge turns them into pages or JSON."""

from typing import Any, ClassVar

from auctionxchange.kernel.translation import gettext as _
from auctionxchange.kernel.translation import ngettext


class DomainError(Exception):
    """A refusal with an HTTP status, a stable code and a sentence that says what to do."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "refused"
    evidence: Any = None
    """What was met where this was refused, for whoever has to tell it later."""

    def __init__(self, **fields: Any) -> None:
        super().__init__(self.code, fields)
        self.fields = fields

    def message(self) -> str:
        """Say what happened and what to do, in the reader's language."""
        return _("This could not be done.")


class Conflict(DomainError):
    """What was asked no longer fits what is stored."""

    code = "conflict"


class Invalid(DomainError):
    """What was typed cannot be used."""

    status = 422
    code = "invalid"

    def message(self) -> str:
        return _("Please check what you typed.")


class NotFound(DomainError):
    """There is no such thing, or not for this reader."""

    status = 404
    code = "not_found"

    def message(self) -> str:
        return _(
            "This page does not exist, or no longer. Check the address, or begin at the start page."
        )


class Forbidden(DomainError):
    """The reader may not do this."""

    status = 403
    code = "forbidden"

    def message(self) -> str:
        return _("You are not allowed to do this.")


class TooManyRequests(DomainError):
    """Asked too often in too short a time; fields hold retry_after in seconds."""

    status = 429
    code = "too_many_requests"

    def message(self) -> str:
        minutes = -(-int(self.fields.get("retry_after", 0)) // 60)
        if minutes <= 1:
            return _("Too many tries. Please wait a moment and try again.")
        return ngettext(
            "Too many tries. Please try again in %(num)d minute.",
            "Too many tries. Please try again in %(num)d minutes.",
            minutes,
        )


class Unavailable(DomainError):
    """A part is down for the moment; trying again helps."""

    status = 503
    code = "unavailable"

    def message(self) -> str:
        return _("We are back in a moment. Please try again.")


class NoHouse(RuntimeError):
    """Code that needs a house ran without one: a defect, never the reader's fault."""


class HouseSwitched(RuntimeError):
    """Code tried to act for a second house while bound to a first: a defect."""
