"""The world of the authorization matrix: eleven actors of each of two portals, each with rows that are about them, and of
every kind of object one here, one elsewhere and one that does not exist."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from allauth.account.models import EmailAddress
from django.conf import settings
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from accessforms import printing
from accessforms.models import OfferedAnswer, Submission
from enrollment.domain import administrator_request_links, invitation_links, registration_invitations
from enrollment.domain.invitations import Invitee
from identity.accounts import agreements
from identity.governance import closing
from identity.keys import limits
from identity.models import (
    Account,
    FactorReset,
    JournalEntry,
    MassAct,
    Merge,
    OpenSession,
    OutboxMessage,
    PasskeyDevice,
    Signature,
    StoredFile,
    Ticket,
)
from identity.notices import ticket_numbers, tickets
from identity.sessions import saved_posts
from identity.sign_in import authentication_records
from portals.models import (
    Attempt,
    Certificate,
    Consent,
    Course,
    CourseVersion,
    Feedback,
    LegacyImport,
    Lesson,
    NewsItem,
    PhaseMove,
    PortalText,
    Unlinking,
)
from portals.oidc import signing_keys
from portals.spec import Phase
from rbac.models import AccessGrant, ApprovalQueue, GridVersion, Membership, SweepRun
from rbac.roles import ADMINISTRATOR, USER
from tests.conftest import make_staff
from tests.factories import (
    NOW,
    AccountFactory,
    ClinicianFactory,
    GrantFactory,
    LegacyAccountFactory,
    MembershipFactory,
    PracticeFactory,
    SubmissionFactory,
    TinFactory,
)
from tests.relying_party import RelyingParty, register
from tests.soft_passkey import SoftPasskey
from tests.steps import administrator_requests, documents, files, mandates, practices, reviews
from tests.steps.invitations import user_invited
from tests.steps.sign_in import signed_in

PORTALS = {"claims": "ohid", "provider-online": "provider-online"}  # with the realm of its people
SOURCES = {"claims": "optum-connect", "provider-online": "provider-online"}  # an old system that each desk answers for
TINS = ("951000001", "951000002", "959999999")  # of the practices of Provider OnLine, and of none
MISSING_PK, MISSING_UUID = 987654321, uuid.UUID("00000000-0000-4000-8000-000000000000")


@dataclass
class Cast:
    """The people of one portal: two practices, each with an administrator and a user, and who belongs to neither."""

    portal: str
    here: Any  # practices
    elsewhere: Any
    people: dict[str, Account] = field(default_factory=dict)
    browsers: dict[str, Client] = field(default_factory=dict)
    invitations: dict[str, Any] = field(default_factory=dict)


@dataclass
class World:
    """`objects` has, by kind, what an address takes: here, elsewhere, and of nothing."""

    casts: dict[str, Cast]
    objects: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]
    folder: str
    clocks: list[tuple[bytes, bytes, int]]  # what the cache holds of the sessions: how long each rested
    built_at: datetime  # the moment of every question, or a slow machine's proofs were no longer fresh

    def put_clocks_back(self) -> None:
        """The cache as it was: no limit is used up, no session rested."""
        pipeline = limits.server().pipeline(transaction=False)
        pipeline.flushdb()
        for key, value, ends in self.clocks:
            pipeline.restore(key, max(ends, 0), value)
        pipeline.execute()


def build() -> World:
    """Make everything; a minute's work of a product that has just begun."""
    signing_keys.signing("RS256", now=NOW)
    desks = {key: make_staff(f"desk.{key}", "service desk", (key,)) for key in PORTALS}
    operator, grouped = make_staff("the.operator", "operator"), make_staff("of.the.group", "operator")
    Account.objects.filter(pk=grouped.pk).update(is_superuser=False)  # as later operators are: by their group alone
    grouped.refresh_from_db()
    party = register(asks_consent=False)
    casts = {key: _cast(key, desks, {"operator": operator, "operators' group": grouped}) for key in PORTALS}
    objects, server = _objects(casts, party, operator, desks["provider-online"]), limits.server()
    clocks = [(key, server.dump(key), server.pttl(key)) for key in server.scan_iter()]
    return World(casts, objects, str(settings.MEDIA_ROOT), clocks, timezone.now())


