"""Sums in words."""

import pytest

from auctionxchange.i18n.spelled import spelled
from auctionxchange.kernel.money import currency


@pytest.mark.parametrize(
    ("minor", "words"),
    [
        (0, "zero British pounds"),
        (100, "one British pound"),
        (2100, "twenty-one British pounds"),
        (12050, "one hundred and twenty British pounds 50/100"),
        (1250000, "twelve thousand five hundred British pounds"),
        (100700, "one thousand and seven British pounds"),
        (123400089, "one million two hundred and thirty-four thousand British pounds 89/100"),
    ],
)
def test_english(minor: int, words: str) -> None:
    assert spelled(minor, currency("GBP"), "en_GB") == words


@pytest.mark.parametrize(
    ("whole", "words"),
    [
        (1, "un euro"), (71, "soixante et onze euros"), (80, "quatre-vingts euros"),
        (81, "quatre-vingt-un euros"), (91, "quatre-vingt-onze euros"), (21, "vingt et un euros"),
        (200, "deux cents euros"), (201, "deux cent un euros"), (1000, "mille euros"),
        (80000, "quatre-vingt mille euros"), (200000, "deux cent mille euros"),
        (1000000, "un million d’euros"), (2000001, "deux millions un euros"),
        (12500, "douze mille cinq cents euros"),
    ],
)  # fmt: skip
def test_french(whole: int, words: str) -> None:
    assert spelled(whole * 100, currency("EUR"), "fr") == words


def test_other_languages_and_currencies_without_cents() -> None:
    assert spelled(12500, currency("JPY"), "en") == "twelve thousand five hundred Japanese yen"
    assert spelled(1250000, currency("EUR"), "de") == "12.500 Euro"
