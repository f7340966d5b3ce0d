"""A falling clock in plain words, told from the public ledger alone."""

from auctionhouse.bidding.explained import Moment, named
from auctionhouse.bidding.selling import in_all
from auctionxchange.kernel.translation import gettext as _
from auctionxchange.kernel.translation import ngettext


def clock_lot(told: Moment) -> str:
    """Say how a lot's clock falls."""
    clock = told.terms["clock"]
    return ngettext(
        "The lot is sold by a clock that falls from %(start)s by %(step)s every second, down to"
        " %(lowest)s. Who takes it first has it at the price shown then.",
        "The lot is sold by a clock that falls from %(start)s by %(step)s every %(num)d seconds,"
        " down to %(lowest)s. Who takes it first has it at the price shown then.",
        clock["every_s"],
        start=told.money(clock["start"]),
        step=told.money(clock["step"]),
        lowest=told.money(told.terms["opening"]),
    )


def taking(told: Moment) -> str:
    """Say what somebody took at which price."""
    words = named(told, "who", "amount")
    if "taken" not in told.entry:
        return _("%(who)s took the lot at the clock’s price, %(amount)s.", **words)
    pieces = told.entry["taken"]
    total = told.money(in_all(told.entry["amount"], pieces))
    return ngettext(
        "%(who)s took %(num)d piece at the clock’s price, %(amount)s.",
        "%(who)s took %(num)d pieces at the clock’s price, %(amount)s each: %(total)s.",
        pieces, total=total, **words,
    )  # fmt: skip


def clock_unsold() -> str:
    """Say that nobody took the lot while its clock fell."""
    return _("The clock stopped, and nobody had taken the lot: not sold.")
