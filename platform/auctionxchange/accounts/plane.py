"""What differs between the two planes' accounts: tables, keys and the request's session."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from itsdangerous import URLSafeTimedSerializer
from sqlalchemy.orm import Session


def _nothing(_owner_id: int) -> None:
    """Do nothing more."""


@dataclass(frozen=True, slots=True)
class Plane:
    """One plane's accounts.

    key derives 32 bytes for a purpose, at a house from the house bound to the request; session
    returns the request's session; owner names the column of browser that holds the account's id;
    loaded_with are loader options for what comes along with a signed-in account; after_revoking is
    told the account whose browsers were signed out; account_page is where one's own account stands.
    """

    name: str
    prefix: str
    account: Any
    role: Any
    browser: Any
    owner: str
    key: Callable[[str], bytes]
    session: Callable[[], Session]
    enqueue_mail: Callable[..., None]
    account_page: str
    loaded_with: tuple[Any, ...] = ()
    after_revoking: Callable[[int], None] = _nothing

    def serializer(self, purpose: str) -> URLSafeTimedSerializer:
        """Sign and read texts of one purpose with the key of the moment."""
        return URLSafeTimedSerializer(self.key(purpose), salt=purpose)


class PlaneSerializer:
    """Stands where a library keeps one serializer for all: asks the plane for each use."""

    def __init__(self, plane: Plane, purpose: str) -> None:
        self._plane = plane
        self._purpose = purpose

    def dumps(self, value: Any, **options: Any) -> Any:
        """Sign a value."""
        return self._plane.serializer(self._purpose).dumps(value, **options)

    def loads(self, text: str, **options: Any) -> Any:
        """Read a signed value; raises BadSignature."""
        return self._plane.serializer(self._purpose).loads(text, **options)
