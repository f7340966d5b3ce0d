"""With which templates the lots of each format are shown."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shown:
    """The parts of a lot's page that differ: the bid panel, the phone's bar, the rules in words."""

    panel: str
    bar: str
    rules: str


SHOWN: Mapping[str, Shown] = {
    "timed": Shown(
        panel="storefront/bid_panel.html",
        bar="storefront/bid_bar.html",
        rules="storefront/bid_steps.html",
    ),
}
"""By format."""
