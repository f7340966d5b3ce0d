"""Who works at a house: appointed, dismissed and blocked by owners alone, who never run out."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select

from auctionhouse.members.models import AuditEntry, Member
from auctionhouse.members.operations import LastOwner, set_roles
from auctionhouse.seed import seed_house
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database, HouseSession
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.provisioning import owner_engine
from auctionxchange.tenancy.setup import Addresses
from factories.desks import Desk
from factories.houses import make_house
from factories.visitors import make_member


@pytest.fixture
def quiet(addresses: Addresses, database: Database, settings: Settings) -> House:
    """A house of the test's own: it counts its owners."""
    schema = make_house(owner_engine(addresses.database_admin_url), seed_house)
    found = Directory(database, settings).by_schema(schema)
    assert found is not None
    return found


def roles_of(session: HouseSession, member_id: int) -> list[str]:
    session.expire_all()
    return sorted(role.name for role in session.get_one(Member, member_id).roles)


def test_an_owner_makes_a_member_a_clerk_and_a_bidder_again(
    desk_of: Callable[..., Desk], database: Database, oak: House, work: HouseSession
) -> None:
    owner, other = desk_of("owner"), make_member(database, oak)
    page = f"/manage/members/{other.id}"
    for chosen in (["bidder", "clerk"], ["bidder"]):
        answer = owner.post(f"{page}/roles", {"roles": chosen}, page=page)
        assert answer.status_code == 302
        assert roles_of(work, other.id) == chosen
    query = select(AuditEntry).where(AuditEntry.subject == f"member:{other.id}")
    told = work.scalars(query.order_by(AuditEntry.id)).all()
    assert [entry.detail["after"] for entry in told] == [["bidder", "clerk"], ["bidder"]]


def test_a_clerk_appoints_nobody_and_blocks_no_staff(
    desk_of: Callable[..., Desk], database: Database, oak: House, work: HouseSession
) -> None:
    """Seen to fail with _demand_owner_over left out: a clerk locked the owner out."""
    clerk = desk_of("clerk")
    bidder, owner = make_member(database, oak), make_member(database, oak, roles=("owner",))
    page = f"/manage/members/{bidder.id}"
    assert "Save the roles" not in clerk.get(page).text
    assert clerk.post(f"{page}/roles", {"roles": ["clerk"]}, page=page).status_code == 403
    assert roles_of(work, bidder.id) == ["bidder"]
    above = f"/manage/members/{owner.id}"
    answer = clerk.post(f"{above}/block", {"reason": "Fraud"}, page=above)
    assert answer.status_code == 422
    assert "Only an owner" in answer.text
    work.expire_all()
    assert work.get_one(Member, owner.id).active


def test_a_role_nobody_knows_is_refused(
    desk_of: Callable[..., Desk], database: Database, oak: House, work: HouseSession
) -> None:
    other = make_member(database, oak)
    page = f"/manage/members/{other.id}"
    answer = desk_of("owner").post(f"{page}/roles", {"roles": ["king"]}, page=page)
    assert answer.status_code == 422
    assert roles_of(work, other.id) == ["bidder"]


def test_of_two_owners_that_leave_at_once_one_stays(database: Database, quiet: House) -> None:
    """Seen to fail without the lock on the owners' role: the house had no owner left."""
    other = make_member(database, quiet, roles=("owner",))
    with database.house_session(quiet) as session:
        owners = session.scalars(select(Member.id).where(Member.active)).all()
    assert len(owners) == 2
    assert other.id in owners
    ready = threading.Barrier(2)
    refused: list[int] = []

    def leave(member_id: int) -> None:
        with database.house_session(quiet) as session, session.begin():
            session.get_one(Member, member_id)
            ready.wait()
            try:
                set_roles(session, member_id, ["bidder"], actor=None)
            except LastOwner:
                refused.append(member_id)

    threads = [threading.Thread(target=leave, args=(one,)) for one in owners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.house_session(quiet) as session:
        left = [one for one in owners if "owner" in roles_of(session, one)]
    assert left == refused
    assert len(left) == 1
