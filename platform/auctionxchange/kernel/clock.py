"""Time: the database's clock decides, this one labels logs and waits; a fake one for tests."""

from datetime import UTC, datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session


class Clock(Protocol):
    """Tells the time, aware and in UTC."""

    def now(self) -> datetime:
        """Return the current time."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the machine's time in UTC."""
        return datetime.now(UTC)


class FakeClock:
    """A clock that moves only when told to."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        """Return the time it was last set to."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move forward by some seconds."""
        self._now += timedelta(seconds=seconds)


def database_now(session: Session | Connection) -> datetime:
    """Read the database's wall clock, not the transaction's start."""
    moment: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    return moment
