"""Documents that stay as they were issued: set once, then kept in the house's storage.

The worker sets them soon after their release; whoever asks before gets the same file, made then.
"""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from auctionhouse.documents.brand import current_brand
from auctionhouse.documents.invoices import invoice
from auctionhouse.documents.models import KeptDocument
from auctionhouse.documents.readers import locale_of, read_by
from auctionhouse.invoicing.models import Invoice
from auctionhouse.invoicing.queries import InvoicePage, invoice_page, issued_page
from auctionxchange.i18n.formats import house_zone
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.storage import FileMissing, Storage
from auctionxchange.tenancy.current import current_house

INVOICE = "invoice"
VARIANT = "document.pdf"


def invoice_file(session: Session, storage: Storage, static_root: Path, found: Invoice) -> bytes:
    """Return an invoice as PDF in its buyer's language; a released one as it was issued."""
    if found.number is None:
        return _set(session, static_root, invoice_page(session, found.id))
    return kept_file(
        session, storage, kind=INVOICE, subject_id=found.id, client_id=found.client_id,
        make=lambda: _set(session, static_root, issued_page(session, found)),
    )  # fmt: skip


def kept_file(
    session: Session,
    storage: Storage,
    *,
    kind: str,
    subject_id: int,
    client_id: int,
    make: Callable[[], bytes],
) -> bytes:
    """Return a document of a kind as it was first made for its client, made now if it never was."""
    kept = _kept(session, storage, kind, subject_id)
    if kept is not None:
        return kept
    made = make()
    locale = locale_of(session, client_id)
    _keep(session, storage, made, kind=kind, subject_id=subject_id, locale=locale)
    return made


def _set(session: Session, static_root: Path, page: InvoicePage) -> bytes:
    today = database_now(session).astimezone(house_zone()).date()
    with read_by(session, page.invoice.client_id):
        return invoice(page, today, current_brand(), static_root)


def _kept(session: Session, storage: Storage, kind: str, subject_id: int) -> bytes | None:
    digest = session.scalar(
        select(KeptDocument.digest).where(
            KeptDocument.kind == kind, KeptDocument.subject_id == subject_id
        )
    )
    if digest is None:
        return None
    try:
        with storage.open(current_house(), digest, VARIANT) as stream:
            return stream.read()
    except FileMissing:
        return None


def _keep(session: Session, storage: Storage, made: bytes, **names: Any) -> None:
    """Keep a file before the row that names it; of two made at once the first row stays."""
    digest = sha256(made).hexdigest()
    storage.put(current_house(), digest, VARIANT, made)
    session.execute(insert(KeptDocument).values(digest=digest, **names).on_conflict_do_nothing())
