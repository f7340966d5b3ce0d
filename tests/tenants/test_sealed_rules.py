"""Who buys by sealed bids, and at which price: published examples and properties."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from auctionhouse.bidding.rules import State, Terms
from auctionhouse.bidding.sealed.rules import Envelope, decide_opened, ranked, sealed_refusal
from auctionhouse.bidding.selling import CHANGES, Format, Sealed

OPENING = 100
END = 1000


def terms(form: Format = "sealed_first", reserve: int | None = None, **sealed: Any) -> Terms:
    return Terms(
        ((0, 10),),
        opening=OPENING,
        format=form,
        reserve=reserve,
        sealed=Sealed(**sealed),
    )


bids = st.lists(st.integers(OPENING, 10**6), max_size=8).map(
    lambda amounts: [
        Envelope(entry, f"bidder {entry}", amount) for entry, amount in enumerate(amounts)
    ]
)
reserves = st.one_of(st.none(), st.integers(OPENING, 10**6))
forms: st.SearchStrategy[Format] = st.sampled_from(["sealed_first", "sealed_second"])


@given(bids, reserves, forms, st.randoms())
def test_it_does_not_matter_in_which_order_bids_are_opened(
    handed_in: list[Envelope], reserve: int | None, form: Format, chance: Any
) -> None:
    shuffled = list(handed_in)
    chance.shuffle(shuffled)
    sold_by = terms(form, reserve)
    assert decide_opened(sold_by, shuffled) == decide_opened(sold_by, handed_in)


@given(bids, reserves, forms)
def test_the_price_is_one_the_winner_offered_and_nobody_outbids_the_winner(
    handed_in: list[Envelope], reserve: int | None, form: Format
) -> None:
    sold_by = terms(form, reserve)
    decided = decide_opened(sold_by, handed_in)
    if not handed_in:
        assert (decided.leader, decided.price) == (None, None)
        return
    winner = next(bid for bid in handed_in if bid.who == decided.leader)
    assert decided.price is not None
    assert decided.best == winner.amount == max(bid.amount for bid in handed_in)
    assert winner.entry == min(bid.entry for bid in handed_in if bid.amount == winner.amount)
    assert decided.price <= winner.amount
    assert decided.reserve_met == (reserve is None or winner.amount >= reserve)
    if decided.reserve_met:
        others = [bid.amount for bid in handed_in if bid is not winner]
        assert decided.price >= max([sold_by.opening, reserve or 0])
        if form == "sealed_second":
            assert decided.price == max([sold_by.opening, reserve or 0, *others])
        else:
            assert decided.price == winner.amount


@given(bids, reserves)
def test_the_second_price_is_never_above_the_first(
    handed_in: list[Envelope], reserve: int | None
) -> None:
    first = decide_opened(terms("sealed_first", reserve), handed_in)
    second = decide_opened(terms("sealed_second", reserve), handed_in)
    assert first.leader == second.leader
    assert (second.price or 0) <= (first.price or 0)


@given(bids)
def test_equal_bids_stand_by_time(handed_in: list[Envelope]) -> None:
    for better, worse in zip(ranked(handed_in), ranked(handed_in)[1:], strict=False):
        assert (better.amount, -better.entry) > (worse.amount, -worse.entry)


@given(st.integers(0, 2 * END), st.integers(1, 200), st.sampled_from(CHANGES),
       st.sampled_from([None, Envelope(1, "A", 150)]))  # fmt: skip
def test_a_sealed_bid_is_taken_between_opening_and_end_and_replaced_as_the_terms_say(
    at: int, amount: int, changes: str, own: Envelope | None
) -> None:
    has_one = own is not None
    refusal = sealed_refusal(terms(changes=changes), State(200, END, END), own, amount, at)
    expected = (
        "early" if at < 200
        else "late" if at >= END
        else "final" if has_one and changes == "never"
        else "too_low" if amount < OPENING
        else "no_change" if has_one and amount == 150
        else None
    )  # fmt: skip
    assert refusal == expected
