"""What a person may not do with forms: too many (M11), of another realm (M7), and with hostile addresses and numbers (M8, L14)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accessforms.domain import barcodes, limits, submissions
from accessforms.models import Printout, Submission
from identity.policy import lifecycle
from identity.record import machine
from portals import registry
from rbac.domain import grants
from rbac.models import AccessGrant, Origin
from tests.factories import NOW, AccountFactory, SubmissionFactory
from tests.steps.filling import CLAIMS, CLAIMS_POST, PHYSICIAN, PHYSICIAN_POST
from tests.steps.intake import send
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
FORM = registry.get("claims").access_form


class TestLimits:
    """M11: each request is a queue row, a print and a mail."""

    def test_so_many_may_wait_and_no_more(self, provider):
        sent = [send(provider) for _ in range(FORM.most_open)]
        with pytest.raises(limits.TooMany):
            send(provider)
        assert Printout.objects.count() == FORM.most_open, "what is refused prints nothing"
        Submission.objects.filter(state="draft").delete()
        submissions.withdraw(submission=sent[0], by=provider, now=NOW)
        with pytest.raises(limits.TooMany) as refused:
            send(provider)
        assert refused.value.of_today, "withdrawing makes room in the queue, not in the day"
        Submission.objects.filter(state="draft").delete()
        assert send(provider, now=NOW + lifecycle.after("request_count")).state == "submitted"

    def test_a_day_is_over_at_the_moment_and_not_a_second_before(self, provider):
        for _ in range(FORM.most_a_day):
            submissions.withdraw(submission=send(provider), by=provider, now=NOW)
        end = NOW + lifecycle.after("request_count")
        with pytest.raises(limits.TooMany):
            send(provider, now=end - timedelta(seconds=1))
        Submission.objects.filter(state="draft").delete()
        assert send(provider, now=end)

    def test_others_and_other_portals_are_counted_apart(self, provider, stranger):
        for _ in range(FORM.most_open):
            send(provider)
        assert send(stranger)
        other = SubmissionFactory(account=provider, portal_key="physician")
        assert submissions.submit(submission=other, seen_version=other.version, by=provider, now=NOW)

    def test_the_page_says_it_in_words_and_keeps_the_draft(self, provider):
        for _ in range(FORM.most_open):
            send(provider)
        browser = signed_in(provider)
        url = browser.post(CLAIMS, CLAIMS_POST).url
        draft = Submission.objects.get(state="draft")
        page = browser.post(url, {"version": draft.version})
        assert page.status_code == 409
        assert f"{FORM.most_open} of your requests for this portal wait for a decision." in page.content.decode()

    @pytest.mark.postgres
    @pytest.mark.django_db(transaction=True)
    def test_of_many_windows_at_once_no_more_get_through(self):
        from tests.together import together

        account = AccountFactory()
        for _ in range(FORM.most_open - 1):
            send(account)
        draft = SubmissionFactory(account=account)  # two drafts of one portal cannot exist

        def press():
            one = Submission.objects.get(pk=draft.pk)
            try:
                submissions.submit(submission=one, seen_version=one.version, by=account, now=NOW)
            except (limits.TooMany, machine.NotPossible):
                return "told"
            return "sent"

        assert sorted(together(press, threads=6)) == ["sent", *["told"] * 5]
        assert Submission.objects.filter(state="submitted").count() == FORM.most_open


class TestRealm:
    """M7: an account of another realm files no form and gets no grant."""

    def test_the_form_is_behind_the_portals_realm(self):
        kim = AccountFactory(realm="provider-online")
        browser = signed_in(kim)
        for path in (CLAIMS, PHYSICIAN):
            assert browser.get(path).url == reverse("other_realm", args=[path.split("/")[2]])
            assert browser.post(path, CLAIMS_POST).status_code == 302
        assert browser.post(CLAIMS + "draft/", CLAIMS_POST).status_code == 302
        assert not Submission.objects.exists()

    def test_no_grant_crosses_realms(self):
        kim = AccountFactory(realm="provider-online")
        with pytest.raises(grants.WrongRealm):
            grants.give(account=kim, portal_key="claims", origin=Origin.STAFF, reason="x", by=None, now=NOW)
        assert not AccessGrant.objects.exists()


class TestHostileInput:
    """M8 and L14: each was a 500."""

    @pytest.mark.parametrize("version", ["²", "9" * 5000, "٣", "-1", "1\0"])
    def test_a_version_that_is_no_number_is_a_stale_page(self, provider, agent, version):
        browser = signed_in(provider)
        url = browser.post(CLAIMS, CLAIMS_POST).url
        assert browser.post(url, {"version": version}).status_code == 409
        request = SubmissionFactory(submitted=True)
        desk = reverse("admin:accessforms_submission_change", args=[request.pk])
        answer = signed_in(agent, verified=True).post(desk, {"step": "fax received", "version": version}, follow=True)
        assert answer.status_code == 200
        request.refresh_from_db()
        assert request.state == "submitted"

    @pytest.mark.parametrize("pk", ["²", "9" * 30, "٣", "%00"])
    def test_a_key_that_is_no_number_is_a_404_at_the_desk(self, agent, pk):
        assert signed_in(agent, verified=True).get(f"/admin/accessforms/submission/{pk}/change/").status_code == 404

    @pytest.mark.parametrize("page", ["", "edit/", "check/", "progress.json", "form.pdf", "withdraw/"])
    @pytest.mark.parametrize("reference", ["%00", "ABCDEFG%00", "%ED%A0%80AAAAA", "abcdefgh", "ABCDEFG0", "A" * 9])
    def test_what_cannot_be_a_reference_is_a_404_before_the_database(
        self, provider, reference, page, django_assert_max_num_queries
    ):
        browser = signed_in(provider)
        with django_assert_max_num_queries(9):
            assert browser.get(f"/requests/{reference}/{page}").status_code == 404

    def test_nul_and_half_characters_in_lists_and_texts_are_kept_out(self, provider):
        browser = signed_in(provider)
        bad = {**PHYSICIAN_POST, "regions": ["a\0b", "r1"], "city": "L\0A", "staff-0-name": "Zo\0ë"}
        assert browser.post(PHYSICIAN + "draft/", bad).json()["saved"]
        assert Submission.objects.get().answers["regions"] == ["ab", "r1"]
        page = browser.post(PHYSICIAN, bad)
        assert page.status_code == 200
        assert "There is a problem" in page.content.decode()

    @pytest.mark.parametrize("payload", ["\ud800" * 14, "é" * 14, "ABCDEFGH²²²²AA", ""])
    def test_a_bar_code_of_anything_is_only_unreadable(self, payload):
        with pytest.raises(barcodes.Unreadable):
            barcodes.parse(payload)
