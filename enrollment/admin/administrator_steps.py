"""The steps at the desk of an administrator request, and what hindered one, in words."""

from collections.abc import Callable
from typing import cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from enrollment.domain import administrator_decisions, administrator_requests, invitation_limits, invitations
from enrollment.domain.invitation_links import InvitationEnded, Standing
from enrollment.models import AdministratorRequest, Invitation
from identity.factors.forms.base import AddressField
from identity.models import Account
from identity.policy import text
from identity.record import machine
from rbac.domain import approvals, hand_overs

STANDINGS = {
    Standing.OPEN: pgettext_lazy("invitation", "sent"),
    Standing.LINK_ENDED: pgettext_lazy("invitation", "link ended"),
    Standing.LAPSED: pgettext_lazy("invitation", "lapsed"),
    Standing.CANCELED: pgettext_lazy("invitation", "canceled"),
    Standing.ACCEPTED: pgettext_lazy("invitation", "accepted"),
}
PENDING = (Standing.OPEN, Standing.LINK_ENDED)


def take_step(request: HttpRequest, row: AdministratorRequest) -> str:
    """Take the step that was pressed and say what was done; answers what hindered it."""
    pressed = request.POST.get("step", "")
    step = _STEPS.get(pressed, _decide)
    try:
        messages.success(request, step(request, row, cast(Account, request.user)))
    except (administrator_decisions.OwnRequest, invitations.OwnAddress):
        return _("This request names you. A colleague decides it.")
    except hand_overs.NoNumberOnFile:
        return _(
            "Nothing was changed: this practice has administrators, and no number on file, or one that was written "
            "down a moment ago and proves nothing. Return or deny the request."
        )
    except administrator_decisions.HasAdministrators:
        return _(
            "Nothing was changed: this practice has administrators. Call it at the number on file first, and tick the "
            "box if it agrees."
        )
    except approvals.MayNotDecide as error:  # since the page was opened
        raise Http404 from error
    except machine.ReasonMissing:
        return _("Enter a reason: the applicant reads it.")
    except (machine.NotPossible, InvitationEnded):
        messages.error(request, _("Nothing was changed: a colleague or the applicant was quicker."))
        if reason := _reason(request):
            messages.info(request, _("You had written: %(reason)s") % {"reason": reason})
    except invitations.AlreadyInvited:
        return _("Nothing was changed: one of these addresses has an open invitation to this practice already.")
    except invitations.SentJustNow:
        return _("It was sent a moment ago. Wait a little before you send it again.")
    except invitation_limits.TooManyToday:
        return _("Nothing was sent: this practice has had its fifty invitations of a day, or this one its twenty.")
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "").replace("\0", "")


def _seen(request: HttpRequest) -> int:
    typed = request.POST.get("version", "")
    return int(typed) if text.is_number(typed) else -1


def _take(request: HttpRequest, row: AdministratorRequest, by: Account) -> str:
    administrator_decisions.take(request=row, by=by, now=timezone.now())
    return _("The request is yours.")


def _release(request: HttpRequest, row: AdministratorRequest, by: Account) -> str:
    administrator_decisions.release(request=row, by=by, now=timezone.now())
    return _("The request is free for your colleagues.")


def _decide(request: HttpRequest, row: AdministratorRequest, by: Account) -> str:
    decided = administrator_decisions.decide(
        request=row,
        to=request.POST.get("step", ""),
        by=by,
        now=timezone.now(),
        seen=_seen(request),
        reason=_reason(request),
        has_called="has_called" in request.POST,
    )
    told = {"number": decided.number, "step": administrator_requests.MACHINE.events[decided.state].title}
    return _("%(number)s: %(step)s. The applicant is told by mail.") % told


def _resend(request: HttpRequest, row: AdministratorRequest, by: Account) -> str:
    sent = administrator_decisions.resend(request=row, invitation=_chosen(request, row), by=by, now=timezone.now())
    return _("The invitation was sent again to %(email)s.") % {"email": sent.email}


def _invite_anew(request: HttpRequest, row: AdministratorRequest, by: Account) -> str:
    email = AddressField(label=_("E-mail"), max_length=254).clean(text.email(request.POST.get("email", "")))
    sent = administrator_decisions.invite_anew(
        request=row, invitation=_chosen(request, row), email=email, by=by, now=timezone.now()
    )
    return _("A new invitation was sent to %(email)s. The one before counts no longer.") % {"email": sent.email}


def _chosen(request: HttpRequest, row: AdministratorRequest) -> Invitation:
    """The invitation of this request that was pressed beside. Raises NotPossible for any other."""
    typed = request.POST.get("invitation", "")
    found = {str(one.pk): one for one in administrator_decisions.invitations_of(row)}
    if typed not in found:
        raise machine.NotPossible(row)
    return found[typed]


_STEPS: dict[str, Callable[[HttpRequest, AdministratorRequest, Account], str]] = {
    "take": _take,
    "release": _release,
    "resend": _resend,
    "invite anew": _invite_anew,
}
