"""A sale with one lot, made in a running installation, and its bidders' windows."""

import secrets
from typing import Any

from playwright.sync_api import Page, expect
from sqlalchemy import text

from auctionxchange.accounts.passwords import hashed
from factories.installation import PASSWORD, Installation
from factories.sales import OpenSale, end_lots_now, make_open_sale
from factories.windows import Windows


class Room:
    """A sale of some format with one lot, and its bidders' browsers."""

    def __init__(self, installation: Installation, windows: Windows, **sale: Any) -> None:
        self.installation, self.windows = installation, windows
        self.reference = f"way-{secrets.token_hex(3)}"
        self.house = installation.house("oak")
        with installation.database.house_session(self.house) as session, session.begin():
            self.sale: OpenSale = make_open_sale(session, reference=self.reference, **sale)

    @property
    def path(self) -> str:
        return f"/sales/{self.reference}/lots/1"

    def open(self, page: Page, path: str | None = None) -> None:
        """Open the lot's page and wait until it is live."""
        page.goto(self.installation.url("oak", path or self.path))
        expect(page.locator("html")).to_have_attribute("data-connection", "live")

    def bidder(self, number: int, **options: Any) -> Page:
        """Open the window of a bidder who is registered for the sale."""
        client, member = self.sale.bidders[number]
        with self.installation.database.house_connection(self.house) as connection:
            email: str = connection.execute(
                text("UPDATE member SET confirmed_at = now(), password = :hash WHERE id = :id"
                     " RETURNING email"), {"hash": hashed(PASSWORD), "id": member},
            ).scalar_one()  # fmt: skip
            written = {"email": email, "id": client}
            connection.execute(text("UPDATE client SET email = :email WHERE id = :id"), written)
        return self.windows.signed_in("oak", email, **options)

    def end(self) -> None:
        """Let the end have come; the worker closes the lot."""
        with self.installation.database.house_session(self.house) as session, session.begin():
            end_lots_now(session, self.sale.sale_id)
