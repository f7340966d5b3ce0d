"""Transactions of few round trips: the opening travels with the first statement.

The last one may bring the commit along. Whoever sends a folded transaction's first statement by
hand must begin it with what opening_of gives, else it runs as nobody, with nothing on the path.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection

FOLD_OPTION = "auctionxchange_fold"


@dataclass(slots=True)
class Fold:
    """What a folded transaction still has to send, what it prepared, and whether it committed."""

    opening: str = ""
    committed: bool = False
    prepared: frozenset[str] = field(default_factory=frozenset)


def fold_of(connection: Connection) -> Fold | None:
    """Return what a folded transaction has to send; None of any other."""
    found: Fold | None = connection.get_execution_options().get(FOLD_OPTION)
    return found


def opening_of(connection: Connection) -> str:
    """Return what the next statement must begin with: a folded transaction's opening, once."""
    fold = fold_of(connection)
    if fold is None:
        return ""
    opening, fold.opening = fold.opening, ""
    return opening


@contextmanager
def committing(connection: Connection) -> Iterator[str]:
    """Give the ending of a folded transaction's last statement: a commit; elsewhere none."""
    fold = fold_of(connection)
    yield "" if fold is None else "; COMMIT"
    if fold is not None:
        fold.committed = True


def is_over(connection: Connection) -> bool:
    """Tell whether there is nothing to end: nothing was sent, or it was committed already."""
    fold = fold_of(connection)
    return fold is not None and (fold.committed or bool(fold.opening))