def _cast(key: str, desks: dict[str, Account], operators: dict[str, Account]) -> Cast:
    cast = Cast(key, PracticeFactory(name=f"Practice Here {key}"), PracticeFactory(name=f"Practice Elsewhere {key}"))
    for actor, practice, role in (
        ("user", cast.here, USER), ("other user", cast.elsewhere, USER),
        ("administrator", cast.here, ADMINISTRATOR), ("other administrator", cast.elsewhere, ADMINISTRATOR),
        ("closed", cast.here, USER),
    ):  # fmt: skip
        grant = GrantFactory(account=_person(actor, key), portal_key=key)
        MembershipFactory(grant=grant, practice=practice, role=role)
        cast.people[actor] = grant.account
        if role == ADMINISTRATOR and key == "provider-online":
            duties = agreements.for_role(grant.account, role)
            agreements.sign(
                account=grant.account,
                agreement=duties,
                typed_name=grant.account.get_full_name(),
                language="en",
                now=NOW,
            )
    cast.people["stranger"] = _person("stranger", key)
    (other,) = set(PORTALS) - {key}
    cast.people |= {"desk": desks[key], "other desk": desks[other], **operators}
    cast.browsers = {actor: signed_in(account, verified=True) for actor, account in cast.people.items()}
    cast.browsers["nobody"] = Client()
    closing.close(account=cast.people["closed"], reason="it was merged away", now=NOW)
    if key == "provider-online":
        for practice, owner in ((cast.here, "administrator"), (cast.elsewhere, "other administrator")):
            cast.invitations[owner] = user_invited(
                f"{owner.replace(' ', '.')}.invites@example.org", practice=practice, by=cast.people[owner]
            )
    return cast


def _person(actor: str, key: str) -> Account:
    name = actor.replace(" ", ".")
    return AccountFactory(
        realm=PORTALS[key], login_name=f"{name}.{key}", first_name="Kim", last_name=secret_name(actor, key),
        phone=f"+1310555{len(actor):02d}{len(key):02d}",
    )  # fmt: skip


def secret_name(actor: str, key: str) -> str:
    """The last name of an actor, which stands on no page of the product by chance."""
    return f"Q{actor}of{key}".replace(" ", "").replace("-", "").title()


# --- objects ----------------------------------------------------------------------------------------------------------
def _objects(
    casts: dict[str, Cast], party: RelyingParty, operator: Account, provider_services: Account
) -> dict[str, Any]:
    claims, online = casts["claims"], casts["provider-online"]
    own = [_of_person(claims.people[actor], claims.browsers[actor], party) for actor in ("user", "other user")]
    rows = [_of_desk(cast.people["user"], cast.portal, operator) for cast in (claims, online)]
    found = {kind: (own[0][kind], own[1][kind], own[0][kind] | _missing(own[0][kind])) for kind in own[0]}
    found |= {kind: (rows[0][kind], rows[1][kind], rows[0][kind] | _missing(rows[0][kind])) for kind in rows[0]}
    _print()
    made = {
        "identity.massact": MassAct.objects.create(
            kind="sweep", as_of=NOW, state_since=NOW, counted=9, active=10, allowed=1
        ),
        "rbac.sweeprun": SweepRun.objects.create(
            as_of=NOW, periods={}, state="frozen", state_since=NOW, active=100, allowed=10, to_warn=40, to_suspend=20
        ),
        "portals.phasemove": PhaseMove.objects.create(
            portal_key="claims", phase=Phase.PRE_REGISTRATION, at=NOW, reason="x", by=operator, moved_at=NOW
        ),
        "accessforms.offeredanswer": OfferedAnswer.objects.create(
            portal_key="optum-pro", field="job_functions", key="x", label="x", changed_by=operator, changed_at=NOW
        ),
        "enrollment.invitation": registration_invitations.invite(
            portal_key="optum-pro", invitee=Invitee(email="registers@example.org"), by=operator, now=NOW
        ),
        "portals.portaltext": PortalText.objects.create(
            portal_key="trucase", key="x", language="es", text="x", by=operator, at=NOW
        ),
        "rbac.gridversion": GridVersion.objects.earliest("pk"),
        "rbac.approvalqueue": ApprovalQueue.objects.get(portal_key="claims"),
        "enrollment.clinician": ClinicianFactory(),
        "rbac.mandate": mandates.asked(mandates.vendor_person(), mandates.signer().practice),
    }
    found |= {kind: ({"object_id": row.pk}, None, {"object_id": MISSING_PK}) for kind, row in made.items()}
    found |= _applications(party, register(key="letters", name="Qletters", portal_key="provider-online"))
    found |= _enrollment(online, provider_services)
    pending = [online.invitations[owner] for owner in ("administrator", "other administrator")]
    found["invitation"] = (
        {"token": invitation_links.token_of(pending[0])}, None, {"token": "x" * 43}
    )  # fmt: skip
    at = online.here.pk  # the own practice in the address, somebody else's row behind it
    members = [Membership.objects.get(grant__account=online.people[actor]).pk for actor in ("user", "other user")]
    found["practice"] = tuple({"practice_id": pk} for pk in (at, online.elsewhere.pk, MISSING_PK))
    found["person"] = tuple({"practice_id": at, "pk": pk} for pk in (*members, MISSING_PK))
    found["pending"] = tuple(
        {"practice_id": at, "invitation_id": pk} for pk in (pending[0].pk, pending[1].pk, MISSING_UUID)
    )
    found |= _documents(online)
    found["association"] = ({"pk": MISSING_PK}, None, None)
    found["mandate"] = ({"pk": MISSING_PK}, None, None)
    found["news"] = ({"pk": MISSING_PK}, None, None)  # Claims has none
    found["practice's news"] = ({"practice": claims.here.pk, "pk": MISSING_PK}, None, None)
    found["news of a practice"] = ({"practice": claims.here.pk}, None, None)
    found["link"] = ({"token": "x" * 43}, None, {"token": "y" * 43})
    return found


