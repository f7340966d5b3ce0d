"""Who may enter a page; every route says it with one of these, and a convention test checks."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import redirect, request, url_for
from flask_login import current_user

from auctionhouse.members.models import STAFF_ROLES, Member
from auctionxchange.kernel.errors import Forbidden
from auctionxchange.kernel.translation import gettext as _
from auctionxchange.kernel.web import wants_json


class ForStaff(Forbidden):
    """A member without a role at the house asked for its rooms."""

    code = "for_staff"

    def message(self) -> str:
        return _(
            "These rooms are for the house’s staff. Sign in with an account that has a role there,"
            " or ask an owner for one."
        )


View = TypeVar("View", bound=Callable[..., Any])


def public(view: View) -> View:
    """Mark a page anybody may see."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def member_required(view: View) -> View:
    """Let signed-in members in and send others to the sign-in page."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs) if signed_in_member() else _to_sign_in()

    guarded.access = "member"  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]


def staff_required(*roles: str) -> Callable[[View], View]:
    """Let staff with one of the roles in; a bidder is refused, a stranger is asked to sign in."""

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            member = signed_in_member()
            if member is None:
                return _to_sign_in()
            if not has_role(member, roles or STAFF_ROLES):
                raise ForStaff
            return view(*args, **kwargs)

        guarded.access = "staff"  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return mark


def signed_in_member() -> Member | None:
    """Return the member whose request this is, or None."""
    user = current_user._get_current_object()  # noqa: SLF001 - the documented way to unwrap
    return user if isinstance(user, Member) else None


def has_role(member: Member, roles: tuple[str, ...]) -> bool:
    """Tell whether a member has one of some roles."""
    return any(role.name in roles for role in member.roles)


def is_staff() -> bool:
    """Tell whether the reader works for the house."""
    member = signed_in_member()
    return member is not None and has_role(member, STAFF_ROLES)


def acting_member() -> Member:
    """Return the signed-in member; raises Forbidden for a stranger."""
    member = signed_in_member()
    if member is None:
        raise Forbidden
    return member


def current_client_id() -> int | None:
    """Return the id of the signed-in member's client record; it came along with the member."""
    member = signed_in_member()
    return None if member is None or member.client is None else member.client.id


def current_member_id() -> int | None:
    """Return the id of the signed-in member, or None for a stranger."""
    member = signed_in_member()
    return None if member is None else member.id


def _to_sign_in() -> Any:
    if wants_json():
        raise Forbidden
    back = request.full_path.rstrip("?") if request.method == "GET" else request.path
    return redirect(url_for("security.login", next=back))
