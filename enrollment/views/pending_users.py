""" "Manage Pending Users": who was invited and has not registered yet; sending again, canceling (S4-20..24)."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from enrollment.domain import invitation_limits, invitations, pending_users, people
from enrollment.domain.invitation_links import InvitationEnded
from enrollment.forms.people import AddressForm
from enrollment.models import Invitation, Kind
from enrollment.views.people import LIMITS, REFUSED, office_of, says, show, to, while_administrator
from identity.record.machine import NotPossible
from portals.entry.admission import PortalRequest
from portals.entry.portal_page import portal_page
from rbac.roles import ADMINISTRATOR


@portal_page(methods="read", practice=ADMINISTRATOR)
def pending(request: PortalRequest) -> HttpResponse:
    """Only the reader's own (S4-22), until they register or their days are over (S4-23)."""
    now, after = timezone.now(), request.GET.get("after", "")
    page = pending_users.page(office=office_of(request), owner=request.user, after=after, now=now)
    return show(request, "pending", page=page, is_first=not after)


@portal_page(methods="button", practice=ADMINISTRATOR)
@while_administrator
def resend(request: PortalRequest, invitation_id: UUID) -> HttpResponse:
    """Send the link again (S4-21)."""
    return _act(request, pending_users.resend, invitation_id, _("We sent the invitation to %(email)s again."))


@portal_page(methods="button", practice=ADMINISTRATOR)
@while_administrator
def cancel(request: PortalRequest, invitation_id: UUID) -> HttpResponse:
    """Take it back (S4-21)."""
    said = _("The invitation of %(email)s is canceled: its link opens nothing any more.")
    return _act(request, pending_users.cancel, invitation_id, said)


@portal_page(practice=ADMINISTRATOR)
@while_administrator
def correct(request: PortalRequest, invitation_id: UUID) -> HttpResponse:
    """ "Correct the address": one press takes the invitation back and sends another one (S4-21)."""
    row = _own(request, invitation_id)
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            sent = pending_users.correct(
                office=office_of(request),
                invitation=row,
                email=form.cleaned_data["email"],
                by=request.user,
                now=timezone.now(),
            )
        except (InvitationEnded, NotPossible):
            messages.warning(request, _("Nothing was changed: the invitation has ended meanwhile."))
            return to(request, "people_pending")
        except (people.AlreadyMember, invitations.SameAddress, *REFUSED) as refused:
            form.add_error("email" if not isinstance(refused, LIMITS) else None, says(refused))
        else:
            told = {"name": row.full_name, "email": sent.email}
            messages.success(request, _("We sent a new invitation to %(name)s at %(email)s.") % told)
            return to(request, "people_pending")
    return show(request, "correct", form=form, invitation=row)


def _own(request: PortalRequest, invitation_id: UUID) -> Invitation:
    """An invitation that the reader sees; others are not found."""
    office = office_of(request)
    own = Invitation.objects.owned_by(request.user).filter(
        practice=office.practice, portal_key=office.portal_key, kind=Kind.OFFICE_USER
    )
    return get_object_or_404(own, pk=invitation_id)


def _act(request: PortalRequest, act: Callable[..., Invitation], invitation_id: UUID, said: str) -> HttpResponse:
    """One domain call on an invitation that the reader sees."""
    row = _own(request, invitation_id)
    try:
        act(office=office_of(request), invitation=row, by=request.user, now=timezone.now())
        messages.success(request, said % {"email": row.email})
    except (InvitationEnded, NotPossible):
        messages.warning(request, _("Nothing was changed: the invitation has ended meanwhile."))
    except invitations.SentJustNow:
        messages.warning(request, _("We sent it a moment ago: the mail is on its way."))
    except invitation_limits.TooManyToday as refused:
        messages.warning(request, says(refused))
    return to(request, "people_pending")
