"""Browsers are called by their names."""

import pytest

from auctionxchange.accounts.devices import browser_name

BLINK = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"


@pytest.mark.parametrize(
    ("description", "name"),
    [
        (f"Mozilla/5.0 (X11; Linux x86_64) {BLINK} Safari/537.36", "Chrome · Linux"),
        (f"Mozilla/5.0 (Windows NT 10.0) {BLINK} Safari/537.36 Edg/140.0.0.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU like Mac OS X) Version/18.0 Safari/604.1", "Safari · iPhone"),
        ("Mozilla/5.0 (Android 14; Mobile; rv:140.0) Firefox/140.0", "Firefox · Android"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("x" * 200, "x" * 60),
        ("", ""),
    ],
)
def test_a_browser_is_called_by_its_name(description: str, name: str) -> None:
    assert browser_name(description) == name
