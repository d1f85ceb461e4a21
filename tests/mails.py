"""Every kind of message that people read, made so that it would leave now, and what its reader does with its link."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accessforms.models import Submission
from enrollment.domain import acceptance, administrator_requests, invitations
from enrollment.domain.invitations import Invitee
from enrollment.models import AdministratorRequest, Invitation, Kind, PracticeInquiry
from identity.accounts import addresses, emails
from identity.models import (
    Account,
    FactorReset,
    MassAct,
    OutboxMessage,
    SecurityAlert,
    Ticket,
)
from identity.notices import access_codes, alerts, messages, tickets
from identity.record import outbox
from identity.record.outbox import AnyMessage
from identity.recovery import factor_resets, lost_factors
from portals import registry
from portals.inside.domain import document_shares
from portals.legacy import mailed_links
from portals.models import LegacyAccount, Unlinking
from portals.oidc.messages import BackChannelLogout
from rbac.models import ApprovalQueue, DecidersChange, Membership, PracticeWarning, SweepRun
from tests.conftest import make_staff
from tests.factories import (
    NOW,
    PASSWORD,
    AccountFactory,
    GrantFactory,
    LegacyAccountFactory,
    PracticeFactory,
    SubmissionFactory,
    TinFactory,
)
from tests.inbox import Inbox
from tests.steps import administrator_requests as requests
from tests.steps import courses, documents, grid, mandates, news, practices, recovery, reviews, sign_up
from tests.steps import invitations as invited
from tests.steps.sign_in import signed_in

# A call to an application, by HTTP, and calls and texts with nothing but a code: nobody opens a link in them.
WITHOUT_LINKS = {
    BackChannelLogout, messages.KeypadCall, messages.SpokenCode, messages.TextCode, messages.AlertText,
}  # fmt: skip
PORTAL = practices.PORTAL
type Press = Callable[[Client, str], HttpResponse]


@dataclass
class Case:
    """`reader` has an account. `press` is what they do with the link, `done` whether it happened; without one, the link
    leads to a page of the reader's own, and they read it."""

    reader: Account | None = None
    press: Press | None = None
    done: Callable[[HttpResponse], bool] = lambda answer: answer.status_code in (200, 302)


def _enqueued(message: AnyMessage, reader: Account | None = None) -> Case:
    outbox.enqueue(message, now=timezone.now())
    return Case(reader)


def _post(**typed: str) -> Press:
    return lambda browser, link: browser.post(link, typed)


def _provider() -> Account:
    return AccountFactory(login_name="dr.provider", phone="+13105550123")


def _office() -> tuple[Any, Account]:
    practice = practices.lakeside()
    return practice, practices.in_duty(practices.administrator(practice))


# --- access forms -----------------------------------------------------------------------------------------------------
def _form(kind: str) -> Callable[[], Case]:
    def made() -> Case:
        row: Submission = SubmissionFactory(account=_provider(), submitted=True)
        GrantFactory(account=row.account)
        cls = outbox.KINDS[f"accessforms.{kind}"]
        return _enqueued(cls(account_id=row.account_id, reference=row.reference, version=99), row.account)

    return made


def _named() -> Case:
    row = SubmissionFactory(account=AccountFactory(), submitted=True)
    reader = GrantFactory(account=_provider()).account
    kind = outbox.KINDS["accessforms.SubjectMail"]
    return _enqueued(kind(account_id=reader.pk, reference=row.reference, result="given"), reader)


# --- administrator requests -------------------------------------------------------------------------------------------
def _state() -> str:
    return AdministratorRequest.objects.get().state


def _proof() -> Case:
    row = requests.asked()
    administrator_requests.send_code(request=row, purpose="typed_mailbox", now=timezone.now())
    return Case(None, _post(), lambda _answer: _state() == "submitted")


def _received() -> Case:
    requests.submitted()
    press: Press = lambda browser, link: browser.post(f"{link}withdraw/")  # noqa: E731
    return Case(None, press, lambda _answer: _state() == "withdrawn")


def _decided(to: str) -> Callable[[], Case]:
    def made() -> Case:
        agent = make_staff("pat.services", "service desk", (PORTAL,))
        requests.decided(requests.submitted(), to, by=agent)
        return Case()

    return made


