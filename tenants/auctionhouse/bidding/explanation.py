"""Why a price is what it is, in plain words, told from the public ledger alone.

A sentence never says more than the rules and the entries show: whether a leader's maximum is used
up stays open, as it does on the page.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from auctionhouse.bidding.dutch.telling import clock_lot, clock_unsold, taking
from auctionhouse.bidding.explained import NOTHING, Moment, Payload, named
from auctionhouse.bidding.sealed.telling import SEALED_SENTENCES, sealed_lot
from auctionhouse.bidding.selling import in_all
from auctionxchange.kernel.translation import gettext as _

NOT_SOLD = ("unsold", "sale_cancelled", "correction")


def sentences(payloads: Iterable[Payload], money: Callable[[int], str]) -> Iterator[str]:
    """Tell a lot's entries, oldest first, one sentence each."""
    before, terms, after_sale = NOTHING, NOTHING, False
    for entry in payloads:
        terms = entry.get("terms", terms)
        told = Moment(entry, before, terms, money, after_sale)
        yield SENTENCES[entry["kind"]](told)
        after_sale = entry["kind"] != "reopened" and (after_sale or entry["kind"] in NOT_SOLD)
        if "leader" in entry:
            before = entry
        elif entry["kind"] == "opened":
            before = {**NOTHING, "reserve_met": entry["reserve"] is None}


def _opened(told: Moment) -> str:
    if "sealed" in told.terms:
        return sealed_lot(told)
    if "clock" in told.terms:
        return clock_lot(told)
    return _("Bidding opened at %(price)s.", price=told.money(told.entry["terms"]["opening"]))


def _bid(told: Moment) -> str:
    if told.entry["leader"] != told.entry["who"]:
        return _(
            "%(who)s bid %(amount)s; %(leader)s had offered as much or more before and still"
            " leads.",
            **named(told, "who", "amount", "leader"),
        )
    return _first(told) if told.before["leader"] is None else _overtaking(told)


def _first(told: Moment) -> str:
    words = named(told, "who", "price")
    if told.reached_reserve:
        return _(
            "%(who)s made the first bid. It reaches the reserve, so the price went there:"
            " %(price)s.",
            **words,
        )
    if told.in_full:
        return _(
            "%(who)s made the first bid. It is below the reserve and shown in full: %(price)s.",
            **words,
        )
    return _("%(who)s made the first bid and leads at the opening price, %(price)s.", **words)


def _overtaking(told: Moment) -> str:
    words = named(told, "who", "before", "price")
    if told.reached_reserve:
        return _(
            "%(who)s offered more than %(before)s and reached the reserve. The price is the"
            " reserve, or more if it takes more to pass %(before)s: %(price)s.",
            **words,
        )
    if told.in_full:
        return _(
            "%(who)s offered more than %(before)s. Below the reserve a bid is shown in full:"
            " %(price)s.",
            **words,
        )
    return _(
        "%(who)s offered more than %(before)s: one step above %(before)s’s maximum, or %(who)s’s"
        " own if less, is %(price)s.",
        **words,
    )


def _automatic(told: Moment) -> str:
    return _(
        "%(who)s’s earlier maximum answered by itself, by one step or as far as it goes:"
        " %(price)s.",
        **named(told, "who", "price"),
    )


def _raise(told: Moment) -> str:
    words = named(told, "who", "price")
    if told.reached_reserve:
        return _(
            "%(who)s raised their own maximum, which now reaches the reserve: %(price)s.", **words
        )
    if told.entry["price"] != told.before["price"]:
        return _("%(who)s raised their own maximum; the price is now %(price)s.", **words)
    return _("%(who)s raised their own maximum; the price stays.", **named(told, "who"))


def _terms_changed(told: Moment) -> str:
    if told.before["price"] is not None and told.entry["price"] != told.before["price"]:
        return _(
            "The house lowered the reserve to what was offered: %(price)s.",
            **named(told, "price"),
        )
    return _("The house changed the reserve or the opening bid.")


def _outage(told: Moment) -> str:
    return _(
        "The service was out of reach for %(minutes)s min; the lot ends %(later)s min later.",
        minutes=_minutes(told.entry["lasted_s"]),
        later=_minutes(told.entry["extended_s"]),
    )


