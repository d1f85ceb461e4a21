"""Security Management: the people of a practice, for its administrators (S4-16..19, D-11)."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from enrollment.domain import invitation_limits, invitation_links, invitations, pending_users, people, people_search
from enrollment.domain.people import Office
from enrollment.forms.people import OFFICE_INFORMATION, USER_INFORMATION, NewUserForm, PersonForm, practice_office
from enrollment.models import Invitation
from identity.policy import lifecycle, zones
from portals import registry
from portals.entry.admission import PortalRequest
from portals.entry.portal_page import portal_page
from portals.spec import PortalSpec
from rbac.domain import grants, memberships, reviews
from rbac.models import Membership
from rbac.roles import ADMINISTRATOR

ON_A_PAGE = 50
_FIRST = 20  # invitations before the people: as many as one administrator may have open


def office_of(request: PortalRequest) -> Office:
    """The practice that the path names, behind this portal's door."""
    return Office(practice=request.membership.practice, portal_key=request.portal.key)


def show(request: PortalRequest, template: str, *, folder: str = "people", **context: Any) -> HttpResponse:
    """A page of a practice's people, with the switcher for whoever runs several."""
    own = [row.practice for row in request.memberships if row.role == ADMINISTRATOR]
    practice, portal = request.membership.practice, request.portal
    if "waiting_review" not in context:
        context["waiting_review"] = reviews.waiting(practice=practice, portal_key=portal.key, now=timezone.now())
    shown = {"portal": portal, "practice": practice, "practices": own}
    return render(request, f"enrollment/{folder}/{template}.html", {**shown, **context})


def to(request: PortalRequest, name: str, *arguments: object) -> HttpResponse:
    """Another page of the same practice."""
    return redirect(name, request.portal.key, request.membership.practice_id, *arguments)


