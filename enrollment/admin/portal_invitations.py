"""The desk's page of invitations to register: those that nobody accepted yet, and one more (S2-08)."""

from typing import Any, cast

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from enrollment.domain import invitation_limits, invitation_links, invitations, registration_invitations
from enrollment.domain.invitations import Invitee
from enrollment.forms.portal_invitations import PortalInvitationForm
from enrollment.models import Invitation, Kind, State
from identity.admin.base import ReadOnlyAdmin, scope_of
from identity.models import Account
from identity.record.machine import NotPossible
from identity.tenancy import Scope

MOST_SHOWN = 100


class PortalInvitationAdmin(ReadOnlyAdmin):
    """One page of our own, for whoever decides the requests of a portal that people register for."""

    def within(self, rows: QuerySet[Invitation], scope: Scope) -> QuerySet[Invitation]:
        """Of the portals that they decide for, to register for: those of practices are their administrators'."""
        keys = [key for key in sorted(scope.portals) if registration_invitations.is_for(key)]
        return rows.filter(kind=Kind.PORTAL, portal_key__in=keys)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(_portals(request))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(_portals(request))

    def change_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A row has no page of its own."""
        raise Http404

    def history_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Nor this one."""
        raise Http404

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Whom to invite, and who was."""
        if not (portals := _portals(request)):
            raise Http404
        posted = request.POST if request.method == "POST" and "invite" in request.POST else None
        form, problem = PortalInvitationForm(posted, portals=portals), ""
        if request.method == "POST" and posted is None:
            self._act(request)
            return redirect("admin:enrollment_invitation_changelist")
        if posted is not None and form.is_valid():
            problem = _invite(request, form.cleaned_data)
            if not problem:
                return redirect("admin:enrollment_invitation_changelist")
        rows = self.get_queryset(request).filter(state=State.SENT).order_by("-last_sent_at")[:MOST_SHOWN]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Invitations to register"),
            "opts": self.opts,
            "form": form,
            "rows": [(row, invitation_links.ends_at(row)) for row in rows],
            "problem": problem,
        }
        status = 422 if problem or form.errors else 200
        return render(request, "admin/enrollment/portal_invitations.html", context, status=status)

    def _act(self, request: HttpRequest) -> None:
        """Send again, or take back."""
        by, now = cast(Account, request.user), timezone.now()
        row = self.found_or_404(request, request.POST.get("resend") or request.POST.get("cancel", ""))
        try:
            if "resend" in request.POST:
                invitations.resend(invitation=row, by=by, now=now)
                messages.success(request, _("We sent the invitation to %(email)s again.") % {"email": row.email})
            else:
                invitations.cancel(invitation=row, by=by, now=now)
                said = _("The invitation of %(email)s is canceled: its link opens nothing any more.")
                messages.success(request, said % {"email": row.email})
        except invitations.SentJustNow:
            messages.warning(request, _("It was sent a moment ago: the mail is on its way."))
        except (invitation_links.InvitationEnded, invitation_limits.TooManyToday, NotPossible):
            messages.warning(request, _("Nothing was sent: this invitation is over, or was sent too often."))


def _portals(request: HttpRequest) -> list[str]:
    return [key for key in sorted(scope_of(request).portals) if registration_invitations.is_for(key)]


def _invite(request: HttpRequest, typed: dict[str, Any]) -> str:
    """An empty text, or what went wrong."""
    invitee = Invitee(
        email=typed["email"],
        first_name=typed["first_name"],
        last_name=typed["last_name"],
        language=get_language() or "en",
    )
    try:
        registration_invitations.invite(
            portal_key=typed["portal"], invitee=invitee, role=typed["role"], market=typed["market"],
            by=cast(Account, request.user), now=timezone.now(),
        )  # fmt: skip
    except invitations.AlreadyInvited:
        return _("This address has an open invitation already: send that one again.")
    except invitations.OwnAddress:
        return _("This is your own address.")
    except (invitation_limits.TooManyOpen, invitation_limits.TooManyToday):
        return _("Nobody was invited: too many invitations are open, or were sent today.")
    messages.success(request, _("We sent an invitation to %(email)s.") % {"email": typed["email"]})
    return ""
