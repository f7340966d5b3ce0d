"""Dividing money, waiting, bank details and the banks' files: pure rules."""

import io
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from importlib.resources import as_file, files
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from xmlschema import XMLSchema

from auctionhouse.consignors.accounts import BankAccount, in_sepa, read_account, unpacked
from auctionhouse.consignors.refusals import AccountInvalid, PayeesInvalid
from auctionhouse.consignors.rules import Claim, check_claims, divide, read_share
from auctionhouse.invoicing.rules import covering, sides
from auctionhouse.settlement import ledger
from auctionhouse.settlement.files.bacs import bacs_file, bacs_problems, processing_day
from auctionhouse.settlement.files.characters import bacs_text, sepa_text
from auctionhouse.settlement.files.orders import Batch, Order
from auctionhouse.settlement.files.sepa import sepa_file, sepa_problems
from auctionhouse.settlement.rules import LotFacts, account_waits, lot_waits

NOW = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
WEEKDAY = date(2026, 12, 2)
PAYER = BankAccount("iban", iban="NL91ABNA0417164300", bic="ABNANL2A")
GERMAN = BankAccount("iban", iban="DE89370400440532013000", bic="COBADEFFXXX")
BRITISH = BankAccount("uk", sort_code="202015", number="55555555")
HOUSE = BankAccount("uk", sort_code="309634", number="12345678")


def shares(*texts: str) -> list[Claim]:
    return [Claim("share", read_share(text)) for text in texts]


@pytest.mark.parametrize(
    ("total", "claims", "given_out"),
    [
        (100, shares("50%", "50%"), [50, 50]),
        (101, shares("50", "50"), [51, 50]),
        (100, shares("1/3", "1/3", "1/3"), [34, 33, 33]),
        (200, shares("1/3", "2/3"), [67, 133]),
        (1, shares("1/2", "1/2"), [1, 0]),
        (100_000, [Claim("amount", left=30_000), *shares("100%")], [30_000, 70_000]),
        (20_000, [Claim("house", left=30_000), *shares("100%")], [20_000, 0]),
        (50_001, [Claim("house", left=0), *shares("25%", "75%")], [0, 12_500, 37_501]),
    ],
)
def test_money_is_divided_to_the_penny(
    total: int, claims: list[Claim], given_out: list[int]
) -> None:
    assert divide(total, claims) == given_out


@given(
    st.integers(0, 10**12),
    st.lists(st.integers(1, 1000), min_size=1, max_size=8),
    st.lists(st.integers(0, 10**6), max_size=4),
)
def test_payees_get_exactly_the_whole_and_nobody_a_penny_off(
    total: int, weights: list[int], fixed: list[int]
) -> None:
    parts = [Fraction(weight, sum(weights)) for weight in weights]
    claims = [Claim("amount", left=one) for one in fixed] + [Claim("share", p) for p in parts]
    check_claims(claims)
    out = divide(total, claims)
    assert sum(out) == total
    assert all(amount >= 0 for amount in out)
    taken = out[: len(fixed)]
    assert all(amount <= left for amount, left in zip(taken, fixed, strict=True))
    rest = total - sum(taken)
    for amount, part in zip(out[len(fixed) :], parts, strict=True):
        assert abs(amount - rest * part) < 1


@pytest.mark.parametrize(
    "claims",
    [[], shares("50%"), shares("33.33%", "33.33%", "33.33%"), shares("60", "50"), [Claim("house")]],
)
def test_shares_that_do_not_make_a_whole_are_refused(claims: list[Claim]) -> None:
    with pytest.raises(PayeesInvalid):
        check_claims(claims)


