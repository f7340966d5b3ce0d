"""Operators of the platform: their accounts, roles and sessions, apart from every house's."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from auctionxchange.accounts.columns import AccountColumns, RoleColumns, SessionColumns
from auctionxchange.kernel.database import PlatformBase
from auctionxchange.tenancy.models import EXCHANGE

operator_roles = Table(
    "operator_roles",
    PlatformBase.metadata,
    Column(
        "operator_id", ForeignKey(f"{EXCHANGE}.operator.id", ondelete="CASCADE"), primary_key=True
    ),
    Column("role_id", ForeignKey(f"{EXCHANGE}.operator_role.id"), primary_key=True),
    schema=EXCHANGE,
)


class OperatorRole(RoleColumns, PlatformBase):
    """What an operator may do: owner, support, finance or read-only."""

    __tablename__ = "operator_role"
    __table_args__ = {"schema": EXCHANGE}


class Operator(AccountColumns, PlatformBase):
    """A person who runs the exchange."""

    __tablename__ = "operator"
    __table_args__ = (
        Index("operator_email", text("lower(email)"), unique=True),
        {"schema": EXCHANGE},
    )

    roles: Mapped[list[OperatorRole]] = relationship(  # type: ignore[assignment]
        secondary=operator_roles, lazy="selectin"
    )


class OperatorSession(SessionColumns, PlatformBase):
    """An operator's signed-in browser."""

    __tablename__ = "operator_session"
    __table_args__ = {"schema": EXCHANGE}

    operator_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey(f"{EXCHANGE}.operator.id", ondelete="CASCADE"), index=True
    )
