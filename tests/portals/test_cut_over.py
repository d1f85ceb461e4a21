"""The operators' pages: lists checked and imported, the cut-over as a plot, the rehearsal of the day (issue 5)."""

import csv
import re
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django.utils.formats import date_format

from identity.models import Ticket
from identity.notices import tickets
from identity.policy import lifecycle
from portals import registry, tasks
from portals.legacy import cut_over, links
from portals.models import LegacyAccount, LegacyImport
from portals.spec import LegacySource, Phase
from rbac.capabilities import Capability
from rbac.models import AccessGrant
from tests.factories import NOW, AccountFactory, GrantFactory
from tests.pressing import press
from tests.steps.legacy_imports import SOURCE, content, line
from tests.steps.legacy_sign_in import BCRYPT
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
PAGE = "/admin/portals/legacyimport/"
UPLOAD = f"{PAGE}add/"
CUT_OVER = f"{PAGE}cut-over/{SOURCE}/"
DAY = timedelta(days=1)
TRUCASE = replace(
    registry.get("trucase"),
    legacy=LegacySource(key="trucase", name="TruCase", adapter="imported"),
    tiles=tuple(
        replace(tile, capability=Capability.BILL_TRACKER) if tile.name == "Bill Tracker" else tile
        for tile in registry.get("trucase").tiles
    ),
    phases=(),
)


@pytest.fixture
def browser(operator):
    return signed_in(operator, verified=True)


@pytest.fixture
def colleague(second_operator):
    return signed_in(second_operator, verified=True)


def old(name: str, source: str = "trucase", *, hashed: bool = True, **given) -> LegacyAccount:
    text = {"scheme": "bcrypt", "parameters": BCRYPT[:29], "imported_hash": BCRYPT} if hashed else {}
    given = {"email": f"{name}@example.org", **text, **given}
    return LegacyAccount.objects.create(source=source, login_name=name, imported_at=NOW, **given)


def linked(
    name: str, source: str = "trucase", *, account=None, by="pre-registration", at=NOW, **given
) -> LegacyAccount:
    return old(name, source, account=account or AccountFactory(), linked_at=at, linked_by=by, **given)


def upload(browser, data: bytes, *, source: str = SOURCE):
    file = SimpleUploadedFile("list.csv", data, content_type="text/csv")
    return browser.post(UPLOAD, {"source": source, "file": file})


def test_a_list_is_checked_looked_at_and_stored_in_the_admin_site(browser, colleague):
    """Issue 5: a dry run with a report of every row, then the import by a second operator, with progress."""
    answer = upload(browser, content(line("ana.old"), line("=cmd()", "nonsense"), line("bob.old")))
    page = browser.get(answer.url).content.decode()
    assert "being checked" in page
    assert '<progress max="100" value="0"' in page
    tasks.go_on_with_imports()
    page = browser.get(answer.url).content.decode()
    assert "checked: nothing is stored yet" in page
    assert "accepted: 2" in page
    assert "The password hash is damaged" in page
    assert "=cmd()" in page
    report = b"".join(browser.get(f"{answer.url.removesuffix('change/')}report.csv").streaming_content).decode()
    assert list(csv.reader(report.splitlines()))[2][1] == "'=cmd()"
    assert not LegacyAccount.objects.exists()
    assert "Store this list" not in page
    assert "You uploaded this list: a colleague has to store it." in page
    refused = browser.post(answer.url, {"step": "start"}, follow=True).content.decode()
    assert refused.count("You uploaded this list: a colleague has to store it.") == 2
    tasks.go_on_with_imports()
    assert not LegacyAccount.objects.exists()
    assert "Store this list" in colleague.get(answer.url).content.decode()
    before = colleague.post(answer.url, {"step": "start"}).content.decode()
    assert "is kept as an old account of Provider OnLine" in before, "C17"
    assert "<li>accepted: 2</li>" in before
    tasks.go_on_with_imports()
    assert not LegacyAccount.objects.exists()
    press(colleague, answer.url, {"step": "start"})
    tasks.go_on_with_imports()
    assert LegacyAccount.objects.count() == 2
    page = browser.get(f"{answer.url}?outcome=accepted").content.decode()
    assert "Import of old accounts done" in page
    assert "ana.old" in page
    assert "Store this list" not in page
    again = browser.post(answer.url, {"step": "stop"}, follow=True).content.decode()
    assert "Nothing was changed: a colleague was quicker." in again


