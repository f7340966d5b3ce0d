"""Money, dates and times as readers of different houses expect them."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from flask import Flask

from auctionxchange.i18n import formats, install_i18n
from auctionxchange.i18n.accepted import best_language
from auctionxchange.i18n.choice import with_country
from auctionxchange.tenancy.current import acting_for
from auctionxchange.tenancy.house import House

EVENING = datetime(2026, 12, 4, 19, 0, 7, tzinfo=UTC)
LONDON = House(
    schema="t_aaaaaaaaaaaa", slug="oak", name="Oak", status="active", currency="GBP",
    time_zone="Europe/London", country="GB", language="en", languages=("en",), theme="base",
    secret="s",
)  # fmt: skip
PARIS = replace(LONDON, currency="EUR", time_zone="Europe/Paris", country="FR", language="fr")
NEW_YORK = replace(LONDON, currency="USD", time_zone="America/New_York", country="US")
DUBAI = replace(LONDON, time_zone="Asia/Dubai", country="AE")


@pytest.fixture(scope="module")
def app() -> Flask:
    app = Flask("formats", static_folder=None, template_folder=None)
    install_i18n(app)
    return app


def plain(text: str) -> str:
    """Turn the spaces of typography into ordinary ones."""
    return text.replace("\u202f", " ").replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("house", "said"),
    [
        (LONDON, "Friday, 4 December 2026, 19:00 GMT"),
        (PARIS, "vendredi 4 décembre 2026, 20:00 CET"),
        (NEW_YORK, "Friday, December 4, 2026, 2:00 PM EST"),
        (DUBAI, "Friday, 4 December 2026, 11:00 pm UTC+04"),
    ],
)
def test_a_time_is_the_houses_and_names_its_zone(app: Flask, house: House, said: str) -> None:
    with app.test_request_context("/"), acting_for(house):
        assert plain(formats.datetime_long(EVENING)).lower() == said.lower()


def test_a_time_without_a_zone_is_refused(app: Flask) -> None:
    with (
        app.test_request_context("/"),
        acting_for(LONDON),
        pytest.raises(ValueError, match="without a zone"),
    ):
        formats.datetime_short(datetime(2026, 12, 4))  # noqa: DTZ001 - that is the point


@pytest.mark.parametrize(
    ("house", "low", "high", "said"),
    [
        (LONDON, 80000, 120000, "£800–1,200"),
        (PARIS, 80000, 120000, "800–1 200 €"),
        (NEW_YORK, 80000, 80000, "$800"),
        (LONDON, None, 120000, "£1,200"),
        (LONDON, 80000, None, "£800"),
        (LONDON, None, None, ""),
    ],
)
def test_an_estimate_names_its_currency_once(
    app: Flask, house: House, low: int | None, high: int | None, said: str
) -> None:
    with app.test_request_context("/"), acting_for(house):
        assert plain(formats.money_range(low, high, house.currency)) == said


def test_percentages_and_spans_and_names(app: Flask) -> None:
    with app.test_request_context("/"), acting_for(PARIS):
        assert plain(formats.percent(Decimal(25))) == "25 %"
        assert plain(formats.percent(Decimal("14.5"))) == "14,5 %"
        assert plain(formats.duration(120)) == "2 minutes"
        assert plain(formats.duration(5400)) == "1 heure 30 minutes"
        assert formats.language_name("fr") == "français"
    assert formats.plain_amount(130000, "GBP") == "1300.00"
    assert formats.plain_amount(1300, "JPY") == "1300"


def test_a_locale_takes_the_houses_country_where_that_is_known() -> None:
    assert with_country("en", "GB") == "en_GB"
    assert with_country("fr", "FR") == "fr_FR"
    assert with_country("en", None) == "en"
    assert with_country("xx", "ZZ") == "xx"


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("fr-CA, en;q=0.5", "fr"),
        ("en-GB,en;q=0.9,fr;q=0.8", "en"),
        ("de-AT, de;q=0.9", None),
        ("fr;q=0, en;q=0.1", "en"),
        ("*", None),
        ("", None),
        ("fr_FR", "fr"),
        ("fr;q=x, \x7f", None),
    ],
)
def test_a_language_is_offered_whatever_country_it_is_spoken_in(
    accepted: str, language: str | None
) -> None:
    """Seen to fail with werkzeug's own choice: fr-CA read English."""
    assert best_language(accepted, ("en", "fr")) == language
