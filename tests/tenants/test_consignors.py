"""Consignors on a real database: agreements as signed, receipts, payees, and what is refused."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from auctionhouse.catalogue.checklist import what_is_missing
from auctionhouse.catalogue.details import LotDetails
from auctionhouse.catalogue.models import Lot, Sale
from auctionhouse.catalogue.operations import create_lot, edit_lot
from auctionhouse.consignors.models import IntakeItem, Payee
from auctionhouse.consignors.operations.agreements import (
    change_agreement,
    draft_agreement,
    sign_agreement,
)
from auctionhouse.consignors.operations.intake import Received, receive
from auctionhouse.consignors.operations.payees import (
    account_of,
    approve_payees,
    payees_of,
    propose_payees,
    refuse_payees,
)
from auctionhouse.consignors.refusals import (
    AgreementOfAnother,
    AgreementSigned,
    AgreementUnsigned,
    ConsignorFixed,
    InstructionWaits,
    NothingReceived,
    PayeesInvalid,
    ReceiptTwice,
    ReceivedLater,
    SecondPersonNeeded,
    SignatureInvalid,
)
from auctionhouse.money.refusals import MarginForbidden, ReckoningInvalid
from auctionhouse.settlement.operations.statements import draft_statements, release_statement
from auctionxchange.i18n.days import house_day
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.database import HouseSession
from auctionxchange.kernel.sealing import SealBroken
from auctionxchange.tenancy.current import acting_for
from auctionxchange.tenancy.house import House
from factories.invoices import make_entity
from factories.vendors import (
    TERMS,
    british,
    german,
    make_agreement,
    make_client,
    make_consigned,
    pay_all,
    set_payees,
    share,
)

DAY = date(2026, 1, 5)
REGISTERED = {**TERMS, "vat_registered": True, "declaration": False}


def test_a_signed_agreement_stays_and_the_next_version_is_its_own(work: HouseSession) -> None:
    client, entity = make_client(work), make_entity(work)
    signed = make_agreement(work, client.id, entity.id)
    second = change_agreement(
        work, signed.id, {"commission": [["0", "8"]]}, resale_right="sale", note="", actor=None
    )
    assert (second.number, second.version, signed.terms) == (signed.number, 2, TERMS)
    third = change_agreement(
        work, second.id, {"commission": [["0", "7"]]}, resale_right="house", note="", actor=None
    )
    assert third.id == second.id
    with pytest.raises(AgreementSigned):
        change_agreement(work, signed.id, TERMS, resale_right="sale", note="", actor=None)
    with pytest.raises(AgreementSigned):
        sign_agreement(work, signed.id, signed_on=DAY, signed_by="Again", actor=None)
    with pytest.raises(IntegrityError, match="signed"):
        work.execute(text("UPDATE agreement SET terms = '{}' WHERE id = :i"), {"i": signed.id})


def test_agreements_nobody_could_reckon_with_are_refused(work: HouseSession) -> None:
    client, entity = make_client(work), make_entity(work)
    wrong: list[dict[str, Any]] = [
        {"commission": [["10", "5"]]}, {"commission": [["0", "-5"]]},
        {"minimum": "50", "maximum": "10"}, {"comission": []}, {"fees": [{"name": "x"}]},
    ]  # fmt: skip
    for terms in wrong:
        with pytest.raises(ReckoningInvalid):
            draft_agreement(work, client.id, entity.id, terms, actor=None)
    drafted = draft_agreement(work, client.id, entity.id, TERMS, actor=None)
    later = database_now(work).date() + timedelta(days=2)
    for day, name in ((later, "A"), (DAY, " ")):
        with pytest.raises(SignatureInvalid):
            sign_agreement(work, drafted.id, signed_on=day, signed_by=name, actor=None)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
def test_today_is_the_houses_own_day(work: HouseSession, oak: House, zone: str) -> None:
    """At any moment one of the two has another day than UTC. Seen to fail with the day of UTC."""
    client, entity = make_client(work), make_entity(work)
    drafted = draft_agreement(work, client.id, entity.id, TERMS, actor=None)
    with acting_for(replace(oak, time_zone=zone)):
        today = house_day(work)
        assert today == database_now(work).astimezone(ZoneInfo(zone)).date()
        with pytest.raises(SignatureInvalid):
            sign_agreement(
                work, drafted.id, signed_on=today + timedelta(days=1), signed_by="A", actor=None
            )
        sign_agreement(work, drafted.id, signed_on=today, signed_by="A", actor=None)


def test_two_agreements_have_two_numbers(work: HouseSession) -> None:
    client, entity = make_client(work), make_entity(work)
    numbers = {make_agreement(work, client.id, entity.id).number for _again in range(3)}
    assert len(numbers) == 3


@pytest.fixture
def draft(work: HouseSession) -> Sale:
    made = Sale(reference=f"d-{datetime.now(UTC).timestamp()}", title="Draft", currency="GBP")
    work.add(made)
    work.flush()
    return made


def details(number: int = 1, **more: object) -> LotDetails:
    return replace(LotDetails(number=number, title="A clock", opening=100), **more)  # type: ignore[arg-type]


def test_a_lot_goes_under_a_signed_agreement_of_its_consignor(
    work: HouseSession, draft: Sale
) -> None:
    client, other, entity = make_client(work), make_client(work), make_entity(work)
    signed = make_agreement(work, client.id, entity.id)
    unsigned = draft_agreement(work, client.id, entity.id, TERMS, actor=None)
    euro = make_agreement(work, client.id, make_entity(work, currency="EUR").id)
    for consignor, agreement, refusal in (
        (other.id, signed.id, AgreementOfAnother),
        (None, signed.id, AgreementOfAnother),
        (client.id, euro.id, AgreementOfAnother),
        (client.id, unsigned.id, AgreementUnsigned),
    ):
        with pytest.raises(refusal):
            create_lot(
                work, draft.id,
                details(consignor_client_id=consignor, agreement_id=agreement), actor=None,
            )  # fmt: skip
    lot = create_lot(
        work, draft.id, details(consignor_client_id=client.id, agreement_id=signed.id), actor=None
    )
    with pytest.raises(IntegrityError, match="lot_agreement"):
        work.execute(
            text("UPDATE lot SET consignor_client_id = :c WHERE id = :l"),
            {"c": other.id, "l": lot.id},
        )


def test_the_margin_scheme_needs_the_vendors_declaration_before_the_sale(
    work: HouseSession, draft: Sale
) -> None:
    client, entity = make_client(work), make_entity(work)
    forbidden = make_agreement(work, client.id, entity.id, REGISTERED)
    draft.money = {"vat": {"standard": "20"}, "treatment": "margin"}
    work.flush()
    under = details(consignor_client_id=client.id, agreement_id=forbidden.id)
    with pytest.raises(MarginForbidden):
        create_lot(work, draft.id, under, actor=None)
    draft.money = {**draft.money, "treatment": "standard"}
    work.flush()
    create_lot(work, draft.id, under, actor=None)
    draft.money = {**draft.money, "treatment": "margin"}
    work.flush()
    found = [one for one in what_is_missing(work, draft) if one.code == "margin_forbidden"]
    assert [(one.blocking, one.lots) for one in found] == [(True, ("1",))]


def test_who_consigned_a_lot_stays_once_money_or_a_statement_says_so(work: HouseSession) -> None:
    consigned = make_consigned(work, lots=1)
    other = make_client(work)
    lot = work.get_one(Lot, consigned.lots[0])
    change = details(
        number=lot.number, title=lot.title, opening=lot.opening, consignor_client_id=other.id
    )
    pay_all(work, consigned.sale)
    with pytest.raises(ConsignorFixed):
        edit_lot(work, lot.id, change, actor=None)
    second = make_consigned(work, lots=1)
    for drafted in draft_statements(work, second.sale, actor=None):
        release_statement(work, drafted.id, actor=None)
    with pytest.raises(ConsignorFixed):
        edit_lot(work, second.lots[0], change, actor=None)


def test_receipts_are_numbered_without_gaps_and_entered_once(work: HouseSession) -> None:
    client = make_client(work)
    things = [Received("A vase", condition="Chipped", reserve=5_000), Received("Six chairs", 6)]

    def take(token: str, client_id: int = client.id) -> int:
        return receive(
            work, client_id, things, currency="GBP", received_on=DAY, token=token, actor=None
        ).number

    first = take("one")
    assert [take("one"), take("two")] == [first, first + 1]
    assert work.query(IntakeItem).filter_by(position=2).count() >= 2
    with pytest.raises(ReceiptTwice):
        take("one", make_client(work).id)
    with pytest.raises(NothingReceived):
        receive(work, client.id, [], currency="GBP", received_on=DAY, actor=None)
    later = database_now(work).date() + timedelta(days=2)
    with pytest.raises(ReceivedLater):
        receive(work, client.id, things, currency="GBP", received_on=later, actor=None)
    with pytest.raises(ProgrammingError, match="permission denied"):
        work.execute(text("UPDATE intake SET place = 'x'"))


def test_bank_details_are_sealed_for_their_row_and_shown_masked(work: HouseSession) -> None:
    client = make_client(work)
    made = propose_payees(work, client.id, [share("A", account=german())], actor=1)
    payee = payees_of(work, made.id)[0]
    stored = work.execute(text("SELECT payee::text FROM payee WHERE id = :i"), {"i": payee.id})
    assert "37040044" not in stored.scalar_one()
    assert account_of(work, payee) == german()
    assert payee.masked == german().masked
    approve_payees(work, made.id, actor=2)
    other = propose_payees(work, make_client(work).id, [share("B")], actor=1)
    stolen = payees_of(work, other.id)[0]
    stolen.sealed = payee.sealed
    with pytest.raises(SealBroken):
        account_of(work, stolen)


def test_a_change_of_payees_takes_two_people_and_one_at_a_time(work: HouseSession) -> None:
    client = make_client(work)
    made = propose_payees(work, client.id, [share("A")], actor=1)
    with pytest.raises(InstructionWaits):
        propose_payees(work, client.id, [share("B")], actor=2)
    with pytest.raises(SecondPersonNeeded):
        approve_payees(work, made.id, actor=1)
    with pytest.raises(IntegrityError, match="two_people"):
        work.execute(
            text(
                "UPDATE payee_instruction SET state = 'approved', decided_by = 1,"
                " decided_at = now() WHERE id = :i"
            ),
            {"i": made.id},
        )


def test_only_new_accounts_wait_again(work: HouseSession) -> None:
    client = make_client(work)
    first = set_payees(work, client.id, [share("A")], days_ago=30)
    known = payees_of(work, first)[0].known_since
    second = propose_payees(
        work, client.id, [share("A", "1/2"), share("B", "1/2", british("66666666"))], actor=None
    )
    approve_payees(work, second.id, actor=None)
    kept, new = payees_of(work, second.id)
    assert kept.known_since == known
    assert new.known_since is not None
    assert known is not None
    assert new.known_since > known + timedelta(days=29)
    third = propose_payees(work, client.id, [share("A", account=german())], actor=None)
    refuse_payees(work, third.id, actor=None)
    assert work.query(Payee).filter_by(instruction_id=third.id).one().known_since is None


def test_payees_nobody_could_be_paid_by_are_refused(work: HouseSession) -> None:
    client = make_client(work)
    for payees in (
        [],
        [share("")],
        [share("A", "1/2")],
        [replace(share("A"), account=None)],
        [replace(share("A"), rule="amount", amount=None), share("B")],
    ):
        with pytest.raises(PayeesInvalid):
            propose_payees(work, client.id, payees, actor=None)
