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
    "sealed_first": _l("sealed bids: the highest buys and pays its own bid"),
    "sealed_second": _l("sealed bids: the highest buys and pays the second highest bid"),
    "sealed_pieces": _l("sealed bids for some of many pieces: the best are served first"),
    "dutch": _l("a falling clock: who takes first buys at the price shown"),
    "choice": _l("buyer’s choice: who wins chooses how many of the pieces, at the price each"),
}

BID_FOR_WORDS: Mapping[str, Any] = {
    "lot": _l("the lot as a whole, however many pieces it has"),
    "piece": _l(
        "each piece: the buyer takes all and pays the price so many times; at a falling clock, as"
        " many as they want"
    ),
}

CHANGES_WORDS: Mapping[str, Any] = {
    "never": _l("hand it in once; it stands"),
    "replace": _l("replace it until the end"),
    "withdraw": _l("replace it or take it back until the end"),
}

OPENED_BY_WORDS: Mapping[str, Any] = {
    "clock": _l("the clock, at the end"),
    "staff": _l("two members of staff, after the end"),
}

COUNT_WORDS: Mapping[str, Any] = {
    "yes": _l("how many bids there are"),
    "no": _l("nothing at all"),
}

PAYS_WORDS: Mapping[str, Any] = {
    "own_bid": _l("their own price for each piece"),
    "lowest_winning": _l("the lowest price that wins a piece, all the same"),
    "start_unless_oversubscribed": _l(
        "the least bid, all the same, and the lowest that wins if more is wanted than there is"
    ),
}

ORDER_WORDS: Mapping[str, Any] = {
    "price_time": _l("the earlier bid"),
    "price_quantity_time": _l("the bid for more pieces"),
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


def _of_formats() -> dict[str, str]:
    """Return by setting of a format beside timed bidding what it decides."""
    return {
        "changes": _(
            "A bid that is replaced takes its place in time anew; of equal bids the earlier wins."
        ),
        "opened_by": _(
            "Until then nobody reads a bid, staff included. Where two people open them,"
            " one asks for it and another does it; the ledger names both."
        ),
        "pays": _(
            "Bidders name a price for each piece and how many they want. Who is served last may get"
            " fewer."
        ),
        "clock": _(
            "The opening price of a lot is the lowest its clock falls to; it stands there once more"
            " as long, then the lot ends. The clock is counted from the end, so a pause or a later"
            " end takes it back. Below a hidden reserve it stops. Of several pieces each may take"
            " some, if a bid is for each piece."
        ),
        "choice": _(
            "It is bid for as in timed bidding, and the price is for each piece. The winner chooses"
            " one piece or more on the lot’s page; who has not chosen in time is sold the first."
            " What is left stays with the house, which may sell it again as a lot of its own."
        ),
        "order": _("Two bids of the same price for the last pieces."),
        "count": _("Before the opening no amount is shown to anybody in any case."),
    }


def explanations() -> dict[str, str]:
    """Return by setting what it decides."""
    return {
        **_ways(),
        "format": _(
            "What a bid is and how it is decided who buys. A lot may differ from its sale."
        ),
        **_of_formats(),
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
