"""Windows of a real browser, one a person, that note what went wrong in them."""

from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from factories.installation import PASSWORD, Installation

WAIT_MILLISECONDS = 60_000
expect.set_options(timeout=WAIT_MILLISECONDS)
_JUDGED = ("the server responded with a status of", "net::ERR_INTERNET_DISCONNECTED")
"""Answers of 4xx or 5xx, and windows taken offline, are the test's to judge."""


class Windows:
    """Opens windows and keeps errors of scripts and refusals of the content policy."""

    def __init__(self, browser: Browser, installation: Installation) -> None:
        self._browser = browser
        self._installation = installation
        self._contexts: list[BrowserContext] = []
        self.faults: list[str] = []

    def stranger(self, **options: Any) -> Page:
        """Open a window for somebody who is not signed in; options are playwright's."""
        settings = {"locale": "en-GB", "viewport": {"width": 1280, "height": 900}} | options
        context = self._browser.new_context(**settings)
        context.set_default_timeout(WAIT_MILLISECONDS)
        self._contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._note(page, message))
        return page

    def signed_in(self, slug: str, email: str, **options: Any) -> Page:
        """Open a window for somebody and sign in as a person would."""
        page = self.stranger(**options)
        path = "/console/sign-in" if slug == "console" else "/sign-in"
        page.goto(self._installation.url(slug, path))
        page.locator("input[name=email]").fill(email)
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("input[name=password]").press("Enter")
        page.wait_for_url(lambda address: "/sign-in" not in address)
        return page

    def close(self) -> None:
        """Close every window."""
        for context in self._contexts:
            context.close()

    def _note(self, page: Page, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(said in message.text for said in _JUDGED):
            self.faults.append(f"{page.url}: {message.text}")