def _returned() -> Case:
    _decided("returned")()
    version = str(AdministratorRequest.objects.get().version)
    press: Press = lambda browser, link: browser.post(  # noqa: E731
        f"{link}correct/", requests.TYPED | {"version": version}
    )
    return Case(None, press, lambda _answer: _state() == "submitted")


def _expired() -> Case:
    _decided("returned")()
    later = timezone.now() + timedelta(days=31)
    assert administrator_requests.expire_returned(now=later) == 1
    return Case()


def _asked_for() -> Case:
    practice, oaa = _office()
    kind = outbox.KINDS["enrollment.PracticeAskedForMail"]
    return _enqueued(kind(account_id=oaa.pk, practice=practice.pk, portal_key=PORTAL, day="2026-11-30"), oaa)


def _inquiry() -> Case:
    practice, oaa = _office()
    TinFactory(practice=practice)
    row = PracticeInquiry.objects.create(
        portal_key=PORTAL, tin_key="x", tin_kind="EIN", name="Nora", email="nora@example.org", email_key="x",
        asked_at=timezone.now(),
    )  # fmt: skip
    kind = outbox.KINDS["enrollment.PracticeInquiryMail"]
    return _enqueued(kind(account_id=oaa.pk, inquiry=row.pk, practice=practice.pk), oaa)


# --- invitations ------------------------------------------------------------------------------------------------------
def _invitation() -> Case:
    practice, oaa = _office()
    invited.user_invited(practice=practice, by=oaa)
    typed = {"login_name": "nora", "password": PASSWORD, "password_again": PASSWORD}
    return Case(
        None,
        lambda browser, link: browser.post(f"{link}new/", typed),
        lambda answer: answer.url.endswith("/code/"),
    )


def _invitation_of(kind: Kind) -> Callable[[], Case]:
    def made() -> Case:
        practice = practices.lakeside() if kind == Kind.ADMINISTRATOR else None
        invitations.invite(
            kind=kind, portal_key=PORTAL if practice else "claims", practice=practice, by=None, now=timezone.now(),
            invitee=Invitee(email="nora@example.org", **invited.NAME), role="administrator" if practice else "user",
        )  # fmt: skip
        typed = {**sign_up.GOOD, "login_name": "nora.office", "email": "nora@example.org"}
        return Case(None, lambda browser, link: browser.post(f"{link}new/", typed))

    return made


def _staff() -> Case:
    invited.staff_invited("boss@example.org", now=timezone.now())
    typed = {**sign_up.GOOD, "login_name": "the.boss"}
    return Case(None, _post(**typed), lambda _answer: Account.objects.filter(login_name="the.boss").exists())


def _mailbox() -> Case:
    practice, oaa = _office()
    row = invited.user_invited(practice=practice, by=oaa)
    acceptance.send_code(invitation=row, account=None, now=timezone.now())
    return Case()


def _inviter(kind: str, **more: int) -> Callable[[], Case]:
    def made() -> Case:
        practice, oaa = _office()
        row: Invitation = invited.user_invited(practice=practice, by=oaa)
        cls = outbox.KINDS[f"enrollment.{kind}"]
        return _enqueued(cls(account_id=oaa.pk, invitation=str(row.pk), **more), oaa)

    return made


# --- identity ---------------------------------------------------------------------------------------------------------
def _access_code() -> Case:
    account = _provider()
    access_codes.send(account=account, tenant="", now=timezone.now())
    return Case(account)


def _standing(kind: str) -> Callable[[], Case]:
    def made() -> Case:
        account = _provider()
        return _enqueued(outbox.KINDS[f"identity.{kind}"](account_id=account.pk, entry=1), account)

    return made


def _activation() -> Case:
    account = AccountFactory(login_name="new.one", address=False, last_login=None)
    emails.send_activation(account=account, tenant="", now=timezone.now())
    return Case(
        None,  # in whichever browser: signing in comes afterwards (S0-28)
        _post(),
        lambda _answer: EmailAddress.objects.get(user=account).verified,
    )


def _second_address(account: Account, *, verified: bool = False) -> EmailAddress:
    return EmailAddress.objects.create(user=account, email="second@example.org", primary=False, verified=verified)


def _address() -> Case:
    account = _provider()
    row = addresses.add(account=account, address="second@example.org", tenant="", now=timezone.now())
    return Case(account, _post(), lambda _answer: EmailAddress.objects.get(pk=row.pk).verified)