def _applications(here: RelyingParty, elsewhere: RelyingParty) -> dict[str, Any]:
    """An application of each portal, as the desk finds it, as a web server in front names it, and as it asks."""
    keys = (here.application.pk, elsewhere.application.pk, "no-such-application")
    asks = [{"?": urlencode(party.asks())} for party in (here, elsewhere)]
    return {
        "portals.application": tuple({"object_id": key} for key in keys),
        "application": tuple({"key": key} for key in ("bills", "letters", "no-such-application")),
        "sign-on": (*asks, {"?": urlencode(here.asks(client_id=keys[2]))}),
    }


def _enrollment(online: Cast, provider_services: Account) -> dict[str, Any]:
    """Hand-overs that wait for a signature, and what strangers have asked Provider Services for."""
    asked = administrator_requests.submitted()
    returned = administrator_requests.submitted(tin="391234568", practice_name="Hilltop Clinic")
    administrator_requests.decided(returned, "returned", by=provider_services)
    links = [administrator_request_links.token_of(row) for row in (asked, returned)]
    waiting = [
        practices.asked(practice, online.people[owner], online.people[user], now=timezone.now())
        for practice, owner, user in (
            (online.here, "administrator", "user"), (online.elsewhere, "other administrator", "other user"),
        )
    ]  # fmt: skip
    review = reviews.begun(online.here, now=timezone.now())
    for practice, digits in ((online.here, TINS[0]), (online.elsewhere, TINS[1])):
        TinFactory(practice=practice, digits=digits, attested_by=provider_services)
    return {
        "administrator request": ({"token": links[0]}, None, {"token": "x" * 43}),
        "returned request": ({"token": links[1]}, None, {"token": "x" * 43}),
        "enrollment.administratorrequest": ({"object_id": asked.pk}, None, {"object_id": MISSING_PK}),
        "hand-over": tuple({"pk": pk} for pk in (waiting[0].pk, waiting[1].pk, MISSING_PK)),
        "rbac.review": ({"object_id": review.pk}, None, {"object_id": MISSING_PK}),
        "rbac.handover": ({"object_id": waiting[0].pk}, None, {"object_id": MISSING_PK}),
    }


