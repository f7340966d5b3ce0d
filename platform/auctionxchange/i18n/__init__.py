"""Languages: what the code says, in the reader's language and with the house's own wording.

Texts come from committed .po catalogues; numbers, money, dates and times are written as the
reader expects, in the house's time zone.
"""

from auctionxchange.i18n.install import install_i18n
from auctionxchange.i18n.messages import gettext, lazy_gettext, ngettext

__all__ = ["gettext", "install_i18n", "lazy_gettext", "ngettext"]
