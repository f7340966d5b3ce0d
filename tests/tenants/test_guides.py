"""Every figure printed in the guide to the rules is what the engine answers today."""

from tools.guides import GUIDE, computed

from auctionhouse.bidding.examples import EXAMPLES


def test_the_guides_figures_are_the_engines() -> None:
    text = GUIDE.read_text("utf-8")
    assert text == computed(text), "run `make guides`"


def test_a_changed_figure_is_noticed() -> None:
    text = GUIDE.read_text("utf-8")
    assert "£210" in text
    assert computed(text.replace("£210", "£211")) == text


def test_every_setting_has_its_example() -> None:

    text = GUIDE.read_text("utf-8")
    for setting in EXAMPLES:
        assert f"<!-- worked: {setting} " in text, setting