def _shared() -> Case:
    account = _provider()
    row = account.emailaddress_set.get()
    return _enqueued(messages.AddressSharedMail(account_id=account.pk, address=row.pk, by=account.pk), account)


def _alert() -> Case:
    account = _provider()
    alerts.raise_alert(account=account, kind=SecurityAlert.Kind.NAME_CHANGED, now=timezone.now())
    return Case(None, _post(), lambda _answer: SecurityAlert.objects.filter(answered_at__isnull=False).exists())


def _reset_by_staff() -> Case:
    account = _provider()
    agents = [make_staff(name, "service desk") for name in ("desk.agent", "desk.other")]
    now = timezone.now()
    row = factor_resets.start(account=account, reason="lost phone", by=agents[0], now=now)
    factor_resets.confirm(reset=row, reason="called", by=agents[1], now=now)
    return Case(None, _post(), lambda _answer: FactorReset.objects.get().state == "stopped")


def _names() -> Case:
    account = _provider()
    Client().post(recovery.FORGOT_ID, {"email": account.email})
    return Case(account)


def _lost() -> Case:
    account = _provider()
    row = _second_address(account, verified=True)
    lost_factors.send_code(address=row, tenant="", now=timezone.now())
    return Case(account)


def _mass_act() -> Case:
    operator = make_staff("the.operator", "operator")
    act = MassAct.objects.create(kind="sweep", as_of=NOW, state_since=NOW, counted=9, active=10, allowed=1)
    return _enqueued(messages.MassActWaitsMail(account_id=operator.pk, act=act.pk, state=act.state), operator)


def _password_ends() -> Case:
    account = _provider()
    changed = timezone.now() - timedelta(days=89)
    Account.objects.filter(pk=account.pk).update(password_changed_at=changed)
    since = changed.date().isoformat()
    return _enqueued(messages.PasswordReminder(account_id=account.pk, stage=1, since=since), account)


def _password() -> Case:
    account = _provider()
    recovery.ask(Client(), account)
    return Case(None, _post(), lambda answer: answer.url == recovery.RESET)


def _ticket(kind: str) -> Callable[[], Case]:
    """To whoever wrote without an account: the link is all they have."""

    def made() -> Case:
        now = timezone.now()
        contact = tickets.Contact(name="Nora", email="nora@example.org", phone="", language="en")
        row: Ticket = tickets.open(
            account=None, topic="other", text="help", by=None, now=now, portal_key="claims", queue="claims",
            contact=contact,
        )  # fmt: skip
        cls = outbox.KINDS[f"identity.{kind}"]
        if not OutboxMessage.objects.filter(kind=cls.stored_as).exists():
            outbox.enqueue(cls(number=row.number, message=1), now=now)
        return Case(None, _post(text="and another thing"), lambda _answer: row.messages.count() == 2)

    return made


def _handed_over() -> Case:
    agent = make_staff("desk.agent", "service desk")
    row = tickets.open(
        account=_provider(),
        topic="other",
        text="help",
        by=None,
        now=timezone.now(),
        portal_key="claims",
        queue="claims",
    )
    Ticket.objects.filter(pk=row.pk).update(claimed_by=agent, claimed_until=timezone.now() + timedelta(minutes=15))
    return _enqueued(messages.TicketHandedOverMail(account_id=agent.pk, number=row.number, entry=1), agent)


def _practice_answered() -> Case:
    practice, reader = _office()
    row = tickets.open(
        account=_provider(), topic="other", text="help", by=None, now=timezone.now(), portal_key="provider-online",
        queue="provider-online", practice_id=practice.pk, for_practice=True,
    )  # fmt: skip
    kind = outbox.KINDS["portals.PracticeAnsweredMail"]
    return _enqueued(kind(account_id=reader.pk, number=row.number, message=1), reader)


# --- portals ----------------------------------------------------------------------------------------------------------
def _given() -> Case:
    grant = GrantFactory(account=_provider())
    kind = outbox.KINDS["portals.AccessGivenMail"]
    return _enqueued(kind(account_id=grant.account_id, portal_key="claims", grant=grant.pk), grant.account)