def _documents(online: Cast) -> dict[str, Any]:
    """A document of a user here and of one elsewhere, shared with nobody, and a file that is to become another one."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in ("document", "version", "page", "file", "next")}
    for actor, practice in (("user", online.here), ("other user", online.elsewhere)):
        person, picture = online.people[actor], files.picture()
        begun = documents.handed_in(person, content=picture, name="scan.png")
        title = f"Of {person.last_name}"
        document = documents.added(
            person, practice, title, file=documents.handed_in(person, content=picture, name="scan.png")
        )
        for kind, named in _of_document(document.pk, begun.pk).items():
            found[kind].append(named)
    plan = documents.added(online.people["desk"], None, "Of the plan")
    nothing = _of_document(MISSING_UUID, MISSING_UUID)
    names = {"document": "document", "version": "version of a document", "page": "page of a document"}
    names |= {"file": "file of a document", "next": "next version"}
    of_plan = ({"object_id": plan.pk}, None, {"object_id": MISSING_UUID})
    return {"portals.document": of_plan} | {names[kind]: (*rows, nothing[kind]) for kind, rows in found.items()}


def _of_document(pk: uuid.UUID, file_pk: uuid.UUID) -> dict[str, dict[str, Any]]:
    return {
        "document": {"pk": pk}, "version": {"pk": pk, "number": 1}, "page": {"pk": pk, "number": 1, "page": 1},
        "file": {"file_pk": file_pk}, "next": {"pk": pk, "file_pk": file_pk},
    }  # fmt: skip


def _missing(named: dict[str, Any]) -> dict[str, Any]:
    """The same arguments with keys that nothing has."""
    nothing = {
        "pk": MISSING_UUID if isinstance(named.get("pk"), uuid.UUID) else MISSING_PK,
        "object_id": MISSING_UUID if isinstance(named.get("object_id"), uuid.UUID) else MISSING_PK,
        "key": MISSING_UUID, "reference": "ZZZZZZZZ", "number": "ZZZZZZZZ", "consent_id": MISSING_PK,
    }  # fmt: skip
    return {name: nothing[name] for name in named if name in nothing and not (name == "number" and "pk" in named)}


def _of_person(account: Account, browser: Client, party: RelyingParty) -> dict[str, dict[str, Any]]:
    """What belongs to one person and is shown on their own pages."""
    made = SoftPasskey().make(browser.get("/id/methods/passkey/options/").json())
    browser.post("/id/methods/passkey/", {"name": "key", "credential": made})
    passkey = PasskeyDevice.objects.get(user=account)
    address = EmailAddress.objects.create(user=account, email=f"second.{account.email}", primary=False, verified=False)
    old = AccountFactory(login_name=f"old.{account.login_name}", is_active=False)
    merge = Merge.objects.create(survivor=account, absorbed=old, by=account, at=timezone.now(), changes=[])
    file = _file(account)
    ticket = tickets.open(
        account=account, topic="other", text="help", by=account, now=NOW, portal_key="claims", queue="claims"
    )
    sent = _file(account)
    tickets.write(ticket=ticket, text="this", files=[sent.pk], by=account, now=NOW)
    signature = _signature(account)
    held = saved_posts.keep(
        account_id=account.pk, path="/id/profile/name/", body=QueryDict("first_name=Kim"), now=timezone.now()
    )
    session = browser.session  # the one form that this browser may go on with
    session[authentication_records.HELD] = str(held.pk)
    session.save()
    consent = Consent.objects.create(account=account, application=party.application, scopes=["openid"], given_at=NOW)
    submission = SubmissionFactory(account=account, submitted=True)
    draft = SubmissionFactory(account=account, portal_key="physician")
    registration = SubmissionFactory(account=account, portal_key="optum-pro")
    return {
        "passkey": {"pk": passkey.pk}, "method": {"kind": "passkey", "pk": passkey.pk}, "address": {"pk": address.pk},
        "merge": {"pk": merge.pk}, "file": {"pk": file.pk}, "page of a file": {"pk": file.pk, "number": 1},
        "ticket": {"number": ticket.number}, "message": {"portal_key": "claims", "number": ticket.number},
        "file of a message": {"portal_key": "claims", "number": ticket.number, "pk": sent.pk},
        "signature": {"pk": signature.pk}, "held": {"pk": held.pk}, "consent": {"consent_id": consent.pk},
        "request": {"reference": submission.reference}, "draft": {"reference": draft.reference},
        "registration": {"reference": registration.reference, "key": "state"},
        "session": {"pk": OpenSession.objects.filter(account=account).first().pk},
    }  # fmt: skip


def _of_desk(person: Account, key: str, operator: Account) -> dict[str, dict[str, Any]]:
    """Rows about one person, by the name of the model that the desk sees them as."""
    file = _file(person)
    about = {"portal_key": key, "queue": key}
    ticket = tickets.open(account=person, topic=Ticket.Topic.OTHER, text="help", by=person, now=NOW, **about)
    tickets.write(ticket=ticket, text="this", files=[file.pk], by=person, now=NOW)
    old = AccountFactory(realm=person.realm, login_name=f"gone.{key}", is_active=False)
    legacy = LegacyAccountFactory(source=SOURCES[key], account=person, linked_at=NOW, linked_by="final log-in")
    submission = Submission.objects.filter(account=person, portal_key=key).first() or SubmissionFactory(
        account=person, portal_key="physician", submitted=True
    )  # Provider OnLine has no form
    rows = {
        "identity.account": person,
        "identity.ticket": ticket,
        "identity.factorreset": FactorReset.objects.create(
            account=person, reason="lost", called="XXX-XXX-0177", started_by=operator, started_at=NOW
        ),
        "identity.merge": Merge.objects.create(survivor=person, absorbed=old, by=person, at=NOW, changes=[]),
        "portals.feedback": Feedback.objects.create(
            portal_key=key, account=person, page=f"/p/{key}/home/", text=secret_name("feedback", key), created_at=NOW
        ),
        "identity.signature": _signature(person),
        "identity.journalentry": JournalEntry.objects.create(at=NOW, kind="identity.AccountCreated", account=person),
        "identity.outboxmessage": OutboxMessage.objects.create(
            kind="identity.TicketOpenedMail", ids={"account_id": person.pk, "number": ticket.number}, dedupe_key=key,
            state="given up", created_at=NOW, due_at=NOW,
        ),
        "accessforms.submission": submission,
        "rbac.accessgrant": AccessGrant.objects.get(account=person, portal_key=key),
        **_course(person, key, operator),
        "portals.unlinking": Unlinking.objects.create(
            legacy=legacy, account=person, reason="wrong", asked_by=operator, asked_at=NOW
        ),
        "portals.legacyimport": LegacyImport.objects.create(
            source=SOURCES[key], file_name=f"{secret_name('user', key)}.csv", digest=key, state="checked", begun_at=NOW,
            by=operator,
        ),
    }  # fmt: skip
    texts = dict.fromkeys(("title_en", "text_en", "title_es", "text_es"), "x")
    rows["portals.newsitem"] = NewsItem.objects.create(
        portal_key=key, since=NOW, proposed_by=operator, proposed_at=NOW, **texts
    )
    named = {kind: {"object_id": row.pk} for kind, row in rows.items()}
    named |= {f"{kind} pk": {"pk": row.pk} for kind, row in rows.items()}
    named["desk file"] = {"pk": ticket.pk, "key": file.pk}
    named["page of a desk file"] = named["desk file"] | {"number": 1}
    held = rows["rbac.accessgrant"].memberships.current().first()
    named["membership of a grant"] = {"pk": held.grant_id, "membership": held.pk}
    named["page of a printout"] = {"pk": submission.pk, "number": 1}
    return named


def _course(person: Account, key: str, operator: Account) -> dict[str, Any]:
    """A course that is being written, and what somebody has earned by it."""
    course = Course.objects.create(portal_key=key, created_at=NOW)
    version = CourseVersion.objects.create(
        course=course, number=1, title_en="Course", title_es="Curso", created_at=NOW, proposed_by=operator,
        proposed_at=NOW,
    )  # fmt: skip
    Lesson.objects.create(version=version, number=1, title_en="Lesson", title_es="Lección")
    attempt = Attempt.objects.create(
        version=version, account=person, state="passed", score=100, created_at=NOW, sent_at=NOW
    )
    certificate = Certificate.objects.create(
        attempt=attempt, number=ticket_numbers.new("C"), passed_at=NOW, created_at=NOW, due_at=NOW
    )
    return {"portals.courseversion": version, "portals.certificate": certificate}


def _signature(account: Account) -> Signature:
    told = {"mode": "box", "name": "W", "login_name": "w", "language": "en", "at": NOW}
    return Signature.objects.get_or_create(account=account, agreement="terms", version=1, defaults=told)[0]


def _file(account: Account) -> StoredFile:
    """A picture that a worker has looked at."""
    return files.looked_at(account, content=files.picture(), name="scan.png")


def _print() -> None:
    """Every form that was sent in, as its PDF."""
    printing.make_waiting(clock=timezone.now)
