"""Why a request is not taken, decided or done, and what helps."""

from auctionxchange.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from auctionxchange.kernel.translation import gettext as _


class RequestUnknown(NotFound):
    """No request of this house has this number."""

    code = "request_unknown"

    def message(self) -> str:
        return _("There is no such request.")


class ReasonNeeded(Invalid):
    """Another person is to agree and must know why."""

    code = "reason_needed"

    def message(self) -> str:
        return _("Say why, in at most %(most)s characters: whoever approves reads it.", most=500)


class AlreadyWaiting(Conflict):
    """Something else was asked about the same thing and waits."""

    code = "already_waiting"

    def message(self) -> str:
        return _(
            "A request about this waits already. Have it decided or withdraw it, then ask again."
        )


class AskedTwice(Conflict):
    """The same form was sent twice with different contents."""

    code = "asked_twice"

    def message(self) -> str:
        return _("This form was sent already. Open it again to ask for something else.")


class NotWaiting(Conflict):
    """It was decided, withdrawn, or is out of date."""

    code = "not_waiting"

    def message(self) -> str:
        return _("This request is closed already. Nothing was done now.")


class Expired(Conflict):
    """Nobody decided in time."""

    code = "request_expired"

    def message(self) -> str:
        return _("This request has expired. Nothing was done; it can be asked for again.")


class ContentsChanged(Conflict):
    """What was on the reader's page is not what the request says."""

    code = "contents_changed"

    def message(self) -> str:
        return _("The page you saw is out of date. Read the request again before you decide.")


class MayNotDecide(Forbidden):
    """The rule keeps this person from deciding; fields: why (own, role, owner)."""

    code = "may_not_decide"

    def message(self) -> str:
        texts = {
            "own": _("You asked for this yourself: another person has to decide."),
            "role": _("Your role may not decide this."),
            "owner": _("One of the two has to be an owner. Please ask an owner to decide."),
        }
        return texts[self.fields["why"]]


class OnlyTheAsker(Forbidden):
    """Only who asked may withdraw."""

    code = "only_the_asker"

    def message(self) -> str:
        return _("Only who asked can withdraw this. You can decline it.")


class NotSwitchable(Conflict):
    """The rule about the rule always holds."""

    code = "not_switchable"

    def message(self) -> str:
        return _("This always needs two people.")
