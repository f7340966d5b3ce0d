"""How often something was tried, counted in the database: for all processes and past a restart.

Rows are kept by keyed digests, one for each house, so that the table tells nobody's address. A
window begins with the first try in it. The table is unlogged: a crash forgets it, nothing else.
"""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import text

from auctionxchange.kernel.database import Database
from auctionxchange.kernel.errors import TooManyRequests

_COUNT = text(
    "INSERT INTO exchange.tried AS known (key, tries, ends)"
    " SELECT key, 1, clock_timestamp() + make_interval(secs => seconds)"
    " FROM unnest(CAST(:keys AS text[]), CAST(:seconds AS int[])) AS asked (key, seconds)"
    " ORDER BY key ON CONFLICT (key) DO UPDATE SET"
    " tries = CASE WHEN known.ends <= clock_timestamp() THEN 1 ELSE known.tries + 1 END,"
    " ends = CASE WHEN known.ends <= clock_timestamp() THEN excluded.ends ELSE known.ends END"
    " RETURNING key, tries, ceil(extract(epoch FROM ends - clock_timestamp()))::int AS left"
)
_GIVE_BACK = text(
    "UPDATE exchange.tried SET tries = greatest(tries - 1, 0)"
    " WHERE key IN (SELECT key FROM exchange.tried WHERE key = ANY(:keys) ORDER BY key FOR UPDATE)"
)


@dataclass(frozen=True, slots=True)
class Try:
    """One use of an allowance: of what, by whom, how many in how many seconds."""

    name: str
    by: str
    most: int
    seconds: int


class Tries:
    """The allowances of one plane; owner names the house of the moment, or the platform."""

    def __init__(self, database: Database, key: bytes, owner: Callable[[], str]) -> None:
        self._database = database
        self._key = key
        self._owner = owner

    def count(self, tries: Sequence[Try]) -> None:
        """Count each; raises TooManyRequests with the seconds to wait where one is used up.

        It is a transaction of its own: what is refused or fails afterwards was still tried.
        """
        asked = {self._digest(one): one for one in tries}
        values = {"keys": list(asked), "seconds": [one.seconds for one in asked.values()]}
        with self._database.platform_connection() as connection:
            rows = connection.execute(_COUNT, values).all()
        waits = [row.left for row in rows if row.tries > asked[row.key].most]
        if waits:
            raise TooManyRequests(retry_after=max(1, *waits))

    def give_back(self, tries: Sequence[Try]) -> None:
        """Take tries back that went well: only failures use an allowance up."""
        with self._database.platform_connection() as connection:
            connection.execute(_GIVE_BACK, {"keys": [self._digest(one) for one in tries]})

    def _digest(self, one: Try) -> str:
        told = "\0".join((self._owner(), one.name, one.by, str(one.seconds)))
        return hmac.new(self._key, told.encode(), hashlib.sha256).hexdigest()[:32]