@pytest.mark.parametrize("text", ["", "half", "-5", "1/0", "50%%", "1e3", "१/२"])
def test_what_is_no_share_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        read_share(text)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"kind": "iban", "iban": "DE89 3704 0044 0532 0130 01"}, "iban"),
        ({"kind": "iban", "iban": "FR7630006000011234567890188"}, "iban"),
        ({"kind": "iban", "iban": "DE89370400440532013000", "bic": "NOBIC"}, "bic"),
        ({"kind": "iban", "iban": "DE89370400440532013000", "bic": "ABNANL2A"}, "bic"),
        ({"kind": "uk", "sort_code": "20-20", "number": "55555555"}, "sort_code"),
        ({"kind": "uk", "sort_code": "000000", "number": "55555555"}, "sort_code"),
        ({"kind": "uk", "sort_code": "202015", "number": "5555"}, "number"),
        ({"kind": "uk", "sort_code": "202015", "number": "00000000"}, "number"),
    ],
)
def test_wrong_bank_details_are_refused_at_their_field(typed: dict[str, str], field: str) -> None:
    with pytest.raises(AccountInvalid) as refused:
        read_account(**typed)
    assert refused.value.fields["field"] == field


def test_bank_details_are_read_as_people_type_them_and_shown_masked() -> None:
    german = read_account("iban", iban="de89 3704 0044 0532 0130 00")
    assert german == GERMAN
    assert german.masked == "DE•• •••• 3000"
    assert in_sepa(german)
    british = read_account("uk", sort_code="20-20-15", number="1234567")
    assert british.number == "01234567"
    assert "1234567" not in british.masked
    assert unpacked(british.packed()) == british
    assert not in_sepa(british)


def test_a_lots_money_waits_for_the_buyer_the_days_and_disputes() -> None:
    sold = date(2026, 11, 20)

    def waits(**facts: object) -> list[str]:
        known = {"stated": 100, "covered": 100, "sold_on": sold} | facts
        found = lot_waits(
            LotFacts(**known),  # type: ignore[arg-type]
            reserve_days=14,
            whole_invoice=True,
            today=known.get("today", date(2026, 12, 4)),  # type: ignore[arg-type]
        )
        return [one.code for one in found]

    assert waits() == []
    assert waits(covered=99) == ["unpaid"]
    assert waits(due=1) == ["unpaid"]
    assert waits(invoiced=False, covered=0) == ["not_invoiced"]
    assert waits(disputed=True, held="claim") == ["held", "disputed"]
    assert waits(covered=120) == ["differs"]
    assert waits(stated=-100, covered=-100, disputed=True, invoiced=False) == []
    early = lot_waits(
        LotFacts(100, 100, sold_on=sold), reserve_days=14, whole_invoice=True, today=sold
    )
    assert [(one.code, one.until) for one in early] == [("reserve", date(2026, 12, 4))]


def test_new_bank_details_are_held_to_the_day() -> None:
    assert account_waits(NOW, 10, NOW) == date(2026, 12, 7)
    assert account_waits(NOW - timedelta(days=9, hours=23), 10, NOW) == NOW.date()
    assert account_waits(NOW - timedelta(days=10), 10, NOW) is None
    assert account_waits(NOW, 0, NOW) is None
    assert account_waits(None, 10, NOW) is not None


AMOUNT = st.integers(-(10**9), 10**9)


@given(AMOUNT, AMOUNT, st.integers(0, 10**9), st.booleans())
def test_each_posting_balances_on_both_sides(
    hammer: int,
    amount: int,
    covered: int,
    kept: bool,  # noqa: FBT001
) -> None:
    lots = [ledger.Settled(1, hammer, amount, covered), ledger.Settled(None, 0, -amount)]
    for entries in (
        ledger.cleared(lots, 7),
        ledger.paid(abs(amount), 7, kept=kept),
        ledger.returned(amount, 7),
        ledger.contra(amount, 7),
        ledger.given_back(amount, 7),
        ledger.charged([ledger.Charge("commission", -amount, 1), ledger.Charge("vat", 3, 1)], 7),
        covering(amount, covered, 7, 1),
    ):
        assert not any(sides(entries).values())


def batch(account: BankAccount, orders: list[Order], pay_on: date = WEEKDAY) -> Batch:
    return Batch(
        message="PAYOUT-7-20261127", serial=7, made_at=NOW, pay_on=pay_on, account=account,
        payer="Vérlaine & Fils – Maison de ventes", orders=orders, bacs_user="123456",
    )  # fmt: skip


def order(account: BankAccount, amount: int = 12_345, name: str = "Jürgen Groß") -> Order:
    return Order("P7-1", name, account, amount, "Statement S-00012 // “Old” masters")