def _certificate_ends() -> Case:
    certificate = courses.passed(courses.published(), courses.learner(phone="+13105550123")).certificate
    kind = outbox.KINDS["portals.CertificateEndsMail"]
    account = certificate.attempt.account
    return _enqueued(kind(account_id=account.pk, certificate=certificate.pk), account)


def _document_shared() -> Case:
    practice = PracticeFactory()
    owner, reader = (documents.worker(practice, name) for name in ("kim.office", "lee.office"))
    document = documents.added(owner, practice, now=timezone.now())
    document_shares.share_with_person(document=document, person=reader, by=owner, now=timezone.now())
    return Case(reader)


def _old(kind: str, **more: Any) -> Callable[[], Case]:
    def made() -> Case:
        account = GrantFactory(account=_provider(), portal_key="trucase").account
        legacy: LegacyAccount = LegacyAccountFactory(account=account, linked_at=NOW, linked_by="final log-in")
        cls = outbox.KINDS[f"portals.{kind}"]
        return _enqueued(cls(account_id=account.pk, legacy=legacy.pk, **more), account)

    return made


def _unlinked() -> Case:
    account, operator = _provider(), make_staff("the.operator", "operator")
    row = Unlinking.objects.create(
        legacy=LegacyAccountFactory(), account=account, reason="wrong", asked_by=operator, asked_at=NOW
    )
    kind = outbox.KINDS["portals.LegacyUnlinkedMail"]
    return _enqueued(kind(account_id=account.pk, unlinking=str(row.pk)), account)


def _link() -> Case:
    account, legacy = _provider(), LegacyAccountFactory()
    source = registry.get("trucase").legacy
    assert source is not None
    mailed_links.ask(account=account, source=source, login_name=legacy.login_name, now=timezone.now())
    return Case(account, _post(), lambda _answer: LegacyAccount.objects.get().account_id == account.pk)


# --- rbac -------------------------------------------------------------------------------------------------------------
def _grant(kind: str, *, rests: bool = False, warned: int = 0, **more: int) -> Callable[[], Case]:
    def made() -> Case:
        facts: dict[str, Any] = {"warned_days": warned} if warned else {}
        if rests:
            run = _run()
            facts |= {"suspended_at": NOW, "suspended_by_run": run}
            more["run"] = run.pk
        grant = GrantFactory(account=_provider(), **facts)
        cls = outbox.KINDS[f"rbac.{kind}"]
        return _enqueued(cls(account_id=grant.account_id, grant=grant.pk, **more), grant.account)

    return made


def _run() -> SweepRun:
    return SweepRun.objects.create(
        as_of=NOW, periods={}, state="frozen", state_since=NOW, active=100, allowed=10, to_warn=40, to_suspend=20
    )


def _membership(kind: str, *, rests: bool = False, **more: int) -> Callable[[], Case]:
    def made() -> Case:
        practice, oaa = _office()
        row: Membership = practices.membership(oaa, practice)
        if rests:
            Membership.objects.filter(pk=row.pk).update(suspended_at=NOW)
        cls = outbox.KINDS[f"rbac.{kind}"]
        return _enqueued(cls(account_id=oaa.pk, membership=row.pk, **more), oaa)

    return made


def _warning() -> Case:
    practice, oaa = _office()
    row = PracticeWarning.objects.create(practice=practice, portal_key=PORTAL, state="one left", created_at=NOW)
    kind = outbox.KINDS["rbac.PracticeWarningMail"]
    return _enqueued(kind(account_id=oaa.pk, warning=row.pk), oaa)


def _mandate() -> Case:
    practice = mandates.signer(grant=GrantFactory(portal_key=mandates.PORTAL, account__phone="+13105550123"))
    mandates.asked(mandates.vendor_person(), practice.practice, now=timezone.now())
    return Case(practice.grant.account, None)


def _hand_over() -> Case:
    practice, oaa = _office()
    nora = practices.user(practice)
    row = practices.asked(practice, oaa, nora, now=timezone.now())
    OutboxMessage.objects.filter(kind="rbac.HandOverMail").exclude(ids__account_id=nora.pk).delete()

    def done(_answer: HttpResponse) -> bool:
        row.refresh_from_db()
        return row.state == "done"

    return Case(nora, _post(typed_name=nora.get_full_name()), done)


