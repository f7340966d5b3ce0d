"""Rows of the catalogue taken for writing; a sale always before its lots, a lot before its state.

The key stays shared: whoever only refers to the row, as a bid's entry refers to its lot, neither
waits for an editor nor makes the editor wait.
"""

from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionhouse.catalogue.models import Lot, Sale
from auctionxchange.kernel.errors import NotFound

Row = TypeVar("Row")


def lock_sale(session: Session, sale_id: int) -> Sale:
    """Hold a sale's row to the end of the transaction; raises NotFound."""
    query = select(Sale).where(Sale.id == sale_id).with_for_update(key_share=True)
    return _found(session.scalars(query.execution_options(populate_existing=True)).one_or_none())


def lock_lot(session: Session, lot_id: int) -> Lot:
    """Hold a lot's row to the end of the transaction; raises NotFound."""
    query = select(Lot).where(Lot.id == lot_id).with_for_update(key_share=True)
    return _found(session.scalars(query.execution_options(populate_existing=True)).one_or_none())


def _found(row: Row | None) -> Row:
    if row is None:
        raise NotFound
    return row