def test_a_sepa_file_fits_the_isos_own_schema_and_is_the_same_again() -> None:
    made = batch(PAYER, [order(GERMAN), Order("P7-2", "Łukasz Żółć", GERMAN, 1, "")])
    content = sepa_file(made)
    with as_file(files("sepaxml") / "schemas" / "pain.001.001.09.xsd") as path:
        XMLSchema(path).validate(io.BytesIO(content))
    assert sepa_problems(content, made) == []
    assert sepa_file(made) == content
    space = {"": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}
    root = ET.fromstring(content)  # noqa: S314 - made here
    assert root.findtext(".//GrpHdr/CtrlSum", namespaces=space) == "123.46"
    assert [n.text for n in root.iterfind(".//Cdtr/Nm", space)] == ["Jurgen Gross", "Lukasz Zolc"]
    text = root.findtext(".//RmtInf/Ustrd", namespaces=space)
    assert text == "Statement S-00012 / 'Old' masters"


@pytest.mark.parametrize(
    ("account", "orders"),
    [
        (HOUSE, [order(GERMAN)]),
        (PAYER, [order(BRITISH)]),
        (PAYER, [order(GERMAN, 0)]),
        (PAYER, [order(GERMAN, 10**11)]),
        (PAYER, [order(GERMAN), order(GERMAN)]),
        (PAYER, [order(GERMAN, name="")]),
    ],
)
def test_a_sepa_file_a_bank_would_refuse_is_found(
    account: BankAccount, orders: list[Order]
) -> None:
    made = batch(account, orders)
    assert sepa_problems(sepa_file(made), made)


def test_a_bacs_file_is_standard_18_to_the_column() -> None:
    made = batch(HOUSE, [order(BRITISH), order(BRITISH, 7, "O’Hara")])
    content = bacs_file(made)
    assert bacs_problems(content, made) == []
    lines = content.decode("ascii").split("\r\n")
    assert [len(line) for line in lines] == [80] * 4 + [100] * 3 + [80] * 3 + [0]
    volume, header, second, user, first, _other, contra, *_rest = lines
    assert (volume[:10], volume[41:47], volume[79]) == ("VOL1000007", "123456", "1")
    assert header[4:21] == "A123456S  1123456"
    assert header[41:53] == " 26331 26336"
    assert second[:15] == "HDR2F0200000100"
    assert user[4:20] == " 26335999999    "
    assert user[28:40] == "1 DAILY  001"
    assert first[:31] == "20201555555555099" + "30963412345678"
    assert first[35:46] == "00000012345"
    assert first[46:64] == "VERLAINE & FILS - "
    assert first[82:] == "JURGEN GROSS      "
    assert contra[:17] == "30963412345678017"
    assert contra[35:46] == "00000012352"
    assert contra[64:82] == "CONTRA            "
    assert lines[9][:44] == "UTL1" + "0000000012352" * 2 + "0000001" + "0000002"


@pytest.mark.parametrize(
    ("account", "orders", "pay_on"),
    [
        (PAYER, [order(BRITISH)], WEEKDAY),
        (HOUSE, [order(BRITISH, 0)], WEEKDAY),
        (HOUSE, [order(BRITISH, name="???")], WEEKDAY),
        (HOUSE, [order(BRITISH)], date(2026, 12, 5)),
        (HOUSE, [order(GERMAN)], WEEKDAY),
    ],
)
def test_a_bacs_file_bacs_would_refuse_is_found(
    account: BankAccount, orders: list[Order], pay_on: date
) -> None:
    made = batch(account, orders, pay_on)
    assert bacs_problems(bacs_file(made), made)


def test_bacs_processes_on_the_working_day_before() -> None:
    assert processing_day(date(2026, 12, 2)) == date(2026, 12, 1)
    assert processing_day(date(2026, 11, 30)) == date(2026, 11, 27)


@given(st.text(max_size=200))
def test_whatever_a_name_is_it_fits_the_banks_characters(name: str) -> None:
    assert set(sepa_text(name, 70)) <= set(SEPA)
    assert len(bacs_text(name, 18)) == 18
    assert set(bacs_text(name, 18)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.&/- ")
    assert not sepa_text(name, 70).startswith("/")
    assert "//" not in sepa_text(name, 70)


SEPA = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-?:().,'+ "
