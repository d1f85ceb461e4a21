"""Outside applications in the admin site: who may, every mistake of the form, the secret that is shown once (S0-04)."""

import re
from dataclasses import replace
from itertools import count

import pytest
from allauth.idp.oidc.models import Client
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.utils import timezone

from identity.models import Account, JournalEntry, OutboxMessage
from portals import registry
from portals.models import Application, OidcSession
from portals.oidc import applications, machine_secrets
from portals.oidc.admin.snippets import NAMES, snippets_of
from portals.spec import Tile
from rbac.capabilities import Capability
from tests.factories import AccountFactory, GrantFactory
from tests.relying_party import AFTERWARDS, CALLBACK, register
from tests.steps.sign_in import signed_in
from tests.together import together

pytestmark = pytest.mark.django_db
LIST = "/admin/portals/application/"
GOOD = {
    "name": "Bill Viewer",
    "key": "bills",
    "portal_key": "claims",
    "kind": "confidential",
    "redirect_uris": f"{CALLBACK}\r\nhttps://bills.example.org/second\r\n\r\n{CALLBACK}",
    "after_logout_uris": AFTERWARDS,
    "logout_address": "https://bills.example.org/logout",
    "launch_address": "https://bills.example.org/start",
    "scopes": ["profile", "email"],
    "refreshes": "on",
    "asks_consent": "on",
    "algorithm": "ES256",
    "capability": "",
}
SECRET = re.compile(r'<pre id="secret"[^>]*>([^<]+)</pre>')


def page_of(application: Application, name: str = "change") -> str:
    return f"{LIST}{application.pk}/{name}/"


def change(browser, application: Application, **answers):
    """Open the settings and save them."""
    path = page_of(application, "settings")
    seen = re.search(r'name="seen" value="(\w+)"', browser.get(path).content.decode()).group(1)
    return browser.post(path, {**GOOD, "seen": seen, **answers})


@pytest.fixture
def browser(operator):
    return signed_in(operator, verified=True)


@pytest.fixture
def party():
    return register(logout_address="https://bills.example.org/logout")


def test_an_operator_registers_an_application(browser, operator):
    answer = browser.post(f"{LIST}add/", GOOD)
    application = Application.objects.get()
    assert applications.said_of(application) == applications.Registration(
        key="bills",
        name="Bill Viewer",
        portal_key="claims",
        redirect_uris=[CALLBACK, "https://bills.example.org/second"],
        after_logout_uris=[AFTERWARDS],
        scopes=["openid", "profile", "email"],
        launch_address="https://bills.example.org/start",
        logout_address="https://bills.example.org/logout",
        algorithm="ES256",
    )
    assert application.pk in answer.content.decode()
    assert JournalEntry.objects.get(kind="portals.ApplicationRegistered").by == operator


def test_the_secret_is_shown_once_and_kept_nowhere(browser):
    """S0-04, policy, Always: it is in the one answer only; not in the session, the messages, the journal or a later page."""
    answer = browser.post(f"{LIST}add/", GOOD)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    secret = SECRET.search(answer.content.decode()).group(1)
    application = Application.objects.get()
    assert application.client.secret == machine_secrets.stored(secret)
    assert secret not in str(dict(browser.session))
    assert secret not in str(list(JournalEntry.objects.values()))
    for path in (page_of(application), page_of(application, "secret"), page_of(application, "settings"), LIST):
        assert secret not in browser.get(path).content.decode()
    again = browser.post(f"{LIST}add/", GOOD, follow=True)  # the page was loaded anew: no mistake of anybody's
    assert again.redirect_chain == [(page_of(application), 302)]
    assert "It is registered already. A secret is shown once." in again.content.decode()
    assert Application.objects.count() == 1


def test_two_applications_have_two_keys_and_two_names(browser, party):
    """The page that asks people to agree tells applications apart by their name."""
    for change, field, told in (
        ({"key": "bills", "name": "Another"}, "key", "Another application has this key."),
        ({"key": "other", "name": "bill viewer"}, "name", "Another application has this name"),
    ):
        answer = browser.post(f"{LIST}add/", {**GOOD, **change})
        assert answer.status_code == 422
        assert re.search(rf'id="id_{field}_error">{told}', answer.content.decode())
    assert Application.objects.count() == 1


def test_a_change_cannot_take_the_name_of_another_application(browser, party):
    other = register(key="other", name="Other").application
    assert change(browser, other, name="Bill Viewer").status_code == 422
    assert change(browser, other, name="OTHER").status_code == 302


