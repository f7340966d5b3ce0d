"""Asking and deciding on real rows: done once, exactly as asked, never by one person."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ClassVar

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from auctionhouse.approvals import operations
from auctionhouse.approvals.acts import ACTS, Act, Described, Facts, Payload, Signed
from auctionhouse.approvals.models import ApprovalRequest
from auctionhouse.approvals.refusals import (
    AlreadyWaiting,
    AskedTwice,
    ContentsChanged,
    Expired,
    MayNotDecide,
    NotWaiting,
    OnlyTheAsker,
    ReasonNeeded,
)
from auctionhouse.approvals.switching import NAME as SWITCH
from auctionhouse.approvals.switching import switch_on
from auctionhouse.approvals.telling import waiting_for
from auctionhouse.members.models import Client
from auctionhouse.members.operations import block_member
from auctionxchange.kernel.database import Database, HouseSession
from auctionxchange.kernel.errors import Conflict, Forbidden
from auctionxchange.tenancy.house import House
from factories.visitors import make_member


class Rename(Act):
    """An act of these tests: a client gets another name."""

    name = "test_rename"
    label: ClassVar[str] = "Rename"

    def subject(self, payload: Payload) -> str:
        return f"client:{payload['client']}"

    def facts(self, session: HouseSession, payload: Payload) -> Facts:  # type: ignore[override]
        query = select(Client.name).where(Client.id == payload["client"])
        return {"name": session.scalar(query)}

    def described(self, session: HouseSession, payload: Payload, facts: Facts) -> Described:  # type: ignore[override]
        del session
        return Described(f"{facts['name']} → {payload['name']}")

    def execute(self, session: HouseSession, payload: Payload, signed: Signed) -> None:  # type: ignore[override]
        client = session.get_one(Client, payload["client"])
        client.name = payload["name"]
        client.notes += f"{signed.asked_by}/{signed.approved_by};"
        session.flush()
        if payload["name"] == "refused":
            raise Conflict


@dataclass
class Room:
    """A house with an owner, two clerks, and a client to rename."""

    session: HouseSession
    owner: int
    clerk: int
    other: int
    client: int

    def ask(self, name: str = "Ben", *, actor: int | None = None, **more: str) -> ApprovalRequest:
        payload = {"client": self.client, "name": name}
        return operations.ask(
            self.session, Rename.name, payload, reason=more.pop("reason", "Typo"),
            actor=actor or self.clerk, **more,
        )  # fmt: skip

    def approve(self, request: ApprovalRequest, actor: int | None = None) -> str:
        return operations.approve(
            self.session, request.id, digest=request.digest, actor=actor or self.owner
        ).state

    @property
    def name(self) -> tuple[str, str]:
        query = text("SELECT name, notes FROM client WHERE id = :id")
        row = self.session.execute(query, {"id": self.client}).one()
        return row.name, row.notes


@pytest.fixture(autouse=True)
def _act(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ACTS, Rename.name, Rename())


@pytest.fixture(scope="module")
def people(database: Database, oak: House) -> tuple[int, int, int]:
    made = [make_member(database, oak, roles=(role,)) for role in ("owner", "clerk", "clerk")]
    return made[0].id, made[1].id, made[2].id


@pytest.fixture
def room(oak_session: HouseSession, people: tuple[int, int, int]) -> Room:
    client = Client(name="Ada")
    oak_session.add(client)
    oak_session.flush()
    return Room(oak_session, *people, client.id)


def test_nothing_happens_before_a_second_person_approves_and_then_once(room: Room) -> None:
    request = room.ask()
    assert (request.state, room.name) == ("waiting", ("Ada", ""))
    assert room.approve(request) == "done"
    assert room.name == ("Ben", f"{room.clerk}/{room.owner};")
    with pytest.raises(NotWaiting):
        room.approve(request)
    assert room.name == ("Ben", f"{room.clerk}/{room.owner};")


def test_the_asker_can_never_approve(room: Room) -> None:
    """Seen to fail with why_not looking at roles alone."""
    request = room.ask(actor=room.owner)
    with pytest.raises(MayNotDecide):
        room.approve(request, room.owner)
    room.session.execute(
        text("INSERT INTO member_role SELECT :id, id FROM role WHERE name = 'clerk'"),
        {"id": room.owner},
    )
    with pytest.raises(MayNotDecide):
        room.approve(request, room.owner)
    assert room.name[0] == "Ada"
    with pytest.raises(MayNotDecide):
        operations.decline(room.session, request.id, note="No", actor=room.owner)
    assert room.approve(request, room.clerk) == "done"


def test_the_database_refuses_a_decision_by_the_asker_and_any_change(room: Room) -> None:
    """Seen to fail without the constraint and without the trigger."""
    request = room.ask()
    for change in (
        f"state = 'done', decided_by = {room.clerk}",
        'payload = payload || \'{"name": "Eve"}\'',
        "reason = 'Another'",
        "state = 'done'",
    ):
        with pytest.raises(DBAPIError), room.session.begin_nested():
            room.session.execute(
                text(f"UPDATE approval_request SET {change} WHERE id = {request.id}")
            )
    room.approve(request)
    for statement in ("UPDATE approval_request SET note = 'x'", "DELETE FROM approval_request"):
        with pytest.raises(DBAPIError), room.session.begin_nested():
            room.session.execute(text(f"{statement} WHERE id = {request.id}"))


def test_two_clerks_cannot_do_it_among_themselves(room: Room) -> None:
    request = room.ask()
    with pytest.raises(MayNotDecide) as refused:
        room.approve(request, room.other)
    assert refused.value.fields == {"why": "owner"}


def test_a_changed_fact_makes_a_request_stale_and_nothing_is_done(room: Room) -> None:
    """Seen to fail with approve not comparing the facts."""
    request = room.ask()
    room.session.get_one(Client, room.client).name = "Ada Lovelace"
    room.session.flush()
    assert room.approve(request) == "stale"
    assert room.name == ("Ada Lovelace", "")
    assert "changed" in request.note


def test_a_page_that_says_something_else_approves_nothing(room: Room) -> None:
    request = room.ask()
    with pytest.raises(ContentsChanged):
        operations.approve(room.session, request.id, digest="0" * 64, actor=room.owner)
    assert room.name[0] == "Ada"


def test_what_cannot_be_done_is_refused_to_who_asks(room: Room) -> None:
    with pytest.raises(Conflict), room.session.begin_nested():
        room.ask("refused")
    assert room.name == ("Ada", "")
    query = select(ApprovalRequest).where(ApprovalRequest.subject == f"client:{room.client}")
    assert room.session.scalars(query).all() == []


def test_an_act_refused_at_approval_leaves_no_trace_of_itself(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = room.ask()
    real = Rename.execute

    def refusing(self: Rename, session: HouseSession, payload: Payload, signed: Signed) -> None:
        real(self, session, payload, signed)
        raise Conflict

    monkeypatch.setattr(Rename, "execute", refusing)
    assert room.approve(request) == "stale"
    assert room.name == ("Ada", "")


def test_an_asker_who_was_blocked_meanwhile_gets_nothing_done(room: Room) -> None:
    request = room.ask(actor=room.owner)
    block_member(room.session, room.owner, reason="Left", actor=None)
    room.session.flush()
    with pytest.raises(MayNotDecide):
        room.approve(request, room.clerk)


def test_requests_expire_and_are_closed_by_the_job(room: Room) -> None:
    request = room.ask()
    request_id = expired(room, request)
    with pytest.raises(Expired):
        operations.approve(room.session, request_id, digest=request.digest, actor=room.owner)
    assert request_id not in {one.id for one in waiting_for(room.session, room.owner)}
    assert operations.expire_due(room.session) == 1
    assert room.session.get_one(ApprovalRequest, request_id).state == "expired"
    assert room.name[0] == "Ada"


def expired(room: Room, request: ApprovalRequest) -> int:
    """Write the same request as if it had been made long ago."""
    operations.withdraw(room.session, request.id, actor=room.clerk)
    copy = text(
        "INSERT INTO approval_request (kind, subject, payload, facts, digest, reason, asked_by,"
        " expires_at) SELECT kind, subject, payload, facts, digest, reason, asked_by,"
        " clock_timestamp() - interval '1 s' FROM approval_request WHERE id = :id RETURNING id"
    )
    made: int = room.session.execute(copy, {"id": request.id}).scalar_one()
    return made


def test_declining_needs_a_word_and_withdrawing_the_asker(room: Room) -> None:
    request = room.ask()
    with pytest.raises(ReasonNeeded):
        operations.decline(room.session, request.id, note=" ", actor=room.owner)
    with pytest.raises(OnlyTheAsker):
        operations.withdraw(room.session, request.id, actor=room.owner)
    assert operations.decline(room.session, request.id, note="No", actor=room.owner).note == "No"
    again = room.ask()
    assert operations.withdraw(room.session, again.id, actor=room.clerk).state == "withdrawn"
    with pytest.raises(NotWaiting):
        room.approve(again)


def test_one_request_at_a_time_waits_about_a_thing(room: Room) -> None:
    request = room.ask()
    assert room.ask().id == request.id
    with pytest.raises(AlreadyWaiting):
        room.ask("Eve")
    with pytest.raises(ReasonNeeded):
        room.ask(reason="  ")
    with pytest.raises(Forbidden):
        room.ask("Eve", actor=-1)


def test_a_form_sent_twice_is_one_request(room: Room) -> None:
    token = secrets.token_hex(8)
    request = room.ask(token=token)
    room.approve(request)
    assert room.ask(token=token).id == request.id
    with pytest.raises(AskedTwice):
        room.ask("Eve", token=token)


def test_switching_a_rule_off_needs_an_owner_and_a_second_person(room: Room) -> None:
    payload = {"kind": Rename.name}
    with pytest.raises(Forbidden):
        operations.ask(room.session, SWITCH, payload, reason="Small house", actor=room.clerk)
    with pytest.raises(Conflict), room.session.begin_nested():
        operations.ask(room.session, SWITCH, {"kind": SWITCH}, reason="No", actor=room.owner)
    request = operations.ask(room.session, SWITCH, payload, reason="Small house", actor=room.owner)
    waiting = room.ask()
    assert waiting.state == "waiting"
    assert room.approve(request, room.clerk) == "done"
    assert waiting.id in {one.id for one in waiting_for(room.session, room.owner)}
    operations.withdraw(room.session, waiting.id, actor=room.clerk)
    alone = room.ask("Eve")
    assert (alone.state, alone.alone, alone.decided_by) == ("done", True, None)
    assert room.name == ("Eve", f"{room.clerk}/None;")
    switch_on(room.session, Rename.name, actor=room.owner)
    assert room.ask("Ada").state == "waiting"


def test_every_step_is_audited(room: Room) -> None:
    request = room.ask()
    room.approve(request)
    query = text(
        "SELECT action, actor_member_id FROM audit_entry WHERE subject = :subject ORDER BY id"
    )
    rows = room.session.execute(query, {"subject": f"approval:{request.id}"}).all()
    assert [tuple(row) for row in rows] == [
        ("approval.ask", room.clerk), ("approval.done", room.owner),
    ]  # fmt: skip


def test_eight_who_approve_at_once_do_it_once(
    database: Database, oak: House, people: tuple[int, int, int]
) -> None:
    owner, clerk, _other = people
    with database.house_session(oak) as session, session.begin():
        client = Client(name="Ada")
        session.add(client)
        session.flush()
        room = Room(session, owner, clerk, clerk, client.id)
        request = room.ask()
        request_id, digest, client_id = request.id, request.digest, client.id

    def press(_number: int) -> str:
        try:
            with database.house_session(oak) as session, session.begin():
                return operations.approve(session, request_id, digest=digest, actor=owner).state
        except NotWaiting as refusal:
            return refusal.code

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(press, range(8)))
    assert sorted(outcomes) == ["done"] + ["not_waiting"] * 7
    with database.house_session(oak) as session:
        assert session.get_one(Client, client_id).notes == f"{clerk}/{owner};"