def test_a_list_that_is_checked_can_be_stopped(browser):
    answer = upload(browser, content(line("ana.old")))
    tasks.go_on_with_imports()
    before = browser.post(answer.url, {"step": "stop"}).content.decode()
    assert "The list is forgotten and cannot be started again" in before, "C17"
    assert "Nothing of it was stored" in before
    assert LegacyImport.objects.get().blocks.count()
    assert "The import was stopped." in press(browser, answer.url, {"step": "stop"}, follow=True).content.decode()
    assert LegacyImport.objects.get().blocks.count() == 0


def test_a_second_list_or_none_is_refused_in_the_form(browser):
    upload(browser, content(line("ana.old")))
    second = upload(browser, content(line("bob.old")))
    assert second.status_code == 422
    assert "Another list of this old system is under way." in second.content.decode()
    assert browser.post(UPLOAD, {"source": SOURCE}).status_code == 422
    assert upload(browser, b"x", source="claims").status_code == 422


def test_a_wrong_first_line_is_told_beside_the_file_and_keeps_nothing(browser):
    """Walk E1: at once, with what was chosen; the old system is free for the next list."""
    for wrong in (b"name;hash\n", b"", content(line("Zo\xeb")).decode().encode("utf-16")):
        answer = upload(browser, wrong)
        assert answer.status_code == 422
        assert not LegacyImport.objects.exists()
    answer = upload(browser, b"name;hash\n")
    page = answer.content.decode()
    told = re.search(r'id="id_file_error"[^>]*>([^<]*)<', page)[1]
    assert told.startswith("list.csv: The first line must name these columns: login_name, hash")
    assert "Missing: login_name, email, first_name, last_name, entitlements. Not known: name." in told
    assert "Its cells are separated by semicolons." in told
    assert f'<option value="{SOURCE}" selected>' in page
    assert upload(browser, content(line("ana.old"))).status_code == 302


def test_a_file_that_is_refused_later_says_why_on_its_page(browser):
    answer = upload(browser, content(line("ana.old")) + b"\xff\n")
    tasks.go_on_with_imports()
    page = browser.get(answer.url).content.decode()
    assert "Line 3 is not UTF-8." in page
    assert "Nothing of it was stored." in page
    assert upload(browser, content(line("ana.old"))).status_code == 302


def test_a_list_is_begun_at_once(browser, colleague, django_capture_on_commit_callbacks):
    """Walk E1: not with the next full minute, neither the check nor the import."""
    with django_capture_on_commit_callbacks(execute=True):
        answer = upload(browser, content(line("ana.old")))
    assert LegacyImport.objects.get().state == LegacyImport.State.CHECKED
    with django_capture_on_commit_callbacks(execute=True):
        press(colleague, answer.url, {"step": "start"})
    assert LegacyImport.objects.get().state == LegacyImport.State.DONE


