"""A worked example of sealed bids: three offers, one of them replaced where the terms allow it."""

from dataclasses import replace

from auctionhouse.bidding.bench import HOUR, OFFERS, START, Bench, fresh
from auctionhouse.bidding.replay_format import Clock, Story
from auctionhouse.bidding.replay_submissions import Submission
from auctionhouse.bidding.sealed.replay import hand_in
from auctionhouse.bidding.sealed.rules import Envelope, decide_opened
from auctionhouse.bidding.sealed.told import tell_opening, tell_sealed, tell_shares
from auctionxchange.kernel.money import currency

WANTED = {"Ann": 3, "Ben": 2, "Cleo": 4}
"""For how many pieces each of them bids, where buyers share a lot's pieces."""


def sealed_bids(bench: Bench) -> list[str]:
    """Tell three offers, the first bidder's last one higher."""
    rungs = bench.rungs(8)
    offers = [*OFFERS, (OFFERS[0][0], 6)]
    wanted = WANTED if bench.terms.shared else dict.fromkeys(WANTED, 1)
    terms = replace(bench.terms, reserve=None)
    story = Story(
        number=1, lot=1, currency=currency("GBP"), terms=terms, start=fresh(terms),
        submissions=[
            Submission(START + place * HOUR, who, rungs[rung], pieces=wanted[who])
            for place, (who, rung) in enumerate(offers)
        ],
        clock=Clock(),
    )  # fmt: skip
    handed_in = hand_in(story)
    told = [
        tell_sealed(story, given, decision, bench.style)
        for given, decision in zip(story.submissions, handed_in.decisions, strict=True)
    ]
    opened = decide_opened(terms, handed_in.bids)
    state = replace(story.start, price=opened.price, reserve_met=opened.reserve_met)
    return [*told, *tell_opening(story, handed_in.bids, state, bench.style)]


def shares(bench: Bench) -> list[str]:
    """Tell how three bids share a lot's pieces; nothing where its terms let nobody share."""
    terms = bench.terms
    if not terms.shared:
        return []
    rungs = bench.rungs(8)
    bids = [
        Envelope(entry, who, rungs[rung], WANTED[who]) for entry, (who, rung) in enumerate(OFFERS)
    ]
    return tell_shares(replace(terms, reserve=None), bids, bench.style)