def test_a_new_secret_needs_a_press_and_ends_the_former_one(browser, party):
    path = page_of(party.application, "secret")
    page = browser.get(path).content.decode()
    party.application.client.refresh_from_db()
    assert machine_secrets.matches(party.secret, party.application.client.secret), "looking changes nothing"
    seen = re.search(r'name="seen" value="(\w+)"', page).group(1)
    answer = browser.post(path, {"seen": seen})
    assert "no-store" in answer["Cache-Control"]
    secret = SECRET.search(answer.content.decode()).group(1)
    party.application.client.refresh_from_db()
    assert machine_secrets.matches(secret, party.application.client.secret)
    assert not machine_secrets.matches(party.secret, party.application.client.secret)
    again = browser.post(path, {"seen": seen}, follow=True)  # the page was loaded anew
    assert "A new secret was made already" in again.content.decode()
    assert 'class="error"' not in again.content.decode()
    party.application.client.refresh_from_db()
    assert machine_secrets.matches(secret, party.application.client.secret)


def test_of_two_who_replace_a_secret_at_once_the_second_is_told(party, operator):
    first, second = (Application.objects.select_related("client").get() for _ in range(2))
    applications.new_secret(first, by=operator, now=timezone.now())
    with pytest.raises(applications.Replaced):
        applications.new_secret(second, by=operator, now=timezone.now())


def test_an_application_without_a_secret_gets_none(browser):
    page = browser.post(f"{LIST}add/", {**GOOD, "kind": "public"}).content.decode()
    assert "It keeps no secret" in page
    assert not SECRET.search(page)
    application = Application.objects.get()
    assert application.client.secret == ""
    assert "New secret" not in browser.get(page_of(application)).content.decode()
    assert browser.get(page_of(application, "secret")).status_code == 404
    change(browser, application, kind="confidential")
    assert "has none yet" in browser.get(page_of(application)).content.decode()


@pytest.mark.parametrize(
    ("change", "field", "told"),
    [
        ({"name": ""}, "name", "Fill in “Name”."),
        ({"name": "x" * 101}, "name", "at most 100"),
        ({"key": ""}, "key", "Fill in “Key”."),
        ({"key": "bill viewer"}, "key", "Use letters from A to Z, digits, dashes"),
        ({"portal_key": ""}, "portal_key", "Choose an answer to “Portal”."),
        ({"portal_key": "nowhere"}, "portal_key", "Select a valid choice"),
        ({"kind": "other"}, "kind", "Select a valid choice"),
        ({"redirect_uris": ""}, "redirect_uris", "Fill in “Redirect addresses”."),
        ({"redirect_uris": " \n "}, "redirect_uris", "Fill in “Redirect addresses”."),
        ({"redirect_uris": "https://x.example/#a"}, "redirect_uris", "has a part behind #"),
        ({"redirect_uris": "https://x.example/*"}, "redirect_uris", "has a *."),
        ({"redirect_uris": "https://x.example/a b"}, "redirect_uris", "has a space"),
        ({"redirect_uris": "https://"}, "redirect_uris", "is not a complete address"),
        ({"redirect_uris": "https://me@x.example/"}, "redirect_uris", "has a user name"),
        ({"redirect_uris": "javascript:alert(1)"}, "redirect_uris", "does not begin with https://"),
        ({"redirect_uris": "com.example.bills:/back"}, "redirect_uris", "does not begin with https://"),
        ({"redirect_uris": "http://x.example/"}, "redirect_uris", "which only localhost may"),
        ({"redirect_uris": "https://x.example/../"}, "redirect_uris", "a browser would go elsewhere"),
        ({"redirect_uris": "https://x.example/" + "a" * 500}, "redirect_uris", "is too long"),
        ({"redirect_uris": "\n".join(f"https://x.example/{n}" for n in range(21))}, "redirect_uris", "At most 20"),
        ({"after_logout_uris": "ftp://x.example/"}, "after_logout_uris", "does not begin with https://"),
        ({"launch_address": "http://x.example/"}, "launch_address", "which only localhost may"),
        ({"logout_address": "http://127.0.0.1:8877/x"}, "logout_address", "does not begin with https://"),
        ({"logout_address": "https://10.0.0.5/"}, "logout_address", "is not on the public internet"),
        ({"logout_address": "https://169.254.169.254/"}, "logout_address", "is not on the public internet"),
        ({"logout_address": "https://x.example:8443/"}, "logout_address", "Our servers call port 443 only"),
        ({"kind": "public", "logout_address": "com.example.bills:/x"}, "logout_address", "does not begin with"),
        ({"launch_address": "data:text/html,x"}, "launch_address", "does not begin with https://"),
        ({"scopes": ["profile", "everything"]}, "scopes", "Select a valid choice"),
        ({"algorithm": "none"}, "algorithm", "Select a valid choice"),
        ({"algorithm": "HS256"}, "algorithm", "Select a valid choice"),
        ({"capability": "everything"}, "capability", "Select a valid choice"),
    ],
)
def test_a_mistake_is_told_next_to_its_field_and_the_rest_is_kept(browser, change, field, told):
    answer = browser.post(f"{LIST}add/", {**GOOD, **change})
    page = answer.content.decode()
    assert answer.status_code == 422
    near = re.search(rf'id="id_{field}_error">([^<]*)<', page)
    assert near, page
    assert told in near.group(1).replace("&#x27;", "'")
    assert "There is a problem" in page
    for name, value in {**GOOD, **change}.items():
        if name in ("name", "logout_address", "launch_address"):
            assert f'value="{value}"' in page
    assert f">\n{GOOD['after_logout_uris']}</textarea>" in page or "after_logout_uris" in change
    assert not Application.objects.exists()


