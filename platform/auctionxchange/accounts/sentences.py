"""What the account pages and mails say, in our words and from our catalogues.

Flask-Security asks one object for all its texts. Ours knows what each of its English sentences is
called here, so that a house's language and wording reach labels, errors and subjects alike; a
sentence it does not know is looked up as it is.
"""

from collections.abc import Mapping
from typing import Any

from auctionxchange.kernel.translation import gettext
from auctionxchange.kernel.translation import lazy_gettext as _

OURS: Mapping[str, Any] = {
    "Email Address": _("E-mail address"),
    "Password": _("Password"),
    "New Password": _("New password"),
    "Remember Me": _("Keep me signed in on this device"),
    "Authentication failed - identity or password/passcode invalid": _(
        "Address and password do not fit together, or the address is not confirmed yet."
    ),
    "You must sign in to view this resource.": _("Please sign in to see this page."),
    "You must reauthenticate to access this endpoint": _("Please enter your password once more."),
    "You can only access this endpoint when not logged in.": _("You are signed in already."),
    "You do not have permission to view this resource.": _("You are not allowed to do this."),
    "Reauthentication successful": _("Thank you. Go on."),
    "Thank you. To confirm your email address %(email)s, please click on the link in the email"
    " we have just sent to you.": _(
        "Almost done: we sent a mail to %(email)s. Open the link in it to confirm your address."
    ),
    "Thank you. Your email has been confirmed.": _(
        "Your address is confirmed. You can sign in now."
    ),
    "Your email has already been confirmed.": _("Your address is confirmed already."),
    "Invalid confirmation token.": _("This link is not valid, or it was used before."),
    "Confirmation instructions have been sent to %(email)s.": _(
        "If %(email)s still has to be confirmed, a mail with a new link is on its way."
    ),
    "You did not confirm your email within %(within)s. ": _(
        "This link was valid for %(within)s. Have a new one sent."
    ),
    "Instructions to reset your password have been sent to %(email)s.": _(
        "If %(email)s has an account here, a mail with a link is on its way."
    ),
    "You did not reset your password within %(within)s. ": _(
        "This link was valid for %(within)s. Ask for a new one."
    ),
    "Invalid reset password token.": _("This link is not valid, or it was used before."),
    "You successfully reset your password. Please authenticate using your new password.": _(
        "Your new password is set. Sign in with it."
    ),
    "You successfully changed your password.": _("Your password was changed."),
    "Your new password must be different than your previous password.": _(
        "This is the password you have. Choose another one."
    ),
    "Password must be at least %(length)s characters": _("Use %(length)s characters or more."),
    "Password not provided": _("Enter your password."),
    "Invalid password": _("This is not your password."),
    "Email not provided": _("Enter your e-mail address."),
    "Invalid email address": _("This is not an e-mail address. Check the part after the @."),
    "Value entered is not valid for the field": _("Please check what you typed."),
    "%(email)s is already associated with an account.": _("%(email)s has an account already."),
    "Instructions to confirm your new email address have been sent to %(email)s.": _(
        "We sent a mail to %(email)s. The address counts once you open the link in it."
    ),
    "Confirmation must be completed within %(within)s. Please start over.": _(
        "This link was valid for %(within)s. Ask for the change once more."
    ),
    "Change of email address confirmed": _("Your new address counts from now on."),
    "Input not appropriate for requested API": _("This link is not valid, or it was used before."),
    "Welcome": _("Welcome: please confirm your address"),
    "Please confirm your email": _("Please confirm your address"),
    "Confirm your new email address": _("Please confirm your new address"),
    "Password reset instructions": _("Set a new password"),
    "Your password has been reset": _("Your password was set anew"),
    "Your password has been changed": _("Your password was changed"),
}
"""Flask-Security's sentence to ours."""


class AccountTexts:
    """Stands where Flask-Security keeps its translations."""

    def gettext(self, string: str, **variables: Any) -> str:
        """Return our sentence in the reader's language, its variables filled in."""
        ours = OURS.get(string)
        if ours is None:
            return gettext(string, **variables)
        return str(ours) % variables if variables else str(ours)
