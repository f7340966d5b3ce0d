"""A person at the back office: a browser that fills in the page's own forms."""

import re
from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from factories.visitors import Visitor


@dataclass
class Desk:
    """A person's browser at one house, filling in the page's own forms."""

    visitor: Visitor

    def get(self, path: str) -> TestResponse:
        return self.visitor.get(path)

    def post(self, path: str, data: dict[str, Any], *, page: str | None = None) -> TestResponse:
        return self.visitor.submit(page or path, data, to=path)


def latest_request(desk: Desk) -> str:
    """Return the address of the newest request at the house."""
    links = desk.visitor.page("/manage/approvals/").links()
    found = [link for link in links if re.fullmatch(r"/manage/approvals/[0-9]+", link)]
    return max(found, key=lambda link: int(link.rpartition("/")[2]))


def approve(desk: Desk, address: str) -> TestResponse:
    """Press “Approve and do it” on a request's page."""
    page = desk.visitor.page(address)
    digest = next(tag["value"] for _name, tag in page.tags if tag.get("name") == "digest")
    return desk.post(f"{address}/approve", {"digest": digest}, page=address)


def approve_latest(desk: Desk) -> None:
    """Read the newest request and approve it, which must succeed."""
    address = latest_request(desk)
    approve(desk, address)
    assert "Approved and done" in desk.visitor.page(address).text
