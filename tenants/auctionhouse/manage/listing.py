"""A list of the back office: sorted by its columns, counted, in pages, and whole as CSV.

A view says which rows and which columns; what the address asks for is read here, once for all
lists: `order`, `down`, `page`, and `as=csv`. Taking a list away is an act and stands in the audit.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, func
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.manage.blueprint import actor
from auctionhouse.requests import house_session
from auctionxchange.i18n.formats import house_zone
from auctionxchange.kernel.cells import csv_text

PER_PAGE = 200
MOST_EXPORTED = 100_000
LAST_PAGE = 100_000


@dataclass(frozen=True, slots=True)
class Column:
    """One fact of a row: its name, what a CSV cell holds of it, and what it is sorted by.

    Without `order` it cannot be sorted by. Which columns stand on the page is the template's
    choice; all stand in the file.
    """

    key: str
    label: Any
    value: Callable[[Any], Any]
    order: tuple[Any, ...] = ()
    figure: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list and how it was asked for."""

    columns: Mapping[str, Column]
    rows: Sequence[Any]
    total: int
    number: int
    order: str
    down: bool
    asked: Mapping[str, str] = field(default_factory=dict)

    @property
    def pages(self) -> int:
        """Return how many pages there are, at least one."""
        return max(1, -(-self.total // PER_PAGE))

    def address(self, number: int) -> str:
        """Return the address of another page of the same list."""
        return _address({**self.asked, "page": str(number)})

    def sorted_by(self, key: str) -> str:
        """Return the address of the list by a column, the other way round where it is already."""
        turned = self.order == key and not self.down
        return _address({**self.asked, "order": key, "down": "1" if turned else ""})

    def file(self) -> str:
        """Return the address of all its rows as CSV."""
        return _address({**self.asked, "as": "csv"})


def shown_list(
    template: str,
    query: Select[Any],
    columns: Sequence[Column],
    *,
    name: str,
    order: str = "",
    down: bool = False,
    each: Callable[[Any], Any] | None = None,
    **values: Any,
) -> ResponseReturnValue:
    """Answer a list as a page, or as a file called by its name where that is asked for.

    `order` and `down` say how it is sorted unless the address says otherwise; without them it
    stands as the query sorts it, which also decides among equals and has to tell all rows apart.
    `each` makes of a row what the columns and the page want to see.
    """
    session = house_session()
    if request.args.get("as") == "csv":
        wanted = _sorted(query, columns, order, down=down).limit(MOST_EXPORTED)
        rows = _made(session.execute(wanted).all(), each)
        audit.record(session, "list.export", f"list:{name}", actor=actor(), rows=len(rows))
        return _file(name, columns, rows)
    listing = _page(session, query, columns, order, down=down)
    rows = _made(listing.rows, each)
    return render_template(template, listing=listing, rows=rows, **values)


def _made(rows: Sequence[Any], each: Callable[[Any], Any] | None) -> Sequence[Any]:
    return rows if each is None else [each(row) for row in rows]


def _page(
    session: Session, query: Select[Any], columns: Sequence[Column], order: str, *, down: bool
) -> Listing:
    counted = query.order_by(None).with_only_columns(func.count(), maintain_column_froms=True)
    total = session.scalar(counted) or 0
    pages = max(1, -(-total // PER_PAGE))
    number = min(max(request.args.get("page", 1, type=_whole), 1), pages)
    wanted = _sorted(query, columns, order, down=down)
    rows = session.execute(wanted.limit(PER_PAGE).offset((number - 1) * PER_PAGE)).all()
    by, turned = _asked_order(columns, order, down=down)
    asked = {key: value for key, value in request.args.items() if key not in {"page", "as"}}
    named = {column.key: column for column in columns}
    return Listing(named, rows, total, number, by, turned, asked)


def _whole(text: str) -> int:
    return (
        int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(LAST_PAGE)) else 1
    )


def _asked_order(columns: Sequence[Column], order: str, *, down: bool) -> tuple[str, bool]:
    by = request.args.get("order", "")
    if any(column.key == by and column.order for column in columns):
        return by, request.args.get("down") == "1"
    return order, down


def _sorted(query: Select[Any], columns: Sequence[Column], order: str, *, down: bool) -> Any:
    """Sort by what is asked for, and then as the query itself says, so that pages never overlap."""
    by, turned = _asked_order(columns, order, down=down)
    keys = next((column.order for column in columns if column.key == by), ())
    first = [(key.desc() if turned else key.asc()).nulls_last() for key in keys]
    rest = tuple(query._order_by_clauses)  # noqa: SLF001 - SQLAlchemy offers no other way
    return query.order_by(None).order_by(*first, *rest)


def _file(name: str, columns: Sequence[Column], rows: Sequence[Any]) -> Response:
    heads = [str(column.label) for column in columns]
    content = csv_text(heads, ([_local(column.value(row)) for column in columns] for row in rows))
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(content, mimetype="text/csv", headers=headers)


def _local(value: Any) -> Any:
    """Tell moments by the house's clock."""
    return value.astimezone(house_zone()) if hasattr(value, "astimezone") else value


def _address(asked: Mapping[str, str]) -> str:
    return "?" + urlencode({key: value for key, value in asked.items() if value})
