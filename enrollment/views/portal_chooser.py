"""Arriving after a sign-in: straight in, or the chooser with grants and requests (S1-16, S1-36, C12, D-07)."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language

from accessforms.domain import submissions
from accessforms.models import Submission
from identity.models import Account, AccountRequest
from identity.views.page import page
from portals import registry
from portals.guards import needs_realm, portal_or_404
from portals.legacy import links, wording
from portals.spec import PortalSpec
from rbac.domain import grants
from rbac.models import AccessGrant


def _landing_or_404(portal_key: str) -> PortalSpec:
    landing = portal_or_404(portal_key)
    if landing.part_of:
        raise Http404
    return landing


type Held = list[tuple[PortalSpec, AccessGrant]]


def _entered_by(account: Account, landing: PortalSpec) -> tuple[list[PortalSpec], Held, Held]:
    """The portals behind a landing page that are open to the account, those where its access rests (S3-19), and those
    where it ended."""
    newest = {grant.portal_key: grant for grant in grants.newest_for(account)}
    own = [(portal, newest[portal.key]) for portal in registry.entered_from(landing.key) if portal.key in newest]
    current = [(portal, grant) for portal, grant in own if grant.until is None]
    return (
        [portal for portal, grant in current if grant.suspended_at is None],
        [(portal, grant) for portal, grant in current if grant.suspended_at is not None],
        [(portal, grant) for portal, grant in own if grant.until is not None],
    )


@page(guard=needs_realm, methods="read")
def enter(request: AccountRequest, portal_key: str) -> HttpResponse:
    """One grant: straight in; two or more: the chooser; none: the page with requests and how to ask (S1-36), and while
    a portal changes over the one that ties an old account (S0-31)."""
    landing, account = _landing_or_404(portal_key), request.user
    portals, resting, _ended = _entered_by(account, landing)
    if len(portals) == 1:
        return redirect("portal_home", portals[0].key)
    if landing.phases and not portals and not resting and links.is_wanted(account=account, portal=landing):
        return redirect("last_log_in", landing.key)
    return redirect("chooser", landing.key)


@page(guard=needs_realm, methods="read")
def choose(request: AccountRequest, portal_key: str) -> HttpResponse:
    """The portals that are open, the requests with their status, and how to ask for more (D-07)."""
    landing = _landing_or_404(portal_key)
    account = request.user
    parts = registry.entered_from(landing.key)
    open_portals, resting, ended = _entered_by(account, landing)
    held = [*open_portals, *(portal for portal, _grant in resting)]
    requests = _requests(account, [portal.key for portal in parts])
    shown = {
        "portal": landing,
        "open": open_portals,
        "resting": resting,
        "ended": ended,
        "closed": [(portal, _under_way(portal, requests)) for portal in parts if portal not in held],
        "requests": requests,
        "may_link": not open_portals and links.is_wanted(account=account, portal=landing),
    }
    return render(request, "enrollment/portal_chooser/choose.html", shown)


@page(guard=needs_realm, methods="read")
def register(request: AccountRequest, portal_key: str) -> HttpResponse:
    """ "WHICH PORTAL DO YOU WANT TO REGISTER FOR?" on the landing page (S1-16, C38); where nothing is asked on a page
    of ours, the one that says how to ask."""
    landing = _landing_or_404(portal_key)
    parts = registry.entered_from(landing.key)
    asked_here = [portal for portal in parts if portal.asked_by]
    if not asked_here:
        return redirect("chooser", landing.key)
    shown = {
        "portal": landing,
        "parts": parts,
        "asked_here": asked_here,
        "asked_elsewhere": [portal for portal in parts if not portal.asked_by],
        "words": wording.for_portal(
            landing, get_language() or "en"
        ),  # of the landing page, on which the question stands
        "has_requests": Submission.objects.of(request.user).exists(),
    }
    return render(request, "enrollment/portal_chooser/register.html", shown)


def _requests(account: Account, portal_keys: list[str]) -> list[dict[str, Any]]:
    """The account's requests for these portals, newest first, each with its portal."""
    found = Submission.objects.of(account).filter(portal_key__in=portal_keys).order_by("-created_at")[:20]
    return [{"submission": submission, "portal": registry.get(submission.portal_key)} for submission in found]


def _under_way(portal: PortalSpec, requests: list[dict[str, Any]]) -> Submission | None:
    """The newest request for a portal that is not decided yet: it is gone on with, not begun anew."""
    own = (item["submission"] for item in requests if item["portal"] == portal)
    return next((submission for submission in own if submissions.is_under_way(submission)), None)
