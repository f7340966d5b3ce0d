"""A worked example of a falling clock: when it shows what, and two who take at it."""

from auctionhouse.bidding.bench import END, START, Bench
from auctionhouse.bidding.dutch.replay import run_clock
from auctionhouse.bidding.dutch.rules import begins_at, clock_of, lasts, price_at, steps_of
from auctionhouse.bidding.dutch.told import tell_stop, tell_taking
from auctionhouse.bidding.replay_format import Clock, Story
from auctionhouse.bidding.replay_submissions import WHATEVER, Submission
from auctionhouse.bidding.rules import State
from auctionxchange.kernel.money import currency
from auctionxchange.kernel.translation import gettext as _

SECONDS = 1_000_000


def takings(bench: Bench) -> list[str]:
    """Tell how the clock of some terms falls, and what two make of it."""
    terms, every = bench.terms, clock_of(bench.terms).every
    begins = begins_at(terms, END)
    halfway, later = begins + steps_of(terms) // 2 * every, END - every
    wanted = max(terms.pieces // 3, 1)
    story = Story(
        number=1, lot=1, currency=currency("GBP"), terms=terms,
        start=State(min(START, begins), END, END, reserve_met=terms.reserve is None),
        submissions=[
            Submission(halfway + every // 2, "Ann", WHATEVER, pieces=wanted),
            Submission(later + every // 2, "Ben", WHATEVER, pieces=wanted),
        ],
        clock=Clock(),
    )  # fmt: skip
    decisions, state, _awards = run_clock(story)
    told = [
        tell_taking(story, given, decision, bench.style)
        for given, decision in zip(story.submissions, decisions, strict=True)
    ]
    return [*told, *tell_stop(story, state, bench.style)]


def timetable(bench: Bench) -> list[str]:
    """Tell when the clock of some terms shows what; nothing where they have none."""
    terms = bench.terms
    if terms.clock is None:
        return []
    begins = begins_at(terms, END)
    return [
        _(
            "A lot that ends at %(end)s: the clock runs for %(seconds)s seconds, in %(steps)s"
            " steps. It shows %(start)s from %(begins)s, %(second)s from %(next)s, and %(lowest)s"
            " from %(last)s to the end.",
            end=bench.style.clock(END),
            seconds=lasts(terms) // SECONDS,
            steps=steps_of(terms),
            start=bench.money(price_at(terms, END, begins)),
            begins=bench.style.clock(begins),
            second=bench.money(price_at(terms, END, begins + terms.clock.every)),
            next=bench.style.clock(begins + terms.clock.every),
            lowest=bench.money(price_at(terms, END, END)),
            last=bench.style.clock(END - terms.clock.every),
        )
    ]
