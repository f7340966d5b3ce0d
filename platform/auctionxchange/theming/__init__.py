"""How pages look: themes of tokens and templates on one base, and the files that go with them."""

from auctionxchange.theming.install import install_theming

__all__ = ["install_theming"]
