"""Templates by theme: the house's theme first, then its parents, then the capability's own.

Jinja keeps compiled templates by name, so the theme is part of every name ("manor//layout.html").
The environment asks once, where a page begins, which theme is wanted; includes, imports and
parents follow the page they stand in. The loader never looks at a request.
"""

from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

from flask.sansio.app import App
from flask.templating import Environment
from jinja2 import BaseLoader, FileSystemLoader, Template, TemplateNotFound
from jinja2 import Environment as JinjaEnvironment

from auctionxchange.theming.current import current_theme
from auctionxchange.theming.themes import load_theme

SEPARATOR = "//"
OUR_PACKAGES = ("auctionxchange", "auctionhouse")


def themed(theme: str, name: str) -> str:
    """Return the name a template is kept under."""
    return f"{theme}{SEPARATOR}{name}"


class ThemeLoader(BaseLoader):
    """Finds "theme//name", or "theme//ancestor//name" where a theme extends what it replaces."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._folders: dict[Path, FileSystemLoader] = {}

    def get_source(self, environment: JinjaEnvironment, template: str) -> Any:
        """Return the first source found; raises TemplateNotFound."""
        theme, _, name = template.partition(SEPARATOR)
        ancestor, explicit, rest = name.partition(SEPARATOR)
        lineage = load_theme(theme).lineage
        if explicit:
            lineage, name = lineage[lineage.index(ancestor) :], rest
        for loader in self._loaders(lineage):
            try:
                return loader.get_source(environment, name)
            except TemplateNotFound:
                continue
        raise TemplateNotFound(name)

    def _loaders(self, lineage: tuple[str, ...]) -> Iterator[BaseLoader]:
        for name in lineage:
            folder = load_theme(name).folders[0] / "templates"
            if folder not in self._folders:
                self._folders[folder] = FileSystemLoader(folder)
            yield self._folders[folder]
        if self._app.jinja_loader is not None:
            yield self._app.jinja_loader
        libraries = []
        for blueprint in self._app.iter_blueprints():
            if blueprint.jinja_loader is None:
                continue
            if blueprint.import_name.startswith(OUR_PACKAGES):
                yield blueprint.jinja_loader
            else:
                libraries.append(blueprint.jinja_loader)
        yield from libraries

    def list_templates(self) -> list[str]:
        """Return nothing: names depend on the theme they are asked in."""
        return []


class ThemedEnvironment(Environment):
    """Flask's environment with the theme in every template's name."""

    def __init__(self, app: App, **options: Any) -> None:
        options["loader"] = ThemeLoader(app)
        options.setdefault("cache_size", 4000)
        super().__init__(app, **options)

    def join_path(self, template: str, parent: str) -> str:
        """Keep an included, imported or extended template in its page's theme."""
        return themed(parent.partition(SEPARATOR)[0], template)

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 - Jinja's own name
    ) -> Template:
        """Load a template; a page takes the current theme, a part its page's."""
        if isinstance(name, str) and parent is None and not _has_theme(name):
            name = themed(current_theme().name, name)
        return super().get_template(name, parent, globals)

    def select_template(
        self,
        names: Any,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 - Jinja's own name
    ) -> Template:
        """Load the first template that exists."""
        if parent is None:
            theme = current_theme().name
            names = [
                themed(theme, name) if isinstance(name, str) and not _has_theme(name) else name
                for name in names
            ]
        return super().select_template(names, parent, globals)


def _has_theme(name: str) -> bool:
    return SEPARATOR in name
