"""What every answer says of caches, powers and embedding, tried over every address of the product (attack L4, L5)."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.urls import URLResolver, get_resolver, resolve
from django.urls.converters import IntConverter, UUIDConverter
from django.utils import timezone

from accessforms.urls import ReferenceConverter
from config.headers import PUBLIC
from tests.conftest import make_staff
from tests.factories import GrantFactory
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
PORTALS = ("claims", "trucase", "provider-online")


def addresses(patterns=None, prefix=""):
    """Every address with something in the place of each argument, for several portals."""
    for pattern in patterns or get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            for route in filled(pattern.pattern):
                yield from addresses(pattern.url_patterns, prefix + route)
        else:
            for route in filled(pattern.pattern):
                yield "/" + prefix + route


def filled(pattern):
    route = str(pattern)
    if "(?P" in route or "^" in route:  # the admin's own catch-alls
        return []
    converters = pattern.converters
    for key in PORTALS if "portal_key" in converters else ("",):
        made = route
        for name, converter in converters.items():
            value = key if name == "portal_key" else "1" if isinstance(converter, IntConverter) else "x"
            value = "00000000-0000-4000-8000-000000000000" if isinstance(converter, UUIDConverter) else value
            value = "22222222" if isinstance(converter, ReferenceConverter) else value
            made = made.replace(f"<{name}>", value).replace(f"<{type_of(converter)}:{name}>", value)
        yield made


def type_of(converter) -> str:
    from django.urls.converters import get_converters

    return next(name for name, known in get_converters().items() if known is converter)


EVERY = sorted(path for path in set(addresses()) if not path.startswith("/inbox"))


def test_every_address_is_tried():
    assert len(EVERY) > 150
    assert not [path for path in EVERY if "<" in path]


@pytest.mark.parametrize("who", ["person", "operator"])
def test_no_cache_keeps_what_somebody_who_is_signed_in_sees(who):
    """attack L4, field T23: 12 pages with the person's name lacked it."""
    account = make_staff("the.operator", "operator") if who == "operator" else GrantFactory().account
    kept = []
    for path in EVERY:
        browser = signed_in(account, verified=who == "operator")
        browser.raise_request_exception = False
        answer = browser.get(path)
        found = getattr(answer, "resolver_match", None)
        if (found.url_name if found else "") not in PUBLIC and not is_for_machines(path):
            if "no-store" not in answer.get("Cache-Control", "") or "private" not in answer["Cache-Control"]:
                kept.append((path, answer.status_code, answer.get("Cache-Control")))
    assert kept == []


def is_for_machines(path) -> bool:
    from portals.oidc.middleware import _machine_views

    return path in _machine_views()


def test_a_strangers_page_is_kept_by_the_browser_alone(client):
    for path in EVERY:
        answer = client.get(path)
        name = resolve(path).url_name
        assert answer.has_header("Cache-Control"), path
        if name not in PUBLIC and not is_for_machines(path):
            assert "private" in answer["Cache-Control"], path
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin", path
        assert "camera=()" in answer["Permissions-Policy"], path
        assert SESSION_KEY not in client.session


def test_the_page_that_holds_a_typed_name_is_not_kept():
    """The door's cookie holds what was typed."""
    browser = Client()
    browser.post("/id/sign-in/", {"login": "somebody"})
    assert "no-store" in browser.get("/")["Cache-Control"]


def test_a_finder_of_faults_learns_where_to_report(client):
    """attack L5: RFC 9116."""
    told = client.get("/.well-known/security.txt")
    assert told["Content-Type"].startswith("text/plain")
    fields = dict(line.split(": ", 1) for line in told.content.decode().splitlines())
    assert fields["Contact"] == "http://testserver/id/help/"
    assert client.get("/id/help/").status_code == 200
    expires = datetime.strptime(fields["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert 30 < (expires - timezone.now()).days < 365


@pytest.mark.parametrize(
    ("path", "status"), [("/robots.txt", 200), ("/favicon.ico", 302), ("/.well-known/change-password", 302)]
)
def test_what_browsers_and_search_engines_ask_for_is_there(client, path, status):
    """attack L5: each was 404."""
    assert client.get(path).status_code == status


def test_password_managers_reach_the_page(provider):
    assert signed_in(provider).get("/.well-known/change-password", follow=True).status_code == 200
