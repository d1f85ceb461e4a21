"""Registering outside applications: by operators, with a secret that is shown once."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from allauth.idp.oidc.models import Client
from django.db import IntegrityError, transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from identity.models import Account
from identity.record import journal
from portals import events
from portals.models import Application, Consent, OidcSession
from portals.models.oidc import name_key
from portals.oidc import machine_secrets, oidc_sessions, signing_keys
from rbac.domain import grants

VIEW, REGISTER = "portals.view_application", "portals.change_application"


class KeyTaken(Exception):
    """Another application is registered under this key."""


class NameTaken(Exception):
    """Another application has this name: who is asked to agree could not tell them apart."""


class ChangedMeanwhile(Exception):
    """It is registered otherwise than it was when it was read: a colleague was quicker."""


class Replaced(Exception):
    """The secret is no longer the one that was seen: a colleague was quicker, or a form was sent twice."""


def lacks_access(application: Application, account: Account) -> bool:
    """Whether the account may not enter the application's portal: then a test of theirs signs nobody in."""
    return application.portal_key not in grants.portals_of(account)


def may_register(account: Account) -> bool:
    """Whether a member of staff may register, change, close and try applications."""
    return account.is_active and account.is_staff and account.has_perm(REGISTER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What an operator says of an application. Addresses are compared letter by letter."""

    key: str
    name: str
    portal_key: str
    redirect_uris: list[str]
    after_logout_uris: list[str] = field(default_factory=list)
    scopes: list[str] = field(default_factory=lambda: ["openid", "profile", "email", "portal_access"])
    is_public: bool = False  # runs in a browser or on a phone, and keeps no secret
    refreshes: bool = True
    asks_consent: bool = True
    launch_address: str = ""
    logout_address: str = ""
    capability: str = ""
    algorithm: str = "RS256"


@transaction.atomic
def register(asked: Registration, *, by: Account | None, now: datetime, client_id: str = "") -> tuple[Application, str]:
    """Make the application; answers it and its secret (empty for a public one), which nobody can read again.

    Raises KeyTaken or NameTaken.
    """
    secret = "" if asked.is_public else machine_secrets.make()
    client = Client(secret=machine_secrets.stored(secret) if secret else "")
    if client_id:
        client.pk = client_id
    application = Application(client=client)
    _write(application, asked)
    signing_keys.signing(asked.algorithm, now=now)  # it reads the published keys before the first sign-on
    journal.record(events.ApplicationRegistered(account=None, by=by, about=application, application=asked.key), now=now)
    return application, secret


@transaction.atomic
def change(application: Application, asked: Registration, *, by: Account | None, now: datetime) -> None:
    """Say something else of it from now on. Whoever is signed on stays, unless it belongs to another portal now, or
    may know less.

    Raises KeyTaken or NameTaken; ChangedMeanwhile when `application` is no longer as it was read.
    """
    before = said_of(application)
    now_there = Application.objects.select_for_update(of=("self",)).select_related("client").get(pk=application.pk)
    if said_of(now_there) != before:
        raise ChangedMeanwhile
    _write(application, asked)
    if before.portal_key != asked.portal_key or not set(before.scopes) <= set(asked.scopes):
        oidc_sessions.end(OidcSession.objects.filter(application=application, ended_at=None), now=now)
    changed = [name for name in Registration.__slots__ if getattr(before, name) != getattr(asked, name)]
    _record(application, changed, by=by, now=now)


@transaction.atomic
def new_secret(application: Application, *, by: Account | None, now: datetime) -> str:
    """Another secret; the former one, as it stood in `application`, no longer counts. Raises Replaced."""
    secret = machine_secrets.make()
    former = Client.objects.filter(pk=application.pk, secret=application.client.secret)
    if not former.update(secret=machine_secrets.stored(secret)):
        raise Replaced
    _record(application, ["secret"], by=by, now=now)
    return secret


@transaction.atomic
def set_open(application: Application, is_open: bool, *, by: Account | None, now: datetime) -> None:
    """Close it: nobody is signed on there any more, at once. Or open it again."""
    if not Application.objects.filter(pk=application.pk).exclude(is_open=is_open).update(is_open=is_open):
        return
    if not is_open:
        oidc_sessions.end(OidcSession.objects.filter(application=application, ended_at=None), now=now)
    _record(application, ["opened" if is_open else "closed"], by=by, now=now)


def listed(*, now: datetime) -> QuerySet[Application]:
    """All applications by name, each with when somebody last signed on (`last_oidc_session`), how many people are
    signed on (`signed_on`), and how many agreed that it knows them (`agreed`)."""
    own = OidcSession.objects.filter(application=OuterRef("pk"))
    alive = own.filter(ended_at=None, code_used_at__isnull=False, ends_at__gt=now)
    agreed = Consent.objects.filter(application=OuterRef("pk"), revoked_at=None)
    return (
        Application.objects.select_related("client")
        .annotate(
            last_oidc_session=Subquery(own.order_by("-ends_at").values("begun_at")[:1]),
            signed_on=_number_of_people(alive),
            agreed=_number_of_people(agreed),
        )
        .order_by("client__name", "pk")
    )


def _number_of_people(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().values("application").annotate(number=Count("account", distinct=True))
    return Coalesce(Subquery(counted.values("number")), 0)


def said_of(application: Application) -> Registration:
    """What was said of it, for the form that changes it."""
    client = application.client
    return Registration(
        key=application.key,
        name=client.name,
        portal_key=application.portal_key,
        redirect_uris=client.get_redirect_uris(),
        after_logout_uris=client.get_post_logout_redirect_uris(),
        scopes=client.get_scopes(),
        is_public=client.type == Client.Type.PUBLIC,
        refreshes=Client.GrantType.REFRESH_TOKEN in client.get_grant_types(),
        asks_consent=not client.skip_consent,
        launch_address=application.launch_address,
        logout_address=application.logout_address,
        capability=application.capability,
        algorithm=application.algorithm,
    )


def _write(application: Application, asked: Registration) -> None:
    client = application.client
    client.name = asked.name
    client.type = Client.Type.PUBLIC if asked.is_public else Client.Type.CONFIDENTIAL
    client.skip_consent = not asked.asks_consent
    client.set_redirect_uris(asked.redirect_uris)
    client.set_post_logout_redirect_uris(asked.after_logout_uris)
    client.set_scopes(asked.scopes)
    client.set_grant_types(["authorization_code", *(["refresh_token"] if asked.refreshes else [])])
    for name in ("key", "portal_key", "launch_address", "logout_address", "capability", "algorithm"):
        setattr(application, name, getattr(asked, name))
    application.name_key = name_key(asked.name)
    try:
        with transaction.atomic():
            client.save()
            application.client = client
            application.save()
    except IntegrityError as error:
        others = Application.objects.exclude(pk=application.pk)
        if others.filter(key=asked.key).exists():
            raise KeyTaken from error
        raise NameTaken from error


def _record(application: Application, what: list[str], *, by: Account | None, now: datetime) -> None:
    event = events.ApplicationChanged(account=None, by=by, about=application, application=application.key, what=what)
    journal.record(event, now=now)
