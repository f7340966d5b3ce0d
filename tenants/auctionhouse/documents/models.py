"""Documents as they were issued: the file stays, whatever its house changes later."""

from sqlalchemy import BigInteger, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from auctionhouse.columns import CreatedAt, Identifier
from auctionxchange.kernel.database import HouseBase


class KeptDocument(HouseBase):
    """A document's file: kind and subject_id say of what, the digest where it is kept."""

    __tablename__ = "kept_document"
    __table_args__ = (
        UniqueConstraint("kind", "subject_id", name="kept_document_once"),
        {"comment": "append-only"},
    )

    id: Mapped[Identifier]
    kind: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[int] = mapped_column(BigInteger)
    locale: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(Text)
    made_at: Mapped[CreatedAt]
