"""The columns every account has, an operator's and a member's alike."""

import uuid
from datetime import datetime

from flask_security import RoleMixin, UserMixin
from sqlalchemy import BigInteger, Boolean, DateTime, Identity, Integer, Text, Uuid, func, text
from sqlalchemy.orm import Mapped, mapped_column


class RoleColumns(RoleMixin):
    """A role by its name."""

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    description: Mapped[str | None] = mapped_column(Text)


class AccountColumns(UserMixin):
    """An account: address, password hash, state, and when it was used."""

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    email: Mapped[str] = mapped_column(Text)
    password: Mapped[str | None] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text, server_default="")
    active: Mapped[bool] = mapped_column(Boolean, server_default=text("true"), default=True)
    fs_uniquifier: Mapped[str] = mapped_column(Text, unique=True)
    confirmed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.clock_timestamp()
    )
    last_login_at: Mapped[datetime | None] = mapped_column(  # type: ignore[assignment]
        DateTime(timezone=True)
    )
    current_login_at: Mapped[datetime | None] = mapped_column(  # type: ignore[assignment]
        DateTime(timezone=True)
    )
    last_login_ip: Mapped[str | None] = mapped_column(Text)
    current_login_ip: Mapped[str | None] = mapped_column(Text)
    login_count: Mapped[int] = mapped_column(Integer, server_default="0", default=0)


class SessionColumns:
    """One signed-in browser, so that it can be listed and signed out from elsewhere."""

    id: Mapped[uuid.UUID] = mapped_column(
        Uuid, primary_key=True, server_default=text("gen_random_uuid()"), default=uuid.uuid4
    )
    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.clock_timestamp()
    )
    last_seen_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.clock_timestamp()
    )
    user_agent: Mapped[str] = mapped_column(Text, server_default="")
    address: Mapped[str] = mapped_column(Text, server_default="")
    remembered: Mapped[bool] = mapped_column(Boolean, server_default=text("false"), default=False)
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
