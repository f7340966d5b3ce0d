"""Takes the documentation's pictures of the demo: `make screenshots`.

A demo that runs on PORT is used as it is; otherwise one is started and stopped again.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from playwright.sync_api import Page, sync_playwright

from auctionhouse.demo.people import PASSWORD
from auctionxchange.kernel.config import REPOSITORY
from auctionxchange.sandbox.browser import find_browser

PICTURES = REPOSITORY / "docs" / "pictures"
PORT = os.environ.get("PORT", "8000")
START_SECONDS = 300
SETTLE_MILLISECONDS = 1500
SALE = "paintings"


def main() -> None:
    """Sign in where needed and take each picture."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    browser = find_browser()
    with demo(), sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=str(browser.executable),
            args=browser.arguments,
            env={**os.environ, **browser.environ},
        )
        page = launched.new_page(viewport={"width": 1280, "height": 860}, locale="en-GB")
        take(page, "verlaine", f"/sales/{SALE}/", "catalogue", scroll=640)
        sign_in(page, "bidder")
        register(page)
        take(page, "oak", f"/sales/{SALE}/lots/8", "lot")
        page.context.clear_cookies()
        sign_in(page, "owner")
        take(page, "oak", "/manage/", "manage")
        launched.close()


def take(page: Page, house: str, path: str, name: str, *, scroll: int = 0) -> None:
    """Keep what a page shows, scrolled by some pixels, once its pictures are there."""
    page.goto(url(house, path))
    page.mouse.wheel(0, scroll)
    page.wait_for_timeout(SETTLE_MILLISECONDS)
    page.screenshot(path=PICTURES / f"{name}.png")
    sys.stdout.write(f"docs/pictures/{name}.png\n")


def sign_in(page: Page, name: str) -> None:
    """Sign in at oak."""
    page.goto(url("oak", "/sign-in"))
    page.locator("input[name=email]").fill(f"{name}@oak.example")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(lambda address: "/sign-in" not in address)


def register(page: Page) -> None:
    """Register for the sale, unless that was done before."""
    page.goto(url("oak", f"/sales/{SALE}/register"))
    tick = page.locator("input[name=accepted]")
    if tick.count():
        tick.check()
        tick.press("Enter")
        page.wait_for_load_state()


def url(house: str, path: str) -> str:
    """Return an address at a house of the demo."""
    return f"http://{house}.localhost:{PORT}{path}"


@contextmanager
def demo() -> Iterator[None]:
    """Use the running demo, or run one meanwhile."""
    if serves():
        yield
        return
    process = subprocess.Popen(
        [sys.executable, "-m", "auctionhouse.demo"],
        env={**os.environ, "PORT": PORT},
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not serves() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.5)
        if not serves():
            raise SystemExit("the demo does not serve; start it by `make demo` and try again")
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def serves() -> bool:
    """Tell whether all parts of a demo serve."""
    try:
        answer = httpx.get(f"http://127.0.0.1:{PORT}/healthz", headers={"Host": "localhost"})
    except httpx.HTTPError:
        return False
    return answer.status_code == httpx.codes.OK


if __name__ == "__main__":
    main()
