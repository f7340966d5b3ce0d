"""A person at the back office: a browser that fills in the page's own forms."""

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
