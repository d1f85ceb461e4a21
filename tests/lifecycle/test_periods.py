"""Every row of the table of periods: a second before its end, and at the very moment."""

import ast
from datetime import timedelta
from itertools import count
from pathlib import Path
from unittest.mock import patch

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.test import Client, RequestFactory

from accessforms.domain import submissions
from enrollment.domain import invitation_limits, invitation_links, invitations
from identity.accounts import accounts, emails, passwords, questions
from identity.codes import attempts, codes
from identity.factors import authenticators, factors, passkey_challenges, phones
from identity.governance import retention, sign_ups, waiting_files
from identity.merging import merges
from identity.models import (
    Account,
    Challenge,
    OpenSession,
    OutboxMessage,
    PhoneDevice,
    RememberedDevice,
    SuppressedAddress,
)
from identity.notices import access_codes, alerts, tickets
from identity.policy import lifecycle
from identity.record import delivery, machine
from identity.recovery import factor_resets, recovery
from identity.sessions import devices, idle, saved_posts, sessions
from identity.sign_in import authentication_records, login_intent
from portals import registry
from portals.legacy import legacy_imports, legacy_sign_in, mailed_links, unlinkings, verifications
from portals.legacy.sources import http_source
from portals.models import LegacyImport, LegacyImportRow
from portals.spec import LegacySource
from rbac.domain import deciders, idleness, sweeps
from rbac.models import ApprovalQueue, Practice
from tests.conftest import make_staff
from tests.factories import NOW, PASSWORD, AccountFactory, GrantFactory, LegacyAccountFactory, SubmissionFactory
from tests.steps import files
from tests.steps.idleness import sweep
from tests.steps.invitations import staff_invited, user_invited
from tests.steps.sign_in import sign_in_by_mail, signed_in

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
NUMBERS = count()


def raises(error, call) -> bool:
    try:
        call()
    except error:
        return True
    return False


def newcomer():
    account = AccountFactory(address=False)
    PhoneDevice.objects.create(user=account, name="phone", number="+13105550123", confirmed=False)
    return account


def activation_ended(account, at) -> bool:
    challenge = emails.send_activation(account=account, tenant="", now=NOW)
    return raises(codes.CodeEnded, lambda: emails.verify_by_link(challenge=challenge, here=True, now=at))


def phone_code_ended(account, at) -> bool:
    device = account.phonedevice_set.select_related("user").get()
    challenge = phones.send_code(device=device, method="text", purpose="phone", now=NOW)
    typed = codes.code_of(challenge)
    return raises(codes.CodeEnded, lambda: phones.confirm_by_code(device=device, typed=typed, now=at))


def window(purpose, most, gap):
    """Whether one more code can be sent at a moment, after `most` sendings from NOW on, `gap` apart."""

    def free(account, at) -> bool:
        for number in range(most):
            codes.issue(account=account, purpose=purpose, target="x", channel="text", now=NOW + gap * number)
        return not raises(
            codes.TooManySendings,
            lambda: codes.check_can_issue(account=account, purpose=purpose, target="x", channel="text", now=at),
        )

    return free


def password_pause_over(wrong):
    """Whether an attempt is looked at again, after so many wrong ones as fast as the pauses allow."""

    def over(account, at) -> bool:
        moments, moment = [], NOW
        for number in range(wrong):
            moments.append(moment)
            pause = lifecycle.after("first_password_pause") * 2 ** max(number - 4, 0) if number >= 4 else timedelta(0)
            moment += min(pause, lifecycle.after("longest_password_pause"))
        shift = NOW - moments[-1]  # the last wrong one is made at NOW
        for number, begun in enumerate(moments):
            with time_machine.travel(begun + shift, tick=False):
                attempts.begin(series="x", address=str(number), now=begun + shift)
        with time_machine.travel(at, tick=False):
            return not raises(attempts.TooManyAttempts, lambda: attempts.begin(series="x", address="a", now=at))

    return over


def password_series_over(account, at) -> bool:
    """Whether five tries are free again: four were made at NOW, the pause after the fifth is what a series means."""
    with time_machine.travel(NOW, tick=False):
        for number in range(4):
            attempts.begin(series="x", address=str(number), now=NOW)
    with time_machine.travel(at, tick=False):
        attempts.begin(series="x", address="a", now=at)
        return not raises(attempts.TooManyAttempts, lambda: attempts.begin(series="x", address="b", now=at))


