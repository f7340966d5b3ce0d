"""What can be asked for: each kind of act with its facts, its words and what it does.

A capability derives from Act, registers one of it, and keeps its own operation behind it.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy.orm import Session

from auctionhouse.members.models import STAFF_ROLES

Payload = Mapping[str, Any]
"""Everything an act needs, as JSON values."""

Facts = Mapping[str, Any]
"""What was so when an act was asked for, as JSON values."""


@dataclass(frozen=True, slots=True)
class Signed:
    """Who stands behind an act; approved_by is None where the house needs no second person."""

    request_id: int
    asked_by: int
    approved_by: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Described:
    """A request as people read it, in the reader's language: one sentence, facts, a way to it."""

    title: str
    rows: Sequence[tuple[str, str]] = ()
    link: str | None = None


class Act(ABC):
    """A kind of act that needs two people."""

    name: ClassVar[str]
    label: ClassVar[Any]
    """What the kind is called, translated lazily."""

    askers: ClassVar[tuple[str, ...]] = STAFF_ROLES
    approvers: ClassVar[tuple[str, ...]] = STAFF_ROLES
    switchable: ClassVar[bool] = True
    """Whether an owner may ask for the rule not to hold for this kind."""

    @property
    def rule(self) -> str:
        """Return the kind whose switch this act follows: its own, unless it is a variant."""
        return self.name

    @abstractmethod
    def subject(self, payload: Payload) -> str:
        """Return what it is about, such as payment:7: one request at a time waits for each."""

    @abstractmethod
    def facts(self, session: Session, payload: Payload) -> Facts:
        """Return, as JSON values, what must still be so when it is done; rows read are held.

        Raises NotFound where the thing itself is gone.
        """

    @abstractmethod
    def described(self, session: Session, payload: Payload, facts: Facts) -> Described:
        """Tell a reader exactly what is asked for; the facts are those of when it was."""

    @abstractmethod
    def execute(self, session: Session, payload: Payload, signed: Signed) -> None:
        """Do it, in the session and nowhere else: it is also tried and undone when asked for.

        What leaves the house goes through the outbox. Raises the capability's own refusals.
        """


ACTS: dict[str, Act] = {}


def register(act: Act) -> Act:
    """Make a kind of act known; a second one of the same name is a defect."""
    if act.name in ACTS:
        raise ValueError(f"{act.name} is registered already")
    ACTS[act.name] = act
    return act


class Unknown(Act):
    """A kind this code does not know, as while two versions run: it is shown and left alone."""

    approvers = ()
    switchable = False

    def __init__(self, name: str) -> None:
        self.kind = name

    @property
    def rule(self) -> str:
        return self.kind

    def subject(self, payload: Payload) -> str:  # noqa: ARG002 - as its base
        raise KeyError(self.kind)

    def facts(self, session: Session, payload: Payload) -> Facts:  # noqa: ARG002 - as its base
        raise KeyError(self.kind)

    def described(self, session: Session, payload: Payload, facts: Facts) -> Described:
        del session, payload, facts
        return Described(self.kind)

    def execute(self, session: Session, payload: Payload, signed: Signed) -> None:  # noqa: ARG002 - as its base
        raise KeyError(self.kind)


def act_named(name: str) -> Act:
    """Return a kind of act by its name."""
    return ACTS.get(name) or Unknown(name)