def _minutes(seconds: int) -> int:
    """Return whole minutes, rounded up."""
    return -(-seconds // 60)


def _extended(told: Moment) -> str:
    if "by" in told.entry:
        return _(
            "Lot %(by)s was extended, and this lot closes together with it: it stays open longer.",
            by=told.entry["by"],
        )
    return _("The bid came shortly before the end, so the lot stays open longer.")


def _retraction(told: Moment) -> str:
    words = named(told, "who", "price")
    if told.entry.get("lowers"):
        return _("%(who)s lowered their maximum to the price, %(price)s.", **words)
    return _("%(who)s took a bid back.", **named(told, "who")) + _again(told)


def _cancellation(told: Moment) -> str:
    words = named(told, "who", "notice")
    if told.entry["notice"]:
        return _("The house cancelled a bid of %(who)s: %(notice)s", **words) + _again(told)
    return _("The house cancelled a bid of %(who)s.", **named(told, "who")) + _again(told)


def _again(told: Moment) -> str:
    """Say where the bids that remain leave the lot; of sealed ones nobody knows."""
    if "sealed" in told.terms:
        return ""
    words = named(told, "leader", "price")
    if told.entry["leader"] is None:
        return " " + _("No bid remains.")
    if told.entry["leader"] == told.before["leader"]:
        return " " + _("Without it the price is %(price)s.", **words)
    return " " + _("Without it %(leader)s leads at %(price)s.", **words)


def _reopened(told: Moment) -> str:
    return _("The house reopened the lot: %(notice)s", **named(told, "notice"))


def _correction(told: Moment) -> str:
    words = named(told, "who", "price", "notice")
    if told.entry.get("who") is None:
        return _("The result was corrected to not sold: %(notice)s", **words)
    return _("The result was corrected to %(who)s for %(price)s: %(notice)s", **words)


def _purchase(told: Moment) -> str:
    words = named(told, "who", "price")
    if told.after_sale:
        return _("%(who)s bought the lot after the sale, for %(price)s.", **words)
    return _("%(who)s bought the lot at once, at the buy-now price of %(price)s.", **words)


def _agreement(told: Moment) -> str:
    words = named(told, "who", "price")
    if told.after_sale:
        return _(
            "The house offered the lot to %(who)s after the sale; sold for %(price)s.", **words
        )
    return _("%(who)s and the house agreed on %(price)s: sold.", **words)


def _shared_out(told: Moment) -> str:
    shares = (
        _("%(who)s %(pieces)s for %(price)s each", who=one["who"], pieces=one["pieces"],
          price=told.money(one["price"]))
        for one in told.entry["awards"]
    )  # fmt: skip
    total = sum(in_all(one["price"], one["pieces"]) for one in told.entry["awards"])
    return _(
        "The pieces are sold: %(shares)s. %(total)s in all.",
        shares="; ".join(shares), total=told.money(total),
    )  # fmt: skip


def _hammer(told: Moment) -> str:
    if "awards" in told.entry:
        return _shared_out(told)
    words = named(told, "who", "price")
    pieces = told.terms.get("pieces", 1)
    if told.entry.get("decision") == "accepted":
        return _("The seller accepted %(price)s: sold to %(who)s.", **words)
    if pieces == 1:
        return _("Sold to %(who)s for %(price)s.", **words)
    return _(
        "Sold to %(who)s: %(pieces)s pieces for %(price)s each, %(total)s in all.",
        pieces=pieces,
        total=told.money(in_all(told.entry["price"], pieces)),
        **words,
    )


def _conditional(told: Moment) -> str:
    return _(
        "The highest bid, %(price)s of %(who)s, is close to the reserve: sold if the seller accepts"
        " it in time.",
        **named(told, "who", "price"),
    )


def _choosing(told: Moment) -> str:
    return _(
        "%(who)s won the right to choose, at %(price)s for each piece, one at least.",
        **named(told, "who", "price"),
    )


def _chosen(told: Moment) -> str:
    numbers = told.entry["chosen"]
    words = {
        **named(told, "who", "price"),
        "numbers": ", ".join(str(number) for number in numbers),
        "total": told.money(in_all(told.entry["price"], len(numbers))),
    }
    if told.entry["by"] == "clock":
        return _(
            "%(who)s had not chosen in time: piece %(numbers)s is sold to them for %(price)s.",
            **words,
        )
    return _("%(who)s chose %(numbers)s for %(price)s each, %(total)s in all: sold.", **words)


def _after_sale(told: Moment) -> str:
    if told.entry["price"] is None:
        return _("The lot is no longer offered after the sale.")
    return _(
        "The unsold lot is offered to everybody registered, for %(price)s.",
        **named(told, "price"),
    )


def _unsold(told: Moment) -> str:
    if told.entry.get("decision") == "refused":
        return _("The seller did not accept %(price)s: not sold.", **named(told, "price"))
    if told.entry.get("decision") == "lapsed":
        return _("The seller did not decide in time: not sold.")
    if "clock" in told.terms:
        return clock_unsold()
    if told.entry["price"] is None:
        return _("Nobody bid: not sold.")
    return _(
        "The highest bid, %(price)s, did not reach the reserve: not sold.",
        **named(told, "price"),
    )


SENTENCES: Mapping[str, Callable[[Moment], str]] = {
    "opened": _opened,
    "bid": _bid,
    "automatic": _automatic,
    "raise": _raise,
    "extended": _extended,
    "paused": lambda told: _("The house paused the sale: %(notice)s", **named(told, "notice")),
    "resumed": lambda told: _(
        "The sale went on; the time of the pause was added: %(notice)s", **named(told, "notice")
    ),
    "postponed": lambda told: _("The end was moved later: %(notice)s", **named(told, "notice")),
    "terms_changed": _terms_changed,
    "text_changed": lambda _told: _("The house changed the description."),
    "withdrawn": lambda told: _("The lot was withdrawn: %(notice)s", **named(told, "notice")),
    "hammer": _hammer,
    "unsold": _unsold,
    "retraction": _retraction,
    "cancellation": _cancellation,
    "reopened": _reopened,
    "outage": _outage,
    "opened_book": lambda _told: _("The house opened the book of maxima on this lot."),
    "correction": _correction,
    **SEALED_SENTENCES,
    "taking": taking,
    "purchase": _purchase,
    "agreement": _agreement,
    "conditional": _conditional,
    "choosing": _choosing,
    "chosen": _chosen,
    "after_sale": _after_sale,
    "sale_cancelled": lambda told: _(
        "The sale to %(who)s was cancelled: %(notice)s", **named(told, "who", "notice")
    ),
}
"""By kind of entry; every kind the ledger knows is here."""
