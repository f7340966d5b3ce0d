"""The first page stays light: without its pictures it is less than 100 kB on the wire."""

import gzip
import re

import pytest
from flask import Flask, render_template

from auctionxchange.i18n import install_i18n
from auctionxchange.kernel.config import Settings
from auctionxchange.tenancy.current import acting_for
from auctionxchange.tenancy.house import House
from auctionxchange.theming.assets import collect
from auctionxchange.theming.install import install_theming
from auctionxchange.theming.themes import theme_names

MOST = 100_000
ADDRESS = re.compile(r'(?:href|src)="(/(?:static|theme)/[^"]+)"')
IMPORT = re.compile(r'from "\./([^"]+)"')


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An app with everything collected from npm's folder; without that it fails and says so."""
    root = tmp_path_factory.mktemp("static")
    collect(root)
    app = Flask("weighed", static_folder=None, template_folder=None)
    settings = Settings(
        database_url="", secret_key="", public_url="http://localhost", static_root=root
    )
    install_theming(app, settings)
    install_i18n(app)
    return app


def weighed(app: Flask, address: str, seen: dict[str, int]) -> None:
    """Add what a file and the modules it imports weigh; fonts are compressed already."""
    if address in seen:
        return
    with app.test_client().get(address) as answer:
        assert answer.status_code == 200, address
        content = answer.get_data()
    font = address.endswith(".woff2")
    seen[address] = len(content if font else gzip.compress(content))
    if address.endswith(".js"):
        for name in IMPORT.findall(content.decode()):
            weighed(app, f"{address.rpartition('/')[0]}/{name}", seen)


@pytest.mark.parametrize("theme", theme_names())
def test_a_first_page_weighs_less_than_100_kb(app: Flask, theme: str) -> None:
    house = House(
        schema="t_aaaaaaaaaaaa", slug="oak", name="Oak", status="active", currency="GBP",
        time_zone="Europe/London", country="GB", language="en", languages=("en", "fr"),
        theme=theme, secret="s",
    )  # fmt: skip
    with acting_for(house):
        with app.test_request_context("/"):
            page = render_template("layout.html")
        seen = {"page": 5 * len(gzip.compress(page.encode()))}
        for address in ADDRESS.findall(page):
            weighed(app, address, seen)
    assert sum(seen.values()) < MOST, sorted(seen.items(), key=lambda item: -item[1])[:5]
