"""What people of a practice read of those who act for it: who controls their access, and what staff did."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from enrollment.domain import people, practice_history
from enrollment.views.people import office_of, show
from identity.record import journal
from portals.entry.admission import PortalRequest
from portals.entry.portal_page import portal_page
from rbac.roles import ADMINISTRATOR

ENTRIES_ON_A_PAGE = 50


@portal_page(methods="read")
def who_controls(request: PortalRequest) -> HttpResponse:
    """ "Who controls my access?": of each practice that the reader works for, who runs its users."""
    held = people.administrators_of(request.memberships, portal_key=request.portal.key, now=timezone.now())
    context = {"portal": request.portal, "practices": held}
    return render(request, "enrollment/people/who_controls.html", context)


@portal_page(methods="read", practice=ADMINISTRATOR)
def history(request: PortalRequest) -> HttpResponse:
    """What Provider Services did for the practice, with the reason."""
    entries = Paginator(practice_history.by_staff(office_of(request)), ENTRIES_ON_A_PAGE)
    page = entries.get_page(request.GET.get("page"))
    names = practice_history.names(office_of(request), list(page))
    titled = [(entry, journal.title_of(entry), names[entry.pk]) for entry in page]
    return show(request, "history", page=page, entries=titled)
