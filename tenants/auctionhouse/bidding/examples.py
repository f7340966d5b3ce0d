"""Worked examples of a lot's terms: small stories that the engine itself decides and tells.

The forms of the back office show them beside each setting and the guide is generated from them, so
that no figure anywhere is typed by hand. Amounts are minor units, times microseconds.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from auctionhouse.bidding.bench import END, HOUR, MINUTE, OFFERS, START, Bench, fresh
from auctionhouse.bidding.choosing import tell_right
from auctionhouse.bidding.dutch.examples import takings, timetable
from auctionhouse.bidding.policies import Policies
from auctionhouse.bidding.rules import Closing, Terms, decide, spread
from auctionhouse.bidding.sealed.examples import sealed_bids, shares
from auctionhouse.bidding.style import style_of
from auctionhouse.bidding.terms import SECOND
from auctionhouse.bidding.way_examples import buy_now, conditional_share, offers
from auctionxchange.kernel.money import Currency
from auctionxchange.kernel.translation import gettext as _

BANDS_SHOWN = 4
MOST_EXTENSIONS = 500


def worked_examples(terms: Terms, unit: Currency, locale: str) -> dict[str, list[str]]:
    """Return by setting a few sentences with figures the engine computed."""
    style = style_of(unit, locale)
    timed = Bench(replace(terms, format="timed", sealed=None, clock=None, choice=None), style)
    told = {name: make(timed) for name, make in EXAMPLES.items()}
    return told | {name: make(Bench(terms, style)) for name, make in OF_THE_FORMAT.items()}


def _bid_for(bench: Bench) -> list[str]:
    terms, price = bench.terms, bench.rungs(3)[2]
    words = {"price": bench.money(price), "total": bench.money(terms.total(price))}
    if terms.pieces == 1:
        return [
            _(
                "The hammer falls at %(price)s on six chairs. The buyer pays %(total)s, and"
                " premium.",
                **words,
            )
        ]
    return [
        _(
            "The hammer falls at %(price)s for each of %(pieces)s pieces. The buyer pays %(total)s,"
            " and premium.",
            pieces=terms.pieces,
            **words,
        )
    ]


def _increments(bench: Bench) -> list[str]:
    starts = [start for start, _step in bench.terms.increments if start > bench.terms.opening]
    return [_asked_at(bench, price) for price in [bench.terms.opening, *starts][:BANDS_SHOWN]]


def _asked_at(bench: Bench, price: int) -> str:
    state = replace(fresh(bench.terms), leader="Ann", price=price, maximum=price)
    return _(
        "At a price of %(price)s the next bid is %(asking)s.",
        price=bench.money(price),
        asking=bench.money(state.asking(bench.terms)),
    )


def _bound(bench: Bench) -> list[str]:
    limits = [start for start, _step in bench.terms.increments if start > 0]
    if not limits:
        return [_("The table has one band, so no price stands at a limit.")]
    above = [limit for limit in limits if limit > bench.terms.opening]
    return [_asked_at(bench, (above or limits[-1:])[0])]


def _pricing(bench: Bench) -> list[str]:
    rungs = bench.rungs(6)
    return bench.tell(
        [("Ann", bench.between(rungs[2]), START), ("Ben", rungs[5], START + HOUR)],
        reserve=None,
        off_ladder="accept",
    )


def _own_raise(bench: Bench) -> list[str]:
    rungs = bench.rungs(7)
    between = bench.between(rungs[2])
    return bench.tell(
        [("Ann", rungs[2], START), ("Ben", between, START + HOUR),
         ("Ben", rungs[6], START + 2 * HOUR)],
        reserve=None, off_ladder="accept",
    )  # fmt: skip


def _off_ladder(bench: Bench) -> list[str]:
    rungs = bench.rungs(6)
    return bench.tell(
        [("Ann", rungs[0], START), ("Ben", bench.between(rungs[2]), START + HOUR),
         ("Cleo", rungs[5], START + 2 * HOUR)],
        reserve=None,
    )  # fmt: skip


def _tie(bench: Bench) -> list[str]:
    rungs = bench.rungs(5)
    return bench.tell([("Ann", rungs[4], START), ("Ben", rungs[4], START + HOUR)], reserve=None)


def _below_reserve(bench: Bench) -> list[str]:
    terms = bench.terms
    reserve = terms.reserve or bench.rungs(10)[9]
    low = terms.on_ladder((terms.opening + reserve) // 2)
    if low >= reserve:
        return bench.tell([("Ann", bench.rungs(3)[2], START)], reserve=reserve)
    high = reserve + 2 * terms.step_at(reserve)
    said = _("With a reserve of %(reserve)s:", reserve=bench.money(reserve))
    told = bench.tell([("Ann", low, START), ("Ben", high, START + HOUR)], reserve=reserve)
    return [f"{said} {told[0]}", *told[1:]]


def _late_bid(bench: Bench, before_end: int) -> list[str]:
    """Tell of a bid that comes so long before the end."""
    rungs = bench.rungs(4)
    at = END - before_end
    told = bench.tell([("Ann", rungs[1], START), ("Ben", rungs[3], at)], reserve=None)[1]
    said = _(
        "The lot ends at %(end)s; Ben bids at %(at)s.",
        end=bench.style.clock(END),
        at=bench.style.clock(at),
    )
    stays = _("The end stays.") if not _ends_after(bench.terms, at) else ""
    return [" ".join(filter(None, [said, told, stays]))]


def _ends_after(terms: Terms, *times: int) -> int:
    """Return how far bids of ever another bidder, each the least asked, move the end."""
    state = fresh(terms)
    for place, at in enumerate(times):
        state = decide(terms, state, f"bidder {place}", state.asking(terms), at).state
    return state.ends_at - END


def _window(bench: Bench) -> list[str]:
    soft = bench.terms.soft_close
    return _late_bid(bench, SECOND if soft is None else max(_shown(soft.window) // 2, SECOND))


def _edge(bench: Bench) -> list[str]:
    soft = bench.terms.soft_close
    return [] if soft is None else _late_bid(bench, _shown(soft.window))


def _shown(window: int) -> int:
    """Return a window as far as the example's lot is open."""
    return min(window, END - START)