def while_administrator(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorator of a page of a practice: whoever ceased to run it while the page was open reads what holds now."""

    @wraps(view)
    def led(request: PortalRequest, **named: Any) -> HttpResponse:
        try:
            return view(request, **named)
        except people.NotAdministrator:
            messages.warning(request, _("Nothing was changed: what you may do has changed meanwhile."))
            return redirect("security_management", request.portal.key)

    return led


@portal_page(methods="read", practice=ADMINISTRATOR)
def security_management(request: PortalRequest) -> HttpResponse:
    """To the people of the own practice; of several the first by name, and from there to the others (S4-16)."""
    first = next(row for row in request.memberships if row.role == ADMINISTRATOR)
    return redirect("people", request.portal.key, first.practice_id)


@portal_page(methods="read", practice=ADMINISTRATOR)
def overview(request: PortalRequest) -> HttpResponse:
    """Members and the own open invitations in one list, kept apart they disagree; those whom a name or the beginning
    of an address names."""
    office, now = office_of(request), timezone.now()
    members, pending = office.members(), office.pending_of(request.user, now=now)
    if wanted := people_search.read(request.GET.get("q", "")):
        members, pending = people_search.people(members, wanted), people_search.invited(pending, wanted)
    page = Paginator(members, ON_A_PAGE).get_page(request.GET.get("page"))
    pending = pending.order_by("last_name", "first_name", "pk")
    waiting = list(pending[: _FIRST + 1]) if page.number == 1 else []
    listed = pending_users.listed(waiting[:_FIRST], now=now)
    return show(
        request,
        "overview",
        page=page,
        wanted=wanted,
        pending=listed,
        has_more_pending=len(waiting) > _FIRST,
        people=[(row, people.standing(row, now=now)) for row in page],
    )


@portal_page(practice=ADMINISTRATOR)
@while_administrator
def create(request: PortalRequest) -> HttpResponse:
    """ "Create New Account for Provider OnLine" (S4-17)."""
    practice, today = request.membership.practice, zones.today(request.portal.realm, now=timezone.now())
    form = NewUserForm(request.POST or None, today=today, initial=practice_office(practice))
    if request.method == "POST" and form.is_valid() and _create(request, form):
        return to(request, "people")
    groups = _groups(form, user=("first_name", "last_name", "email", "email_again", "ends_on"))
    return show(request, "create", form=form, groups=groups)


def _create(request: PortalRequest, form: NewUserForm) -> bool:
    """Invite; what speaks against it is said at the field."""
    try:
        row = people.create(office=office_of(request), invitee=form.invitee(), by=request.user, now=timezone.now())
    except (people.AlreadyMember, *REFUSED) as refused:
        form.add_error("email" if not isinstance(refused, LIMITS) else None, says(refused))
        return False
    told = {"name": row.full_name, "email": row.email, "time": _link_time(row)}
    messages.success(
        request,
        _(
            "We sent an invitation to %(name)s at %(email)s. %(name)s chooses a username and password with the link in "
            "it, which works for %(time)s."
        )
        % told,
    )
    return True


def _link_time(row: Invitation) -> str:
    return lifecycle.humanize_duration(invitation_links.ends_at(row) - row.last_sent_at)


LIMITS = (invitation_limits.TooManyOpen, invitation_limits.TooManyToday)
REFUSED_ACTS = (
    memberships.LastAdministrator, memberships.SuspendedByStaff, people.OwnMembership, people.ForProviderServices,
)  # fmt: skip
REFUSED = (invitations.OwnAddress, invitations.AlreadyInvited, *LIMITS)


def says(refused: Exception) -> str:
    """Why somebody was not invited, in the reader's language."""
    match refused:
        case invitations.OwnAddress():
            return _("This is your own address.")
        case invitations.SameAddress():
            return _("This is the address that it was sent to. Go back to send it again.")
        case invitations.AlreadyInvited():
            return _("Somebody of your practice has invited this address already.")
        case people.AlreadyMember() if refused.membership.is_suspended_by_staff:
            return held_by_staff(registry.get(refused.membership.grant.portal_key))
        case people.AlreadyMember():
            return _("A user of your practice has this address already: %(name)s.") % {
                "name": refused.membership.person_name
            }
        case invitation_limits.TooManyOpen():
            return _("You have %(count)s invitations open, as many as you may. Cancel one, or wait for an answer.") % {
                "count": invitation_limits.MAX_OPEN
            }
    return _("Your practice has sent %(count)s invitations within a day, as many as it may. Try again tomorrow.") % {
        "count": invitation_limits.MAX_A_DAY
    }


def held_by_staff(portal: PortalSpec) -> str:
    """Why a practice neither reactivates, removes nor invites anew whom staff let rest, and whom to call (D-11)."""
    told = {"staff": portal.staff.name, "phone": portal.brand.support_phone}
    return _("%(staff)s deactivated this user. Only they reactivate or remove the user: call %(phone)s.") % told


def _groups(form: PersonForm, *, user: tuple[str, ...]) -> list[tuple[Any, list[Any]]]:
    """The fields under the two headings of the document (S4-17)."""
    named = [field for name in user if name in form.fields for field in [form[name]]]
    office = [field for field in form if field.name not in user]
    return [(USER_INFORMATION, named), (OFFICE_INFORMATION, office)]


@portal_page(practice=ADMINISTRATOR)
@while_administrator
def person(request: PortalRequest, pk: int) -> HttpResponse:
    """ "Modify Existing User" (D-11): what the practice says of somebody, and the buttons to let it rest or end."""
    membership, now = _found(request, pk), timezone.now()
    has_last_day = people.has_last_day(membership)
    form = PersonForm(
        request.POST or None,
        today=zones.today(request.portal.realm, now=now),
        has_last_day=has_last_day,
        initial=PersonForm.of(membership),
    )
    if request.method == "POST" and form.is_valid():
        said = _("The details of %(name)s were saved.")
        return _act(request, people.modify, pk, said, details=form.details())
    return show(
        request,
        "person",
        form=form,
        groups=_groups(form, user=("first_name", "last_name", "ends_on")),
        member=membership,
        standing=people.standing(membership, now=now),
        is_own=membership.grant.account_id == request.user.pk,
        has_last_day=has_last_day,
        staffs=held_by_staff(request.portal),
    )


@portal_page(methods="button", practice=ADMINISTRATOR)
@while_administrator
def deactivate(request: PortalRequest, pk: int) -> HttpResponse:
    """Let somebody's work for the practice rest (D-11)."""
    _found(request, pk)
    said = _("%(name)s is deactivated and can no longer work for your practice. You can reactivate them at any time.")
    return _act(request, people.deactivate, pk, said)


@portal_page(methods="button", practice=ADMINISTRATOR)
@while_administrator
def reactivate(request: PortalRequest, pk: int) -> HttpResponse:
    """Let it go on (D-11)."""
    _found(request, pk)
    return _act(request, people.reactivate, pk, _("%(name)s is reactivated and can work for your practice again."))


@portal_page(practice=ADMINISTRATOR)
@while_administrator
def remove(request: PortalRequest, pk: int) -> HttpResponse:
    """End it, after a page that says what that means (D-11)."""
    membership = _found(request, pk)
    if request.method == "POST":
        said = _("%(name)s was removed from your practice. The account itself stays, for other practices.")
        return _act(request, people.remove, pk, said)
    return show(request, "remove", member=membership, is_own=membership.grant.account_id == request.user.pk)


def _found(request: PortalRequest, pk: int) -> Membership:
    """Somebody of this practice: whoever is of another one is not found, as nobody is."""
    return get_object_or_404(office_of(request).members(), pk=pk)


def _act(request: PortalRequest, act: Callable[..., Membership], pk: int, said: str, **details: Any) -> HttpResponse:
    """One domain call, and what is said of it."""
    try:
        membership = act(office=office_of(request), pk=pk, by=request.user, now=timezone.now(), **details)
    except (memberships.NotOpen, memberships.NotSuspended, grants.GrantEnded):
        messages.warning(request, _("Nothing was changed: somebody else was quicker. This is how it stands now."))
        return to(request, "people")
    except REFUSED_ACTS as refused:
        messages.error(request, _refusal(request, refused))
        return to(request, "person", pk)
    messages.success(request, said % {"name": membership.person_name})
    if act is people.remove and membership.grant.account_id == request.user.pk:
        return redirect("portal_home", request.portal.key)
    return to(request, "people") if act is people.remove else to(request, "person", pk)


def _refusal(request: PortalRequest, refused: Exception) -> str:
    match refused:
        case memberships.LastAdministrator():
            return _(
                "You are the only administrator of this practice. Hand it over to somebody else first, or call "
                "Provider Services."
            )
        case people.OwnMembership():
            return _("You cannot deactivate yourself.")
        case memberships.SuspendedByStaff():
            return held_by_staff(request.portal)
    return _("Provider Services look after the access of administrators.")