def _sweep() -> Case:
    operator, run = make_staff("the.operator", "operator"), _run()
    kind = outbox.KINDS["rbac.SweepWaitsMail"]
    return _enqueued(kind(account_id=operator.pk, run=run.pk, state=run.state), operator)


_BOX = [("billing_specialist", "", "curo")]


def _review() -> Case:
    practice, oaa = _office()
    row = reviews.begun(practice, now=timezone.now())
    kind = outbox.KINDS["rbac.ReviewMail"]
    return _enqueued(kind(account_id=oaa.pk, review=row.pk, step="open"), oaa)


def _grid_waits() -> Case:
    operator = make_staff("the.operator", "operator")
    version = grid.propose(by=operator, without=_BOX, now=timezone.now())
    kind = outbox.KINDS["rbac.GridWaitsMail"]
    return _enqueued(kind(account_id=operator.pk, version=version.pk, state=version.state), operator)


def _grid_notice() -> Case:
    operators = [make_staff(name, "operator") for name in ("the.operator", "second.operator")]
    given = GrantFactory(account=_provider(), portal_key="optum-pro")
    work = grid.works_as(_BOX[0][0], grant=given)
    version = grid.publish(by=operators[0], second=operators[1], without=_BOX, now=timezone.now())
    kind, account = outbox.KINDS["rbac.GridNoticeMail"], work.grant.account
    return _enqueued(kind(account_id=account.pk, grant=work.grant_id, version=version.pk), account)


def _news(kind: str, **more: int) -> Callable[[], Case]:
    def made() -> Case:
        account = news.account_of(news.works(news.practice(), phone="+13105550141"))
        (item,) = news.shown(is_regulatory=True)
        message = outbox.KINDS[f"portals.{kind}"]
        return _enqueued(message(account_id=account.pk, item=item.pk, **more), account)

    return made


def _decides() -> Case:
    agent, operator = make_staff("desk.agent", "service desk"), make_staff("the.operator", "operator")
    queue = ApprovalQueue.objects.get(portal_key="claims")
    row = DecidersChange.objects.create(queue=queue, reason="new", asked_by=operator, asked_at=NOW)
    row.begins.add(agent)
    kind = outbox.KINDS["rbac.DecidesMail"]
    return _enqueued(kind(account_id=agent.pk, change=str(row.pk)), agent)


