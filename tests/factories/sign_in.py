"""Signing a test's browser in at a house."""

from werkzeug.test import Client


def sign_in(browser: Client, host: str, email: str) -> None:
    """Make the browser a member's."""
    answer = browser.post("/shim-sign-in", data={"email": email}, headers={"Host": host})
    assert answer.status_code == 200
