"""What each rule of bidding means, in a sentence or two; the worked examples stand beside it."""

from collections.abc import Mapping
from typing import Any

from auctionxchange.i18n import gettext as _
from auctionxchange.i18n import lazy_gettext as _l

CHOICE_WORDS: Mapping[str, Mapping[str, Any]] = {
    "bound": {
        "exclusive": _l("takes the step of the row that begins there"),
        "inclusive": _l("still takes the step of the row before"),
    },
    "pricing": {
        "to_maximum": _l("one step above the second maximum, even if that is between the steps"),
        "ladder": _l("only amounts on the ladder: the highest one not above that"),
    },
    "own_raise": {
        "keeps": _l("the price stays"),
        "tops_up": _l("the price rises to the full step, if the old maximum fell short of it"),
    },
    "off_ladder": {
        "accept": _l("count as typed"),
        "round_down": _l("count as the ladder’s amount below"),
    },
    "below_reserve": {
        "normal": _l("the price moves as if there were no reserve"),
        "full_max": _l("the maximum is shown in full until the reserve is reached"),
    },
}

FORMAT_WORDS: Mapping[str, Any] = {
    "timed": _l("timed bidding: the highest maximum leads, until the end"),
}

BID_FOR_WORDS: Mapping[str, Any] = {
    "lot": _l("the lot as a whole, however many pieces it has"),
    "piece": _l("each piece: the buyer takes all and pays the price so many times"),
}

WAY_WORDS: Mapping[str, Mapping[str, Any]] = {
    "buy_now_until": {
        "first_bid": _l("until the first bid"),
        "low_estimate": _l("until the bidding reaches a share of the low estimate"),
        "high_estimate": _l("until the bidding reaches a share of the high estimate"),
    },
    "offers": {
        "never": _l("never"),
        "below_buy_now": _l("on lots with a buy-now price, below it"),
        "every_lot": _l("on every lot"),
    },
}

CLOSING_WORDS: Mapping[str, Any] = {
    "on": _l("give the lot more time"),
    "off": _l("change nothing: the lot ends when it ends"),
}

SCOPE_WORDS: Mapping[str, Any] = {
    "lot": _l("only the lot that was bid on"),
    "group": _l("every open lot of its group, by as much"),
    "cascade": _l("it and every later lot, by as much"),
    "predecessor": _l("it, and later lots as far as they must keep their distance"),
}

PRESETS: Mapping[str, Any] = {
    "uk-saleroom": _l("British saleroom"),
    "us-saleroom": _l("American saleroom"),
    "even-steps": _l("Even steps"),
    "estate": _l("House clearance"),
    "ebay-uk": _l("Small steps, as online in Britain"),
    "ebay-us": _l("Small steps, as online in America"),
}


def explanations() -> dict[str, str]:
    """Return by setting what it decides."""
    return {
        **_ways(),
        "format": _(
            "What a bid is and how it is decided who buys. A lot may differ from its sale."
        ),
        "bid_for": _(
            "Lots of several pieces, such as six chairs, are sold as one or “times the money”. The"
            " pages show what all pieces come to."
        ),
        "increments": _(
            "How much more the next bid must be. Each row says from which price its step counts;"
            " the first starts from 0."
        ),
        "bound": _("Houses differ on which step counts when the price stands at a row’s start."),
        "pricing": _(
            "Bidders give a maximum and the system bids for them only as far as needed. This says"
            " how far that is when two maxima meet."
        ),
        "own_raise": _(
            "A leader may raise the maximum at any time. It never extends the lot and never costs"
            " more than a full step above the second."
        ),
        "off_ladder": _("Whether a bidder may offer an amount that is no step of the table."),
        "tie": _("Of two equal maxima the earlier one leads, in every sale."),
        "below_reserve": _(
            "A maximum at or above the reserve lifts the price to it. This says what happens as"
            " long as nobody reaches it."
        ),
        "soft_close": _(
            "Extensions give everybody time to answer a bid in the last seconds. Refused bids and"
            " a leader’s own raise never extend."
        ),
        "edge": _("Whether the window includes its very first instant."),
        "cap_s": _("Counted from the end as it was planned."),
        "scope": _("Lots that move together keep bidders of several lots from having to choose."),
    }


def _ways() -> dict[str, str]:
    return {
        "buy_now": _(
            "A lot’s own page of details says for how much it is had at once; without such a price"
            " nothing here applies. Whoever buys ends the bidding. The share is of the estimate on"
            " the day the sale is published; a lot without one is offered until the first bid."
        ),
        "offers": _(
            "Until somebody bids, a bidder may offer less than the buy-now price, or any sum. Only"
            " you and the bidder see it. You accept, decline or answer with an offer of your own;"
            " a bid, a purchase or the end of the lot ends all offers on it."
        ),
        "conditional_share": _(
            "A lot that misses its reserve but comes close is kept for the highest bidder while the"
            " seller decides. Bidders are told; how high the reserve is, they are not."
        ),
    }