def test_a_broker_that_is_down_fails_nobody(browser, monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr("portals.tasks.go_on_with_imports.apply_async", lambda **_: 1 / 0)
    with django_capture_on_commit_callbacks(execute=True):
        assert upload(browser, content(line("ana.old"))).status_code == 302


def test_the_page_of_an_import_shows_by_itself_how_far_it_is(browser, agent):
    answer = upload(browser, content(line("ana.old")))
    page = browser.get(answer.url).content.decode()
    progress = f"{answer.url.removesuffix('change/')}progress.json"
    assert f'data-progress="{progress}"' in page
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page
    assert browser.get(progress).json() == {"state": "waiting", "percent": 0}
    assert signed_in(agent).get(progress).status_code in (302, 404)
    tasks.go_on_with_imports()
    assert browser.get(progress).json() == {"state": "done", "percent": 100}
    page = browser.get(answer.url).content.decode()
    assert "data-progress" not in page
    assert "refresh" not in page


def test_the_report_names_what_is_not_known(browser):
    """Walk C16."""
    answer = upload(browser, content(line("ana.old", "", entitlements="root")))
    tasks.go_on_with_imports()
    assert "An entitlement is not known: root. Known: " in browser.get(answer.url).content.decode()
    report = b"".join(browser.get(f"{answer.url.removesuffix('change/')}report.csv").streaming_content).decode()
    assert "An entitlement is not known: root. Known: " in report


def test_a_report_is_paged(browser, monkeypatch):
    monkeypatch.setattr("portals.legacy.admin.legacy_imports.A_PAGE", 2)
    answer = upload(browser, content(*(line(f"old.user{number}", "") for number in range(5))))
    tasks.go_on_with_imports()
    page = f"{answer.url}?outcome=accepted"
    names = []
    while page:
        shown = browser.get(page).content.decode()
        names += re.findall(r"<td>(old\.user\d)</td>", shown)
        found = re.search(r'href="(\?outcome=accepted&amp;after=\d+)#report">Next page', shown)
        page = answer.url + found[1].replace("&amp;", "&") if found else ""
    assert names == [f"old.user{number}" for number in range(5)]


def test_a_list_is_checked_and_stored_with_a_fresh_proof_only(browser, colleague):
    """policy, session: both steps can give access to anybody."""
    answer = upload(browser, content(line("ana.old")))
    tasks.go_on_with_imports()
    with time_machine.travel(timezone.now() + lifecycle.after("fresh_sign_in"), tick=False):
        for response in (
            browser.get(UPLOAD), upload(browser, content(line("b.old"))), colleague.post(answer.url, {"step": "start"}),
        ):  # fmt: skip
            assert response.url.startswith("/id/confirm/")
        assert browser.get(PAGE).status_code == colleague.get(answer.url).status_code == 200
        stopped = colleague.post(answer.url, {"step": "stop"})
        assert stopped.url.startswith("/id/confirm/"), "M5: every write of the admin site"
    assert press(colleague, answer.url, {"step": "stop"}).url == answer.url
    assert LegacyImport.objects.get().state == "discarded"


@pytest.mark.parametrize("page", [PAGE, UPLOAD, CUT_OVER, f"{CUT_OVER}stuck.csv"])
def test_only_operators_see_these_pages(agent, browser, page):
    assert signed_in(agent, verified=True).get(page).status_code == 404
    assert browser.get(page).status_code == 200


def test_what_does_not_exist_is_not_found(browser):
    for page in (
        f"{PAGE}999/change/",
        f"{PAGE}x/change/",
        f"{PAGE}999/report.csv",
        f"{PAGE}cut-over/claims/",
        f"{CUT_OVER}stuck.csv?day=x",
    ):
        assert browser.get(page).status_code == 404, page
    assert browser.get(f"{CUT_OVER}?day=nonsense").status_code == 422


def test_the_page_counts_who_is_tied_and_draws_the_days(browser):
    """Issue 5: linked, pre-registered, missing, per day, as a plot with a table."""
    now = timezone.now()
    for number in range(3):
        linked(f"pre{number}", SOURCE, at=now - 2 * DAY)
    linked("last", SOURCE, by="final log-in", at=now - DAY)
    linked("long.ago", SOURCE, by="first sign-in", at=now - 100 * DAY)
    old("not.yet", SOURCE)
    page = browser.get(CUT_OVER).content.decode()
    told = dict(re.findall(r"<dt>([^<]+)</dt><dd>(\d+)</dd>", page))
    assert (told["Old accounts"], told["Tied to an ID"], told["Not yet"]) == ("6", "5", "1")
    assert told["by pre-registration"] == "3"
    assert told["by logging in one last time"] == "1"
    assert page.count('class="plot__before"') == 1
    assert page.count('class="plot__after"') == 1
    assert "at most 3 on one day" in page
    assert " style=" not in page
    today = timezone.localdate(now)
    for day in (today - 59 * DAY, today - 29 * DAY, today):
        assert f"<span>{date_format(day, 'MONTH_DAY_FORMAT')}</span>" in page, "the days stand at the axis (walk D9)"
    assert "<span>4</span><span>2</span><span>0</span>" in page, "so do the numbers"
    overview = browser.get(PAGE).content.decode()
    assert f'<a href="{CUT_OVER}">Provider OnLine</a>' in overview


def stands(at=NOW, portal=TRUCASE) -> dict[str, str]:
    return dict(cut_over.rehearse(portal, at=at).values_list("login_name", "stands"))


def test_a_rehearsal_says_who_goes_in_and_who_is_stuck_and_why():
    """Issue 5: who would be stuck on the day; S0-02: a TruCase account and access to the Bill Tracker link."""
    right = ["bill_tracker"]
    ready, ready_too, no_right, resting, ended, closed = (AccountFactory() for _ in range(6))
    GrantFactory(account=ready_too, portal_key="trucase", since=NOW)
    GrantFactory(account=ready, portal_key="trucase", capabilities=right, since=NOW)
    GrantFactory(account=no_right, portal_key="trucase", since=NOW)
    GrantFactory(account=resting, portal_key="trucase", capabilities=right, since=NOW, suspended_at=NOW)
    GrantFactory(account=ended, portal_key="trucase", capabilities=right, since=NOW, until=NOW)
    GrantFactory(account=closed, portal_key="trucase", capabilities=right, since=NOW)
    closed.is_active = False
    closed.save()
    linked("ready", account=ready, capabilities=right)
    linked("not.entitled", account=no_right, capabilities=right)
    linked("rests", account=resting)
    linked("ended", account=ended)
    linked("closed", account=closed)
    linked("unproved", account=AccountFactory(address=False))
    old("has.password")
    old("has.mail", hashed=False)
    old("has.nothing", hashed=False, email="")
    old("shares.one", hashed=False, email="office@example.org")
    old("shares.two", hashed=False, email="office@example.org")
    linked("shares.linked", account=ready_too, email="desk@example.org")
    old("shares.three", hashed=False, email="desk@example.org")
    old("elsewhere", SOURCE, hashed=False, email="has.mail@example.org")
    assert stands() == {
        "ready": "ready", "not.entitled": "not entitled", "rests": "rests", "ended": "no access", "closed": "closed",
        "unproved": "unproved", "has.password": "one last time", "has.mail": "by mail", "has.nothing": "nothing",
        "shares.one": "shared", "shares.two": "shared", "shares.three": "shared",
        "shares.linked": "ready",
    }  # fmt: skip
    assert cut_over.counts_of(cut_over.rehearse(TRUCASE, at=NOW))["shared"] == 3


def test_an_old_account_that_two_people_claim_is_stuck_until_the_desk_has_answered(browser, provider, stranger, agent):
    """Issue 5: a second claim is a reason; of who has one already, and of who is not tied at all."""
    GrantFactory(account=provider, portal_key="trucase", since=NOW)
    rows = [linked("one.old", account=provider), old("two.old")]
    claimants = [(rows[0], stranger), (rows[1], provider)]
    for row, claimant in claimants:
        with pytest.raises(links.AlreadyLinked):
            links.link(legacy=row, account=claimant, way=links.Way.FINAL_LOG_IN, now=NOW)
    assert stands() == {"one.old": "conflict", "two.old": "conflict"}
    assert cut_over.only(cut_over.rehearse(TRUCASE, at=NOW), "conflict").count() == 2
    page = browser.get("/admin/portals/legacyimport/cut-over/trucase/?why=conflict").content.decode()
    assert "A claim to them was refused" in page
    assert "one.old" in page
    for ticket in Ticket.objects.all():
        tickets.close(ticket=tickets.take(ticket=ticket, by=agent, now=NOW), answer="It is hers.", by=agent, now=NOW)
    assert stands() == {"one.old": "ready", "two.old": "one last time"}


def test_a_rehearsal_knows_whose_access_rests_by_the_day():
    """S3-19: access that nobody uses for 90 days rests; the list says so beforehand."""
    account = AccountFactory()
    GrantFactory(account=account, portal_key="trucase", since=NOW)
    linked("ana.old", account=account)
    assert stands(NOW + 90 * DAY - timedelta(seconds=1)) == {"ana.old": "ready"}
    assert stands(NOW + 90 * DAY) == {"ana.old": "rests"}
    AccessGrant.objects.update(last_used_at=NOW + 10 * DAY)
    assert stands(NOW + 90 * DAY) == {"ana.old": "ready"}


def test_an_old_system_that_checks_passwords_itself_leaves_nobody_without_one():
    old("has.nothing", hashed=False, email="")
    remote = replace(TRUCASE, legacy=LegacySource(key="trucase", name="TruCase", adapter="ldap"))
    assert stands(portal=remote) == {"has.nothing": "one last time"}


def test_the_rehearsal_asks_the_phase_that_holds_on_the_day():
    """S0-09: once only the ID counts no page asks for an old password; a mail proves an old account, or nothing."""
    old("has.password")
    old("no.address", email="")
    old("shares.one", email="office@example.org")
    old("shares.two", email="office@example.org")
    day = NOW.date() + 10 * DAY
    portal = replace(TRUCASE, phases=((Phase.BOTH_WAYS, NOW.date() - DAY), (Phase.ID_ONLY, day)))
    before = cut_over.beginning_of(day) - timedelta(seconds=1)
    assert set(stands(before, portal).values()) == {"one last time"}
    assert stands(cut_over.beginning_of(day), portal) == {
        "has.password": "by mail", "no.address": "nothing", "shares.one": "shared", "shares.two": "shared",
    }  # fmt: skip


def test_the_page_names_the_phase_of_the_day(browser):
    old("no.address", email="")
    page = browser.get("/admin/portals/legacyimport/cut-over/trucase/").content.decode()
    assert "Phase on that day: ID only" in page
    assert "nothing proves who they are: 1" in page


@pytest.mark.parametrize(
    ("day", "words"),
    [("nonsense", "This is not a day."), (str(timezone.localdate() - 2 * DAY), "This day is over.")],
)
def test_a_day_that_cannot_be_rehearsed_is_refused_with_no_result_beneath(browser, day, words):
    old("stuck", SOURCE, hashed=False, email="")
    answer = browser.get(f"{CUT_OVER}?day={day}")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert "would be stuck</dt>" not in page
    assert browser.get(f"{CUT_OVER}stuck.csv?day={day}").status_code == 404


def test_the_menu_leads_to_each_cut_over_by_the_name_of_its_page(browser, agent):
    link = f'<a href="{CUT_OVER}"'
    page = browser.get("/admin/").content.decode()
    assert re.search(rf"{link}[^>]*>Cut-over of Provider OnLine</a>", page)
    assert re.search(rf'<a href="{PAGE}"[^>]*>Old accounts</a>', page)
    assert "<h1>Cut-over of Provider OnLine</h1>" in browser.get(CUT_OVER).content.decode()
    assert link not in signed_in(agent, verified=True).get("/admin/").content.decode()


def test_a_realm_of_its_own_asks_for_an_id_and_not_for_access():
    """S4-25: access to Provider OnLine comes with the practice."""
    linked("ana.old", SOURCE, by="first sign-in")
    assert stands(portal=registry.get(SOURCE)) == {"ana.old": "ready"}


def test_a_second_step_or_an_address_is_a_way_in():
    account = AccountFactory(phone="+13105550155")
    EmailAddress.objects.update(verified=False)
    linked("has.phone", SOURCE, account=account, by="first sign-in")
    assert stands(portal=registry.get(SOURCE)) == {"has.phone": "ready"}


def test_the_rehearsal_is_shown_paged_and_downloaded_with_quoted_cells(browser, monkeypatch):
    """policy, Always: cells that start with = + - @ are quoted."""
    monkeypatch.setattr("portals.legacy.admin.cut_over.A_PAGE", 2)
    for name in ("=1+1", "b.old", "c.old"):
        old(name, SOURCE, hashed=False, email="")
    old("has.password", SOURCE)
    day = timezone.localdate() + 70 * DAY
    first = browser.get(f"{CUT_OVER}?day={day}").content.decode()
    assert f"On {date_format(day)}" in first
    assert re.search(r"<dt>would be stuck</dt><dd><strong>3</strong></dd>", first)
    assert "nothing proves who they are: 3" in first
    following = re.search(r'href="(\?[^"]*after=\d+)#people">Next page', first)
    second = browser.get(CUT_OVER + following[1].replace("&amp;", "&")).content.decode()
    assert "c.old" in second
    assert "b.old" not in second
    answer = browser.get(f"{CUT_OVER}stuck.csv?day={day}")
    assert answer["Content-Disposition"] == f'attachment; filename="stuck-{SOURCE}-{day}.csv"'
    told = list(csv.reader(b"".join(answer.streaming_content).decode().splitlines()))
    assert [row[0] for row in told[1:]] == ["'=1+1", "b.old", "c.old"]
    assert told[1][5].startswith("No password that works and no address")


def test_nobody_stuck_is_said(browser):
    old("has.password", SOURCE)
    assert "Nobody would be stuck." in browser.get(CUT_OVER).content.decode()


@pytest.mark.parametrize(("page", "budget"), [(CUT_OVER, 5), (PAGE, 8)])
def test_the_pages_ask_few_questions_however_many_accounts_there_are(
    browser, django_assert_max_num_queries, page, budget
):
    """speed: counted by the database, never row by row."""
    for number in range(8):
        linked(f"linked{number}", SOURCE)
        old(f"stuck{number}", SOURCE, hashed=False, email="")
    browser.get(page)
    session_and_rights = 3
    with django_assert_max_num_queries(budget + session_and_rights):
        assert browser.get(page).status_code == 200
