"""What an application that answers some requests later agrees on with whoever serves it.

The thread that reads requests hands a plain one over and goes on reading; once it is decided, all
that were decided with it are answered together. No thread waits for an answer.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from auctionxchange.serving.plain_request import PlainRequest


class Reply(NamedTuple):
    """A status as HTTP writes it, header lines each with its end, and a body."""

    status: str
    head: bytes
    body: bytes


Deliver = Callable[[Sequence[tuple[Any, Reply | None]]], None]
"""Takes answers for callers; without one a request is served the ordinary way after all."""


class Express(Protocol):
    """The short way through an application."""

    def __call__(self, request: PlainRequest, caller: Any, deliver: Deliver) -> bool:
        """Take a request to be answered later, or tell that it must go the ordinary way.

        It may not wait for anything, nor raise. The caller is whatever must come back with the
        answer.
        """
        ...
