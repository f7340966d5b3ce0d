"""Which short names a house may have."""

import re

from auctionxchange.kernel.errors import Invalid
from auctionxchange.kernel.translation import gettext as _

_FORM = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
LONGEST = 40

RESERVED = frozenset(
    """
    about account accounts admin api app apex assets auction auctions autodiscover billing blog cdn
    console dashboard demo dev docs exchange ftp gateway healthz help host imap internal jobs live
    localhost login mail media metrics mx ns ns1 ns2 operator operators platform pop postmaster
    public root secure security smtp staging static status stripe support system test theme themes
    webhook webhooks webmail www
    """.split()
)


class SlugInvalid(Invalid):
    """The short name cannot be a host name's first part."""

    code = "slug_invalid"

    def message(self) -> str:
        return _(
            "A short name has 2 to %(longest)s letters a–z, digits and single hyphens, and starts "
            "with a letter.",
            longest=LONGEST,
        )


class SlugReserved(Invalid):
    """The exchange uses this name itself."""

    code = "slug_reserved"

    def message(self) -> str:
        return _("“%(slug)s” is kept for the exchange itself. Choose another name.", **self.fields)


def checked_slug(text: str) -> str:
    """Return the slug; raises SlugInvalid or SlugReserved."""
    if not _FORM.fullmatch(text) or not 2 <= len(text) <= LONGEST:  # noqa: PLR2004
        raise SlugInvalid(slug=text)
    if text in RESERVED or text.startswith(("xn--", "t-")):
        raise SlugReserved(slug=text)
    return text
