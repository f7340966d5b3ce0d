"""What is asked of a bid before it is confirmed, and what its bidder is told after, by format.

Whether a bid is taken is decided by the bidding alone; this only spares a bidder the way.
"""

from collections.abc import Callable, Mapping

from auctionhouse.bidding.batch import BidResult
from auctionhouse.bidding.dutch.refusals import ClockAbove
from auctionhouse.bidding.errors import BidTooLow, NotARaise
from auctionhouse.bidding.queries import OwnBid
from auctionhouse.bidding.sealed.refusals import BelowLeastBid, SameSealedBid, SealedBidFinal
from auctionhouse.storefront.lot_views import LotView, wanted_pieces
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n.formats import money
from auctionxchange.kernel.money import currency, format_amount, parse_amount

Told = tuple[str, str]
"""What to tell a bidder, and how it is meant."""


def checked_offer(view: LotView, typed: str, pieces: str) -> tuple[int, int | None]:
    """Read a typed amount, and for how many pieces where several buyers may share them.

    Raises AmountInvalid, PiecesInvalid and what the lot's format refuses.
    """
    bid = parse_amount(typed, currency(view.sale.currency)), wanted_pieces(view, pieces)
    CHECKS[view.lot.row.format](view, *bid)
    return bid


def _check_timed(view: LotView, maximum: int, _pieces: int | None) -> None:
    if view.mine == "leading" and maximum <= (view.my_maximum or 0):
        raise NotARaise
    if view.mine != "leading":
        _check_least(view, maximum)


def _check_sealed(view: LotView, amount: int, pieces: int | None) -> None:
    if view.my_bid is not None and view.sealed.changes == "never":
        raise SealedBidFinal
    if view.my_bid == OwnBid(amount, pieces or 1):
        raise SameSealedBid
    _check_least(view, amount, BelowLeastBid)


def _check_least(view: LotView, amount: int, refusal: type[BidTooLow] = BidTooLow) -> None:
    least = view.lot.row.asking
    if amount < least:
        raise refusal(minimum=least, shown=money(least, view.sale.currency))


def _check_clock(view: LotView, maximum: int, _pieces: int | None) -> None:
    if view.clock is not None and maximum < view.clock.price:
        price = view.clock.price
        raise ClockAbove(price=price, shown=money(price, view.sale.currency))


CHECKS: Mapping[str, Callable[[LotView, int, int | None], None]] = {
    "timed": _check_timed,
    "choice": _check_timed,
    "sealed_first": _check_sealed,
    "sealed_second": _check_sealed,
    "sealed_pieces": _check_sealed,
    "dutch": _check_clock,
}


def said_of(result: BidResult, currency_code: str, locale: str) -> Told:
    """Return what to tell a bidder of an accepted bid."""
    unit = currency(currency_code)
    return SAYS[result.outcome](result, lambda amount: format_amount(amount or 0, unit, locale))


Written = Callable[[int | None], str]


def _leading(result: BidResult, written: Written) -> Told:
    amount = written(result.price)
    if result.raised:
        return _("Your maximum is raised. You still lead at %(amount)s.", amount=amount), "success"
    return _("Your bid is in. You lead at %(amount)s.", amount=amount), "success"


def _outbid(result: BidResult, written: Written) -> Told:
    return (
        _("Your bid was taken, but another bidder’s maximum is higher: now %(amount)s. "
          "The next bid is %(asking)s.", amount=written(result.price),
          asking=written(result.asking)),
        "error",
    )  # fmt: skip


def _sealed(_result: BidResult, _written: Written) -> Told:
    said = _("Your sealed bid is handed in. Nobody can read it before all bids are opened.")
    return said, "success"


def _taken(result: BidResult, written: Written) -> Told:
    return _("It is yours, at %(amount)s.", amount=written(result.price)), "success"


SAYS: Mapping[str, Callable[[BidResult, Written], Told]] = {
    "leading": _leading,
    "outbid": _outbid,
    "sealed": _sealed,
    "taken": _taken,
}
"""By what became of the bid."""
