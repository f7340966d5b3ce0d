"""Who may decide what, and what a fingerprint covers; no database."""

import json

from hypothesis import given
from hypothesis import strategies as st

from auctionhouse.approvals.rules import Person, fingerprint, may_ask, unchanged, why_not

STAFF = ("owner", "clerk")
ROLES = st.frozensets(st.sampled_from(["owner", "clerk", "bidder"]))
PEOPLE = st.builds(Person, st.integers(1, 3), ROLES)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
OBJECT = st.dictionaries(st.text(), JSON, max_size=3)


@given(asker=PEOPLE, decider=PEOPLE)
def test_nobody_decides_their_own_request_and_an_owner_is_among_the_two(
    asker: Person, decider: Person
) -> None:
    why = why_not(asker, decider, STAFF)
    if why is None:
        assert asker.id != decider.id
        assert decider.roles & set(STAFF)
        assert "owner" in asker.roles | decider.roles
    elif asker.id == decider.id:
        assert why == "own"


def test_a_second_role_does_not_make_a_second_person() -> None:
    both = Person(1, frozenset({"owner", "clerk"}))
    assert why_not(Person(1, frozenset({"clerk"})), both, STAFF) == "own"
    assert why_not(Person(2, frozenset({"clerk"})), both, STAFF) is None


def test_two_clerks_are_not_enough_and_a_bidder_is_nobody() -> None:
    clerk, other = Person(1, frozenset({"clerk"})), Person(2, frozenset({"clerk"}))
    assert why_not(clerk, other, STAFF) == "owner"
    assert why_not(clerk, Person(3, frozenset({"bidder"})), STAFF) == "role"
    assert why_not(clerk, Person(3, frozenset()), STAFF) == "role"
    assert may_ask(clerk, STAFF)
    assert not may_ask(clerk, ("owner",))


@given(payload=OBJECT, facts=OBJECT, reason=st.text())
def test_a_fingerprint_is_of_the_contents_and_not_of_how_they_are_written(
    payload: dict[str, object], facts: dict[str, object], reason: str
) -> None:
    again = json.loads(json.dumps(payload)), json.loads(json.dumps(facts))
    assert fingerprint("k", payload, facts, reason) == fingerprint("k", *again, reason)
    assert unchanged(facts, again[1])
    assert fingerprint("k", payload, facts, reason) != fingerprint(
        "k", payload, facts, reason + "."
    )
    assert fingerprint("k", payload, facts, reason) != fingerprint("l", payload, facts, reason)
