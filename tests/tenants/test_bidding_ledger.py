"""The chain by itself: whatever is changed afterwards is found."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auctionhouse.bidding.ledger import (
    FAULTS,
    GENESIS,
    Chain,
    Entry,
    Fault,
    canonical,
    commitment,
    commitment_salt,
    entry_hash,
    pseudonym,
    sale_head,
    verify,
)


def chain_of(amounts: list[int], lot: str = "27A") -> list[Entry]:
    chain = Chain("spring", lot, 0, GENESIS, 0)
    return [
        chain.add("bid", at, {"who": "ABCDEF", "amount": amount})
        for at, amount in enumerate(amounts)
    ]


def faults_of(entries: list[Entry], head: bytes | None = None) -> set[str]:
    return {fault.fault for fault in verify(entries, head)}


def test_an_untouched_chain_holds() -> None:
    entries = chain_of([100, 110, 120])
    assert verify(entries) == []
    assert verify(entries, entries[-1].hash) == []
    assert verify([], GENESIS) == []


@given(st.integers(0, 4), st.integers(0, 400), st.characters() | st.just("\ud800"))
def test_any_changed_character_is_found(entry: int, place: int, character: str) -> None:
    entries = chain_of([1010, 1110, 1210, 1310, 1410])
    was = entries[entry].payload
    place %= len(was)
    changed = was[:place] + character + was[place + 1 :]
    entries[entry] = Entry(changed, entries[entry].hash)
    assert ("hash" in faults_of(entries)) == (changed != was)


@given(st.integers(0, 3), st.integers(1, 9999))
def test_an_entry_that_was_changed_and_hashed_anew_breaks_the_next(entry: int, amount: int) -> None:
    entries = chain_of([10000, 10001, 10002, 10003, 10004])
    payload = json.loads(entries[entry].payload)
    text = canonical({**payload, "amount": amount})
    entries[entry] = Entry(text, entry_hash(text))
    assert verify(entries) == [Fault(entry + 2, "previous")]


@given(st.integers(0, 3))
def test_a_removed_entry_is_found(position: int) -> None:
    entries = chain_of([1, 2, 3, 4, 5])
    del entries[position]
    assert faults_of(entries) >= {"previous", "sequence"}


@given(st.integers(0, 3))
def test_exchanged_and_doubled_entries_are_found(position: int) -> None:
    entries = chain_of([1, 2, 3, 4, 5])
    doubled = [*entries[: position + 1], *entries[position:]]
    entries[position], entries[position + 1] = entries[position + 1], entries[position]
    assert faults_of(entries) >= {"previous", "sequence"}
    assert faults_of(doubled) >= {"previous", "sequence"}


def test_an_entry_missing_at_the_end_is_told_by_the_published_head() -> None:
    entries = chain_of([1, 2, 3])
    assert verify(entries[:-1]) == []
    assert verify(entries[:-1], entries[-1].hash) == [Fault(2, "head")]


def rewritten(**members: object) -> list[Entry]:
    """Return a chain whose second entry has other members but a right hash."""
    first, second, _ = chain_of([1, 2, 3])
    text = canonical({**json.loads(second.payload), **members})
    return [first, Entry(text, entry_hash(text))]


@pytest.mark.parametrize(
    ("members", "fault"),
    [
        ({"at": "1969-12-31T23:59:59.000000Z"}, "time"),
        ({"at": "tomorrow"}, "time"),
        ({"at": None}, "time"),
        ({"lot": "28"}, "lot"),
        ({"sale": "autumn"}, "lot"),
        ({"format": 2}, "format"),
        ({"kind": "gift"}, "kind"),
        ({"sequence": 7}, "sequence"),
        ({"amount": 1.5}, "unreadable"),
    ],
)
def test_what_cannot_stand_in_a_chain_is_named(members: dict[str, object], fault: str) -> None:
    assert faults_of(rewritten(**members)) == {fault}


@pytest.mark.parametrize("text", ["", "[]", "null", '{"a":NaN}', "[" * 100_000, '{"a":1', "1"])
def test_what_is_no_entry_is_unreadable(text: str) -> None:
    assert faults_of([Entry(text, entry_hash(text))]) == {"unreadable"}


def test_only_the_canonical_form_is_taken() -> None:
    entry = chain_of([1])[0]
    spaced = entry.payload.replace(",", ", ")
    assert faults_of([Entry(spaced, entry_hash(spaced))]) == {"canonical"}


def test_a_fault_is_told_in_words() -> None:
    assert str(Fault(3, "hash")) == "entry 3: its text does not give its hash: it was changed"
    assert all(str(Fault(1, fault)) for fault in FAULTS)


def test_an_entry_never_stands_before_its_predecessor() -> None:
    chain = Chain("spring", "1", 0, GENESIS, 5_000_000)
    assert '"at":"1970-01-01T00:00:05.000000Z"' in chain.add("bid", 1, {}).payload


def test_a_bidder_has_unrelated_names_on_two_lots() -> None:
    assert pseudonym(b"one", 7) != pseudonym(b"two", 7)
    assert pseudonym(b"one", 7) == pseudonym(b"one", 7)
    assert len({pseudonym(b"one", client) for client in range(5000)}) == 5000


def test_a_commitment_binds_to_its_value() -> None:
    assert commitment(b"salt", "maximum", 1) != commitment(b"salt", "maximum", 2)
    assert commitment(b"salt", "maximum", 1) != commitment(b"salt", "reserve", 1)


def test_opening_one_commitment_of_an_entry_opens_no_other() -> None:
    """With one salt for both, the few members of a house could be tried against the marks."""
    secret = b"sixteen random b"
    assert commitment_salt(secret, "maximum") != commitment_salt(secret, "marks")


def test_a_sales_head_depends_on_every_lot() -> None:
    heads = [("1", b"a" * 32), ("2", b"b" * 32)]
    assert sale_head(heads) != sale_head(heads[::-1])