def _cap(bench: Bench) -> list[str]:
    soft = bench.terms.soft_close
    if soft is None:
        return []
    if soft.cap is None:
        return [_("Without a limit the lot goes on as long as somebody outbids in time.")]
    terms, state, count = bench.terms, fresh(bench.terms), 0
    while count < MOST_EXTENSIONS:
        at = state.ends_at - SECOND
        decision = decide(terms, state, f"bidder {count}", state.asking(terms), at)
        if not decision.extended:
            break
        state, count = decision.state, count + 1
    return [
        _(
            "If somebody outbids a second before every end, the lot closes at %(end)s and not"
            " later, after %(count)s extensions.",
            end=bench.style.clock(state.ends_at),
            count=count,
        )
    ]


def _scope(bench: Bench) -> list[str]:
    soft = bench.terms.soft_close
    if soft is None:
        return []
    lots = [Closing(END + place * MINUTE, END + place * MINUTE) for place in range(3)]
    moved = lots[1].ends_at + _ends_after(bench.terms, END - SECOND)
    ends = spread(soft, lots, 1, moved)
    planned = [bench.style.clock(lot.ends_at) for lot in lots]
    now = [bench.style.clock(end) for end in ends]
    return [
        _(
            "Lots 1, 2 and 3 end at %(a)s, %(b)s and %(c)s. After a bid on lot 2 one second before"
            " its end they end at %(x)s, %(y)s and %(z)s.",
            a=planned[0], b=planned[1], c=planned[2], x=now[0], y=now[1], z=now[2],
        )
    ]  # fmt: skip


def _bought_by_piece(bench: Bench) -> list[str]:
    """Tell what a price for each piece comes to, or who takes how many at a clock."""
    return _bid_for(bench) if bench.terms.clock is None else takings(bench)


def in_its_format(bench: Bench) -> list[str]:
    """Tell the same three offers in the format of the terms."""
    if bench.terms.sealed is not None:
        return sealed_bids(bench)
    if bench.terms.clock is not None:
        return takings(bench)
    rungs = bench.rungs(6)
    return bench.tell([(who, rungs[rung], START + place * HOUR)
                       for place, (who, rung) in enumerate(OFFERS)], reserve=None)  # fmt: skip


def _right(bench: Bench) -> list[str]:
    """Tell what a winner may choose; nothing where the terms let nobody choose."""
    state = replace(fresh(bench.terms), leader="Ann", price=bench.rungs(3)[2], reserve_met=True)
    return tell_right(bench.terms, state, bench.style)


EXAMPLES: Mapping[str, Callable[[Bench], list[str]]] = {
    "bid_for": _bid_for,
    "increments": _increments,
    "bound": _bound,
    "pricing": _pricing,
    "own_raise": _own_raise,
    "off_ladder": _off_ladder,
    "tie": _tie,
    "below_reserve": _below_reserve,
    "soft_close": _window,
    "edge": _edge,
    "cap_s": _cap,
    "scope": _scope,
    "buy_now": buy_now,
    "offers": offers,
    "conditional_share": conditional_share,
}
"""By setting, as the forms name them; of timed bidding, whatever the format."""

OF_THE_FORMAT: Mapping[str, Callable[[Bench], list[str]]] = {
    "format": in_its_format,
    "bid_for": _bought_by_piece,
    "pays": shares,
    "order": shares,
    "clock": timetable,
    "choice": _right,
}
"""By setting; of the format the terms are for."""


def asked_about(terms: Terms, policies: Policies, unit: Currency, locale: str) -> list[str]:
    """Return which bid on an untouched lot is asked about once more; none where none ever is."""
    asking = fresh(terms).asking(terms)
    amount = asking * policies.confirm_times_asking
    if not policies.far_above(amount, asking, None):
        return []
    money = style_of(unit, locale).money
    return [
        _(
            "With %(asking)s asked, a bidder who types %(amount)s is asked once more, in words.",
            asking=money(asking),
            amount=money(amount),
        )
    ]


def usual_opening(terms: Mapping[str, object]) -> int:
    """Return an opening for the examples of a sale without lots, from its increment table."""
    clock = terms.get("clock")
    if terms.get("format") == "dutch" and isinstance(clock, dict):
        start, step = clock.get("start"), clock.get("step")
        if type(start) is int and type(step) is int:
            return max(min(start // 2, start - step), 1)
    bands = terms.get("increments")
    assert isinstance(bands, list)
    starts = [start for start, _step in bands if start > 0]
    return int(starts[0]) if starts else int(bands[0][1]) * 10
