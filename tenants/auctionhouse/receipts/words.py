"""Why a bid was refused, in the few words a list has room for."""

from auctionxchange.kernel.translation import gettext as _


def reason_words(code: str) -> str:
    """Return a refusal's code in words."""
    words = {
        "bid_too_low": _("below the next bid"),
        "not_a_raise": _("no more than your maximum"),
        "lot_closed": _("the lot had closed"),
        "lot_not_open": _("the lot was not open yet"),
        "lot_withdrawn": _("the lot was withdrawn"),
        "sale_paused": _("the sale was paused"),
        "not_registered": _("not registered for this sale"),
        "over_limit": _("above your bid limit"),
        "own_lot": _("it is your own lot"),
        "over_spending": _("above your own limit for this sale"),
        "other_lot_led": _("you have the other lot of your choice"),
        "limit_busy": _("your limits were just being changed"),
        "staff_bid": _("staff may not bid here"),
        "house_bid": _("the house may not bid this for the seller"),
        "sealed_bid_final": _("your sealed bid stood already"),
        "same_sealed_bid": _("it was your sealed bid already"),
        "buy_now_gone": _("it could no longer be bought at once"),
        "clock_not_started": _("the clock did not run yet"),
        "clock_passed": _("the clock had stopped"),
        "clock_above": _("the clock stood above what you offered"),
        "too_few_left": _("fewer pieces were left"),
        "price_changed": _("the price had changed"),
        "buyer_blocked": _("your account was blocked"),
        "token_reused": _("the form had been sent before"),
    }
    return words.get(code, _("not allowed by the terms of the sale"))
