"""A bid sent by a signed-in browser: who it is, is read in the same statement as the lot.

Only what is plain is admitted: a browser noted as seen lately, an active account with a client
record, and the very lot that was meant. Anything else is for the pages to answer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from auctionxchange.kernel.errors import DomainError


class AskThePages(DomainError):
    """Nothing was decided: the pages know what to say, or to do first."""

    code = "ask_the_pages"


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser's row and account, and the lot it means.

    The locale follows from the language its member wishes, or None; count raises TooManyRequests
    for a member who bids too often.
    """

    id: UUID
    account: str
    reference: str
    number: str
    currency: str
    locale: Callable[[str | None], str]
    count: Callable[[int], None]

    def admit(self, lot: Mapping[str, Any], read: Sequence[Any]) -> tuple[int, int, str]:
        """Return client, member and locale; raises AskThePages and TooManyRequests."""
        client, member, wish = read
        meant = (self.reference, self.number, self.currency)
        if member is None or meant != (lot["reference"], lot["number"], lot["currency"]):
            raise AskThePages
        self.count(member)
        return client, member, self.locale(wish)
