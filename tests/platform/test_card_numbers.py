"""Card numbers are found in what people type, and little else is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auctionxchange.kernel.card_numbers import (
    CardNumberTyped,
    holds_card_number,
    refuse_card_numbers,
)


@pytest.mark.parametrize(
    "text",
    [
        "4242424242424242",
        "my card is 4242 4242 4242 4242, thank you",
        "5555-5555-5555-4444",
        "378282246310005",
        "3782 822463 10005 (Amex)",
        "6011\u00a01111\u00a01111\u00a01117",
        "4000 0566 5566 5556 12/30 123",
        "4222222222222",
        "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢",
    ],
)
def test_a_card_number_is_found(text: str) -> None:
    assert holds_card_number(text)
    with pytest.raises(CardNumberTyped):
        refuse_card_numbers(None, "", text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4242424242424241",
        "+4242424242424242",
        "lots 12, 14 and 1234567890",
        "424242424242",
        "12345678901234567890123456",
        "0000000000000000",
        "2026-11-24 18:00:00",
        "020 7946 0958",
    ],
)
def test_little_else_is(text: str) -> None:
    assert not holds_card_number(text)


@given(st.integers(12, 18).flatmap(lambda n: st.lists(st.integers(0, 9), min_size=n, max_size=n)))
def test_one_check_digit_of_ten_makes_a_number(digits: list[int]) -> None:
    body = "".join(map(str, digits))
    found = [holds_card_number(f"no. {body}{last}!") for last in range(10)]
    assert sum(found) == (1 if any(digits) else 0)