def address_window_over(check, most):
    def over(account, at) -> bool:
        begin = NOW.replace(minute=0, second=0)
        with time_machine.travel(begin, tick=False):
            for _ in range(most):
                check(begin)
        later = begin + (at - NOW)
        with time_machine.travel(later, tick=False):
            return not raises(attempts.TooManyAttempts, lambda: check(later))

    return over


def told_and_asked(at) -> None:
    attempts.check_can_probe(address="a", now=at)
    attempts.told_taken(address="a", now=at)


def invitation_link_ended(account, at) -> bool:
    token = invitation_links.token_of(staff_invited(f"a{next(NUMBERS)}@example.org", now=NOW))
    return raises(invitation_links.InvitationEnded, lambda: invitation_links.find(token, now=at))


def invitation_lapsed(account, at) -> bool:
    invitation = staff_invited(f"a{next(NUMBERS)}@example.org", now=NOW)
    listed = invitation_limits.pending(now=at).filter(pk=invitation.pk).exists()
    standing = invitation_links.standing(invitation, now=at)
    invitations.lapse_due(now=at)
    invitation.refresh_from_db()
    assert listed == (standing == "link_ended") == (invitation.state == "sent")
    return not listed


def practice_may_invite_again(account, at) -> bool:
    practice = Practice.objects.create(name="P")
    for number in range(50):
        user_invited(f"u{number}@example.org", practice=practice, now=NOW)
    return not raises(
        invitation_limits.TooManyToday, lambda: user_invited("one.more@example.org", practice=practice, now=at)
    )


def may_ask_once_more(account, at) -> bool:
    invitation = staff_invited(f"a{next(NUMBERS)}@example.org", by=account, now=NOW)
    invitations.ask_again(invitation=invitation, now=NOW)
    return not raises(invitations.AskedAlready, lambda: invitations.ask_again(invitation=invitation, now=at))


def session_ended(account, at) -> bool:
    """Twelve hours from the sign-in, whatever was saved in between."""
    signer = AccountFactory()
    with time_machine.travel(NOW, tick=False) as clock:
        browser = Client()
        sign_in_by_mail(browser, signer.login_name)
        for _ in range(11 * 3):  # never idle
            clock.shift(timedelta(minutes=20))
            browser.post("/id/session/stay/")
        session = browser.session
        session["x"] = 1
        session.save()
        for _ in range(2):
            clock.shift(timedelta(minutes=20))
            browser.post("/id/session/stay/")
        cache.clear()
        clock.move_to(at)
        idle.start(browser.session, now=at)
        return browser.get("/id/profile/").status_code == 302


def sign_up_under_way_ended(account, at) -> bool:
    with time_machine.travel(NOW, tick=False) as clock:
        browser = Client()
        browser.post("/id/sign-in/", {"login": account.login_name})
        browser.post("/id/sign-in/password/", {"password": PASSWORD})
        clock.move_to(at + SECOND)  # allauth ends it after the moment
        return browser.get("/id/verify-email/").status_code == 302


def access_code_ended(account, at) -> bool:
    challenge = access_codes.send(account=account, tenant="", now=NOW)
    return raises(codes.CodeEnded, lambda: access_codes.accept(account=account, typed=codes.code_of(challenge), now=at))


def known(account, at=NOW):
    return devices.seen(account=account, device=None, browser="b", place="p", is_new_account=True, now=at)


def skipping_ended(account, at) -> bool:
    devices.skip_next_time(device=known(account), proved_by="phone", now=NOW)
    return not devices.skips(RememberedDevice.objects.get(account=account), now=at)


def device_forgotten(account, at) -> bool:
    return devices.find([devices.parse(devices.value_of(known(account)))], now=at) == []


def number_can_be_added(account, at) -> bool:
    device = account.phonedevice_set.select_related("user").get()
    for number in range(5):
        codes.issue(
            account=account, purpose="phone", target=f"{number}", channel="text", now=NOW + timedelta(hours=number)
        )
    return not raises(phones.TooManyNumbers, lambda: phones._check_numbers(device, now=at))


def factor_takes_codes_again(account, at) -> bool:
    device = account.phonedevice_set.select_related("user").get()
    for number in range(20):
        factors.begin_try(device, now=NOW + timedelta(minutes=number))
    device.refresh_from_db()
    assert factors.is_paused(device, now=at) == raises(factors.FactorPaused, lambda: factors.begin_try(device, now=at))
    return not factors.is_paused(device, now=at)


