"""Registering for a sale: conditions kept, paddles unique, decisions with reasons."""

import threading

import pytest
from sqlalchemy import select

from auctionhouse.catalogue.models import Sale
from auctionhouse.members.models import Member
from auctionhouse.registrations import operations, refusals
from auctionhouse.registrations.models import Registration
from auctionhouse.registrations.queries import what_is_missing
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.database import Database, HouseSession
from auctionxchange.tenancy.house import House
from factories import catalogue as make


def codes(session: HouseSession, sale: Sale, member: Member | None) -> list[str]:
    return [missing.code for missing in what_is_missing(session, sale, member)]


def test_an_automatic_sale_gives_a_paddle_and_keeps_the_version(oak_session: HouseSession) -> None:
    sale = make.make_published_sale(oak_session)
    member, client = make.make_bidder(oak_session)
    made = operations.register(oak_session, sale, client, sale.conditions_id, actor=member.id)
    again = operations.register(oak_session, sale, client, sale.conditions_id, actor=member.id)
    assert again is made
    assert (made.state, made.paddle, made.conditions_id) == ("approved", 101, sale.conditions_id)
    assert made.accepted_at is not None
    other = operations.register(
        oak_session, sale, make.make_bidder(oak_session)[1], sale.conditions_id
    )
    assert other.paddle == 102


def test_another_version_of_the_conditions_is_not_accepted(oak_session: HouseSession) -> None:
    old = make.sale_details(oak_session).conditions_id
    sale = make.make_published_sale(oak_session)
    _member, client = make.make_bidder(oak_session)
    for conditions_id in (old, None):
        with pytest.raises(refusals.ConditionsNotAccepted):
            operations.register(oak_session, sale, client, conditions_id)


def test_a_draft_takes_no_registration(oak_session: HouseSession) -> None:
    sale = make.make_sale(oak_session)
    with pytest.raises(refusals.RegistrationClosed):
        operations.register(oak_session, sale, make.make_bidder(oak_session)[1], sale.conditions_id)


def test_staff_decide_where_the_sale_asks_for_it(oak_session: HouseSession) -> None:
    sale = make.make_published_sale(oak_session, registration_mode="approved")
    member, client = make.make_bidder(oak_session)
    made = operations.register(oak_session, sale, client, sale.conditions_id, actor=member.id)
    assert (made.state, made.paddle) == ("pending", None)
    assert codes(oak_session, sale, member) == ["pending"]
    with pytest.raises(refusals.ReasonMissing):
        operations.decline(oak_session, made.id, " ", actor=1)
    operations.decline(oak_session, made.id, "Unpaid invoices.", actor=1)
    assert codes(oak_session, sale, member) == ["declined"]
    with pytest.raises(refusals.RegistrationRefused):
        operations.register(oak_session, sale, client, sale.conditions_id)
    operations.approve(oak_session, made.id, actor=1)
    with pytest.raises(refusals.DecisionImpossible):
        operations.approve(oak_session, made.id, actor=1)
    paddle = made.paddle
    operations.suspend(oak_session, made.id, "Bounced.", actor=1)
    assert codes(oak_session, sale, member) == ["suspended"]
    operations.approve(oak_session, made.id, actor=1)
    assert made.paddle == paddle, "a paddle is kept through a suspension"
    operations.limit(oak_session, made.id, 50_000, actor=1)
    assert made.bid_limit == 50_000


def test_staff_register_a_client_without_an_account(oak_session: HouseSession) -> None:
    sale = make.make_published_sale(oak_session, registration_mode="approved")
    client = make.make_client(oak_session)
    made = operations.register(
        oak_session, sale, client, sale.conditions_id, actor=1, by_staff=True
    )
    assert (made.state, made.decided_by) == ("approved", 1)


def test_what_is_missing_is_said_first_things_first(oak_session: HouseSession) -> None:
    sale = make.make_published_sale(oak_session)
    member, client = make.make_bidder(oak_session)
    assert codes(oak_session, sale, None) == ["sign_in", "register"]
    member.confirmed_at = None
    assert codes(oak_session, sale, member) == ["confirm", "register"]
    member.confirmed_at = database_now(oak_session)
    operations.register(oak_session, sale, client, sale.conditions_id)
    assert codes(oak_session, sale, member) == []
    member.blocked_at = database_now(oak_session)
    assert codes(oak_session, sale, member) == ["blocked"]


@pytest.fixture
def waiting(database: Database, oak: House) -> list[int]:
    """Registrations that wait in one sale, committed so that two transactions can race."""
    with database.house_session(oak) as session, session.begin():
        sale = make.make_published_sale(session, registration_mode="approved")
        return [
            operations.register(session, sale, make.make_client(session), sale.conditions_id).id
            for _number in range(8)
        ]


def test_concurrent_approvals_never_share_a_paddle(
    database: Database, oak: House, waiting: list[int]
) -> None:
    """Fails with the sale's lock taken out of the decision: two paddles collide."""
    start = threading.Barrier(2)

    def approve(registration_ids: list[int]) -> None:
        start.wait()
        for registration_id in registration_ids:
            with database.house_session(oak) as session, session.begin():
                operations.approve(session, registration_id, actor=1)

    threads = [
        threading.Thread(target=approve, args=(part,)) for part in (waiting[:4], waiting[4:])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.house_session(oak) as session, session.begin():
        query = select(Registration.paddle).where(Registration.id.in_(waiting))
        paddles = sorted(paddle for paddle in session.scalars(query) if paddle is not None)
    assert paddles == list(range(101, 109))
