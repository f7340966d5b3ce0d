"""Receipts of accepted and refused bids: handed out, and checked by the one-file verifier."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import text
from wsgi import build_application

from auctionhouse.bidding import errors, published
from auctionhouse.bidding.closing import close_due
from auctionhouse.bidding.operations import place_where_free
from auctionhouse.bidding.submissions import Submission
from auctionhouse.bidding.verifier.ed25519 import signature_holds
from auctionhouse.members.operations import set_password
from auctionhouse.receipts.keys import current_signer, published_keys, retire_key
from auctionhouse.receipts.operations import keep_refusal
from auctionhouse.receipts.queries import (
    accepted_receipt,
    published_heads,
    receipts_on,
    refused_receipt,
)
from auctionhouse.receipts.words import reason_words
from auctionxchange.kernel.config import REPOSITORY, Settings
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.errors import DomainError
from auctionxchange.kernel.sealing import SealBroken
from auctionxchange.tenancy.house import House
from factories.floor import Floor, make_floor
from factories.visitors import HASH, PASSWORD, Visitor, visit

PROGRAM = REPOSITORY / "tools" / "verify_ledger.py"
HOST = "oak.example"
RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
]


@pytest.fixture
def floor(database: Database, oak: House) -> Floor:
    return make_floor(database, oak, opening=1000)


def refused(floor: Floor, bidder: int, maximum: int) -> dict[str, Any]:
    """Place a bid that must be refused and return its receipt."""
    with pytest.raises(DomainError) as caught:
        floor.bid(bidder, maximum)
    refusal, client = caught.value.evidence, floor.sale.bidders[bidder][0]
    with floor.database.house_session(floor.house) as session:
        keep_refusal(session, refusal)
        document = refused_receipt(session, refusal.reference, client, house=HOST)
        session.commit()
    assert document is not None
    return document


def accepted(floor: Floor, bidder: int, maximum: int) -> dict[str, Any]:
    sequence = floor.bid(bidder, maximum).sequence
    with floor.database.house_session(floor.house) as session:
        client = floor.sale.bidders[bidder][0]
        document = accepted_receipt(session, floor.sale.lots[0], sequence, client, house=HOST)
        session.commit()
    assert document is not None
    return document


class Folder:
    """The files a bidder has: the lot's ledger, the house's keys, the sale's heads."""

    def __init__(self, floor: Floor, folder: Path) -> None:
        self.floor, self.folder = floor, folder
        self.refresh()

    def refresh(self) -> None:
        with self.floor.database.house_session(self.floor.house) as session:
            ledger = published.download(session, self.floor.sale.lots[0])
            keys = {"keys": published_keys(session)}
            heads = published_heads(session, self.floor.sale.sale_id, self.reference, house=HOST)
            session.commit()
        (self.folder / "lot.jsonl").write_text(ledger, "utf-8")
        self.put("keys.json", keys)
        self.put("heads.json", heads)

    @property
    def reference(self) -> str:
        query = "SELECT reference FROM sale WHERE id = :id"
        with self.floor.database.house_session(self.floor.house) as session:
            found = session.execute(text(query), {"id": self.floor.sale.sale_id}).scalar_one()
        return str(found)

    def put(self, name: str, told: Any) -> str:
        (self.folder / name).write_text(json.dumps(told), "utf-8")
        return name

    def check(self, *names: str) -> tuple[int, str]:
        words = [sys.executable, "-I", "-S", str(PROGRAM), *(str(self.folder / n) for n in names)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(("key", "message", "signature"), RFC_8032)
def test_signatures_hold_as_the_standard_says(key: str, message: str, signature: str) -> None:
    read = [bytes.fromhex(one) for one in (key, message, signature)]
    assert signature_holds(*read)
    assert not signature_holds(read[0], read[1] + b"x", read[2])


def test_our_check_agrees_with_the_library() -> None:
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    signature = private.sign(b"words")
    assert signature_holds(public, b"words", signature)
    order = 2**252 + 27742317777372353535851937790883648493
    scalar = int.from_bytes(signature[32:], "little") + order
    for key, told in [
        *((public, signature[:n] + bytes([signature[n] ^ 1]) + signature[n + 1 :])
          for n in range(0, 64, 7)),
        (public, signature[:32] + scalar.to_bytes(32, "little")),
        (public[:31], signature), (b"\xff" * 32, signature), (public, signature[:63]),
    ]:  # fmt: skip
        assert not signature_holds(key, b"words", told)
        with pytest.raises((InvalidSignature, ValueError)):
            Ed25519PublicKey.from_public_bytes(key).verify(told, b"words")


def test_receipts_are_checked_against_the_ledger_the_heads_and_the_keys(
    floor: Floor, tmp_path: Path
) -> None:
    first = accepted(floor, 0, 5000)
    low = refused(floor, 1, 900)
    own = refused(floor, 0, 5000)
    second = accepted(floor, 1, 6500)
    folder = Folder(floor, tmp_path)
    names = [
        folder.put(f"{number}.json", one) for number, one in enumerate([first, low, own, second])
    ]
    code, said = folder.check("lot.jsonl", "heads.json", "keys.json", *names)
    assert code == 0, said
    assert said.count("signed by the house's published key") == 5
    assert "the bid stands in the ledger as entry 2" in said
    assert "it offered less than the asking price, as the ledger shows" in said
    assert "the bidder led already and offered no more than before, as the ledger shows" in said
    assert "it ends with its published head" in said


def test_refusals_are_kept_with_the_batch_that_refused_them(floor: Floor, tmp_path: Path) -> None:
    """Two low ones, one of them refused by a bid of its own batch; the accepted one stands."""
    people = floor.sale.bidders
    offers = [(0, 900), (1, 6000), (2, 1100)]
    with floor.database.folded_connection(floor.house) as connection:
        asked = [Submission(*people[who], amount, uuid4()) for who, amount in offers]
        answers = place_where_free(connection, {floor.sale.lots[0]: asked})[floor.sale.lots[0]]
    low, _taken, lower = answers
    folder = Folder(floor, tmp_path)
    for place, (refusal, who) in enumerate(((low, 0), (lower, 2))):
        assert isinstance(refusal, errors.BidTooLow)
        with floor.database.house_session(floor.house) as session:
            document = refused_receipt(
                session, refusal.evidence.reference, people[who][0], house=HOST
            )
        assert document is not None
        statement = json.loads(document["statement"])
        assert (statement["sequence"], statement["price"]) == ((1, None), (2, 1000))[place]
        code, said = folder.check("lot.jsonl", "keys.json", folder.put("r.json", document))
        assert code == 0, said
        assert "it offered less than the asking price, as the ledger shows" in said


def test_a_refusal_of_before_is_handed_out_as_it_was_signed(floor: Floor, tmp_path: Path) -> None:
    """Rows from before the batches hold the whole statement and its signature."""
    document = refused(floor, 0, 900)
    client = floor.sale.bidders[0][0]
    with floor.database.house_session(floor.house) as session:
        values = {
            "key": current_signer(session).id,
            "statement": document["statement"],
            "signature": bytes.fromhex(document["signature"]),
            "client": client,
        }
        reference = session.execute(
            text(
                "INSERT INTO refused_bid (lot_id, sequence, client_id, at, reason, statement,"
                " signature, key_id, maximum, salt) SELECT lot_id, sequence, client_id, at, reason,"
                " :statement, :signature, :key, maximum, salt FROM refused_bid"
                " WHERE client_id = :client RETURNING reference"
            ),
            values,
        ).scalar_one()
        session.commit()
    with floor.database.house_session(floor.house) as session:
        retire_key(session)
        before = refused_receipt(session, reference, client, house="moved.example")
        assert before == document
        session.commit()
    code, said = Folder(floor, tmp_path).check("lot.jsonl", "keys.json", "heads.json")
    assert code == 0, said


def test_a_refusal_is_signed_with_the_key_of_the_day_it_is_asked_for(
    floor: Floor, tmp_path: Path
) -> None:
    with pytest.raises(errors.BidTooLow) as caught:
        floor.bid(0, 900)
    refusal, client = caught.value.evidence, floor.sale.bidders[0][0]
    documents = []
    with floor.database.house_session(floor.house) as session:
        keep_refusal(session, refusal)
        for _ in range(2):
            documents.append(refused_receipt(session, refusal.reference, client, house=HOST))
            retire_key(session)
        session.commit()
    first, second = documents
    assert first is not None
    assert second is not None
    assert first["public_key"] != second["public_key"]
    folder = Folder(floor, tmp_path)
    names = [folder.put(f"{place}.json", one) for place, one in enumerate(documents)]
    code, said = folder.check("lot.jsonl", "keys.json", *names)
    assert code == 0, said


def test_a_late_bid_gets_a_receipt_the_ledger_bears_out(floor: Floor, tmp_path: Path) -> None:
    accepted(floor, 0, 5000)
    floor.end()
    close_due(floor.database, floor.house)
    late = refused(floor, 1, 9000)
    folder = Folder(floor, tmp_path)
    said = folder.check("lot.jsonl", folder.put("late.json", late))[1]
    assert "it came when the lot had ended, as the ledger shows" in said, said


def test_a_receipt_holds_no_name_and_without_its_private_part_no_maximum(floor: Floor) -> None:
    for document in (accepted(floor, 0, 7654321098), refused(floor, 0, 6543210987)):
        private = document.pop("private")
        assert private["maximum"]["value"] in {7654321098, 6543210987}
        told = json.dumps(document)
        assert not [
            word for word in ("7654321098", "6543210987", "bidder", "private") if word in told
        ]


def test_every_change_of_a_receipt_is_found(floor: Floor, tmp_path: Path) -> None:
    document = accepted(floor, 0, 5000)
    accepted(floor, 1, 3000)
    folder = Folder(floor, tmp_path)
    statement = json.loads(document["statement"])
    for name, value in statement.items():
        other = (value or 0) + 1 if isinstance(value, int | None) else f"{value[:-1]}-"
        changed = {**statement, name: other}
        text = json.dumps(changed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        put = folder.put("r.json", {**document, "statement": text})
        code, said = folder.check("lot.jsonl", put)
        assert code in {1, 2}, (name, said)
    lie = {**document, "private": {"maximum": {**document["private"]["maximum"], "value": 1}}}
    assert folder.check(folder.put("r.json", lie))[0] == 1


def test_a_bid_the_house_left_out_is_missed_by_its_receipt(floor: Floor, tmp_path: Path) -> None:
    floor.bid(0, 5000)
    document = accepted(floor, 1, 6000)
    folder = Folder(floor, tmp_path)
    whole = (tmp_path / "lot.jsonl").read_text("utf-8").splitlines(keepends=True)
    (tmp_path / "lot.jsonl").write_text("".join(whole[:2]), "utf-8")
    code, said = folder.check("lot.jsonl", "heads.json", folder.put("r.json", document))
    assert code == 1
    assert "the ledger lacks entry 3, which the receipt names" in said
    assert "lot.jsonl lacks entries at its end: 3 were published" in said


def test_anothers_key_and_a_forged_refusal_are_found(floor: Floor, tmp_path: Path) -> None:
    accepted(floor, 0, 5000)
    document = refused(floor, 1, 1200)
    folder = Folder(floor, tmp_path)
    stranger = Ed25519PrivateKey.generate()
    statement = json.loads(document["statement"])
    statement["reason"] = "lot_closed"
    text = json.dumps(statement, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    forged = {
        "statement": text,
        "signature": stranger.sign(text.encode()).hex(),
        "public_key": stranger.public_key().public_bytes_raw().hex(),
    }
    code, said = folder.check("lot.jsonl", "keys.json", folder.put("r.json", forged))
    assert code == 1
    assert "is not the published key" in said
    assert "it is said that it came when the lot had ended, but the ledger shows otherwise" in said


def test_keys_are_sealed_replaced_and_stay_published(database: Database, oak: House) -> None:
    with database.house_session(oak) as session:
        before = current_signer(session)
        assert current_signer(session).id == before.id
        stored = session.execute(
            text("SELECT private_key FROM signing_key WHERE id = :id"), {"id": before.id}
        ).scalar_one()
        assert before.private_key.private_bytes_raw() not in bytes(stored)
        after = retire_key(session)
        assert after.id != before.id
        listed = published_keys(session)
        ids = [key["id"] for key in listed]
        assert {before.id, after.id} <= set(ids)
        assert [key["until"] for key in listed].count(None) == 1
        session.rollback()


def test_a_key_taken_to_another_house_does_not_open(
    database: Database, oak: House, elm: House
) -> None:
    query = "SELECT * FROM signing_key WHERE retired_at IS NULL"
    with database.house_session(oak) as session:
        current_signer(session)
        row = dict(session.execute(text(query)).mappings().one())
        session.rollback()
    with database.house_session(elm) as session:
        session.execute(text("DELETE FROM signing_key"))
        names = ", ".join(row)
        values = ", ".join(f":{name}" for name in row)
        session.execute(text(f"INSERT INTO signing_key ({names}) VALUES ({values})"), row)
        with pytest.raises(SealBroken):
            current_signer(session)
        session.rollback()


@pytest.fixture
def visitors(
    floor: Floor, settings: Settings, database: Database, oak: House
) -> tuple[Visitor, Visitor, str]:
    """Two registered bidders at the pages, and the lot's path."""
    application = build_application(settings, database)
    made = []
    with database.house_session(oak) as session:
        for _client, member in floor.sale.bidders[:2]:
            email = session.execute(
                text("UPDATE member SET confirmed_at = now() WHERE id = :id RETURNING email"),
                {"id": member},
            ).scalar_one()
            set_password(session, email, HASH)
            made.append(email)
        reference = session.execute(
            text("SELECT reference FROM sale WHERE id = :id"), {"id": floor.sale.sale_id}
        ).scalar_one()
        session.commit()
    people = [visit(application, settings, oak) for _ in made]
    for person, email in zip(people, made, strict=True):
        person.submit("/sign-in", {"email": email, "password": PASSWORD})
    return people[0], people[1], f"/sales/{reference}/lots/1"


def place(visitor: Visitor, path: str, maximum: str, **more: Any) -> Any:
    page = visitor.page(f"{path}/bid?maximum=99999")
    form = {
        tag["name"]: tag["value"] for name, tag in page.tags if name == "input" and "name" in tag
    }
    return visitor.post(f"{path}/bid", {**form, "maximum": maximum}, **more)


def test_answers_lead_to_receipts_that_are_the_bidders_alone(
    floor: Floor, visitors: tuple[Visitor, Visitor, str]
) -> None:
    ada, ben, path = visitors
    script = {"headers": {"Accept": "application/json"}}
    won = place(ada, path, "40", **script).json
    lost = place(ben, path, "5", **script).json
    assert lost["error"] == "bid_too_low"
    assert json.loads(ada.get(won["receipt"]).text)["signature"]
    assert json.loads(ben.get(lost["receipt"]).text)["signature"]
    assert ben.get(won["receipt"]).status_code == 404
    assert ada.get(lost["receipt"]).status_code == 404
    page = place(ben, path, "5")
    assert "Receipt for this refused bid" in page.text
    shown = ben.page(f"{path}/receipts").text
    assert shown.count("Refused : below the next bid") + shown.count("Refused: below") == 2
    assert "you led at £10" in ada.page(f"{path}/receipts").text
    assert f"{path}/receipts" in ada.page("/me/bids").links()
    client = floor.sale.bidders[1][0]
    with floor.database.house_session(floor.house) as session:
        assert len(receipts_on(session, floor.sale.lots[0], client)) == 2


def test_everything_to_check_with_is_linked_and_served(
    floor: Floor, visitors: tuple[Visitor, Visitor, str], tmp_path: Path
) -> None:
    ada, _ben, path = visitors
    place(ada, path, "40")
    links = ada.page(f"{path}/history").links()
    sale = path.partition("/lots/")[0]
    wanted = {f"{path}/ledger": "l", "/ledger/verify_ledger.py": "v.py", "/ledger/key": "k",
              f"{sale}/ledger/heads": "h", f"{path}/receipts": ""}  # fmt: skip
    assert set(wanted) <= set(links)
    for address, name in wanted.items():
        if name:
            (tmp_path / name).write_bytes(ada.get(address).data)
    words = [
        sys.executable,
        "-I",
        "-S",
        *(str(tmp_path / name) for name in ("v.py", "l", "k", "h")),
    ]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_refusal_a_receipt_may_tell_has_words() -> None:
    fallback = reason_words("no such code")
    told = {"lot_unknown", "bid_refused", "confirmation_needed"}
    for refusal in vars(errors).values():
        if isinstance(refusal, type) and issubclass(refusal, DomainError):
            code = refusal.code
            assert refusal.__module__ != errors.__name__ or (
                code in told or reason_words(code) != fallback
            ), code
