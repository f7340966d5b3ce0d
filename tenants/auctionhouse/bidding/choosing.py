"""What a right to choose is worth, in words: for the forms, the guide and told stories."""

from auctionhouse.bidding.rules import State, Terms
from auctionhouse.bidding.selling import in_all
from auctionhouse.bidding.style import Style
from auctionxchange.kernel.translation import gettext as _

HOUR = 3_600_000_000
"""Microseconds."""


def tell_right(terms: Terms, state: State, style: Style) -> list[str]:
    """Say what who leads may choose, and what it costs; nothing where nobody has won it."""
    choice, price = terms.choice, state.price
    if choice is None or price is None or state.leader is None or not state.reserve_met:
        return []
    words = {"who": state.leader, "pieces": choice.pieces, "hours": choice.lasts // HOUR}
    return [
        _(
            "%(who)s may choose from 1 to %(pieces)s pieces within %(hours)s hours: one for"
            " %(one)s, two for %(two)s, all for %(total)s.",
            one=style.money(price),
            two=style.money(in_all(price, 2)),
            total=style.money(in_all(price, choice.pieces)),
            **words,
        ),
        _(
            "If %(who)s has not chosen by then, the first piece is theirs for %(one)s; the others"
            " stay with the house.",
            one=style.money(price),
            **words,
        ),
    ]
