"""One installation and one browser a session; a window of its own for every person in a test.

A window that met an error of a script or a refusal of the content policy fails its test at the
end, whatever else the test looked at.
"""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from auctionxchange.sandbox.browser import find_browser
from factories.installation import Installation, running_installation
from factories.windows import Windows


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what drives a browser."""
    for item in items:
        if "functional" in item.path.parts:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def installation(
    superuser_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """All processes, with two houses: oak (GBP, English) and elm (EUR, French)."""
    with running_installation(superuser_url, tmp_path_factory.mktemp("installation")) as made:
        made.add_house("oak")
        made.add_house("elm", language="fr", currency="EUR")
        yield made


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's browser or npm's; a missing one is an error, never a skip."""
    found = find_browser()
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=str(found.executable),
            args=found.arguments,
            env={**os.environ, **found.environ},
        )
        yield launched
        launched.close()


@pytest.fixture
def windows(browser: Browser, installation: Installation) -> Iterator[Windows]:
    """Windows that are closed at the end and must have met no fault."""
    opened = Windows(browser, installation)
    yield opened
    opened.close()
    assert not opened.faults, "\n".join(opened.faults)
