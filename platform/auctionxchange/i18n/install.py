"""Languages put into a Flask app: selection, texts and formats for templates."""

from flask import Flask

from auctionxchange.i18n.choice import choose_locale, offered_languages
from auctionxchange.i18n.domains import HouseBabel
from auctionxchange.i18n.formats import (
    FILTERS,
    currency_sign,
    duration,
    house_zone,
    language_name,
    reader_locale,
    zone_label,
)


def install_i18n(app: Flask) -> None:
    """Give an app of either plane its languages; the house, if any, is looked up when used."""
    HouseBabel().init_app(app, locale_selector=choose_locale, timezone_selector=house_zone)
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(
        reader_locale=reader_locale,
        offered_languages=offered_languages,
        language_name=language_name,
        currency_sign=currency_sign,
        duration=duration,
        zone_label=zone_label,
    )
