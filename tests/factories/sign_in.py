"""Signing a test's browser in at a house, through the page itself."""

import re
import secrets

from argon2 import PasswordHasher
from werkzeug.test import Client

PASSWORD = "correct horse battery"
QUICK_HASH = PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
"""Cheap on purpose: tests sign in often."""

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def sign_in(browser: Client, host: str, email: str) -> None:
    """Make the browser a member's; each comes from a network address of its own."""
    origin = {"REMOTE_ADDR": f"10.9.{secrets.randbelow(250)}.{secrets.randbelow(250)}"}
    headers = {"Host": host, "Accept": "text/html"}
    page = browser.get("/sign-in", headers=headers, environ_overrides=origin)
    found = _TOKEN.search(page.text)
    assert found is not None
    form = {"csrf_token": found[1], "email": email, "password": PASSWORD}
    answer = browser.post("/sign-in", data=form, headers=headers, environ_overrides=origin)
    assert answer.status_code == 302, answer.text