def test_an_own_scheme_is_for_applications_on_a_phone(browser):
    asked = {**GOOD, "kind": "public", "redirect_uris": "com.example.bills:/back"}
    assert browser.post(f"{LIST}add/", asked).status_code == 200
    assert Application.objects.get().client.get_redirect_uris() == ["com.example.bills:/back"]


def test_a_right_is_one_that_the_portal_gives(browser, monkeypatch):
    """S0-02: Bill Tracker only with its entitlement, which TruCase gives."""
    tile = Tile(name="Bill Tracker", description="", capability=Capability.BILL_TRACKER)
    monkeypatch.setitem(registry.portals(), "claims", replace(registry.get("claims"), tiles=(tile,)))
    refused = browser.post(f"{LIST}add/", {**GOOD, "portal_key": "physician", "capability": "bill_tracker"})
    assert "gives no such right" in refused.content.decode()
    assert browser.post(f"{LIST}add/", {**GOOD, "capability": "bill_tracker"}).status_code == 200
    assert Application.objects.get().capability == "bill_tracker"


def test_settings_are_changed_and_the_journal_says_which(browser, party, operator):
    path = page_of(party.application, "settings")
    assert CALLBACK in browser.get(path).content.decode()
    change(browser, party.application, key="another", algorithm="RS256")
    party.application.refresh_from_db()
    assert party.application.key == "bills", "tiles name it by this"
    assert party.application.client.get_scopes() == ["openid", "profile", "email"]
    entry = JournalEntry.objects.get(kind="portals.ApplicationChanged")
    assert entry.by == operator
    assert entry.facts["what"] == ["redirect_uris", "scopes", "launch_address"]
    assert "redirect_uris, scopes, launch_address" in browser.get(page_of(party.application)).content.decode()
    wrong = change(browser, party.application, redirect_uris="x")
    assert wrong.status_code == 422
    assert '<textarea name="redirect_uris"' in wrong.content.decode()


def test_a_colleague_who_was_quicker_is_not_overwritten_unseen(browser, party, operator):
    """house: compare-and-set; what was typed is kept, and a second press replaces theirs knowingly."""
    path = page_of(party.application, "settings")
    seen = re.search(r'name="seen" value="(\w+)"', browser.get(path).content.decode()).group(1)
    change(browser, party.application, name="Theirs")
    answer = browser.post(path, {**GOOD, "name": "Mine", "seen": seen})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "A colleague changed the settings meanwhile." in page
    assert 'value="Mine"' in page
    assert Application.objects.get().client.name == "Theirs"
    seen = re.search(r'name="seen" value="(\w+)"', page).group(1)
    browser.post(path, {**GOOD, "name": "Mine", "seen": seen})
    assert Application.objects.get().client.name == "Mine"
    with pytest.raises(applications.ChangedMeanwhile):  # as it was registered at first
        applications.change(party.application, applications.said_of(party.application), by=operator, now=timezone.now())


