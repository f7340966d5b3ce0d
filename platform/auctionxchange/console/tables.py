"""Flask-Admin views as the console uses them: read-only tables with our own pages.

Flask-Admin's own pages carry inline scripts, which the Content-Security-Policy refuses, and it
reads a filter's options once, when the view is made; here they are read when they are shown.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from flask import get_template_attribute
from flask.typing import ResponseReturnValue
from flask_admin.base import BaseView
from flask_admin.contrib.sqla import ModelView
from flask_admin.contrib.sqla.filters import FilterEqual
from flask_admin.form import BaseForm
from flask_admin.model.base import ViewArgs
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute
from werkzeug.local import LocalProxy

from auctionxchange.console.access import signed_in_operator, to_sign_in
from auctionxchange.i18n.formats import datetime_short
from auctionxchange.kernel.cells import safe_cell
from auctionxchange.site.requests import platform_session
from auctionxchange.theming.current import current_theme

EXPORT_ROWS = 100_000
LAST_PAGE = 1_000_000
LONGEST_SEARCH = 200


class RequestStore:
    """What Flask-Admin takes for a database: whatever session the request has."""

    session: Any = LocalProxy(platform_session)

    def query(self, *entities: Any) -> Any:
        """Start a query; Flask-Admin asks the object itself as well as its session."""
        return platform_session().query(*entities)

    def get(self, entity: type[Any], identity: Any) -> Any:
        """Return a row by its key, or None."""
        return platform_session().get(entity, identity)


class ForOperators(BaseView):
    """A view that only a signed-in operator may enter."""

    def is_accessible(self) -> bool:
        return signed_in_operator() is not None

    def inaccessible_callback(self, _name: Any, **_arguments: Any) -> ResponseReturnValue:
        return to_sign_in()

    def render(self, template: str, **values: Any) -> str:
        """Render a page; its theme is ours, not Flask-Admin's of the same name."""
        self._template_args["theme"] = current_theme()
        return str(
            super().render(
                template,
                section=self.endpoint,
                workplace_rooms=rooms(self),
                operator=signed_in_operator(),
                **values,
            )
        )


def rooms(view: BaseView) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Return Flask-Admin's menu as the workplace draws it: groups of (path, name, label)."""
    groups: dict[str, list[tuple[str, str, str]]] = {}
    for item in view.admin._views:  # noqa: SLF001 - its menu drops the endpoint we mark pages with
        entry = (item.url + "/", item.endpoint, str(item.name))
        groups.setdefault(str(item.category), []).append(entry)
    return list(groups.items())


class ChoiceFilter(FilterEqual):
    """A filter with the values that are in the table at the moment it is shown."""

    def __init__(
        self,
        column: InstrumentedAttribute[Any],
        label: Any,
        words: Callable[[str], Any] = str,
    ) -> None:
        def options() -> list[tuple[str, Any]]:
            return [(value, words(value)) for value, _name in present_values(column)]

        super().__init__(column, label, options=options)

    def validate(self, value: str) -> bool:
        return "\0" not in value


def present_values(column: InstrumentedAttribute[Any]) -> list[tuple[str, str]]:
    """Return the distinct values of a column now, in order, as choices."""
    query = select(column).where(column.is_not(None)).distinct().order_by(column)
    return [(value, value) for value in platform_session().scalars(query)]


class Table(ForOperators, ModelView):
    """A searchable, filterable, sortable list of one kind of row that can be exported."""

    can_create = can_edit = can_delete = False
    can_export = True
    can_view_details = False
    column_display_actions = False
    export_max_rows = EXPORT_ROWS
    list_template = "console/table.html"
    page_size = 50
    intro: Any = ""
    figures: tuple[str, ...] = ()
    """Columns of figures, which stand at the end of their cells."""

    empty_text: Any = ""

    def __init__(self, model: type[Any], **options: Any) -> None:
        self.column_type_formatters = {datetime: lambda _view, at, _name: datetime_short(at)}
        self.column_type_formatters_export = {
            datetime: lambda _view, at, _name: at.isoformat(timespec="seconds")
        }
        self.column_formatters_export: dict[str, Any] = dict(self.column_formatters_export or {})
        super().__init__(model, RequestStore(), **options)

    def scaffold_form(self) -> Any:
        """Return no form: rows are changed by operations alone."""
        return BaseForm

    def get_filter_arg(self, _index: int, flt: ChoiceFilter) -> str:
        """Name a filter by its column, so that addresses mean the same in every language."""
        return str(flt.column.key)

    def _refresh_filters_cache(self) -> None:
        """Keep which filters there are, never what may be chosen in them."""
        self._filters = self.get_filters() or []
        self._filter_groups = None
        self._filter_args = {
            self.get_filter_arg(index, flt): (index, flt) for index, flt in enumerate(self._filters)
        }

    def _get_list_filter_args(self) -> list[Any]:
        chosen: Iterable[Any] = super()._get_list_filter_args() or []
        return [one for one in chosen if one[2]]

    def choices(self) -> list[dict[str, Any]]:
        """Return each filter with its options as they are now and what is chosen."""
        chosen = {self._filters[index]: value for index, _, value in self._get_list_filter_args()}
        return [
            {
                "name": f"flt_{self.get_filter_arg(index, flt)}",
                "label": flt.name,
                "options": flt.get_options(self) or [],
                "chosen": chosen.get(flt, ""),
            }
            for index, flt in enumerate(self._filters)
        ]

    def export_address(self) -> str:
        """Return where the list as it is searched, filtered and sorted now can be had as CSV."""
        asked = self._get_list_extra_args()
        return str(
            self.get_url(
                ".export",
                export_type="csv",
                search=asked.search,
                sort=asked.sort,
                desc=asked.sort_desc,
                **self._get_filters(asked.filters),
            )
        )

    def page_address(self, number: int) -> str:
        """Return the address of a page, the first being 1, of the list as it is asked for now."""
        return str(self._get_list_url(self._get_list_extra_args().clone(page=number - 1)))

    def get_export_name(self, export_type: str = "csv") -> str:
        return f"{self.endpoint}.{export_type}"

    def get_export_value(self, model: Any, name: str) -> Any:
        """Return a cell that no spreadsheet takes for a formula."""
        return safe_cell(super().get_export_value(model, name))

    def _get_list_extra_args(self) -> ViewArgs:
        """Read the address's arguments; what is not ours or out of range is left out."""
        asked = super()._get_list_extra_args()
        asked.extra_args = {}
        asked.page = min(max(asked.page, 0), LAST_PAGE)
        asked.search = (asked.search or "").strip()[:LONGEST_SEARCH] or None
        return asked


def stated(kind: str, label: Any) -> Markup:
    """Draw a state in word, sign and colour."""
    drawn: Callable[..., Markup] = get_template_attribute("components/state.html", "state")
    return drawn(kind, label)
