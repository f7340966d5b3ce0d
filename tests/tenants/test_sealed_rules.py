"""Who buys by sealed bids, and at which price: published examples and properties."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from auctionhouse.bidding.rules import State, Terms
from auctionhouse.bidding.sealed.rules import (
    Envelope,
    allot,
    decide_opened,
    ranked,
    sealed_refusal,
)
from auctionhouse.bidding.selling import CHANGES, ORDERS, PAYS, Format, Order, Pays, Sealed

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
    bid = Envelope(2, "A", amount)
    refusal = sealed_refusal(terms(changes=changes), State(200, END, END), own, bid, at)
    expected = (
        "early" if at < 200
        else "late" if at >= END
        else "final" if has_one and changes == "never"
        else "too_low" if amount < OPENING
        else "no_change" if has_one and amount == 150
        else None
    )  # fmt: skip
    assert refusal == expected


wanted = st.lists(st.tuples(st.integers(OPENING, 500), st.integers(1, 9)), max_size=8).map(
    lambda pairs: [
        Envelope(entry, f"bidder {entry}", amount, pieces)
        for entry, (amount, pieces) in enumerate(pairs)
    ]
)
shared = st.builds(
    lambda pieces, pays, order, reserve: replace(
        terms("sealed_pieces", reserve, pays=pays, order=order), pieces=pieces
    ),
    st.integers(1, 20), st.sampled_from(PAYS), st.sampled_from(ORDERS),
    st.one_of(st.none(), st.integers(OPENING, 500)),
)  # fmt: skip


@given(shared, wanted, st.randoms())
def test_shared_pieces_go_to_the_best_bids_and_no_further(
    sold_by: Terms, handed_in: list[Envelope], chance: Any
) -> None:
    awards = allot(sold_by, handed_in)
    shuffled = list(handed_in)
    chance.shuffle(shuffled)
    assert allot(sold_by, shuffled) == awards
    least = max(sold_by.opening, sold_by.reserve or 0)
    good = {bid.entry: bid for bid in handed_in if bid.amount >= least}
    served = {award.entry: award.pieces for award in awards}
    assert len(served) == len(awards)
    assert sum(served.values()) == min(sold_by.pieces, sum(bid.pieces for bid in good.values()))
    assert all(0 < pieces <= good[entry].pieces for entry, pieces in served.items())
    short = [bid for bid in good.values() if served.get(bid.entry, 0) < bid.pieces]
    for bid in short:
        worse = [good[entry] for entry in served if good[entry].amount < bid.amount]
        assert not worse, "nobody who bid less has a piece while a better bid goes without"
    assert len([bid for bid in short if bid.entry in served]) <= 1, "one bid at most is cut short"


@given(shared, wanted)
def test_nobody_pays_more_than_their_bid_or_less_than_opening_and_reserve(
    sold_by: Terms, handed_in: list[Envelope]
) -> None:
    awards = allot(sold_by, handed_in)
    bid_of = {bid.entry: bid for bid in handed_in}
    least = max(sold_by.opening, sold_by.reserve or 0)
    assert all(least <= award.price <= bid_of[award.entry].amount for award in awards)
    sealed = sold_by.sealed
    assert sealed is not None
    if sealed.pays == "own_bid":
        assert all(award.price == bid_of[award.entry].amount for award in awards)
    else:
        assert len({award.price for award in awards}) <= 1, "a uniform price is one price"


@given(shared, wanted)
def test_a_uniform_price_never_brings_more_than_own_bids(
    sold_by: Terms, handed_in: list[Envelope]
) -> None:
    def brings(pays: Pays) -> int:
        sealed = replace(sold_by.sealed or Sealed(), pays=pays)
        awards = allot(replace(sold_by, sealed=sealed), handed_in)
        return sum(award.pieces * award.price for award in awards)

    assert brings("start_unless_oversubscribed") <= brings("lowest_winning") <= brings("own_bid")


def test_of_equal_bids_the_one_for_more_pieces_comes_first_where_the_terms_say_so() -> None:
    bids = [Envelope(1, "early", 200, 2), Envelope(2, "many", 200, 5)]

    def first(order: Order) -> object:
        sold_by = replace(terms("sealed_pieces", pays="own_bid", order=order), pieces=5)
        return allot(sold_by, bids)[0].who

    assert (first("price_time"), first("price_quantity_time")) == ("early", "many")
