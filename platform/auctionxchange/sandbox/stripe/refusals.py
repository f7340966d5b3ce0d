"""The ways Stripe says no, in its own words and codes."""

from typing import Any


class StripeRefusal(Exception):
    """An answer with an error object; extra fields go into the object."""

    def __init__(self, status: int, kind: str, message: str, **fields: Any) -> None:
        super().__init__(message)
        self.status = status
        self.error = {"type": kind, "message": message, **fields}


def invalid(message: str, *, param: str | None = None, code: str | None = None) -> StripeRefusal:
    """A request that cannot be done as it was put."""
    fields = {name: value for name, value in (("param", param), ("code", code)) if value}
    return StripeRefusal(400, "invalid_request_error", message, **fields)


def missing(kind: str, identifier: str) -> StripeRefusal:
    """Nothing of this name is kept at this account."""
    return StripeRefusal(
        404,
        "invalid_request_error",
        f"No such {kind}: '{identifier}'",
        code="resource_missing",
        param="id",
    )


def unexpected_state(kind: str, status: str, verb: str) -> StripeRefusal:
    """The thing is past, or not yet at, the point where this can be done."""
    return invalid(
        f"You cannot {verb} this {kind} because it has a status of {status}.",
        code=f"{kind}_unexpected_state",
    )


def no_access(account: str) -> StripeRefusal:
    """The platform has no power over this account."""
    return StripeRefusal(
        403,
        "invalid_request_error",
        f"The provided key does not have access to account '{account}' (or that account does not"
        " exist). Application access may have been revoked.",
        code="account_invalid",
    )