_AHEAD = int(datetime(2099, 1, 1, tzinfo=UTC).timestamp())
CASES: dict[str, Callable[[], Case]] = {
    **{f"accessforms.{kind}": _form(kind) for kind in (
        "FaxReceivedMail", "RequestApprovedMail", "RequestDeniedMail", "RequestExpiredMail", "RequestLapsedMail",
        "RequestLateMail", "RequestReceivedMail", "RequestReturnedMail", "RequestSubmittedMail",
    )},
    "accessforms.SubjectMail": _named,
    "enrollment.AdministratorRequestDeniedMail": _decided("denied"),
    "enrollment.AdministratorRequestExpiredMail": _expired,
    "enrollment.AdministratorRequestProofMail": _proof,
    "enrollment.AdministratorRequestReceivedMail": _received,
    "enrollment.AdministratorRequestReturnedMail": _returned,
    "enrollment.AskedAgainMail": _inviter("AskedAgainMail", asked=1),
    "enrollment.InvitationAcceptedMail": _inviter("InvitationAcceptedMail"),
    "enrollment.InvitationBouncedMail": _inviter("InvitationBouncedMail", sending=1),
    "enrollment.InvitationLapsedMail": _inviter("InvitationLapsedMail"),
    "enrollment.InvitationMail": _invitation,
    "enrollment.InvitationMail of an administrator": _invitation_of(Kind.ADMINISTRATOR),
    "enrollment.InvitationMail of a portal": _invitation_of(Kind.PORTAL),
    "enrollment.InvitationMail of staff": _staff,
    "enrollment.MailboxCodeMail": _mailbox,
    "enrollment.PracticeAskedForMail": _asked_for,
    "enrollment.PracticeInquiryMail": _inquiry,
    "identity.AccessCodeMail": _access_code,
    "identity.AccountClosedMail": _standing("AccountClosedMail"),
    "identity.AccountReopenedMail": _standing("AccountReopenedMail"),
    "identity.ActivationMail": _activation,
    "identity.AddressMail": _address,
    "identity.AddressSharedMail": _shared,
    "identity.AlertMail": _alert,
    "identity.FactorResetMail": _reset_by_staff,
    "identity.FactorResetText": _reset_by_staff,
    "identity.LoginNamesMail": _names,
    "identity.LostFactorsMail": _lost,
    "identity.MassActWaitsMail": _mass_act,
    "identity.PasswordReminder": _password_ends,
    "identity.ResetMail": _password,
    "identity.TicketClosedMail": _ticket("TicketClosedMail"),
    "identity.TicketHandedOverMail": _handed_over,
    "identity.TicketOpenedMail": _ticket("TicketOpenedMail"),
    "identity.TicketRepliedMail": _ticket("TicketRepliedMail"),
    "portals.AccessGivenMail": _given,
    "portals.CertificateEndsMail": _certificate_ends,
    "portals.DocumentSharedMail": _document_shared,
    "portals.LegacyClaimedMail": _old("LegacyClaimedMail", ticket="A-1"),
    "portals.LegacyLinkedMail": _old("LegacyLinkedMail", entry=1),
    "portals.LegacyUnlinkedMail": _unlinked,
    "portals.LinkMail": _link,
    "portals.NewsReminderMail": _news("NewsReminderMail", reminded=1),
    "portals.OldAddressMail": _old("OldAddressMail", entry=1),
    "portals.PracticeAnsweredMail": _practice_answered,
    "portals.RegulatoryNewsMail": _news("RegulatoryNewsMail"),
    "rbac.AccessBackMail": _grant("AccessBackMail", restored=1),
    "rbac.AccessSuspendedMail": _grant("AccessSuspendedMail", rests=True),
    "rbac.DecidesMail": _decides,
    "rbac.GridNoticeMail": _grid_notice,
    "rbac.GridWaitsMail": _grid_waits,
    "rbac.HandOverMail": _hand_over,
    "rbac.IdleWarningMail": _grant("IdleWarningMail", warned=3, deadline=_AHEAD, days=3),
    "rbac.JoinedByFormMail": _membership("JoinedByFormMail"),
    "rbac.MandateMail": _mandate,
    "rbac.MembershipEndedMail": _membership("MembershipEndedMail"),
    "rbac.MembershipOpenedMail": _membership("MembershipOpenedMail"),
    "rbac.MembershipRestoredMail": _membership("MembershipRestoredMail", restored=1),
    "rbac.MembershipSuspendedMail": _membership("MembershipSuspendedMail", rests=True, suspended=1),
    "rbac.PracticeWarningMail": _warning,
    "rbac.ReviewMail": _review,
    "rbac.ReviewSuspendedMail": _membership("ReviewSuspendedMail", rests=True, review=1),
    "rbac.RoleChangedMail": _membership("RoleChangedMail", others=2),
    "rbac.SweepWaitsMail": _sweep,
}  # fmt: skip


# Those whose page has a button that does something: a robot must not be led to it. The others lead to reading alone.
WITH_A_BUTTON = {
    "enrollment.AdministratorRequestProofMail", "enrollment.AdministratorRequestReceivedMail",
    "enrollment.AdministratorRequestReturnedMail", "enrollment.InvitationMail",
    "enrollment.InvitationMail of an administrator", "enrollment.InvitationMail of a portal",
    "enrollment.InvitationMail of staff", "identity.ActivationMail", "identity.AddressMail", "identity.AlertMail",
    "identity.FactorResetMail", "identity.FactorResetText", "identity.ResetMail", "identity.TicketClosedMail",
    "identity.TicketOpenedMail", "identity.TicketRepliedMail", "portals.LinkMail", "rbac.HandOverMail",
}  # fmt: skip


def sent(name: str) -> tuple[Case, AnyMessage]:
    """A case by its name, and its newest message, which the relay has handed over."""
    kind = name.partition(" ")[0]
    with transaction.atomic():
        case = CASES[name]()
    assert (case.press is not None) is (name in WITH_A_BUTTON)
    Inbox().all()
    row = OutboxMessage.objects.filter(kind=kind).latest("pk")
    return case, outbox.KINDS[kind](**row.ids)


def browser_of(case: Case) -> Client:
    """The reader's, signed in where they have an account."""
    return signed_in(case.reader, verified=True) if case.reader else Client()
