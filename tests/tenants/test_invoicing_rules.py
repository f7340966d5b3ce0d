"""What acts write on the accounts: each side balances, and undoing leaves nothing."""

from hypothesis import given
from hypothesis import strategies as st

from auctionhouse.invoicing.rules import (
    BANKS,
    CLIENT_BANK,
    CLIENT_BUYERS,
    CLIENT_VENDORS,
    OFFICE_BANK,
    OFFICE_DUE,
    OFFICE_HAMMER,
    Charged,
    Entry,
    Waiting,
    numbered,
    received,
    refunded,
    released,
    sides,
    tidy,
    undone,
)

BUYER = 7
LINES = st.lists(
    st.tuples(st.integers(1, 10**6), st.integers(0, 10**5), st.integers(-500, 10**4)),
    min_size=1,
    max_size=5,
).map(
    lambda lots: [
        charged
        for lot, (hammer, premium, other) in enumerate(lots, start=1)
        for charged in (
            Charged("hammer", hammer, lot),
            Charged("premium", premium, lot),
            Charged("vat", other, lot)
            if other >= 0
            else Charged("discount", max(other, -(hammer + premium) // 2), lot),
        )
    ]
)
PAYMENTS = st.lists(st.integers(1, 3 * 10**6), max_size=6)


def balance(entries: list[Entry], account: str) -> int:
    return sum(entry.amount for entry in entries if entry.account == account)


def still_waiting(entries: list[Entry]) -> list[Waiting]:
    return [
        Waiting(entry.lot or 0, 100 + (entry.lot or 0), -entry.amount)
        for entry in tidy(entry for entry in entries if entry.account == OFFICE_HAMMER)
    ]


def played(lines: list[Charged], payments: list[int]) -> list[Entry]:
    """Release an invoice and take in money; every posting is checked on the way."""
    booked = released(lines, BUYER)
    assert set(sides(booked).values()) <= {0}
    for amount in payments:
        entries = received(amount, balance(booked, OFFICE_DUE), still_waiting(booked), BUYER)
        assert set(sides(entries).values()) <= {0}
        booked += entries
    return booked


@given(LINES, PAYMENTS)
def test_the_bank_of_clients_is_what_is_owed(lines: list[Charged], payments: list[int]) -> None:
    booked = played(lines, payments)
    owed = -balance(booked, CLIENT_VENDORS) - balance(booked, CLIENT_BUYERS)
    assert balance(booked, CLIENT_BANK) == owed
    assert balance(booked, CLIENT_BANK) + balance(booked, OFFICE_BANK) == sum(payments)
    total = sum(line.amount for line in lines)
    assert balance(booked, OFFICE_DUE) == max(total - sum(payments), 0)


@given(LINES, PAYMENTS)
def test_hammer_prices_are_covered_first_and_wholly_once_all_is_paid(
    lines: list[Charged], payments: list[int]
) -> None:
    booked = played(lines, payments)
    hammers = sum(line.amount for line in lines if line.kind == "hammer")
    paid, total = sum(payments), sum(line.amount for line in lines)
    owed = -balance(booked, CLIENT_VENDORS)
    assert owed == hammers if paid >= total else owed == min(paid, hammers)


@given(LINES, PAYMENTS)
def test_a_credit_note_leaves_nothing_but_the_buyers_money(
    lines: list[Charged], payments: list[int]
) -> None:
    booked = played(lines, payments)
    entries = undone(tidy(booked), BUYER)
    assert set(sides(entries).values()) <= {0}
    after = tidy([*booked, *entries])
    paid = sum(payments)
    assert {entry.account for entry in after} <= {CLIENT_BANK, CLIENT_BUYERS}
    assert balance(after, CLIENT_BANK) == -balance(after, CLIENT_BUYERS) == paid


@given(LINES, st.integers(1, 10**6))
def test_credit_is_spent_like_money(lines: list[Charged], amount: int) -> None:
    booked = released(lines, BUYER)
    due = balance(booked, OFFICE_DUE)
    if due <= 0:
        return
    spent = min(amount, due)
    entries = received(spent, due, still_waiting(booked), BUYER, from_credit=True)
    assert set(sides(entries).values()) <= {0}
    assert balance(entries, CLIENT_BUYERS) == spent
    assert sum(entry.amount for entry in entries if entry.account in BANKS) == 0


def test_money_in_part_pays_vendors_before_the_house() -> None:
    lines = [Charged("hammer", 100, 1), Charged("premium", 25, 1), Charged("hammer", 50, 2)]
    entries = received(120, 175, [Waiting(1, 101, 100), Waiting(2, 102, 50)], BUYER)
    assert Entry(CLIENT_VENDORS, -100, 101, 1) in entries
    assert Entry(CLIENT_VENDORS, -20, 102, 2) in entries
    assert Entry(CLIENT_BANK, 120) in entries
    assert Entry(OFFICE_DUE, 175, BUYER) in released(lines, BUYER)


def test_a_refund_comes_from_the_buyers_credit_and_then_from_the_house() -> None:
    entries = refunded(100, 30, BUYER)
    assert set(sides(entries).values()) <= {0}
    assert Entry(CLIENT_BANK, -30) in entries
    assert Entry(OFFICE_BANK, -70) in entries
    assert Entry(OFFICE_DUE, 70, BUYER) in entries
    assert not [entry for entry in entries if entry.account == CLIENT_VENDORS]


def test_numbers_are_printed_with_their_series() -> None:
    assert numbered("UK-", 7) == "UK-00007"
    assert numbered("UK-", 123456) == "UK-123456"
