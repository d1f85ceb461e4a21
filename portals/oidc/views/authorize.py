"""The authorization endpoint: who is signed in, how recently, with which access, whether they agree; then a code."""

from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_supported_language_variant
from django.views.decorators.csrf import csrf_exempt

from identity.models import Account, AccountRequest, is_signed_in
from identity.policy import lifecycle
from identity.sessions import idle
from identity.sign_in import login_intent, step_up
from identity.views.page import page
from identity.views.pages import remember_language
from portals import registry
from portals.entry import rights
from portals.entry.admission import Missing, admission, lead
from portals.legacy import links
from portals.models import Application
from portals.oidc import authorization_request, claims, consents, oidc_sessions, proof, trial_client
from portals.oidc.authorization_request import AuthorizationRequest
from portals.oidc.redirects import Answer, as_get, let_forms_end_at, origin_of
from portals.spec import PortalSpec
from rbac.domain import grants
from rbac.models import AccessGrant

# What an application is told that wanted no page (prompt=none).
SILENT = {Missing.REALM: "login_required", Missing.GRANT: "access_denied"}
_ASKED_AGAIN = "sign_on_asked_again"  # in the session: for which request a new proof was asked, and when


@csrf_exempt  # an application may send its request by POST; it only becomes a GET
@page(login=False)
@idle.moved_by(lambda request: "none" not in request.GET.get("prompt", "").split())  # a library asks by itself
def authorize(request: HttpRequest) -> HttpResponse:
    """OpenID Connect Core, 3.1.2."""
    if request.method == "POST":
        return as_get(request)
    return _read_and(_answer, request)


@page(login=False)
def agree(request: HttpRequest) -> HttpResponse:
    """The button of the page that asks: the request, read once more from the address, goes on or is refused. Whoever
    comes here otherwise, after a session that ended, begins again."""
    if request.method != "POST" or not request.user.is_authenticated:
        return redirect(_again(request))
    return _read_and(_decided, request)


def _read_and(
    then: Callable[[HttpRequest, AuthorizationRequest, PortalSpec], HttpResponse], request: HttpRequest
) -> HttpResponse:
    try:
        read = authorization_request.parse(request)
        if isinstance(read, Answer):
            return read.response(request)
        portal = registry.get(read.application.portal_key)
        if len(request.get_full_path().encode()) > login_intent.MAX_LENGTH:  # no sign-in could come back to it
            return _refused(request, read, "invalid_request", "The request is too long.")
    except (authorization_request.Unreadable, registry.UnknownPortal):
        return _unreadable(request)
    request.portal_key = portal.key  # type: ignore[attr-defined]
    return then(request, read, portal)


def _unreadable(request: HttpRequest) -> HttpResponse:
    """Nobody is sent anywhere. Of an application that an operator has closed the page says so."""
    closed = Application.objects.select_related("client").filter(pk=_client_id(request), is_open=False).first()
    if closed is not None:
        request.portal_key = closed.portal_key  # type: ignore[attr-defined]
    return render(request, "portals/oidc/unreadable.html", {"closed": closed}, status=400)


def _client_id(request: HttpRequest) -> str:
    asked = request.GET.get("client_id", "")
    return asked if asked.isprintable() else ""


def _decided(request: HttpRequest, read: AuthorizationRequest, portal: PortalSpec) -> HttpResponse:
    if request.POST.get("answer") != "allow":
        return _refused(request, read, "access_denied", "The person did not agree.")
    return _answer(request, read, portal, agreed=True)


def _answer(request: HttpRequest, read: AuthorizationRequest, portal: PortalSpec, agreed: bool = False) -> HttpResponse:
    if not is_signed_in(request):
        return _refused(request, read, "login_required") if read.is_silent else _to_sign_in(request, read, portal)
    account = request.user
    if read.hint and not _is_expected(account, read):
        return _refused(request, read, "login_required", "Somebody else is signed in.")
    shown = proof.for_account(request, account)
    if shown is None:
        return _refused(request, read, "login_required")
    if not _is_recent(request, read, shown):
        return _refused(request, read, "login_required") if read.is_silent else _ask_again(request)
    admitted = admission(request, portal)
    if not isinstance(admitted, AccessGrant):
        return _not_admitted(request, read, portal, admitted)
    needed, now = read.application.capability, timezone.now()
    if needed and needed not in rights.held(portal, admitted, now=now):
        return _not_admitted(request, read, portal, Missing.GRANT, has_grant=True)
    if not agreed and _must_agree(account, read):
        return _refused(request, read, "consent_required") if read.is_silent else _ask_consent(request, read, portal)
    if agreed:
        consents.give(account=account, application=read.application, scopes=read.asked.scopes, now=now)
    request.session.pop(_ASKED_AGAIN, None)
    if not read.is_silent:
        grants.note_use(grant=admitted, now=now)
    try:
        code = oidc_sessions.begin(
            application=read.application,
            grant=admitted,
            session_key=str(request.session.session_key),
            asked=read.asked,
            proof=shown,
            now=now,
        )
    except oidc_sessions.Refused:
        return _refused(request, read, "login_required")
    return read.answer(code=code).response(request)


