"""Limits on how often passwords, registrations and links may be tried, and by forms alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Any

from flask import Flask, g, request
from flask_security.signals import user_authenticated
from werkzeug.exceptions import UnsupportedMediaType

from auctionxchange.accounts.tries import Tries, Try

MINUTE, HOUR, DAY = 60, 3600, 86_400
NETWORK_BITS = 64
"""Whoever has one address of IPv6 has so many of the same network."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many tries in how many seconds: for one account's address, and from one network."""

    account: Mapping[int, int]
    network: Mapping[int, int]


_PASSWORD = Allowance({MINUTE: 10, HOUR: 60}, {HOUR: 120})
_MAIL = Allowance({MINUTE: 5, HOUR: 10, DAY: 20}, {HOUR: 30})
ALLOWANCES: Mapping[str, Allowance] = {
    "security.login": _PASSWORD,
    "security.verify": _PASSWORD,
    "security.change_password": _PASSWORD,
    "security.reset_password": _PASSWORD,
    "security.register": _MAIL,
    "security.forgot_password": _MAIL,
    "security.send_confirmation": _MAIL,
    "security.change_email": _MAIL,
}
"""By endpoint. What sends mail is tighter: a stranger must not fill somebody's letter box."""


def install_throttle(app: Flask, tries: Tries) -> None:
    """Count tries before anything is looked up; a sign-in that goes well uses nothing up."""

    def count() -> None:
        allowance = ALLOWANCES.get(request.endpoint or "")
        if allowance is None or request.method != "POST":
            return
        if request.is_json:
            raise UnsupportedMediaType
        counted = _tries(str(request.endpoint), allowance)
        tries.count(counted)
        g.tried = counted

    def signed_in(_app: Flask, **_rest: Any) -> None:
        g.went_well = True

    def give_back(_error: BaseException | None) -> None:
        """Wait for the request's end: its session has given its own connection back by then."""
        if g.pop("went_well", False) and "tried" in g:
            tries.give_back(g.pop("tried"))

    app.before_request(count)
    app.teardown_request(give_back)
    user_authenticated.connect(signed_in, app, weak=False)


def _tries(endpoint: str, allowance: Allowance) -> list[Try]:
    email = request.form.get("email", "").strip().lower()
    network = network_of(request.remote_addr or "")
    by_account = [
        Try(f"{endpoint}:account", email, most, seconds)
        for seconds, most in allowance.account.items()
        if email
    ]
    return by_account + [
        Try(f"{endpoint}:network", network, most, seconds)
        for seconds, most in allowance.network.items()
    ]


def network_of(address: str) -> str:
    """Return what one visitor holds: an address of IPv4, or a network of IPv6."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return f"{found.packed[: NETWORK_BITS // 8].hex()}/{NETWORK_BITS}"
    return str(found)
