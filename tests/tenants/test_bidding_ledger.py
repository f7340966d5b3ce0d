"""The chain by itself: whatever is changed afterwards is found."""

from hypothesis import given
from hypothesis import strategies as st

from auctionhouse.bidding.ledger import (
    GENESIS,
    Chain,
    Entry,
    commitment,
    pseudonym,
    sale_head,
    verify,
)


def chain_of(amounts: list[int]) -> list[Entry]:
    chain = Chain("spring", "27A", 0, GENESIS, 0)
    return [
        chain.add("bid", at, {"who": "ABCDE", "amount": amount})
        for at, amount in enumerate(amounts)
    ]


def test_an_untouched_chain_holds() -> None:
    assert verify(chain_of([100, 110, 120])) == []


@given(st.integers(0, 4), st.integers(0, 9))
def test_a_changed_digit_is_found(position: int, digit: int) -> None:
    entries = chain_of([1010, 1110, 1210, 1310, 1410])
    entry = entries[position]
    changed = entry.payload.replace('"amount":1', f'"amount":{digit}', 1)
    entries[position] = Entry(changed, entry.hash)
    assert bool(verify(entries)) == (digit != 1)


@given(st.integers(0, 3))
def test_a_removed_entry_is_found(position: int) -> None:
    entries = chain_of([1, 2, 3, 4, 5])
    del entries[position]
    assert {fault.fault for fault in verify(entries)} >= {"previous", "sequence"}


def test_an_entry_never_stands_before_its_predecessor() -> None:
    chain = Chain("spring", "1", 0, GENESIS, 5_000_000)
    assert '"at":"1970-01-01T00:00:05.000000Z"' in chain.add("bid", 1, {}).payload


def test_a_bidder_has_unrelated_names_on_two_lots() -> None:
    assert pseudonym(b"one", 7) != pseudonym(b"two", 7)
    assert pseudonym(b"one", 7) == pseudonym(b"one", 7)


def test_a_commitment_binds_to_its_values() -> None:
    assert commitment(b"salt", {"maximum": 1}) != commitment(b"salt", {"maximum": 2})


def test_a_sales_head_depends_on_every_lot() -> None:
    heads = [("1", b"a" * 32), ("2", b"b" * 32)]
    assert sale_head(heads) != sale_head(heads[::-1])
