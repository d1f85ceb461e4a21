"""Signing people on at outside applications: the code, its one use, refreshes, and the end.

A row is the truth; code and tokens are derived from it. What is asked at every use: the account is open and its
sessions were not all ended, the grant holds, the application is open, the time is not over.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet

from identity import lifecycle
from identity.domain import journal, outbox, retention
from identity.models import Account, OpenSession
from portals import events
from portals.domain import standing, tokens
from portals.domain.standing import Standing
from portals.domain.tokens import Kind
from portals.messages.logout import BackChannelLogout
from portals.models import Application, Consent, SignOn
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
    made = SignOn.objects.create(
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


def of_code(code: str) -> Standing | None:
    """The sign-on that a genuine code belongs to, whatever became of it."""
    read = tokens.read(Kind.CODE, code)
    return standing.find(read.sign_on) if read else None


def of_refresh_token(token: str) -> Standing | None:
    """The sign-on that a genuine refresh token belongs to, an old one too, whatever became of it."""
    read = tokens.read(Kind.REFRESH, token)
    return standing.find(read.sign_on) if read else None


def redeem(sign_on: Standing, *, client_id: str, now: datetime) -> None:
    """Burn the code, before anything else of the request is compared: a wrong verifier gets no second try.

    Raises Refused. Used a second time, or by another application, it ends the whole sign-on.
    """
    own = sign_on.client_id == client_id
    won = own and SignOn.objects.filter(pk=sign_on.pk, code_used_at=None).update(code_used_at=now)
    if not won:
        _end_for(sign_on, because="its code was used twice" if own else "another application used its code", now=now)
        raise Refused
    if now >= sign_on.code_ends_at or not sign_on.holds(now=now):
        raise Refused


def refresh(sign_on: Standing, token: str, *, client_id: str, now: datetime) -> Standing:
    """Count the sign-on's generation up: only the newest refresh token counts. Raises Refused; an older one is a
    replay, and ends the whole sign-on."""
    read = tokens.read(Kind.REFRESH, token)
    if read is None or read.sign_on != sign_on.pk or sign_on.client_id != client_id or not sign_on.holds(now=now):
        raise Refused
    newest = SignOn.objects.filter(pk=sign_on.pk, generation=read.number, ended_at=None)
    if not newest.update(generation=F("generation") + 1):
        _end_for(sign_on, because="a refresh token was used twice", now=now)
        raise Refused
    return sign_on._replace(generation=read.number + 1)


def of_access_token(token: str, *, now: datetime) -> Standing:
    """Whose access token this is. Raises Refused."""
    read = tokens.read(Kind.ACCESS, token)
    sign_on = standing.find(read.sign_on) if read and now.timestamp() < read.number else None
    if sign_on is None or not sign_on.holds(now=now):
        raise Refused
    return sign_on


def of_any_token(token: str) -> Standing | None:
    """The sign-on of an access or refresh token, whatever became of it."""
    read = tokens.read(Kind.REFRESH, token) or tokens.read(Kind.ACCESS, token)
    return standing.find(read.sign_on) if read else None


def live(account: Account) -> QuerySet[SignOn]:
    """The account's sign-ons that nobody ended."""
    return SignOn.objects.filter(account=account, ended_at=None)


@transaction.atomic
def end(sign_ons: QuerySet[SignOn], *, now: datetime) -> None:
    """End these, and tell each application that listens (back-channel logout, through the outbox)."""
    for sign_on in sign_ons.select_related("application"):
        won = SignOn.objects.filter(pk=sign_on.pk, ended_at=None).update(ended_at=now)
        if won and sign_on.code_used_at and sign_on.application.logout_address:
            outbox.enqueue(BackChannelLogout(account_id=sign_on.account_id, sign_on=str(sign_on.pk)), now=now)


def end_without_session(account: Account, *, now: datetime) -> None:
    """End what was begun in sessions that are over."""
    open_sessions = OpenSession.objects.filter(account=account).values("pk")
    over = ~Q(epoch=account.session_epoch) | ~Q(session__in=open_sessions)
    end(live(account).filter(over), now=now)


@transaction.atomic
def _end_for(sign_on: Standing, *, because: str, now: datetime) -> None:
    if sign_on.ended_at is not None:
        return
    end(SignOn.objects.filter(pk=sign_on.pk), now=now)
    account = Account.objects.get(pk=sign_on.account_id)
    journal.record(events.SignOnEnded(account=account, application=sign_on.application_key, because=because), now=now)


def revoke(sign_on: Standing, *, now: datetime) -> None:
    """The application gives its tokens back: they stand and fall together."""
    _end_for(sign_on, because="the application revoked its tokens", now=now)


def prune(*, now: datetime) -> None:
    """Delete what has been over for long, within the limit of pruning (policy: mass acts)."""
    retention.delete(
        "prune sign-ons",
        lambda moment: SignOn.objects.filter(ends_at__lte=moment - lifecycle.after("sign_on_kept")),
        now=now,
    )
