"""Asking for a fresh or a stronger proof within a session; the person goes on with what they were doing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from urllib.parse import urlencode
from uuid import uuid4

import django_otp
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from identity.factors import second_factor
from identity.models import AccountRequest, Factor, OpenSession
from identity.record import events, journal
from identity.sessions import idle, saved_posts, sessions
from identity.sign_in import authentication_records

type View = Callable[..., HttpResponse]


def raised(request: AccountRequest, *, device: Factor | None, kind: str) -> None:
    """A proof was given within the session: record it, and give the session a new id, for its rights have risen."""
    account, now = request.user, timezone.now()
    if device is not None:
        authentication_records.record_device(request, account, device, kind)
        django_otp.login(request, device)
    elif kind == authentication_records.MAILBOX:
        authentication_records.record_mailbox(request, account)
    else:
        authentication_records.record_password(request, account)
    with transaction.atomic():
        journal.record(events.Confirmed(account=account, by=account, method=kind), now=now)
    new_session_id(request)


def new_session_id(request: HttpRequest) -> None:
    """The session's rights have risen: whoever knows its old id has nothing."""
    old_key = str(request.session.session_key)
    request.session.cycle_key()
    sessions.move(old_key=old_key, new_key=str(request.session.session_key))
    idle.stop(old_key)
    idle.start(request.session, now=timezone.now())


@contextmanager
def staying(request: AccountRequest) -> Iterator[None]:
    """Whatever ends all sessions of the account within it leaves this one open, under a new id."""
    account, old_key = request.user, request.session.session_key
    here = OpenSession.objects.select_related("device").filter(session_key=old_key).first()
    yield
    account.refresh_from_db()
    update_session_auth_hash(request, account)
    idle.stop(old_key)
    idle.start(request.session, now=timezone.now())
    if here is not None:
        here.pk, here.session_key = uuid4(), str(request.session.session_key)
        here.save(force_insert=True)


def needs_proof_by(kind: str) -> Callable[[View], View]:
    """Decorator of an act that only one method opens: its proof must be fresh, another one's does not count."""

    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def guarded(request: AccountRequest, *args: object, **kwargs: object) -> HttpResponse:
            if authentication_records.is_fresh_by(request, request.user, kind=kind, now=timezone.now()):
                return view(request, *args, **kwargs)
            return confirm(request, only=kind)

        return guarded

    return decorate


def needs_fresh(view: View) -> View:
    """Decorator of a sensitive act: the last proof must be younger than five minutes (policy: session)."""

    @login_required
    @wraps(view)
    def guarded(request: AccountRequest, *args: object, **kwargs: object) -> HttpResponse:
        account = request.user
        has_factors = bool(second_factor.devices_of(account))
        if authentication_records.is_fresh(request, account, has_factors=has_factors, now=timezone.now()):
            return view(request, *args, **kwargs)
        return confirm(request)

    return guarded


def fresh_to_write(view: View, *, except_at: frozenset[str]) -> View:
    """Decorator of pages on which looking is free and every form is a sensitive act, but at the addresses named."""
    guarded = needs_fresh(view)

    @wraps(view)
    def chosen(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        name = request.resolver_match.url_name if request.resolver_match else ""
        is_write = request.method not in ("GET", "HEAD", "OPTIONS", "TRACE") and name not in except_at
        return (guarded if is_write else view)(request, *args, **kwargs)

    return chosen


def confirm(request: AccountRequest, *, portal_key: str = "", only: str = "") -> HttpResponse:
    """Lead to the page that asks for a proof; what a form had sent is kept for afterwards (S1-47, C7).

    With `portal_key` the proof must be one that this portal takes, with `only` one by this kind of method.
    """
    account, asked = request.user, {"next": request.get_full_path()}
    if portal_key:
        asked["for"] = portal_key
    if only:
        asked["by"] = only
    if request.method == "POST":
        held = saved_posts.keep(
            account_id=account.pk, path=request.get_full_path(), body=request.POST, now=timezone.now()
        )
        asked["held"] = str(held.pk) if held else ""
        request.session[authentication_records.HELD] = asked[
            "held"
        ]  # nobody else's link makes this browser send a form
    return HttpResponseRedirect(f"{reverse('confirm')}?{urlencode(asked)}")
