"""What a sale asks of bidders who want to bid above a limit."""

from sqlalchemy import BigInteger, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from auctionhouse.columns import Minor
from auctionxchange.kernel.database import HouseBase


class SaleDeposit(HouseBase):
    """A hold on the card, or a deposit paid, without which nobody bids above a limit on a lot."""

    __tablename__ = "sale_deposit"

    sale_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("sale.id"), primary_key=True, autoincrement=False
    )
    way: Mapped[str] = mapped_column(Text)
    amount: Mapped[Minor]
    above: Mapped[Minor]


class DepositMoney(HouseBase):
    """What of a deposit's payment stands in the ledger, so that news told twice is posted once."""

    __tablename__ = "deposit_money"

    payment_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("payment.id"), primary_key=True, autoincrement=False
    )
    taken_in: Mapped[int] = mapped_column(BigInteger, server_default="0", default=0)
    given_back: Mapped[int] = mapped_column(BigInteger, server_default="0", default=0)
