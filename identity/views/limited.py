"""Forms that may be sent so often only: whether a limit lets one through, said in the form where it does not."""

from collections.abc import Callable

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.allauth_seam import get_client_ip
from identity.codes import attempts
from identity.factors.forms.codes import wait_text
from identity.models import is_signed_in


def lets_through(form: forms.BaseForm, check: Callable[[], None], *, field: str | None, says: str) -> bool:
    """Whether a check of identity.codes.attempts passes; else the form says so at the field, and how long to wait."""
    try:
        check()
    except attempts.TooManyAttempts as refused:
        form.add_error(field, f"{says} {wait_text(refused.wait)}")
        return False
    return True


def may_write(
    request: HttpRequest, form: forms.BaseForm, *, who: str, field: str | None = "text", says: str = ""
) -> bool:
    """Whether this person, or whoever writes from this network, may send another message. `who` may be an address that
    was typed: what a stranger sends in somebody's name is counted apart from what that person sends."""
    address = get_client_ip(request)
    writer = request.user.pk if is_signed_in(request) else address

    def check() -> None:
        attempts.check_can_write(who=f"{who} {writer}", address=address, now=timezone.now())

    return lets_through(form, check, field=field, says=says or _("You have sent many messages."))
