"""gettext for Python code, the same functions in every plane."""

from auctionxchange.kernel.translation import gettext, lazy_gettext, ngettext

__all__ = ["gettext", "lazy_gettext", "ngettext"]
