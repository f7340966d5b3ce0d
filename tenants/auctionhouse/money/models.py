"""Artists whose works are sold: one file each, not a tick on a lot."""

from sqlalchemy import CheckConstraint, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from auctionhouse.columns import CreatedAt, Identifier
from auctionxchange.kernel.database import HouseBase


class Artist(HouseBase):
    """What the resale right asks of an artist."""

    __tablename__ = "artist"
    __table_args__ = (
        CheckConstraint("nationality ~ '^[A-Z]{2}$'", name="artist_nationality"),
        CheckConstraint("died >= born", name="artist_died_after_birth"),
        CheckConstraint("name <> ''", name="artist_name"),
    )

    id: Mapped[Identifier]
    name: Mapped[str] = mapped_column(Text, unique=True)
    nationality: Mapped[str] = mapped_column(Text)
    born: Mapped[int | None] = mapped_column(Integer)
    died: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[CreatedAt]
