"""Around every request of identity: the clock of its realm, the idle clock, kept forms, and the honest answer when too
many sign in at once."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from identity.keys import hash_pool
from identity.models import Account
from identity.policy import lifecycle, zones
from identity.sessions import idle, saved_posts, sessions
from identity.sign_in import authentication_records, login_intent
from identity.tenancy import tenancy

type View = Callable[..., HttpResponse]
LARGEST = 2**63 - 1  # of a key


class SessionCookie(SessionMiddleware):
    """Django's, made safe for a button that was pressed twice: signing in gives the session a new id, and the second
    press comes with the old one (L1). Its answer neither takes the new cookie away nor is an error."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if request.session.is_empty() and not request.session.modified:  # not ended by this request
            patch_vary_headers(response, ("Cookie",))
            return response
        try:
            return super().process_response(request, response)
        except SessionInterrupted:
            return HttpResponseRedirect(request.get_full_path())


class LocalTimes:
    """Tells times by the clock of the realm: of the portal in the path, else of whoever is signed in. A page that shows
    an object of a portal takes that portal's when it is rendered (identity.sign_in.context)."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(None):  # nobody's zone is left behind
            return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> None:
        """Once it is known which view answers."""
        if key := kwargs.get("portal_key", ""):
            timezone.activate(zones.of_realm(tenancy().tenant(key).realm))
        elif SESSION_KEY in request.session and isinstance(request.user, Account):
            timezone.activate(zones.of_realm(request.user.realm))


class IdleTimeout:
    """Ends a session that rested too long, before its view is called; what its form had sent is kept. Writes the notes
    of the door."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info:  # no address of ours, and PostgreSQL cannot be asked about it (M8)
            raise Http404
        response = self.get_response(request)
        if response.status_code == 405 and request.method == "GET":
            response = self._only_by_a_button(request, response)
        login_intent.keep(request, response)
        return response

    @staticmethod
    def _only_by_a_button(request: HttpRequest, refused: HttpResponse) -> HttpResponse:
        """Somebody came to the address of a button: by hand, by a link in another language, after a sign-in."""
        page = render(request, "errors/405.html", status=405)
        page["Allow"] = refused.get("Allow", "POST")
        return page

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        """After the CSRF check, so that only a person's own form is kept."""
        if any(isinstance(one, int) and one > LARGEST for one in kwargs.values()):  # no row has such a key (M8)
            raise Http404
        if SESSION_KEY not in request.session:
            return None
        now = timezone.now()
        left = idle.left(request.session, now=now)
        if not left:
            return self._rested_too_long(request, view)
        if idle.is_moved_by(request, view) and idle.note_activity(request.session, left=left, now=now):
            sessions.note_use(session_key=str(request.session.session_key), now=now)
        named = request.POST.get("held") if request.method == "POST" else None
        if named and named == request.session.get(authentication_records.HELD) and request.user.is_authenticated:
            self._restore(request)
        return None

    def _rested_too_long(self, request: HttpRequest, view: View) -> HttpResponse | None:
        account_id, lost = int(request.session[SESSION_KEY]), idle.is_lost(request.session)
        idle.stop(request.session.session_key)
        sessions.close(request.session.session_key)
        logout(request)
        if getattr(view, "is_poll", False):
            return JsonResponse({"state": "signed out", "rested": not lost})
        told = _("You were signed out because nothing happened for %(time)s.") % {
            "time": lifecycle.humanize_duration(lifecycle.after("session_idle"))
        }
        if lost:
            told = _("You were signed out. Please sign in again.")
        if request.method != "POST":
            messages.info(request, told)  # a public page is shown; others ask for a sign-in themselves
            return None
        path = request.get_full_path()
        if held := saved_posts.keep(account_id=account_id, path=path, body=request.POST, now=timezone.now()):
            login_intent.remember_saved_post(request, str(held.pk))
            told += " " + _("What you had filled in is kept: sign in again to go on with it.")
        messages.info(request, told)
        return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': path})}")

    def _restore(self, request: HttpRequest) -> None:
        """A form that was kept takes the place of the one that only names it."""
        try:
            pk = UUID(request.POST["held"])
        except ValueError:
            return
        body = saved_posts.take(account=request.user, pk=pk, path=request.get_full_path(), now=timezone.now())  # type: ignore[arg-type]
        if body is not None:
            request.POST = body  # type: ignore[assignment]

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, hash_pool.Busy):
            return None
        response = HttpResponse(render_to_string("errors/503.html"), status=503)  # a page that costs next to nothing
        response["Retry-After"] = "5"
        return response
