"""Signing people on at outside applications: the code, its one use, refreshes, and the end.

A row is the truth; code and tokens are derived from it. What is asked at every use: the account is open and its
sessions were not all ended, the grant holds, the application is open, the time is not over.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_noop

from identity.governance import retention
from identity.models import Account, OpenSession
from identity.policy import lifecycle
from identity.record import journal, outbox
from portals import events
from portals.models import Application, Consent, OidcSession
from portals.oidc import token_context, tokens
from portals.oidc.messages import BackChannelLogout
from portals.oidc.token_context import TokenContext
from portals.oidc.tokens import Kind
from rbac.models import AccessGrant


class Refused(Exception):
    """The code or token does not count (any more). Which reason it was is told to nobody."""


@dataclass(frozen=True, slots=True)
class Proof:
    """How and when the person was authenticated: OpenID Connect's auth_time, amr and acr."""

    at: datetime
    amr: list[str]
    acr: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What the application asked for, as it was validated."""

    scopes: list[str]
    redirect_uri: str
    code_challenge: str  # S256
    nonce: str = ""


@transaction.atomic
def begin(
    *, application: Application, grant: AccessGrant, session_key: str, asked: Asked, proof: Proof, now: datetime
) -> str:
    """Sign the grant's account on; answers the code that the application changes for tokens within its period.

    Raises Refused when the session, or the agreement that the application asks for, ended meanwhile: whatever ends
    them waits for these locks, and then ends the sign-on too.
    """
    session = OpenSession.objects.select_for_update().filter(session_key=session_key, account=grant.account_id).first()
    if session is None or not _is_agreed(application, grant.account_id):
        raise Refused
    account = Account.objects.get(pk=grant.account_id)
    made = OidcSession.objects.create(
        application=application,
        account=account,
        grant=grant,
        session=session.pk,
        epoch=account.session_epoch,
        scopes=asked.scopes,
        redirect_uri=asked.redirect_uri,
        nonce=asked.nonce,
        code_challenge=asked.code_challenge,
        code_ends_at=now + lifecycle.after("sign_on_code"),
        authenticated_at=proof.at,
        amr=proof.amr,
        acr=proof.acr,
        begun_at=now,
        ends_at=now + lifecycle.after("sign_on"),
    )
    journal.record(events.SignedOn(account=account, by=account, application=application.key), now=now)
    return tokens.make(Kind.CODE, made.pk)


def _is_agreed(application: Application, account_id: int) -> bool:
    if application.client.skip_consent:
        return True
    given = Consent.objects.select_for_update().filter(application=application, account=account_id, revoked_at=None)
    return given.first() is not None


def of_code(code: str) -> TokenContext | None:
    """The sign-on that a genuine code belongs to, whatever became of it."""
    read = tokens.parse(Kind.CODE, code)
    return token_context.find(read.oidc_session) if read else None


def of_refresh_token(token: str) -> TokenContext | None:
    """The sign-on that a genuine refresh token belongs to, an old one too, whatever became of it."""
    read = tokens.parse(Kind.REFRESH, token)
    return token_context.find(read.oidc_session) if read else None


def redeem(oidc_session: TokenContext, *, client_id: str, now: datetime) -> None:
    """Burn the code, before anything else of the request is compared: a wrong verifier gets no second try.

    Raises Refused. Used a second time, or by another application, it ends the whole sign-on.
    """
    own = oidc_session.client_id == client_id
    won = own and OidcSession.objects.filter(pk=oidc_session.pk, code_used_at=None).update(code_used_at=now)
    if not won:
        _end_for(
            oidc_session, because="its code was used twice" if own else "another application used its code", now=now
        )
        raise Refused
    if now >= oidc_session.code_ends_at or not oidc_session.holds(now=now):
        raise Refused


def refresh(oidc_session: TokenContext, token: str, *, client_id: str, now: datetime) -> TokenContext:
    """Count the sign-on's generation up: only the newest refresh token counts. Raises Refused; an older one is a
    replay, and ends the whole sign-on."""
    read = tokens.parse(Kind.REFRESH, token)
    if (
        read is None
        or read.oidc_session != oidc_session.pk
        or oidc_session.client_id != client_id
        or not oidc_session.holds(now=now)
    ):
        raise Refused
    newest = OidcSession.objects.filter(pk=oidc_session.pk, generation=read.number, ended_at=None)
    if not newest.update(generation=F("generation") + 1):
        _end_for(oidc_session, because="a refresh token was used twice", now=now)
        raise Refused
    return oidc_session._replace(generation=read.number + 1)


def of_access_token(token: str, *, now: datetime) -> TokenContext:
    """Whose access token this is. Raises Refused."""
    read = tokens.parse(Kind.ACCESS, token)
    oidc_session = token_context.find(read.oidc_session) if read and now.timestamp() < read.number else None
    if oidc_session is None or not oidc_session.holds(now=now):
        raise Refused
    return oidc_session


def of_any_token(token: str) -> TokenContext | None:
    """The sign-on of an access or refresh token, whatever became of it."""
    read = tokens.parse(Kind.REFRESH, token) or tokens.parse(Kind.ACCESS, token)
    return token_context.find(read.oidc_session) if read else None


def live(account: Account) -> QuerySet[OidcSession]:
    """The account's sign-ons that nobody ended."""
    return OidcSession.objects.filter(account=account, ended_at=None)


@transaction.atomic
def end(oidc_sessions: QuerySet[OidcSession], *, now: datetime) -> None:
    """End these, and tell each application that listens (back-channel logout, through the outbox)."""
    for oidc_session in oidc_sessions.select_related("application"):
        won = OidcSession.objects.filter(pk=oidc_session.pk, ended_at=None).update(ended_at=now)
        if won and oidc_session.code_used_at and oidc_session.application.logout_address:
            outbox.enqueue(
                BackChannelLogout(account_id=oidc_session.account_id, oidc_session=str(oidc_session.pk)), now=now
            )


def end_without_session(account: Account, *, now: datetime) -> None:
    """End what was begun in sessions that are over."""
    open_sessions = OpenSession.objects.filter(account=account).values("pk")
    over = ~Q(epoch=account.session_epoch) | ~Q(session__in=open_sessions)
    end(live(account).filter(over), now=now)


@transaction.atomic
def _end_for(oidc_session: TokenContext, *, because: str, now: datetime) -> None:
    if oidc_session.ended_at is not None:
        return
    end(OidcSession.objects.filter(pk=oidc_session.pk), now=now)
    account = Account.objects.get(pk=oidc_session.account_id)
    journal.record(
        events.OidcSessionEnded(account=account, application=oidc_session.application_key, because=because), now=now
    )


def revoke(oidc_session: TokenContext, *, now: datetime) -> None:
    """The application gives its tokens back: they stand and fall together."""
    _end_for(oidc_session, because="the application revoked its tokens", now=now)


def prune(*, now: datetime) -> None:
    """Delete what has been over for long, within the limit of pruning (policy: mass acts)."""
    retention.delete(
        gettext_noop("prune sign-ons"),
        lambda moment: OidcSession.objects.filter(ends_at__lte=moment - lifecycle.after("sign_on_kept")),
        now=now,
    )
