"""No address, query or field answers 500 to what only an attacker or a slip sends: NUL, odd digits, numbers without end
(M8). It says most on PostgreSQL, which takes no NUL; SQLite takes all."""

import re

import pytest
from django import forms
from django.conf import settings
from django.http import QueryDict
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from hypothesis import given
from hypothesis import strategies as st

from identity.models import Account
from identity.policy import text
from identity.sign_in import login_intent
from tests.conftest import make_staff
from tests.factories import AccountFactory, GrantFactory, PracticeFactory, SubmissionFactory
from tests.steps import courses as steps
from tests.steps.invitations import practice_administrator
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
# The demo's inbox, the probes, signing out; guardian's own pages of rights are nobody's.
LEFT_OUT = ("inbox", "readyz", "id/sign-out", "id/language")
ODD = ("%00", "a%00b", "%C2%B2", "%D9%A3", "9" * 25, "9" * 5000, "-1", "0")  # NUL, superscript two, Arabic three
PARAMETERS = ("q", "page", "p", "o", "next", "portal", "for", "by", "use", "held", "outcome", "after", "state", "nonce")


def routes(patterns=None, prefix=""):
    """Every address of the product, with what stands for its arguments, that somebody who is signed in can open."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + re.sub(r"^\^|\$$|\\", "", str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern) and not (route.startswith(LEFT_OUT) or "/permissions/" in route):
            yield route


ROUTES = sorted({route for route in routes() if "(" not in route.replace("(?P", "")} - {""})
ARGUMENT = re.compile(r"<[^>]+>")
PORTAL = "<slug:portal_key>"


def filled(route: str, value: str, portal: str = "claims") -> str:
    """The address with this value for its arguments; the portal is a real one, or nothing behind it were reached."""
    return "/" + ARGUMENT.sub(value.replace("\\", ""), route.replace(PORTAL, portal))


# What pages and lists of ours read of an address, each asked for alone: another one may hide it.
ALONE = re.compile(r"""GET(?:\.get\(|\[)"(\w+)\"""")


def named_in_code() -> set[str]:
    files = [path for app in ("identity", "rbac", "portals", "accessforms", "enrollment", "config")
             for path in (settings.BASE_DIR / app).rglob("*.py")]  # fmt: skip
    return {name for path in files for name in ALONE.findall(path.read_text())}


@pytest.fixture
def browsers(db) -> list[Client]:
    provider = GrantFactory(account=AccountFactory(phone="+13105550177")).account
    SubmissionFactory(account=provider)
    staff = [make_staff("desk.agent", "service desk"), make_staff("the.operator", "operator")]
    return [Client(), *(signed_in(account, verified=True) for account in (provider, *staff))]


def alive(browser: Client) -> bool:
    return Account.objects.exists()  # a statement that PostgreSQL refused would have ended this transaction


def test_there_are_addresses_with_and_without_arguments():
    assert len([route for route in ROUTES if "<" in route]) > 60
    assert len([route for route in ROUTES if "<" not in route]) > 60
    assert {
        "id/tickets/<str:number>/",
        "requests/<reference:reference>/",
        "admin/identity/ticket/<path:object_id>/change/",
    } <= {*ROUTES}


def test_no_argument_of_an_address_fails(browsers):
    """All addresses x odd values x a stranger, a provider, an agent and an operator."""
    for route in ROUTES:
        if "<" in route.replace(PORTAL, ""):
            for value in ODD:
                for browser in browsers:
                    answer = browser.get(filled(route, value))
                    assert answer.status_code < 500, (route, value)
                    assert alive(browser), (route, value)


def test_no_parameter_of_a_query_fails(browsers):
    for route in ROUTES:
        if "<" not in route.replace(PORTAL, ""):
            for value in ("%00", "%C2%B2", "9" * 3000):
                asked = "&".join(f"{name}={value}" for name in PARAMETERS if not (name == "o" and "admin" in route))
                for browser in browsers:
                    assert browser.get(f"{filled(route, '')}?{asked}").status_code < 500, (route, value[:20])
                    assert alive(browser), (route, value[:20])


@pytest.fixture
def insiders(db) -> list[tuple[str, Client]]:
    """Somebody behind the door of each portal whose pages are inside, who may open all that a role opens there."""
    learner = steps.learner("site_admin", phone="+13105550166")
    worker = practice_administrator(PracticeFactory(), "olga.inside")
    return [
        ("optum-pro", signed_in(learner, verified=True)),
        ("provider-online", signed_in(worker, verified=True)),
    ]


def test_nothing_inside_a_portal_fails(insiders):
    """issue 15: each page of documents, news, courses and messages, its arguments and each parameter alone."""
    names = sorted(named_in_code())
    assert {"q", "label", "page", "show", "like", "day"} <= set(names)
    reached = set()
    for portal, browser in insiders:
        for route in (route for route in ROUTES if PORTAL in route):
            page = filled(route, "", portal)
            if "<" in route.replace(PORTAL, ""):
                asked = [filled(route, value, portal) for value in ODD]
            elif browser.get(page).status_code == 200:
                reached.add(route)
                asked = [f"{page}?{name}=%00" for name in names]
                asked.append(f"{page}?{'&'.join(f'{name}={"9" * 100}' for name in names)}")
            else:
                asked = []
            for path in asked:
                assert browser.get(path).status_code < 500, path[:200]
                assert alive(browser), path[:200]
    assert {f"p/{PORTAL}/{page}/" for page in ("documents", "news", "courses", "messages", "feedback")} <= reached


def test_no_parameter_alone_fails_on_a_list_of_the_desk(db):
    """A list may look at its address only where nothing else stands in it."""
    operator = signed_in(make_staff("the.operator", "operator"), verified=True)
    lists = [route for route in ROUTES if route.startswith("admin/") and "<" not in route]
    for route in lists:
        for name in sorted(named_in_code() | {"portal", "work", "person", "state", "kind"}):
            answer = operator.get(f"/{route}?{name}=%00")
            assert answer.status_code < 500, (route, name)
            assert alive(operator), (route, name)


def fields_of(answer) -> set[str]:
    """The names of all fields of all forms that a page shows."""
    parts = [part.flatten() if hasattr(part, "flatten") else part for part in answer.context or []]
    found = [one for part in parts for one in part.values() if isinstance(one, forms.BaseForm)]
    return {form.add_prefix(name) for form in found for name in form.fields}


def test_no_field_of_a_form_fails(browsers):
    """Every form of every page, each field with a NUL, superscript digits, and a number without end."""
    tried = set()
    for route in ROUTES:
        if "<" in route.replace(PORTAL, ""):
            continue
        for browser in browsers:
            if names := fields_of(browser.get(filled(route, ""))):
                tried |= names
                for value in ("a\0b", "\0", "²", "9" * 5000):
                    answer = browser.post(filled(route, ""), dict.fromkeys(names, value))
                    assert answer.status_code < 500, (route, value[:20])
                    assert alive(browser), (route, value[:20])
    assert {"login", "first_name", "email", "seen", "phone"} <= tried


def test_what_is_a_number_fits_a_column():
    assert [typed for typed in ("7", "0" * 18, "", "²", "٣", "-1", "9" * 19, "1\0") if text.is_number(typed)] == [
        "7",
        "0" * 18,
    ]


@pytest.mark.parametrize(
    ("path", "ours"),
    [
        ("/id/profile/", True),
        ("/p/claims/home/?q=a%2Fb", True),
        ("/ñandú/", True),
        ("", False),
        ("//evil.example", False),
        ("/\t//host", False),
        ("//\t/x", False),
        ("//%09/x", False),
        ("/%09//x", False),
        ("/%2F/x", False),
        ("/\\evil.example", False),
        ("/%5Cevil.example", False),
        ("https://evil.example/", False),
        ("/\n/evil.example", False),
    ],
)
def test_what_is_a_path_of_ours(path, ours):
    """L13."""
    assert login_intent.is_ours(path) is ours


@given(st.text(alphabet="/\\\t\n\r %09afx", max_size=8))
def test_no_path_of_ours_begins_with_two_slashes_for_a_browser(tail):
    path = "/" + tail
    if login_intent.is_ours(path):
        browsers_see = re.sub(r"[\t\n\r]", "", path).replace("\\", "/")
        assert not browsers_see.startswith("//")


def test_a_form_of_choices_takes_no_nul():
    from identity.factors.forms.base import PageForm

    class Chosen(PageForm):
        many = forms.MultipleChoiceField(choices=[("a", "A"), ("b", "B")])
        kept = forms.CharField(widget=forms.HiddenInput, required=False)

    form = Chosen(QueryDict("many=a%00&many=b&kept=x%00"))
    assert form.is_valid()
    assert form.cleaned_data == {"many": ["a", "b"], "kept": "x"}
