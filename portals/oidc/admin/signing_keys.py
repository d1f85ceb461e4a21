"""The keys that sign ID tokens, for operators: which signs, which comes next, and the button that replaces one."""

from datetime import timedelta
from typing import Any, cast

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from identity.admin.base import ReadOnlyAdmin
from identity.models import Account
from identity.policy import lifecycle
from identity.record import journal
from identity.sign_in import step_up
from portals.models import Application, SigningKey
from portals.models.oidc import Algorithm
from portals.oidc import key_states, signing_keys
from portals.oidc.key_states import State

MAX_LENGTH = 400  # characters of a reason
SHOWN = 10  # keys in the history
STATES = {
    State.NEXT: (gettext_lazy("next"), "wait"),
    State.SIGNS: (gettext_lazy("signs"), "good"),
    State.FORMER: (gettext_lazy("former"), ""),
}


@admin.register(SigningKey)
class SigningKeyAdmin(ReadOnlyAdmin):
    """A page of all published keys, and one that asks before a key is replaced. No private half is shown."""

    is_of_installation = True

    def get_urls(self) -> list[URLPattern]:
        replace = self.admin_site.admin_view(never_cache(step_up.needs_fresh(self.replace_view)))
        return [
            path("replace/<str:algorithm>/", replace, name="portals_signingkey_replace"),
            path("", self.admin_site.admin_view(self.changelist_view), name="portals_signingkey_changelist"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Each key: what it does, from when, until when it is published."""
        if not self.has_view_permission(request):
            raise Http404
        shown: dict[str, Any] = {
            "title": _("Signing keys"),
            "all_keys": [(keys, _rows(keys)) for keys in key_states.all_of(now=timezone.now())],
            "history": _history(),
            "may_replace": request.user.has_perm(key_states.REPLACE),
        }
        return self._show(request, "overview", **shown)

    def replace_view(self, request: HttpRequest, algorithm: str) -> HttpResponse:
        """Ask, then replace: with notice, or at once."""
        if algorithm not in Algorithm.values or not request.user.has_perm(key_states.REPLACE):
            raise Http404
        now, problem, problem_of = timezone.now(), "", ""
        reason = request.POST.get("reason", "").replace("\0", "")[:MAX_LENGTH]
        keys = key_states.for_algorithm(algorithm, now=now)
        if request.method == "POST":
            at_once = request.POST.get("how") == "at once"
            if request.POST.get("newest") != keys.newest:
                messages.error(request, _("Nothing was changed: a colleague was quicker, or the form was sent twice."))
                return redirect("admin:portals_signingkey_changelist")
            problem, problem_of = _refusal(request, keys, at_once, reason)
            if not problem:
                by = cast(Account, request.user)
                signing_keys.rotate(algorithm, by=by, now=now, at_once=at_once, reason=reason if at_once else "")
                done = _("The new key signs from now on.") if at_once else _("The next key is published.")
                messages.success(request, done)
                return redirect("admin:portals_signingkey_changelist")
        shown = {
            "title": _("Replace the %(algorithm)s key") % {"algorithm": algorithm},
            "keys": keys,
            "problem": problem,
            "problem_of": problem_of,
            "reason": reason,
            "understood": "understood" in request.POST,
            "longest": MAX_LENGTH,
            "notice": humanize_period(lifecycle.after("signing_key_notice")),
            "afterlife": humanize_period(lifecycle.after("signing_key_afterlife")),
            "read_again": humanize_period(lifecycle.after("published_keys")),
            "applications": Application.objects.filter(algorithm=algorithm, is_open=True).count(),
        }
        return self._show(request, "replace", status=422 if problem else 200, **shown)

    def _show(self, request: HttpRequest, name: str, *, status: int = 200, **shown: Any) -> HttpResponse:
        shown = {**self.admin_site.each_context(request), "opts": self.opts, **shown}
        return render(request, f"admin/portals/signingkey/{name}.html", shown, status=status)


def humanize_period(period: timedelta) -> str:
    """A length of time as people say it."""
    now = timezone.now()
    return timesince(now - period, now)


def _rows(keys: key_states.Keys) -> list[tuple[Any, Any, str]]:
    return [(key, *STATES[state]) for state, key in keys.rows]


def _history() -> list[tuple[SigningKey, Any]]:
    """The last keys, each with the entry that says who made it, how and why."""
    made = SigningKey.objects.defer("private_pem").order_by("-made_at", "-pk")[:SHOWN]
    return [(key, entry) for key in made for entry in journal.history(of=key)[:1]]


def _refusal(request: HttpRequest, keys: key_states.Keys, at_once: bool, reason: str) -> tuple[str, str]:
    """What is in the way of replacing a key now, and the field it is about; or nothing."""
    if at_once and not reason.strip():
        return _("Enter a reason: the journal keeps it."), "reason"
    if at_once and "understood" not in request.POST:
        return _("Tick the box: every application feels this."), "understood"
    if not at_once and keys.has_next:
        return _("The next key is published already. It signs by itself."), ""
    return "", ""
