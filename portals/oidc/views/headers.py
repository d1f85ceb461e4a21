"""Header sign-on: tells the web server in front of an old application who somebody is (see docs/sign-on.md).

nginx asks before it passes a request on (auth_request), hands the answer's headers to the application, and shows people
what is missing where the answer was no.
"""

from typing import NamedTuple
from urllib.parse import quote, urlencode

from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.models import Account, AccountRequest, is_signed_in
from identity.sessions import idle
from identity.sign_in import login_intent
from identity.views.page import page
from portals.entry import rights
from portals.entry.admission import Missing, admission, lead
from portals.guards import portal_or_404
from portals.models import Application
from rbac.domain import grants, memberships
from rbac.models import AccessGrant

# What stands for itself in a header; all else, and the percent sign, is written as percent and UTF-8 bytes.
PLAIN = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) != "%")
ASKED_FOR = "HTTP_X_ORIGINAL_URI"  # nginx says which page the person wanted


class Admitted(NamedTuple):
    """Whom the application lets in, as what, and with which rights."""

    grant: AccessGrant
    roles: list[str]
    capabilities: frozenset[str]


def _is_page(request: HttpRequest) -> bool:
    """Whether somebody opens a page, rather than the page its pictures or a script the news."""
    if mode := request.headers.get("Sec-Fetch-Mode"):
        return mode == "navigate"
    return "text/html" in request.headers.get("Accept", "")


@page(login=False, methods="read")
@idle.moved_by(_is_page)
def identity(request: HttpRequest, key: str) -> HttpResponse:
    """204 and who it is; 401 without a session; 403 where the session does not open the application. The body is
    empty, and nothing leads elsewhere: a web server reads this."""
    application = _application_or_404(key)
    if not is_signed_in(request):
        return HttpResponse(status=401)
    admitted = _admitted(request, application)
    if admitted is None:
        return HttpResponse(status=403)
    if _is_page(request):
        grants.note_use(grant=admitted.grant, now=timezone.now())
    return HttpResponse(status=204, headers=_headers(request.user, admitted))


@page(login=False, methods="read")
def way_in(request: HttpRequest, key: str) -> HttpResponse:
    """What a person is shown where `identity` said no: the sign-in, the missing proof, or how to ask for access; from
    there they go on to the page that they wanted. What is no page gets the bare status."""
    application = _application_or_404(key)
    if not _is_page(request):
        return HttpResponse(status=403 if is_signed_in(request) else 401)
    if wanted := request.META.get(ASKED_FOR, ""):
        # First to an address that says it, so that whatever comes between leads back here.
        return HttpResponseRedirect(f"{request.path}?{urlencode({REDIRECT_FIELD_NAME: wanted})}")
    portal = portal_or_404(application.portal_key)
    if not is_signed_in(request):
        query = urlencode({REDIRECT_FIELD_NAME: request.get_full_path(), "portal": portal.key})
        return HttpResponseRedirect(f"{reverse('account_login')}?{query}")
    missing = admission(request, portal)
    if isinstance(missing, Missing):
        return lead(request, portal, missing)
    wanted = request.GET.get(REDIRECT_FIELD_NAME, "")
    if _admitted(request, application) is None or not login_intent.is_ours(wanted):
        messages.warning(request, _("%(application)s is not open to you.") % {"application": application})
        return redirect("portal_home", portal.key)
    return HttpResponseRedirect(wanted)


def _application_or_404(key: str) -> Application:
    application = Application.objects.select_related("client").filter(key=key).first()
    if application is None:
        raise Http404
    return application


def _admitted(request: AccountRequest, application: Application) -> Admitted | None:
    """The grant, its roles and what it opens, by the same conditions as a sign-on. Nobody can be asked here, so an
    application that asks for agreement is told nothing."""
    portal = portal_or_404(application.portal_key)
    grant = admission(request, portal)
    if not isinstance(grant, AccessGrant) or not application.is_open or not application.client.skip_consent:
        return None
    now = timezone.now()
    behind = memberships.behind(grant, now=now)
    capabilities = rights.held(portal, grant, behind=behind, now=now)
    if application.capability and application.capability not in capabilities:
        return None
    roles = sorted({"/".join(filter(None, row.pair)) for row in behind}) if portal.grid else [grant.role]
    return Admitted(grant, roles, capabilities)


def _headers(account: Account, admitted: Admitted) -> dict[str, str]:
    grant = admitted.grant
    told = {
        "Remote-User": account.login_name,
        "X-Healthcare-ID": str(account.public_id),
        "X-Healthcare-ID-Name": account.get_full_name(),
        "X-Healthcare-ID-Email": account.email,
        "X-Healthcare-ID-Portal": grant.portal_key,
        "X-Healthcare-ID-Role": ",".join(admitted.roles),
        "X-Healthcare-ID-Capabilities": ",".join(sorted(admitted.capabilities)),
        "X-Healthcare-ID-Legacy-User-Name": str(grant.attributes.get("legacy_user_name", "")),
    }
    return {name: quote(value, safe=PLAIN) for name, value in told.items()}
