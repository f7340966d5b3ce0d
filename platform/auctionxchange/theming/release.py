"""One short text that changes whenever templates, styles, scripts or texts do.

It stands in every page's version, so that a new release is not taken for an unchanged page.
"""

from functools import cache
from hashlib import sha256

from auctionxchange.kernel.config import REPOSITORY

FOLDERS = ("themes", "platform", "tenants")
SUFFIXES = {".html", ".txt", ".css", ".js", ".toml", ".po", ".py"}


@cache
def release_digest() -> str:
    """Return the digest of everything pages are made from, read once a process."""
    digest = sha256()
    for folder in FOLDERS:
        for path in sorted((REPOSITORY / folder).rglob("*")):
            if path.suffix in SUFFIXES:
                digest.update(path.relative_to(REPOSITORY).as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
