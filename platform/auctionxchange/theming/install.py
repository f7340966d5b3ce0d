"""Theming put into a Flask app of either plane: environment, helpers, stylesheet, files."""

from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, has_request_context, request, send_from_directory
from jinja2 import Environment
from werkzeug.local import LocalProxy

from auctionxchange.kernel.config import Settings
from auctionxchange.tenancy.current import bound_house
from auctionxchange.theming.assets import Assets
from auctionxchange.theming.colour import hexadecimal
from auctionxchange.theming.current import current_theme
from auctionxchange.theming.markdown import markdown
from auctionxchange.theming.pictures import PICTURE_SIZES, picture_width
from auctionxchange.theming.preferences import (
    APPEARANCE_COOKIE,
    APPEARANCES,
    Remember,
    preferences_view,
)
from auctionxchange.theming.release import release_digest
from auctionxchange.theming.states import state_word
from auctionxchange.theming.stylesheet import theme_stylesheet
from auctionxchange.theming.templates import ThemedEnvironment

FOR_EVER = "public, max-age=31536000, immutable"


def install_theming(
    app: Flask, settings: Settings, *, remember_language: Remember | None = None
) -> None:
    """Make the app's templates, static files and stylesheets follow the house's theme.

    Comes before anything else asks for `app.jinja_env`.
    """
    app.jinja_environment = ThemedEnvironment
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True, **app.jinja_options}
    assets = Assets(settings.static_root)
    app.extensions["assets"] = assets
    app.extensions["release"] = release_digest()
    _add_names(app.jinja_env, assets)
    _add_routes(app, settings, assets)
    app.add_url_rule(
        "/preferences",
        "preferences",
        preferences_view(settings, remember_language),
        methods=["POST"],
    )


def _add_names(environment: Environment, assets: Assets) -> None:
    def asset(name: str) -> str:
        return assets.address(current_theme().lineage, name)

    environment.globals.update(
        asset=asset,
        house=LocalProxy(bound_house),
        theme=LocalProxy(current_theme),
        appearance=chosen_appearance,
        mail_colour=lambda role: hexadecimal(current_theme().light[role]),
        picture_sizes=PICTURE_SIZES.items,
        picture_width=picture_width,
        state_word=state_word,
    )
    environment.filters["markdown"] = markdown


def chosen_appearance() -> str:
    """Return "light" or "dark" where the reader chose one, else ""."""
    return appearance_in(request.cookies) if has_request_context() else ""


def appearance_in(cookies: Mapping[str, str]) -> str:
    """Return what some cookies say of it."""
    chosen = cookies.get(APPEARANCE_COOKIE, "")
    return chosen if chosen in APPEARANCES else ""


def _add_routes(app: Flask, settings: Settings, assets: Assets) -> None:
    def stylesheet(version: str) -> Response:
        theme = current_theme()
        text = theme_stylesheet(theme, lambda file: assets.address((), f"vendor/{file}"))
        response = Response(text, mimetype="text/css")
        current = version == theme.version
        response.headers["Cache-Control"] = FOR_EVER if current else "no-store"
        return response

    def static_file(filename: str) -> Any:
        response = send_from_directory(settings.static_root, filename)
        response.headers["Cache-Control"] = FOR_EVER
        return response

    app.add_url_rule("/theme/<version>.css", "theme_stylesheet", stylesheet)
    app.add_url_rule("/static/<path:filename>", "static_files", static_file)
