"""The pictures of a lot: added, described, put in order, taken away.

Files are named by their content and belong to the house; they go when the last picture of the
house that shows them has gone, after the commit that took it away.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import IO

from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.catalogue import imaging
from auctionhouse.catalogue.locks import lock_lot
from auctionhouse.catalogue.models import Lot, Picture
from auctionhouse.plan import limits
from auctionxchange.kernel.database import HouseSession
from auctionxchange.kernel.errors import NotFound
from auctionxchange.kernel.storage import Storage

LONGEST_NAME = 200


def lot_pictures(session: Session, lot_id: int) -> Sequence[Picture]:
    """Return a lot's pictures in their order."""
    query = select(Picture).where(Picture.lot_id == lot_id).order_by(Picture.position, Picture.id)
    return session.scalars(query).all()


def add_picture(
    session: HouseSession,
    storage: Storage,
    lot_id: int,
    file: IO[bytes],
    alt: str = "",
    *,
    name: str = "",
    actor: int | None = None,
) -> Picture:
    """Put a picture at the end of a lot's; the same file twice on one lot is one picture.

    Raises imaging.PictureRefused with the reason, PlanLimit, and NotFound for an unknown lot.
    """
    content = file.read(imaging.LARGEST_BYTES + 1)
    digest = sha256(content).hexdigest()
    if _kept(session, digest) is None:
        limits.check(session, "storage", adding=len(content))
    measure = _kept(session, digest) or _keep(session, storage, digest, content)
    lot = lock_lot(session, lot_id)
    present = lot_pictures(session, lot_id)
    for picture in present:
        if picture.digest == digest:
            return picture
    picture = Picture(
        lot_id=lot_id,
        position=1 + max((other.position for other in present), default=0),
        alt=alt.strip(),
        digest=digest,
        width=measure.width,
        height=measure.height,
        colour=measure.colour,
        bytes=len(content),
        original_name=name[-LONGEST_NAME:],
    )
    session.add(picture)
    session.flush()
    _changed(session, lot, "picture.add", actor, picture=picture.id, digest=digest)
    return picture


def describe_picture(session: Session, picture_id: int, alt: str, *, actor: int | None) -> None:
    """Set the text for those who cannot see the picture."""
    picture = _picture(session, picture_id)
    if picture.alt != alt.strip():
        picture.alt = alt.strip()
        lot = lock_lot(session, picture.lot_id)
        _changed(session, lot, "picture.describe", actor, picture=picture_id)


def order_pictures(
    session: Session, lot_id: int, picture_ids: Sequence[int], *, actor: int | None
) -> None:
    """Put the named pictures first in the given order; others follow as they were."""
    lot = lock_lot(session, lot_id)
    wanted = {picture_id: place for place, picture_id in enumerate(picture_ids)}
    present = lot_pictures(session, lot_id)
    ordered = sorted(present, key=lambda picture: wanted.get(picture.id, len(wanted)))
    if [picture.id for picture in ordered] == [picture.id for picture in present]:
        return
    for position, picture in enumerate(ordered, start=1):
        picture.position = position
    _changed(session, lot, "picture.order", actor, order=[picture.id for picture in ordered])


def delete_picture(
    session: HouseSession, storage: Storage, picture_id: int, *, actor: int | None
) -> None:
    """Take a picture from its lot; raises NotFound."""
    picture = _picture(session, picture_id)
    lot = lock_lot(session, picture.lot_id)
    digest = picture.digest
    session.delete(picture)
    session.flush()
    _changed(session, lot, "picture.delete", actor, picture=picture_id, digest=digest)
    if not _shown_anywhere(session, digest):
        # Not before the commit: a rolled back deletion must find its files again.
        event.listen(session, "after_commit", lambda done: storage.delete(done, digest), once=True)


def _keep(session: HouseSession, storage: Storage, digest: str, content: bytes) -> imaging.Measure:
    rendered = imaging.render(content)
    for variant, made in rendered.variants.items():
        storage.put(session, digest, variant, made)
    return rendered.measure


def _kept(session: Session, digest: str) -> imaging.Measure | None:
    """Return what is known of a file that another picture of the house shows."""
    row = session.execute(
        select(Picture.width, Picture.height, Picture.colour)
        .where(Picture.digest == digest)
        .limit(1)
    ).first()
    return None if row is None else imaging.Measure(row.width, row.height, row.colour)


def _shown_anywhere(session: Session, digest: str) -> bool:
    query = select(func.count()).select_from(Picture).where(Picture.digest == digest)
    return bool(session.scalar(query))


def _picture(session: Session, picture_id: int) -> Picture:
    picture = session.get(Picture, picture_id)
    if picture is None:
        raise NotFound
    return picture


def _changed(session: Session, lot: Lot, action: str, actor: int | None, **detail: object) -> None:
    lot.version += 1
    audit.record(session, action, f"lot:{lot.id}", actor=actor, **detail)
