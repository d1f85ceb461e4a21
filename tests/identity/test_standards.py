"""The page of standards deviations: computed from the live policy, current in docs/, for operators in the admin site."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission

from config import reference, reference_declared
from identity.governance import live_policy
from identity.governance.live_policy import PROFILES, policy_of
from identity.governance.standards import STANDARDS, Verdict
from identity.policy import lifecycle
from identity.policy.realms import OHID, realm_profile
from tests.conftest import make_staff
from tests.factories import AccountFactory
from tests.steps.sign_in import signed_in

PAGE = "/admin/standards/"
ROWS = {row.name: row for row in STANDARDS}


def does(name: str, profile: str) -> str:
    return ROWS[name].does(policy_of(OHID, profile))


def verdict(name: str, profile: str) -> Verdict:
    return ROWS[name].verdict(policy_of(OHID, profile))


def test_everything_that_must_be_named_is_named():
    """D-19, D-22, C27: the deviations of the documents, and the one that is ours."""
    assert set(ROWS) >= {
        "password-rotation", "password-composition", "password-length", "security-questions", "mailed-code",
        "phone-code", "remembered-device", "mailbox-only", "password-reset", "session-length",
    }  # fmt: skip
    for row in STANDARDS:
        assert row.why
        assert row.instead
        assert "NIST SP 800-63B-4" in row.clauses
    for row_id in ("D-19", "D-22", "C27", "S3-18", "S2-04", "S0-29", "S4-33"):
        assert any(row_id in row.rows for row in STANDARDS), row_id


def test_the_safer_profile_follows_where_the_documents_do_not():
    """D-19: rotation, composition, questions, mailed codes and remembered devices are the profile's to switch."""
    for name in ("password-rotation", "password-composition", "security-questions", "mailed-code", "remembered-device"):
        assert (verdict(name, "source"), verdict(name, "nist")) == (Verdict.DIFFERS, Verdict.FOLLOWS), name


def test_what_we_do_is_computed_from_the_table_of_periods(monkeypatch):
    """S3-18, S0-30, S3-17: another number in the table is another text, and another verdict."""
    assert "90 days" in does("password-rotation", "source")
    assert "30 days" in does("remembered-device", "source")
    assert "12 hours" in does("session-length", "source")

    def now_lasts(name: str, length: timedelta) -> None:
        monkeypatch.setitem(lifecycle.PERIODS, name, replace(lifecycle.PERIODS[name], source=length))

    now_lasts("password_age", timedelta(0))
    assert verdict("password-rotation", "source") == Verdict.FOLLOWS
    now_lasts("remembered_device", timedelta(days=1))
    assert "24 hours in that browser" in does("remembered-device", "source")
    now_lasts("session", timedelta(days=2))
    assert verdict("session-length", "source") == Verdict.DIFFERS


def test_what_we_ask_of_passwords_is_computed_from_the_realms_rules():
    """S0-16."""
    for profile in PROFILES:
        policy = policy_of(OHID, profile)
        assert str(policy.password.shortest) in does("password-length", profile)
        for rule in policy.password.composition:
            assert str(rule.text) in does("password-composition", profile)
        count, fitting = live_policy.common_passwords(policy)
        assert 0 < fitting < count
        assert str(fitting) in does("password-list", profile)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(0), "none"), (timedelta(seconds=1), "1 second"), (timedelta(seconds=90), "90 seconds"),
        (timedelta(minutes=1), "1 minute"), (timedelta(hours=12), "12 hours"), (timedelta(days=90), "90 days"),
    ],
)  # fmt: skip
def test_a_length_is_said_in_its_largest_unit(length, words):
    assert live_policy.humanize_duration(length) == words


@pytest.mark.parametrize("name", ["lifecycle.md", "requests.md", "standards.md", *reference_declared.pages()])
def test_the_reference_pages_are_current(name):
    """house: docs/reference/ is generated."""
    page = Path(settings.BASE_DIR / "docs/reference" / name)
    assert page.read_text() == reference.pages()[name], "run: make docs"


def test_a_profile_without_a_period_is_not_said_to_have_the_same():
    """A nist column of zero means none, not the source's length."""
    line = next(one for one in reference.lifecycle_page().split("\n") if one.startswith("| remembered_device "))
    assert "| 30 days | none |" in line


@pytest.mark.django_db
class TestInTheAdmin:
    def test_an_operator_reads_it_for_each_realm_with_its_live_profile(self, operator, settings):
        browser = signed_in(operator, verified=True)
        assert f'<a href="{PAGE}">Standards and deviations</a>' in browser.get("/admin/").content.decode()
        for profile in (realm_profile("ohid"), *PROFILES):
            settings.REALM_PROFILES = {"ohid": profile}
            page = browser.get(PAGE).content.decode()
            assert f"Realm ohid: profile {profile}" in page
            for row in STANDARDS:
                assert page.count(f"<h3>{row.what} ") == len(live_policy.live())
                assert f">{row.verdict(policy_of(OHID, profile)).label}<" in page
        assert "style=" not in page.split('<div id="content"')[1]

    def test_staff_without_the_right_see_neither_page_nor_link(self, agent):
        browser = signed_in(agent, verified=True)
        assert browser.get(PAGE).status_code == 403
        assert PAGE not in browser.get("/admin/").content.decode()

    def test_the_right_alone_is_not_enough_without_being_staff(self, provider):
        provider.user_permissions.add(Permission.objects.get(codename="view_standards"))
        provider.phonedevice_set.create(name="phone", number="+13105550199", confirmed=True)
        assert signed_in(provider, verified=True).get(PAGE).status_code in (302, 403)

    def test_the_group_of_operators_gives_the_right(self):
        deputy = AccountFactory(login_name="deputy", is_staff=True, phone="+13105550177")
        deputy.groups.set(make_staff("boss", "operator").groups.all())
        assert signed_in(deputy, verified=True).get(PAGE).status_code == 200
