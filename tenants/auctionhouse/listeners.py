"""Every capability that is told what happens in another, imported in one place.

Whoever runs a house's operations outside the app imports this: without it they would do their part
and nobody would hear of it.
"""

from auctionhouse.collecting import listening as collecting
from auctionhouse.deposits import afterwards as deposits
from auctionhouse.handover import listening as handover
from auctionhouse.invoicing import by_card as invoicing

__all__ = ["collecting", "deposits", "handover", "invoicing"]
