"""Where a test sign-in ends: what an application would have learned, or why it would have got nobody."""

import json
from datetime import datetime
from typing import Any, cast

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from identity.models import Account
from identity.policy import lifecycle
from portals.models import Application
from portals.oidc import applications, trial_answers, trials
from portals.oidc import trial_client as own_trials
from portals.oidc.admin.signing_keys import humanize_period

WHY: dict[str, Any] = {
    "access_denied": gettext_lazy("You did not agree, or you have no access to the application's portal."),
    "wrong_issuer": gettext_lazy("The answer did not come from this site."),
    "no_code": gettext_lazy("The answer brought no code."),
    "invalid_grant": gettext_lazy(
        "The code was not taken: it was older than a minute, used before, or your access ended meanwhile."
    ),
    "invalid_scope": gettext_lazy("The application asks for something that it is not registered for."),
    "id_token": gettext_lazy(
        "The ID token does not hold: its signature, issuer, audience or time. Look at the signing keys."
    ),
    "nonce": gettext_lazy("The ID token answers another request."),
    "userinfo": gettext_lazy("What the application asked about you afterwards was refused."),
}
OWN_ACCESS = gettext_lazy(
    "A test signs you in as yourself: have your own ID given access to that portal first, as everybody does."
)
PERIODS = ("sign_on_code", "sign_on_token", "sign_on")


@never_cache
@require_safe
def tried(request: HttpRequest) -> HttpResponse:
    """The redirect address of test sign-ins, of our own staff only (see portals.oidc.trial_client). As at every
    application the code in the address is changed here; a second look finds nothing left to change."""
    account = cast(Account, request.user)
    if not applications.may_register(account):
        raise Http404
    context = {**admin.site.each_context(request), "title": _("Test sign-in"), "opts": Application._meta}
    trial = own_trials.take(request)
    application = Application.objects.select_related("client").filter(pk=trial.client_id).first() if trial else None
    if trial is None or application is None:
        return render(request, "admin/portals/application/not_tried.html", context, status=400)
    found = trial_answers.parse(request.GET.dict(), trial=trial, application=application)
    trials.finish(
        application=application, oidc_session=found.oidc_session, outcome=found.outcome, by=account, now=timezone.now()
    )
    context |= {
        "application": application,
        "found": found,
        "why": _why(found.error, lacks_access=applications.lacks_access(application, account)),
        "header": sorted(found.header.items()),
        "claims": _readable(found.claims),
        "known": _readable(found.known),
        "periods": [(lifecycle.PERIODS[name].what, humanize_period(lifecycle.after(name))) for name in PERIODS],
    }
    return render(request, "admin/portals/application/tried.html", context)


def _why(error: str, *, lacks_access: bool) -> Any:
    """What an operator can do about it."""
    if error == "access_denied" and lacks_access:
        return f"{WHY[error]} {OWN_ACCESS}"
    return WHY.get(error, _("The standard's error says what it was.")) if error else ""


def _readable(claims: dict[str, Any]) -> list[tuple[str, Any]]:
    """Seconds since 1970 as a moment, lists as they came."""
    return [(name, _value(name, value)) for name, value in claims.items()]


def _value(name: str, value: Any) -> Any:
    if name in ("exp", "iat", "auth_time"):
        return datetime.fromtimestamp(value, tz=timezone.get_current_timezone())
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
