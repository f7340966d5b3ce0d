"""Failures on demand: the next so many calls are lost, late, refused or broken."""

from dataclasses import dataclass, field
from threading import Lock

from auctionxchange.sandbox.stripe.refusals import invalid

KINDS = ("drop_before", "drop_after", "delay", "429", "500", "duplicate", "shuffle")
LONGEST_DELAY = 60.0
MOST = 1000


@dataclass(slots=True)
class Fault:
    """One kind of failure for some calls of a path."""

    kind: str
    left: int
    path: str = ""
    seconds: float = 1.0


@dataclass(slots=True)
class Faults:
    """The failures that are still to come."""

    waiting: list[Fault] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def add(self, kind: str, count: int = 1, *, path: str = "", seconds: float = 1.0) -> None:
        """Have the next calls whose path begins so fail."""
        if kind not in KINDS or not 0 < count <= MOST or not 0 <= seconds <= LONGEST_DELAY:
            raise invalid(f"kind must be one of {', '.join(KINDS)}, count 1 to {MOST}")
        with self._lock:
            self.waiting.append(Fault(kind, count, path, seconds))

    def take(self, path: str) -> Fault | None:
        """Return the failure this call meets, and count it."""
        with self._lock:
            for fault in self.waiting:
                if path.startswith(fault.path):
                    fault.left -= 1
                    if fault.left == 0:
                        self.waiting.remove(fault)
                    return fault
        return None

    def clear(self) -> None:
        """Have nothing fail any more."""
        with self._lock:
            self.waiting.clear()