def test_another_portal_ends_every_sign_on(browser, party, office_user):
    party.browser = signed_in(office_user)
    party.tokens()
    everything = ["profile", "email", "portal_access"]
    change(browser, party.application, algorithm="RS256", scopes=everything)
    assert OidcSession.objects.get().ended_at is None
    change(browser, party.application, portal_key="physician", scopes=everything)
    assert OidcSession.objects.get().ended_at is not None


def test_closing_says_whom_it_concerns_and_ends_their_sign_ons(browser, party, office_user):
    party.browser = signed_in(office_user)
    tokens = party.tokens()
    path = page_of(party.application, "state")
    assert "1 person is signed on there. That sign-on ends at once." in browser.get(path).content.decode()
    assert party.userinfo(tokens["access_token"]).status_code == 200, "looking changes nothing"
    page = browser.post(path, {"step": "close"}, follow=True).content.decode()
    assert "The application is closed." in page
    assert ">Closed<" in page
    assert ">Test sign-in<" not in page
    assert party.userinfo(tokens["access_token"]).status_code == 401
    assert OutboxMessage.objects.filter(kind="portals.BackChannelLogout").count() == 1
    assert "can be signed on again" in browser.get(path).content.decode()
    page = browser.post(path, {"step": "open"}, follow=True).content.decode()
    assert "The application is open." in page
    assert "Outside application changed: opened" in page
    assert Application.objects.get().is_open


def test_closing_what_nobody_uses_says_so(browser, party):
    assert "Nobody is signed on there now." in browser.get(page_of(party.application, "state")).content.decode()


def test_the_search_boxes_are_labelled_in_words(browser, party):
    page = browser.get(LIST).content.decode()
    assert '<label for="searchbar">Name, key or client ID</label>' in page
    found = browser.get(f"{LIST}?q=Viewer").content.decode()
    assert "Bill Viewer" in found
    assert 'value="Viewer"' in found


