"""What a sentence about a ledger entry may look at: the entry, what was before it, the terms."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Payload = Mapping[str, Any]
NOTHING: Payload = {"price": None, "leader": None, "reserve_met": False}


@dataclass(frozen=True, slots=True)
class Moment:
    """An entry, the state before it, the lot's terms, and how amounts are written.

    After the sale is what comes once the lot was not sold.
    """

    entry: Payload
    before: Payload
    terms: Payload
    money: Callable[[int], str]
    after_sale: bool = False

    def said(self, name: str) -> str:
        """Return an amount of the entry as written, or a dash where there is none."""
        amount = self.entry.get(name)
        return "–" if amount is None else self.money(amount)

    @property
    def reached_reserve(self) -> bool:
        """Tell whether the entry met the reserve."""
        return bool(self.entry["reserve_met"]) and not self.before["reserve_met"]

    @property
    def in_full(self) -> bool:
        """Tell whether a maximum below the reserve is what is shown."""
        return self.terms.get("below_reserve") == "full_max" and not self.entry["reserve_met"]

    @property
    def words(self) -> dict[str, Any]:
        """Return what a sentence may name."""
        return {
            "who": self.entry.get("who"),
            "leader": self.entry.get("leader"),
            "before": self.before["leader"],
            "price": self.said("price"),
            "amount": self.said("amount"),
            "notice": self.entry.get("notice", ""),
        }


def named(told: Moment, *names: str) -> dict[str, Any]:
    """Return some of an entry's words, by name."""
    return {name: told.words[name] for name in names}
