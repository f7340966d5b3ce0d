"""How each legal entity collects, and what was done about invoices that stayed unpaid."""

from datetime import date
from decimal import Decimal

from sqlalchemy import ARRAY, BigInteger, ForeignKey, Index, Integer, Numeric, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from auctionhouse.columns import CreatedAt, Identifier, Minor
from auctionxchange.kernel.database import HouseBase


class CollectingRules(HouseBase):
    """A legal entity's rules; days count from the day an invoice is due, amounts are minor units.

    Interest is charged at reference and margin together, per cent a year.
    """

    __tablename__ = "collecting_rules"

    entity_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("legal_entity.id"), primary_key=True, autoincrement=False
    )
    reminder_days: Mapped[list[int]] = mapped_column(
        ARRAY(Integer), server_default=text("'{3,10,21}'")
    )
    interest_reference: Mapped[Decimal | None] = mapped_column(Numeric(6, 3))
    interest_margin: Mapped[Decimal | None] = mapped_column(Numeric(6, 3))
    interest_after_days: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    storage_after_days: Mapped[int | None] = mapped_column(Integer)
    storage_fee: Mapped[Minor | None]
    storage_vat: Mapped[Decimal] = mapped_column(Numeric(6, 3), server_default=text("0"))
    at_close: Mapped[str] = mapped_column(Text, server_default=text("'nothing'"))
    charge: Mapped[str] = mapped_column(Text, server_default=text("'nothing'"))
    charge_up_to: Mapped[Minor | None]
    charge_after_hours: Mapped[int] = mapped_column(Integer, server_default=text("24"))
    link_days: Mapped[int] = mapped_column(Integer, server_default=text("3"))
    changed_at: Mapped[CreatedAt]


class InvoiceReminder(HouseBase):
    """A reminder that was sent, once for each step of the schedule."""

    __tablename__ = "invoice_reminder"
    __table_args__ = {"comment": "append-only"}

    invoice_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("invoice.id"), primary_key=True, autoincrement=False
    )
    step: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    due: Mapped[Minor]
    sent_at: Mapped[CreatedAt]


class LateCharge(HouseBase):
    """What an invoice's lateness was charged with, up to which day, and by which invoice."""

    __tablename__ = "late_charge"
    __table_args__ = (Index("late_charge_invoice", "invoice_id"), {"comment": "append-only"})

    id: Mapped[Identifier]
    invoice_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("invoice.id"))
    charged_by: Mapped[int] = mapped_column(BigInteger, ForeignKey("invoice.id"))
    kind: Mapped[str] = mapped_column(Text)
    until: Mapped[date]
    amount: Mapped[Minor]


class NonpayerStep(HouseBase):
    """One act on the way of somebody who does not pay, with its reason."""

    __tablename__ = "nonpayer_step"
    __table_args__ = (Index("nonpayer_step_client", "client_id"), {"comment": "append-only"})

    id: Mapped[Identifier]
    invoice_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("invoice.id"))
    client_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("client.id"))
    act: Mapped[str] = mapped_column(Text)
    lot_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("lot.id"))
    reason: Mapped[str] = mapped_column(Text)
    actor_member_id: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[CreatedAt]


class SaleClosing(HouseBase):
    """A closed sale whose pro-formas and deposits were seen to."""

    __tablename__ = "sale_closing"
    __table_args__ = {"comment": "append-only"}

    sale_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("sale.id"), primary_key=True, autoincrement=False
    )
    done_at: Mapped[CreatedAt]