def authenticator_shows_the_next_code(account, at) -> bool:
    secret, length = authenticators.new_secret(), lifecycle.after("authenticator_step")
    begin = NOW.replace(second=0)
    code = authenticators.hotp(authenticators.base64.b32decode(secret), int(begin.timestamp() // 30), 6)
    later = begin + (at - NOW)  # one step either side is taken: a whole step later the last one still is
    return authenticators._step_of(secret, f"{code:06d}", now=later + length, newer_than=0) is None


def name_is_free_again(account, at) -> bool:
    Account.objects.filter(pk=account.pk).update(date_joined=NOW, last_login=None)
    sign_ups.release(now=at)
    return accounts.is_free(realm="ohid", login_name=account.login_name)


def proof_not_fresh(account, at) -> bool:
    request = RequestFactory().get("/")
    request.session = {
        "account_authentication_methods": [{"method": "password", "at": NOW.timestamp()}],
        "account_authentication_methods_user": str(account.pk),
    }
    return not authentication_records.is_fresh(request, account, has_factors=False, now=at)


def authenticator_begins_anew(account, at) -> bool:
    request = RequestFactory().get("/")
    login_intent.remember_secret(request, account, "SECRET", now=NOW)
    return login_intent.secret_begun(request, account, now=at) == ""


def challenge_ended(account, at) -> bool:
    response = HttpResponse()
    passkey_challenges.write(response, {"challenge": f"of {account.pk}"}, now=NOW)
    request = RequestFactory().get("/")
    request.COOKIES = {name: cookie.value for name, cookie in response.cookies.items()}
    return not passkey_challenges.take(request, now=at)


def held_form_gone(account, at) -> bool:
    held = saved_posts.keep(account_id=account.pk, path="/x/", body=QueryDict("a=1"), now=NOW)
    return saved_posts.find(account=account, pk=held.pk, now=at) is None


def alert_ended(account, at) -> bool:
    alert = transaction.atomic(alerts.raise_alert)(account=account, kind="new device", now=NOW)
    return raises(alerts.AlertEnded, lambda: alerts.find(alert.token, now=at))


def rested(account, at) -> bool:
    signer = AccountFactory()
    with time_machine.travel(NOW, tick=False) as clock:
        browser = Client()
        sign_in_by_mail(browser, signer.login_name)
        clock.move_to(at)
        return browser.get("/id/profile/").status_code == 302


def clock_moves(account, at) -> bool:
    browser = signed_in(account)
    idle.start(browser.session, now=NOW)
    return idle.note_activity(browser.session, left=idle.left(browser.session, now=at), now=at)


def use_written(account, at) -> bool:
    sessions.begin(account=account, session_key=f"k{next(NUMBERS)}", device=known(account), now=NOW)
    row = OpenSession.objects.filter(account=account).latest("signed_in_at")
    sessions.note_use(session_key=row.session_key, now=at)
    row.refresh_from_db()
    return row.last_seen_at == at


def merge_proof_ended(account, at) -> bool:
    one, two = AccountFactory(), AccountFactory()
    proof = merges.prove(own=one, other=two, method="mailbox", now=NOW)
    return raises(merges.MergeRefused, lambda: merges.check_proof(proof, own=one, other=two, now=at))


def merge_cannot_be_undone(account, at) -> bool:
    one, two = AccountFactory(), AccountFactory()
    choices = {clash.key: one.pk for clash in merges.clashes(one, two)}
    proof = merges.prove(own=one, other=two, method="mailbox", now=NOW)
    merge = merges.merge(survivor=one, absorbed=two, choices=choices, proof=proof, by=one, now=NOW)
    return raises(merges.MergeRefused, lambda: merges.undo(merge=merge, by=one, now=at))


def access_rests(account, at) -> bool:
    grant = GrantFactory(account=account, since=NOW)
    sweep(at)
    grant.refresh_from_db()
    return grant.suspended_at is not None


def warned_so_many_days_before(name):
    """Whether that warning is sent at a moment: the access rests that many days after NOW and this row's length."""

    def warned(account, at) -> bool:
        left = lifecycle.after(name)
        grant = GrantFactory(account=account, since=NOW + 2 * left - lifecycle.after("idle_account"))
        sweep(at)
        grant.refresh_from_db()
        return grant.warned_days == left.days

    return warned


def approver_has_to_confirm(account, at) -> bool:
    grant = GrantFactory(account=account, since=NOW - lifecycle.after("idle_account"))
    sweep(NOW)
    grant.refresh_from_db()
    return not idleness.come_back(grant=grant, by=account, now=at)


def undo_too_late(account, at) -> bool:
    GrantFactory(account=account, since=NOW - lifecycle.after("idle_account"))
    run, operator = sweep(NOW), AccountFactory(is_staff=True, is_superuser=True)
    return raises(sweeps.TooLate, lambda: sweeps.undo(run=run, by=operator, reason="x", now=at))


# The name of a row -> whether its period is over at a moment. Rows that other tests walk name that test.
def reset_link_ended(account, at) -> bool:
    challenge = codes.issue(account=account, purpose="reset", target=account.email, channel="mail", now=NOW)
    return raises(codes.CodeEnded, lambda: recovery.open_link(codes.token_of(challenge), now=at))


def link_can_be_sent(account, at) -> bool:
    for _ in range(5):
        codes.issue(account=account, purpose="reset", target=account.email, channel="mail", now=NOW)
    send = {"account": account, "purpose": "reset", "target": account.email, "channel": "mail"}
    return not raises(codes.TooManySendings, lambda: codes.issue(**send, now=at))


def answers_are_looked_at(account, at) -> bool:
    questions.choose(account=account, answers={"first_pet": "a", "first_job": "b", "first_car": "c"}, now=NOW)
    for _ in range(3):
        raises(questions.WrongAnswers, lambda: questions.check(account=account, answers={}, now=NOW))
    try:
        questions.check(account=account, answers={}, now=at)
    except questions.TooManyTries:
        return False
    except questions.WrongAnswers:
        return True
    raise AssertionError("no answer was given at all")


def begun_reset(account):
    phone = account.phonedevice_set.get()
    PhoneDevice.objects.filter(pk=phone.pk).update(confirmed=True)
    agents = [make_staff(f"desk.agent{number}", "service desk") for number in (next(NUMBERS), next(NUMBERS))]
    reset = factor_resets.start(account=account, reason="called back", by=agents[0], now=NOW)
    return reset, agents[1]


def reset_is_done(account, at) -> bool:
    reset, second = begun_reset(account)
    factor_resets.confirm(reset=reset, reason="looked at", by=second, now=NOW)
    factor_resets.do_due(now=at)
    stopped = not raises(machine.NotPossible, lambda: factor_resets.stop(reset=reset, now=at))
    reset.refresh_from_db()
    assert stopped is (reset.state == "stopped"), "up to the last second the person can stop it, then it is done"
    return reset.state == "done"


def reset_cannot_be_confirmed(account, at) -> bool:
    reset, second = begun_reset(account)
    return raises(machine.NotPossible, lambda: factor_resets.confirm(reset=reset, reason="late", by=second, now=at))


def password_has_ended(account, at) -> bool:
    account.password_changed_at = NOW
    return passwords.has_ended(account, now=at)


def reminds(name: str, *, stage: int):
    """A reminder is due from `name` before the end on; the earlier ones have been sent."""

    def reminded(account, at) -> bool:
        set_at = NOW + lifecycle.after(name) * 2 - lifecycle.after("password_age")
        # Of this reminder the moment is `NOW + its period`: the password ends one such period later.
        Account.objects.exclude(pk=account.pk).update(password_reminder=3)
        Account.objects.filter(pk=account.pk).update(password_changed_at=set_at, password_reminder=stage - 1)
        return passwords.remind(now=at) == 1

    return reminded


def old_system_is_asked_again(account, at) -> bool:
    source = LegacySource(key="trucase", name="TruCase", adapter="http")

    def ask(address: str, now) -> None:
        with pytest.raises(legacy_sign_in.NotProved), patch.object(http_source, "ask", return_value=None):
            legacy_sign_in.prove(source=source, login_name="old", password="x", address=address, now=now)

    with time_machine.travel(NOW, tick=False):
        for number in range(legacy_sign_in.MOST_PASSED_ON - legacy_sign_in.HELD_BACK):
            ask(str(number), NOW)
    with time_machine.travel(at, tick=False):
        return not raises(legacy_sign_in.Limited, lambda: ask("a", at))


def ids_try_an_old_account_again(account, at) -> bool:
    """Apart from everybody else, whose tries are used up."""
    source = LegacySource(key="trucase", name="TruCase", adapter="imported")

    def is_tried(now, by=None) -> bool:
        asked = {"login_name": "old", "password": "x", "address": str(next(addresses)), "account": by}
        try:
            legacy_sign_in.prove(source=source, now=now, **asked)
        except legacy_sign_in.NotProved:
            return True
        except legacy_sign_in.Limited:
            return False

    addresses = count()
    with patch.object(legacy_sign_in, "MOST_BY_IDS", 1):
        with time_machine.travel(NOW, tick=False):
            assert is_tried(NOW, AccountFactory())
        with time_machine.travel(at, tick=False):
            while is_tried(at):
                pass
            return is_tried(at, account)


def old_proof_ended(account, at) -> bool:
    request = RequestFactory().get("/")
    request.user, request.session = account, Client().session
    verifications.keep(request, LegacyAccountFactory(), now=NOW)
    return verifications.find(request, "trucase", now=at) is None


def mailed_link_ended(account, at) -> bool:
    legacy, source = LegacyAccountFactory(), registry.get("trucase").legacy
    row = mailed_links.ask(account=account, source=source, login_name=legacy.login_name, now=NOW)
    token = codes.token_of(Challenge.objects.get(pk=row.challenge))
    return raises(codes.CodeEnded, lambda: mailed_links.find(token, account=account, now=at))


def untying_cannot_be_done(account, at) -> bool:
    legacy = LegacyAccountFactory(account=account, linked_at=NOW, linked_by="final log-in")
    one, two = (make_staff(f"desk.agent{number}", "service desk") for number in (next(NUMBERS), next(NUMBERS)))
    unlinking = unlinkings.ask(legacy=legacy, reason="looked at", by=one, now=NOW)
    return raises(machine.NotPossible, lambda: unlinkings.do(unlinking=unlinking, by=two, now=at))


def change_of_deciders_cannot_be_made(account, at) -> bool:
    one, two = (make_staff(f"an.operator{number}", "operator") for number in (next(NUMBERS), next(NUMBERS)))
    agent = make_staff(f"new.agent{next(NUMBERS)}", "service desk", ("physician",))
    queue, _made = ApprovalQueue.objects.get_or_create(portal_key="claims")
    change = deciders.ask(queue=queue, deciders=[agent.pk], reason="new", by=one, now=NOW)
    return raises(machine.NotPossible, lambda: deciders.do(change=change, by=two, now=at))


def request_expired(account, at) -> bool:
    submission = SubmissionFactory(account=account, submitted=True)
    submissions.expire_unfaxed(now=at)
    submission.refresh_from_db()
    return submission.state == "expired"


def message_deleted(account, at) -> bool:
    kept = {"state": "sent", "created_at": NOW - SECOND, "due_at": NOW - SECOND, "done_at": NOW}
    sent = OutboxMessage.objects.create(kind="x", ids={}, dedupe_key=f"x{next(NUMBERS)}", **kept)
    waiting = OutboxMessage.objects.create(kind="x", ids={}, dedupe_key=f"x{next(NUMBERS)}", created_at=NOW, due_at=NOW)
    retention.prune(now=at)
    assert OutboxMessage.objects.filter(pk=waiting.pk).exists(), "what waits is kept"
    return not OutboxMessage.objects.filter(pk=sent.pk).exists()


def bounce_lifted_again(account, at) -> bool:
    """Whether a press lifts the bounce that followed the one it lifted NOW."""
    key = delivery.address_key(account.email)
    SuppressedAddress.objects.create(address_key=key, cause="bounced", since=NOW + SECOND, lifted_at=NOW)
    return delivery.lift(key, now=at)


def code_record_deleted(account, at) -> bool:
    sent = codes.issue(account=account, purpose="reset", target="x", channel="mail", now=NOW)
    retention.prune(now=at)
    return not Challenge.objects.filter(pk=sent.pk).exists()


def desk_is_told_of_a_file(account, at) -> bool:
    files.received(account)
    return waiting_files.alarm(now=at) is not None


def unsent_file_deleted(account, at) -> bool:
    ticket = _ticket(account)
    kept = files.received(account)
    tickets.write(ticket=ticket, text="See.", files=[kept.pk], by=account, now=NOW)
    file = files.received(account)
    waiting_files.delete_unsent(now=at)
    file.refresh_from_db()
    kept.refresh_from_db()
    assert kept.deleted_at is None
    return file.deleted_at is not None


def report_deleted(account, at) -> bool:
    facts = {"file_name": "x", "digest": "x", "begun_at": NOW}
    done = LegacyImport.objects.create(source="trucase", state="done", ended_at=NOW, **facts)
    LegacyImportRow.objects.create(legacy_import=done, line=1, login_name="x", outcome="accepted")
    waits = LegacyImport.objects.create(source="x", state="checked", **facts)
    legacy_imports.forget(now=at)
    waits.refresh_from_db()
    assert (waits.state == "discarded") is not done.rows.exists(), "a list that nobody started goes with the reports"
    LegacyImport.objects.filter(pk=waits.pk).update(state="discarded")
    return not done.rows.exists()


def _ticket(account):
    return tickets.open(account=account, topic="other", text="Help", by=account, now=NOW)


def colleague_may_take_it(account, at) -> bool:
    ticket = tickets.take(ticket=_ticket(account), by=make_staff(f"desk.{next(NUMBERS)}", "service desk"), now=NOW)
    other = make_staff(f"desk.{next(NUMBERS)}", "service desk")
    return not raises(machine.NotPossible, lambda: tickets.take(ticket=ticket, by=other, now=at))


def reply_opens_another_ticket(account, at) -> bool:
    agent = make_staff(f"desk.{next(NUMBERS)}", "service desk")
    ticket = tickets.close(ticket=_ticket(account), answer="Done.", by=agent, now=NOW)
    reached = tickets.write(ticket=ticket, text="It is back.", by=account, now=at)
    return reached.pk != ticket.pk and reached.earlier == ticket


ENDED = {
    "ticket_hold": colleague_may_take_it,
    "ticket_reply": reply_opens_another_ticket,
    "ticket_window": address_window_over(
        lambda at: attempts.check_can_write(who=f"x{next(NUMBERS)}", address="a", now=at), 30
    ),
    "certificate_window": address_window_over(lambda at: attempts.check_can_confirm(address="a", now=at), 30),
    "unfaxed_request": request_expired,
    "outbox": message_deleted,
    "code_record": code_record_deleted,
    "bounce_lift": bounce_lifted_again,
    "file_waiting": desk_is_told_of_a_file,
    "file_unsent": unsent_file_deleted,
    "legacy_report": report_deleted,
    "activation": activation_ended,
    "phone_code": phone_code_ended,
    "resend_pause": window("phone", 1, SECOND),
    "resend_window": window("phone", 5, timedelta(seconds=31)),
    "activation_window": window("email", 5, timedelta(seconds=31)),
    "daily_codes": window("phone", 10, timedelta(minutes=11)),
    "first_password_pause": password_pause_over(5),
    "longest_password_pause": password_pause_over(30),
    "address_window": address_window_over(
        lambda at: attempts.begin(series=f"x{next(NUMBERS)}", address="a", now=at),
        20,
    ),
    "name_window": address_window_over(told_and_asked, 20),
    "sign_up_window": address_window_over(lambda at: attempts.check_can_sign_up(address="a", now=at), 60),
    "password_series": password_series_over,
    "sign_in_under_way": sign_up_under_way_ended,
    "access_code": access_code_ended,
    "remembered_device": skipping_ended,
    "known_device": device_forgotten,
    "sendings_window": address_window_over(lambda at: attempts.check_can_send(address="a", now=at), 60),
    "phone_additions": number_can_be_added,
    "wrong_factors": factor_takes_codes_again,
    "authenticator_set_up": authenticator_begins_anew,
    "authenticator_step": authenticator_shows_the_next_code,
    "fresh_sign_in": proof_not_fresh,
    "saved_post": held_form_gone,
    "alert_answer": alert_ended,
    "session_idle": rested,
    "idle_step": clock_moves,
    "last_seen_step": use_written,
    "session": session_ended,
    "invitation_link": invitation_link_ended,
    "invitation_pending": invitation_lapsed,
    "invitation_count": practice_may_invite_again,
    "ask_again": may_ask_once_more,
    "passkey_challenge": challenge_ended,
    "reset_link": reset_link_ended,
    "reset_window": link_can_be_sent,
    "question_tries": answers_are_looked_at,
    "factor_reset": reset_is_done,
    "factor_reset_open": reset_cannot_be_confirmed,
    "unfinished_sign_up": name_is_free_again,
    "password_age": password_has_ended,
    "password_reminder_first": reminds("password_reminder_first", stage=1),
    "password_reminder_second": reminds("password_reminder_second", stage=2),
    "password_reminder_last": reminds("password_reminder_last", stage=3),
    "merge_proof": merge_proof_ended,
    "merge_undo": merge_cannot_be_undone,
    "idle_account": access_rests,
    **{name: warned_so_many_days_before(name) for name in idleness.WARNINGS},
    "idle_way_back": approver_has_to_confirm,
    "sweep_undo": undo_too_late,
    "legacy_tries": old_system_is_asked_again,
    "legacy_id_tries": ids_try_an_old_account_again,
    "legacy_proof": old_proof_ended,
    "link_mail": mailed_link_ended,
    "untying_open": untying_cannot_be_done,
    "deciders_change_open": change_of_deciders_cannot_be_made,
}
# The test that walks both edges of a row by another road: through a browser, an application, a calendar.
ELSEWHERE = {
    "attempt_open": "portals/test_courses.py::TestAttempts::test_after_a_day_it_is_over_and_keeps_its_answers",
    "attempt_again": "portals/test_course_records.py::TestAgain::test_after_five_that_failed_to_the_second",
    "attempt_kept": "portals/test_course_records.py::TestKept::test_an_attempt_that_failed_to_the_second",
    "certificate_kept": "portals/test_course_records.py::TestKept::test_a_certificate_six_calendar_years_after_its_end",
    "certificate_notice": "portals/test_courses.py::TestRenewal::test_its_holder_is_told_once_to_the_second",
    "practice_inquiry": "enrollment/test_practice_inquiries.py::test_it_is_deleted_after_its_days",
    "administrator_request_proof": "enrollment/test_administrator_requests.py::TestProof::test_24_hours_to_the_second",
    "administrator_request_open": "enrollment/test_administrator_requests.py::TestByItsLink::test_30_days_to_the_second",
    "administrator_request_decision": "enrollment/test_administrator_desk.py::TestQueue::test_it_is_late_to_the_second",
    "administrator_request_hold": "enrollment/test_administrator_desk.py::TestClaims::test_a_colleague_waits_and_then_goes_on",
    "hand_over_open": "rbac/test_hand_overs.py::TestItsDays::test_to_the_second_at_use",
    "mandate_inquiry": "rbac/test_mandate_inquiries.py::test_the_day_of_the_limit_is_over_to_the_second",
    "mandate_open": "rbac/test_mandates.py::TestAsking::test_it_lapses_to_the_second_at_use",
    "number_on_file": "rbac/test_hand_overs.py::TestProviderServices::test_a_number_proves_something_after_its_days",
    "grid_notice": "rbac/test_grid_versions.py::test_those_who_lose_are_told_days_before_to_the_second",
    "review_every": "rbac/test_reviews.py::TestOpening::test_a_year_after_the_first_administrator_to_the_second",
    "review_unused": "rbac/test_reviews.py::TestOpening::test_unused_is_ninety_days_to_the_second",
    "review_answer": "rbac/test_reviews.py::TestAnswering::test_its_days_to_the_second",
    "document_trash": "portals/test_document_trash.py::test_after_its_period_rows_and_bytes_are_gone",
    "news_reminder": "portals/test_news.py::TestMails::test_reminded_after_seven_days_and_once_more",
    "news_reminded_again": "portals/test_news.py::TestPractices::test_reminded_once_a_day",
    "review_reminder": "rbac/test_reviews.py::TestSilence::test_a_reminder_once_to_the_second",
    "last_day_notice": "portals/test_due.py::TestAccess::test_the_last_day_in_a_practice",
    "practice_told_again": "rbac/test_practice_health.py::TestToldAgain::test_after_its_days_to_the_second",
    "idle_warning": "journeys/test_ways_to_sign_in.py::test_the_warning_stands_in_every_tab_of_every_portal_and_what_was_typed_is_kept",
    "uncorrected_request": "accessforms/test_registration.py::TestUncorrected::test_it_expires_to_the_second_and_what_waits_for_the_desk_never_does",
    "register_stale": "accessforms/test_registers.py::test_it_is_old_after_its_days_to_the_second",
    "optum_pro_decision": "accessforms/test_registration.py::TestDue::test_to_the_second",
    "request_count": "accessforms/test_limits.py::TestLimits::test_a_day_is_over_at_the_moment_and_not_a_second_before",
    "journal": "identity/test_mass_acts.py::test_the_journal_is_kept_six_calendar_years_and_goes_by_the_month",
    "sign_on_code": "portals/test_oidc_tokens.py::TestCodes::test_a_code_counts_for_a_minute",
    "sign_on_token": "portals/test_oidc_tokens.py::TestTokens::test_an_access_token_counts_for_five_minutes",
    "sign_on": "portals/test_oidc_tokens.py::TestTokens::test_refreshing_ends_after_twelve_hours",
    "feedback": "portals/test_feedback.py::test_it_is_deleted_after_its_period_to_the_second",
    "sign_on_kept": "portals/test_oidc_ends.py::test_records_of_what_is_over_are_deleted",
    "logout_token": "portals/test_oidc_ends.py::TestBackChannel::test_the_token_ends_after_two_minutes",
    "signing_key_notice": "portals/test_signing_keys.py::test_a_new_key_is_published_before_it_signs",
    "signing_key_afterlife": "portals/test_signing_keys.py::test_the_former_key_is_believed_for_a_while",
    "published_keys": "portals/test_signing_keys.py::test_the_published_keys_may_be_kept_for_less_than_the_notice",
}
TOLD = {"published_keys"}  # as a number, to applications: it has no edge here


def function_at(name: str) -> ast.FunctionDef:
    """The test of this name, as it is written. Raises LookupError."""
    path, *inside = name.split("::")
    node: ast.AST = ast.parse((settings.BASE_DIR / "tests" / path).read_text())
    for part in inside:
        parts = {one.name: one for one in node.body if isinstance(one, ast.ClassDef | ast.FunctionDef)}
        node = parts[part]
    assert isinstance(node, ast.FunctionDef)
    return node


def walks(test: ast.FunctionDef, row: str) -> tuple[bool, bool]:
    """Whether a test asks the table for this row, and whether it goes a second beside that moment."""
    calls = [node for node in ast.walk(test) if isinstance(node, ast.Call)]
    asked = any(
        ast.unparse(call.func).split(".")[-1] in ("after", "due_at", "over_before")
        and isinstance(call.args[0], ast.Constant)
        and call.args[0].value == row
        for call in calls
        if call.args
    )
    text = ast.unparse(test)
    return asked, "SECOND" in text or "seconds=1)" in text


def test_every_row_has_a_test():
    """house, the periods in one place: a row is walked here, or by a test that asks the table for this very row."""
    assert set(ENDED) | set(ELSEWHERE) == set(lifecycle.PERIODS)
    assert not set(ENDED) & set(ELSEWHERE)
    for row, name in ELSEWHERE.items():
        test = function_at(name)
        assert test.name.startswith("test_"), name
        assert "skip" not in " ".join(map(ast.unparse, test.decorator_list)), name
        assert walks(test, row) == (True, row not in TOLD), (row, name)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ('end = NOW + lifecycle.after("journal")\nf(end - SECOND)\nf(end)', (True, True)),
        ('assert over_before("journal", now=now) == cut - timedelta(seconds=1)', (True, True)),
        ('f(NOW + lifecycle.after("outbox") - SECOND)', (False, True)),
        ('assert lifecycle.after("journal")', (True, False)),
        ('"""journal"""', (False, False)),
    ],
)
def test_a_test_of_another_row_or_of_one_edge_does_not_count(written, found):
    """rooms, section 4: fourteen rows counted as soon as a file was there."""
    body = "\n    ".join(written.split("\n"))
    assert walks(ast.parse(f"def test_x():\n    {body}").body[0], "journal") == found


def test_a_test_that_is_not_there_does_not_count():
    with pytest.raises(KeyError):
        function_at("portals/test_signing_keys.py::test_that_somebody_removed")


@pytest.mark.parametrize("name", ENDED)
def test_a_second_before_it_is_not_over_and_at_the_moment_it_is(name):
    """house, the periods in one place: both edges of each period."""
    end = NOW + lifecycle.after(name)
    assert not ENDED[name](newcomer(), end - SECOND)
    cache.clear()
    Challenge.objects.all().delete()
    assert ENDED[name](newcomer(), end)


def test_a_profile_may_have_its_own_length():
    """D-19: two profiles, a column each."""
    assert lifecycle.after("invitation_link", "nist") == timedelta(hours=24)
    assert lifecycle.after("phone_code", "nist") == lifecycle.after("phone_code")


def test_the_reference_page_is_the_table():
    """house: docs/reference/lifecycle.md is generated."""
    from config.reference import lifecycle_page

    page = Path(settings.BASE_DIR / "docs/reference/lifecycle.md")
    assert page.read_text() == lifecycle_page(), "run: make docs"
