"""Passwords outside a page: read from a terminal or a pipe, hashed the way the pages check them."""

import sys

import click
from argon2 import PasswordHasher

from auctionxchange.kernel.errors import Invalid
from auctionxchange.kernel.translation import gettext as _

SHORTEST_PASSWORD = 10


class PasswordTooShort(Invalid):
    """A password must have some length."""

    code = "password_too_short"

    def message(self) -> str:
        return _("Use %(length)s characters or more.", length=SHORTEST_PASSWORD)


def hashed(password: str) -> str:
    """Return the argon2 hash of a password."""
    return PasswordHasher().hash(password)


def read_password(*, from_stdin: bool) -> str:
    """Ask for a password, or read one line of a pipe; raises PasswordTooShort. Returns its hash."""
    if from_stdin or not sys.stdin.isatty():
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    if len(password) < SHORTEST_PASSWORD:
        raise PasswordTooShort
    return hashed(password)