def test_the_list_says_who_uses_it(browser, party, office_user, stranger):
    party.browser = signed_in(office_user)
    party.tokens(), party.tokens()
    party.browser = signed_in(GrantFactory(account=stranger).account)
    party.tokens()
    register(key="second", name="A second")
    page = browser.get(LIST).content.decode()
    rows = re.findall(r"<tr>.*?</tr>", page.partition("<tbody>")[2], re.DOTALL)
    cells = [[re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[dh].*?</t[dh]>", row)] for row in rows]
    assert [row[0] for row in cells] == ["A second", "Bill Viewer"]
    assert cells[0][3:] == ["–", "0", "0"]
    assert cells[1][1:3] == ["Claims Online Portal", "Open"]
    assert cells[1][4:] == ["2", "2"]


def test_the_list_and_a_page_keep_their_query_budget(browser, party, office_user, django_assert_max_num_queries):
    """speed: nothing grows with applications or sign-ons; the page asks too whether its reader could try it."""
    party.browser = signed_in(office_user)
    for number in range(8):
        party.tokens()
        register(key=f"more-{number}", name=f"More {number}")
    for path, budget in ((LIST, 7), (page_of(party.application), 7)):
        browser.get(path)
        with django_assert_max_num_queries(budget):
            assert browser.get(path).status_code == 200


def test_the_page_has_what_an_owner_copies(browser, party):
    """Copy-ready settings for common libraries; the secret stands in none of them."""
    page = browser.get(page_of(party.application)).content.decode()
    assert party.client_id in page
    assert "/.well-known/openid-configuration" in page
    assert party.secret not in page
    for name in ("mod_auth_openidc", "mozilla-django-oidc", "Authlib", "openid-client"):
        assert re.search(rf">Copy for {name} \(\w+[.\w]*\)<", page), name
    found = snippets_of(party.application)
    assert len(found) == len(NAMES)
    for snippet in found:
        assert party.client_id in snippet.text
        assert "http://testserver" in snippet.text
        assert "openid profile email portal_access" in snippet.text
        assert f'id="snippet-{snippet.key}"' in page
    assert "&lt;Location" in page
    assert "&amp;lt;" not in page
    assert " style=" not in page
    assert "<script>" not in page


def test_the_service_desk_looks_and_changes_nothing(agent, party, browser):
    """Rights: operators register, the service desk sees."""
    desk = signed_in(agent, verified=True)
    assert f'href="{LIST}"' in desk.get("/admin/").content.decode()
    assert "Bill Viewer" in desk.get(LIST).content.decode()
    page = desk.get(page_of(party.application)).content.decode()
    assert party.client_id in page
    for words in ("Change the settings", "New secret", "Test sign-in", ">Close<"):
        assert words not in page
    before = str(Application.objects.values().get()), str(party.application.client.__class__.objects.values().get())
    for name in ("settings", "secret", "state", "try"):
        assert desk.get(page_of(party.application, name)).status_code == 404
        assert desk.post(page_of(party.application, name), {**GOOD, "step": "close"}).status_code == 404
    assert desk.get(f"{LIST}add/").status_code == 404
    assert desk.post(f"{LIST}add/", GOOD).status_code == 404
    assert desk.get("/sign-on/tried/").status_code == 404
    assert (
        str(Application.objects.values().get()),
        str(party.application.client.__class__.objects.values().get()),
    ) == before
    for path in (page_of(party.application, "delete"), "/admin/allauth_idp_oidc/client/"):
        assert desk.get(path).status_code in (403, 404)
        assert browser.get(path).status_code in (403, 404)


def test_nobody_else_sees_them(provider, party):
    """Neither a person nor a member of staff without the right."""
    assert signed_in(provider).get(page_of(party.application)).status_code in (302, 403)
    plain = AccountFactory(login_name="plain.staff", is_staff=True, phone="+13105550129")
    for path in (page_of(party.application), LIST):
        assert signed_in(plain, verified=True).get(path).status_code in (403, 404)


def test_the_group_of_operators_adds_up_without_being_superuser(operator, party):
    deputy = AccountFactory(login_name="deputy", is_staff=True, phone="+13105550128")
    deputy.groups.add(Group.objects.get(name="Operators"))
    browser = signed_in(deputy, verified=True)
    assert "Change the settings" in browser.get(page_of(party.application)).content.decode()
    assert browser.get("/admin/portals/signingkey/").status_code == 200


@pytest.mark.parametrize("path", [f"{LIST}nothing/change/", f"{LIST}nothing/settings/", f"{LIST}nothing/state/"])
def test_an_unknown_application_is_missing(browser, path):
    assert browser.get(path).status_code == 404


def test_what_hands_an_application_over_asks_for_a_fresh_proof(operator, party):
    """policy, session: a sign-in of five minutes for sensitive acts."""
    browser = signed_in(operator, verified=True)
    session = browser.session
    session["account_authentication_methods"] = [
        {**proof, "at": proof["at"] - 301} for proof in session["account_authentication_methods"]
    ]
    session.save()
    for path in (page_of(party.application, "secret"), page_of(party.application, "settings"), f"{LIST}add/"):
        for answer in (browser.get(path), browser.post(path, GOOD)):
            assert answer.status_code == 302, path
            assert answer["Location"].startswith("/id/confirm/")
    assert Application.objects.count() == 1


def test_somebody_who_was_no_operator_cannot_become_one_by_a_right_alone(party):
    """may_register asks for an active member of staff, whatever rows say."""
    person = AccountFactory(login_name="no.staff")
    person.user_permissions.add(Permission.objects.get(codename="change_application"))
    assert not applications.may_register(Account.objects.get(pk=person.pk))


def test_two_names_that_look_alike_are_one_name():
    """L3: also with other capitals, another width, or a character that nobody sees."""
    register(name="Bill Viewer")
    for number, name in enumerate(("bill viewer", "Bill\u00a0 Viewer", "Bill\u200b Viewer", "\uff22ill Viewer")):
        with pytest.raises(applications.NameTaken):
            register(key=f"other-{number}", name=name)
    register(key="other", name="Bill Viewer 2")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    """L3: of eight that are registered at the same moment one wins; the others are told why."""

    def attempt(self, **change):
        try:
            register(**change)
        except (applications.NameTaken, applications.KeyTaken) as refused:
            return type(refused).__name__
        return "registered"

    def test_one_name(self):
        numbers = count()
        told = together(lambda: self.attempt(key=f"app-{next(numbers)}"), threads=8)
        assert sorted(told) == ["NameTaken"] * 7 + ["registered"]
        assert Application.objects.count() == Client.objects.count() == 1

    def test_one_key(self):
        numbers = count()
        told = together(lambda: self.attempt(name=f"Application {next(numbers)}"), threads=8)
        assert sorted(told) == ["KeyTaken"] * 7 + ["registered"]
