"""Why an address that several IDs share is refused, in the words of the document."""

from django.utils.translation import gettext as _

from accessforms.domain import own_address


def sentence(refused: own_address.Shared) -> str:
    """What the page says (S2-05, S2-26)."""
    if refused.is_in_system:
        return _(
            "A request is already in the system with the email you're trying to use. If the email is a shared "
            "address, register again with a unique email address. Work with your coworkers to decide who will/won't "
            "use the shared address."
        )
    return _(
        "Ensure you use a unique email address (shared email addresses will prevent registration approval in Optum "
        "Pro)."
    )