def _to_sign_in(request: HttpRequest, read: AuthorizationRequest, portal: PortalSpec) -> HttpResponse:
    """Whoever signs in now has been asked for a new proof (prompt=login): they are not asked for it twice."""
    name = "account_signup" if "create" in read.prompts else "account_login"
    left = " ".join(sorted(read.prompts - {"login", "create"}))
    to_sign_in = redirect(f"{reverse(name)}?{urlencode({'next': _again(request, prompt=left), 'portal': portal.key})}")
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES and (language := _language(read)):
        remember_language(to_sign_in, language)
    return to_sign_in


def _language(read: AuthorizationRequest) -> str:
    """Of the languages that the application says the person reads (ui_locales), the first that we speak."""
    for wanted in read.languages:
        with suppress(LookupError):
            return get_supported_language_variant(wanted)
    return ""


def _refused(request: HttpRequest, read: AuthorizationRequest, error: str, description: str = "") -> HttpResponse:
    return read.refusal(error, description).response(request)


def _again(request: HttpRequest, **change: str) -> str:
    """The request's own address as a GET, whichever page is asking."""
    query = request.GET.copy()
    for parameter, value in change.items():
        query.pop(parameter, None)
        if value:
            query[parameter] = value
    return f"{reverse('sign_on_authorize')}?{query.urlencode()}"


def _is_expected(account: Account, read: AuthorizationRequest) -> bool:
    hinted = claims.of_hint(read.hint, now=timezone.now())
    return hinted is not None and hinted["sub"] == str(account.public_id)


def _is_recent(request: HttpRequest, read: AuthorizationRequest, shown: oidc_sessions.Proof) -> bool:
    """Whether the person was authenticated as recently as the application asks (prompt=login, max_age). What it asked
    for counts once it was shown after this very request had been made."""
    now = timezone.now()
    too_old = read.max_age is not None and now - shown.at > read.max_age
    if "login" not in read.prompts and not too_old:
        return True
    for_which, since = request.session.get(_ASKED_AGAIN, ("", 0.0))
    is_fresh = now - shown.at < lifecycle.after("fresh_sign_in")
    return for_which == _fingerprint(request) and shown.at.timestamp() >= since and is_fresh


def _ask_again(request: AccountRequest) -> HttpResponse:
    request.session[_ASKED_AGAIN] = (_fingerprint(request), timezone.now().timestamp())
    return step_up.confirm(request)


def _fingerprint(request: HttpRequest) -> str:
    return sha256(request.GET.urlencode().encode()).hexdigest()


def _not_admitted(
    request: AccountRequest, read: AuthorizationRequest, portal: PortalSpec, missing: Missing, has_grant: bool = False
) -> HttpResponse:
    if read.is_silent:
        return _refused(request, read, SILENT.get(missing, "interaction_required"))
    if missing is not Missing.GRANT:
        return lead(request, portal, missing)
    back = read.refusal("access_denied", "The person has no access.")
    may_link = not has_grant and links.is_wanted(account=request.user, portal=portal)
    context = {
        "portal": portal,
        "application": read.application,
        "back": back,
        "has_grant": has_grant,
        "may_link": may_link,
        "is_trial": back.uri == trial_client.address(),
    }
    page = render(request, "portals/oidc/no_access.html", context, status=403)
    let_forms_end_at(page, origin_of(back.uri))
    return page


def _must_agree(account: Account, read: AuthorizationRequest) -> bool:
    if read.prompts & {"consent", "select_account"}:
        return True
    if read.application.client.skip_consent:
        return False
    return not consents.covers(account=account, application=read.application, scopes=read.asked.scopes)


def _ask_consent(request: HttpRequest, read: AuthorizationRequest, portal: PortalSpec) -> HttpResponse:
    context = {
        "portal": portal,
        "application": read.application,
        "learns": [words for scope, words in claims.SCOPES.items() if scope in read.asked.scopes],
        "action": f"{reverse('sign_on_agree')}?{request.GET.urlencode()}",
    }
    return render(request, "portals/oidc/agree.html", context)
