"""What simulated bidders say to offers after a sale: most decline, so others get their turn."""

from collections.abc import Iterator

from sqlalchemy import Connection, text

from auctionhouse.demo.people import BIDDERS, simulated

THINK_SECONDS = 40
ACCEPTS_ONE_OF = 3
_OFFERS = text(
    "SELECT o.id, m.email FROM lot_offer o JOIN client c ON c.id = o.client_id"
    " JOIN member m ON m.id = c.member_id WHERE o.kind = 'underbidder'"
    " AND o.state = 'with_bidder' AND o.expires_at - make_interval(secs => o.lasts_s)"
    " < clock_timestamp() - make_interval(secs => :think) ORDER BY o.id"
)


def answers(connection: Connection) -> Iterator[tuple[int, int, str]]:
    """Yield offers that are to be answered now, by which simulated bidder and how."""
    numbers = {simulated(number): number for number in range(1, BIDDERS + 1)}
    for row in connection.execute(_OFFERS, {"think": THINK_SECONDS}):
        if row.email in numbers:
            act = "decline" if row.id % ACCEPTS_ONE_OF else "accept"
            yield row.id, numbers[row.email], act
