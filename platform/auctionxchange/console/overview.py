"""The console's first page: what runs, how many houses there are, what was done last."""

from flask.typing import ResponseReturnValue
from flask_admin import expose

from auctionxchange.console import queries
from auctionxchange.console.tables import ForOperators
from auctionxchange.i18n import lazy_gettext as _l
from auctionxchange.site.requests import platform_session
from auctionxchange.tenancy.operations import HOUSE_TRANSITIONS
from auctionxchange.tenancy.resolver import CONSOLE_PATH


class OverviewView(ForOperators):
    """Services, houses and the latest acts on one page."""

    def __init__(self) -> None:
        super().__init__(
            _l("Overview"), category=_l("Exchange"), endpoint="overview", url=CONSOLE_PATH
        )

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Show the overview."""
        session = platform_session()
        return self.render(
            "console/overview.html",
            services=queries.services_seen(session),
            states=list(HOUSE_TRANSITIONS),
            counts=queries.houses_by_state(session),
            audit=queries.recent_audit(session),
            money=queries.money_attention(session),
        )
