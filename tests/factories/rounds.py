"""Two equal lots of a sale and a browser that bids on both: on one as served, on one by pages."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse.registrations.models import Registration
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.house import House
from factories.sales import make_open_sale
from factories.visitors import make_member, visit
from factories.ways import Answer, Script, Ways

FLAT: Mapping[str, Any] = {"increments": [[0, 1000]], "soft_close": None}
STATE = text(
    "SELECT s.status, s.price, s.asking, s.bid_count, s.chain_length, (SELECT count(*)"
    " FROM refused_bid r WHERE r.lot_id = s.lot_id) FROM lot_state s WHERE s.lot_id = :lot"
)


@contextmanager
def at(database: Database, house: House) -> Iterator[Session]:
    """Open a session whose work is committed."""
    with database.house_session(house) as session, session.begin():
        yield session


@dataclass
class Round:
    """Two equal lots of a sale and one browser that bids on both."""

    ways: Ways
    database: Database
    house: House
    script: Script
    sale_id: int
    reference: str
    lots: list[int]

    def path(self, number: int) -> str:
        """Return a lot's address."""
        return f"/sales/{self.reference}/lots/{number}"

    def run(self, statement: str) -> None:
        """Run a statement that may name the member and the sale."""
        with at(self.database, self.house) as session:
            session.execute(text(statement), {"member": self.script.member, "sale": self.sale_id})

    def states(self) -> list[Any]:
        """Return how both lots stand."""
        with at(self.database, self.house) as session:
            return [session.execute(STATE, {"lot": lot}).one() for lot in self.lots[:2]]

    def same(self, request: Callable[[str], bytes]) -> Answer:
        """Send a request to both lots, each its way; the answers and the lots must be the same."""
        whole = self.ways.serve(request(self.path(1)))
        alone = self.ways.serve_by_pages(request(self.path(2)))
        assert whole.shape == alone.shape
        first, second = self.states()
        assert first == second
        return whole

    def bid(self, *more: str, form: Any = (), **fields: str | None) -> Answer:
        """Bid on both lots; what is different is said as to Script.bid."""
        return self.same(lambda path: self.script.bid(path, *more, form=form, **fields))


def sign_in(ways: Ways, database: Database, house: House, **person: Any) -> Script:
    """Make a member, signed in at a browser of their own."""
    member = make_member(database, house, **person)
    visitor = visit(ways.whole, ways.settings, house)
    visitor.sign_in(member)
    return Script(visitor, member.id)


def register(database: Database, house: House, sale_id: int, script: Script) -> None:
    """Let a browser's member bid in a sale."""
    with at(database, house) as session:
        client = session.execute(
            text("SELECT id FROM client WHERE member_id = :m"), {"m": script.member}
        ).scalar_one()
        paddle = secrets.randbelow(10**6) + 1000
        session.add(
            Registration(sale_id=sale_id, client_id=client, state="approved", paddle=paddle)
        )


def begin(
    ways: Ways, database: Database, house: House, script: Script,
    *, terms: Mapping[str, Any] = FLAT, **lot: Any,
) -> Round:  # fmt: skip
    """Publish a sale, let the browser register, and have the house and the sale looked up."""
    ways.forget()
    reference = f"round-{secrets.token_hex(4)}"
    with at(database, house) as session:
        sale = make_open_sale(
            session, reference=reference, opening=10000, terms=dict(terms), lots=3, **lot
        )
    register(database, house, sale.sale_id, script)
    made = Round(ways, database, house, script, sale.sale_id, reference, sale.lots)
    assert ways.serve(script.bid(made.path(3))).way == "door"
    return made
