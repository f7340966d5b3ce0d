"""One call: who asks, for which account, with what; and the table of what can be called."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.routing import Map, Rule

from auctionxchange.sandbox.stripe.events import Announcer
from auctionxchange.sandbox.stripe.refusals import invalid
from auctionxchange.sandbox.stripe.store import Store, Thing

LARGEST_AMOUNT = 99_999_999


@dataclass(frozen=True, slots=True)
class Call:
    """A request after its door: the account it is for and its parameters, nested."""

    store: Store
    events: Announcer
    account: str
    base: str
    params: Thing
    method: str = "POST"
    arguments: dict[str, str] = field(default_factory=dict)

    @property
    def identifier(self) -> str:
        """Return the id in the address."""
        return self.arguments["identifier"]

    def get(self, kind: str, identifier: str | None = None) -> Thing:
        """Return an object of the call's account."""
        return self.store.get(self.account, kind, identifier or self.identifier)

    def make(self, prefix: str, kind: str, /, **fields: Any) -> Thing:
        """Make an object at the call's account."""
        return self.store.make(self.account, prefix, kind, **fields)

    def save(self, thing: Thing, event: str | None = None) -> Thing:
        """Keep a changed object and tell about it."""
        self.store.save(self.account, thing)
        if event:
            self.tell(event, thing)
        return thing

    def tell(self, event: str, thing: Thing) -> None:
        """Emit an event of the call's account."""
        self.events.emit(self.account, event, thing)

    def amount(self, name: str = "amount") -> int:
        """Return a positive amount in minor units."""
        try:
            number = int(self.params[name])
        except (KeyError, ValueError) as error:
            raise invalid(f"Missing required param: {name}.", param=name) from error
        if not 0 < number <= LARGEST_AMOUNT:
            raise invalid(f"Invalid {name}: it must be between 1 and {LARGEST_AMOUNT}", param=name)
        return number

    def required(self, name: str) -> str:
        """Return a parameter that must be there."""
        value = self.params.get(name)
        if not value:
            raise invalid(f"Missing required param: {name}.", param=name)
        return str(value)


Handler = Callable[[Call], Thing]
ROUTES: list[Rule] = []
HANDLERS: dict[str, Handler] = {}


def route(method: str, path: str) -> Callable[[Handler], Handler]:
    """Have a function answer an address."""

    def register(handler: Handler) -> Handler:
        name = f"{method} {path}"
        HANDLERS[name] = handler
        ROUTES.append(Rule(path, methods=[method], endpoint=name))
        return handler

    return register


def route_map() -> Map:
    """Return the addresses that are known."""
    return Map([rule.empty() for rule in ROUTES], strict_slashes=False, redirect_defaults=False)


def nested(body: str) -> Thing:
    """Read a form with brackets: a[b]=1&c[0][d]=2 and c[]=3."""
    result: Thing = {}
    for name, value in parse_qsl(body, keep_blank_values=True):
        keys = name.replace("]", "").split("[")
        place: Thing = result
        for key in keys[:-1]:
            place = place.setdefault(key, {})
            if not isinstance(place, dict):
                raise invalid(f"Invalid parameter: {name}", param=name)
        last = keys[-1] or str(len(place))
        place[last] = value
    return result


def sequence(value: Any) -> list[Any]:
    """Return the values of a numbered form list in order."""
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        return []
    return [value[key] for key in sorted(value, key=lambda key: int(key or 0))]


def flag(value: Any) -> bool:
    """Read true and false as forms write them."""
    return value in {"true", True, "1"}
