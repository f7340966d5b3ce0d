"""Sealed bids in plain words, told from the public ledger alone."""

from collections.abc import Callable, Mapping

from auctionhouse.bidding.explained import Moment, named
from auctionhouse.bidding.sealed.rules import Envelope, ranked
from auctionxchange.kernel.translation import gettext as _


def sealed_lot(told: Moment) -> str:
    """Say by which rule a lot is sold."""
    least = told.money(told.entry["terms"]["opening"])
    if told.terms["format"] == "sealed_second":
        return _(
            "Sealed bids were asked for, from %(least)s. The highest buys at the second highest.",
            least=least,
        )
    if told.terms["format"] == "sealed_pieces":
        return _(
            "Sealed bids were asked for, each for some of %(pieces)s pieces, from %(least)s a"
            " piece. The best are served first.",
            least=least, pieces=told.terms.get("pieces", 1),
        )  # fmt: skip
    return _(
        "Sealed bids were asked for, from %(least)s. The highest buys at its own amount.",
        least=least,
    )


def _bids_opened(told: Moment) -> str:
    bids = told.entry["opened"]
    if not bids:
        return _("The time came to open the bids, and there were none.")
    if told.entry["by"] is None:
        said = _("All sealed bids were opened at the end: %(count)s.", count=len(bids))
    else:
        said = _("Two members of staff opened all sealed bids: %(count)s.", count=len(bids))
    return f"{said} {(_wishes if told.terms['format'] == 'sealed_pieces' else _ranking)(told)}"


def _wishes(told: Moment) -> str:
    """Say who bid how much for how many pieces, the best first."""
    order = ranked(
        Envelope(bid["entry"], bid["who"], bid["amount"], bid["pieces"])
        for bid in told.entry["opened"]
    )
    shown = (
        _("%(who)s %(amount)s for each of %(pieces)s", who=bid.who, pieces=bid.pieces,
          amount=told.money(bid.amount))
        for bid in order
    )  # fmt: skip
    return _("They are: %(bids)s.", bids="; ".join(shown))


def _ranking(told: Moment) -> str:
    """Say which bid leads and why at this price."""
    order = ranked(
        Envelope(bid["entry"], bid["who"], bid["amount"]) for bid in told.entry["opened"]
    )
    best, second = order[0], order[1] if len(order) > 1 else None
    words = {"who": str(best.who), "best": told.money(best.amount), "price": told.said("price")}
    if not told.entry["reserve_met"]:
        return _("The highest, %(best)s of %(who)s, did not reach the reserve.", **words)
    said = [_("The highest is %(best)s of %(who)s.", who=words["who"], best=words["best"])]
    if second is not None and second.amount == best.amount:
        said.append(_("%(other)s offered as much, but later.", other=second.who))
    if told.terms["format"] == "sealed_second":
        said.append(_why_second(told, second, words["price"]))
    return " ".join(said)


def _why_second(told: Moment, second: Envelope | None, price: str) -> str:
    if second is not None and second.amount == told.entry["price"]:
        return _("The price is the second highest bid: %(price)s.", price=price)
    if told.entry["price"] == told.terms["opening"]:
        return _("No other bid is higher than the least bid, so the price is that: %(price)s.",
                 price=price)  # fmt: skip
    return _("No other bid reached the reserve, so the price is the reserve: %(price)s.",
             price=price)  # fmt: skip


SEALED_SENTENCES: Mapping[str, Callable[[Moment], str]] = {
    "sealed_bid": lambda told: _("%(who)s handed in a sealed bid.", **named(told, "who")),
    "sealed_withdrawn": lambda told: _("%(who)s took their sealed bid back.", **named(told, "who")),
    "ended": lambda _told: _("The end came. The bids stay sealed until two members of staff open"
                             " them."),
    "opening_asked": lambda _told: _("A member of staff asked for the opening of the bids."),
    "bids_opened": _bids_opened,
}  # fmt: skip
