"""Headers, cookies, methods, error pages, logs: what holds for every page."""

import logging
import re

import psycopg
import pytest
import redis
from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest
from django.test import Client
from structlog.stdlib import ProcessorFormatter

from config import logs
from tests.factories import PASSWORD
from tests.steps.addresses import paths, routes
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@pytest.mark.parametrize(
    "path", ["/", "/id/sign-in/", "/p/optum-connect/", "/id/create/", "/nowhere/", "/admin/login/"]
)
def test_every_page_has_the_strict_policy(client, path):
    """interface: a strict Content-Security-Policy without unsafe-*."""
    answer = client.get(path)
    assert answer["Content-Security-Policy"] == STRICT
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("path", ["/", "/id/sign-in/", "/p/optum-connect/", "/id/create/"])
def test_no_page_has_inline_script_or_style(client, path):
    page = client.get(path).content.decode()
    assert " style=" not in page
    assert "<style" not in page
    assert "onclick" not in page
    assert "<script>" not in page


@pytest.mark.parametrize("path", sorted(set(p for p in paths() if not p.startswith(("/admin", "/inbox", "/readyz")))))
def test_a_get_by_a_stranger_never_fails_and_never_writes(client, path, django_assert_max_num_queries):
    """policy, Always: a GET changes nothing."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code < 500
    writes = [
        q["sql"] for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE")) and "session" not in q["sql"]
    ]
    assert writes == []


def test_a_post_without_its_token_is_refused_kindly(provider):
    """Bad input: an old form is not sent, and the page says how to go on."""
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/id/sign-in/", {"login": "x"})
    assert answer.status_code == 403
    assert "This page had been open for too long" in answer.content.decode()


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_missing_page_is_a_page_of_ours(client, language):
    answer = client.get("/nowhere/", headers={"accept-language": language})
    assert answer.status_code == 404
    assert ("Page not found" if language == "en" else "No se encontró la página") in answer.content.decode()


def test_an_error_shows_nothing_of_itself(client, monkeypatch, caplog):
    """Nothing leaks: neither on the page nor in the log."""
    from portals.entry.views import places

    def broken(key):
        raise ValueError("secret 4711 of maria@example.org")

    monkeypatch.setattr(places, "portal_or_404", broken)
    client.raise_request_exception = False
    with caplog.at_level(logging.DEBUG):
        answer = client.get("/p/claims/help/")
    assert answer.status_code == 500
    page = answer.content.decode()
    assert "Something went wrong on our side" in page
    assert "4711" not in page
    assert "ValueError" in caplog.text or any("ValueError" in str(record.msg) for record in caplog.records)
    ours = [str(record.msg) for record in caplog.records if record.name.startswith("django_structlog")]
    assert ours
    assert not any("4711" in line or "maria@" in line for line in ours)


def written(records, *, for_people: bool) -> list[str]:
    """The lines that these records become in the demo, or in production."""
    lines = logs.logging_of(level="INFO", for_people=for_people)["formatters"]["lines"]
    formatter = ProcessorFormatter(processors=lines["processors"], foreign_pre_chain=lines["foreign_pre_chain"])
    silent = logs.logging_of(level="INFO", for_people=for_people)["loggers"]
    kept = [record for record in records if not any(
        record.name.startswith(name) and how["level"] == "CRITICAL" for name, how in silent.items()
    )]  # fmt: skip
    return [formatter.format(record) for record in kept]


@pytest.mark.parametrize("for_people", [True, False])
def test_an_error_is_one_clean_line_with_the_requests_id(client, monkeypatch, caplog, for_people):
    """attack L6, walk A9: the demo's log broke at any 500 and printed raw tracebacks."""
    from portals.entry.views import places

    def broken(key):
        raise ValueError("secret 4711\nof maria@example.org")

    monkeypatch.setattr(places, "portal_or_404", broken)
    client.raise_request_exception = False
    with caplog.at_level(logging.WARNING):
        client.get("/p/claims/help/")
    lines = written(caplog.records, for_people=for_people)
    assert len(lines) == 1
    assert "\n" not in lines[0]
    assert re.search(r"request_id\W+[0-9a-f]{8}-[0-9a-f-]{27}", lines[0])
    assert "ValueError" in lines[0]
    assert "test_security.py" in lines[0]
    assert "4711" not in lines[0]
    assert "maria" not in lines[0]


def test_another_host_is_a_bad_request_and_no_error_in_the_log(client, caplog):
    """attack M8: any Host but ours answered 500, with a line of level error for each scanner."""
    with caplog.at_level(logging.INFO):
        answer = client.get("/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "This request could not be read" in answer.content.decode()
    assert answer["X-Content-Type-Options"] == "nosniff"
    lines = written(caplog.records, for_people=False)
    assert lines
    assert not [line for line in lines if '"level": "error"' in line or "evil" in line]


@pytest.mark.parametrize("error", [OperationalError, redis.ConnectionError, ValueError])
def test_an_error_page_asks_nothing_of_session_account_or_database(provider, monkeypatch, error):
    """attack H4: the page says what happened without what has just failed; 503 where it comes back by itself."""
    browser = signed_in(provider)
    browser.raise_request_exception = False

    def broken(*args, **kwargs):
        raise error("away") from psycopg.OperationalError("away")

    from portals.entry.views import places

    monkeypatch.setattr(places, "portal_or_404", broken)
    monkeypatch.setattr("identity.keys.session_store.SessionStore.load", broken)
    answer = browser.get("/p/claims/help/")
    away = error is not ValueError
    assert answer.status_code == (503 if away else 500)
    assert answer.get("Retry-After") == ("5" if away else None)
    assert ("cannot be shown right now" if away else "went wrong on our side") in answer.content.decode()


def test_log_lines_lose_what_can_name_or_unlock_somebody():
    """policy, Always: no personal data, code or token in logs."""
    event = {
        "event": "x", "ip": "10.0.0.1", "email": "a@b", "user_agent": "x", "data": {"exc": "maria"},
        "request": "GET /id/activate/0123456789abcdef0123-abcdefghijklmnop/?next=/secret",
    }  # fmt: skip
    cleaned = logs.without_personal_data(None, "info", event)
    assert cleaned == {"event": "x", "request": "GET /id/activate/…/"}
    line = {
        "event": "Forbidden (CSRF cookie not set.): /enroll/staff/0123456789abcdef0123-abcdefghijkl/",
        "request": HttpRequest(),
    }
    assert logs.without_personal_data(None, "info", line) == {
        "event": "Forbidden (CSRF cookie not set.): /enroll/staff/…/"
    }


def test_operators_read_which_paths_hold_tokens():
    """policy, Always: no token in logs; the proxy's log is the operator's."""
    found = {route.partition("<str:token>")[0] for route in routes() if "<str:token>" in route}
    assert len(found) > 5
    manual = (settings.BASE_DIR / "docs" / "operations.md").read_text()
    missing = [path for path in found if f"`/{path.replace('<slug:portal_key>', '<portal>')}`" not in manual]
    assert not missing


def test_a_log_line_of_an_error_names_classes_and_places_only():
    try:
        try:
            raise KeyError("maria@example.org")
        except KeyError as error:
            raise ValueError("4711") from error
    except ValueError:
        line = logs.exception_without_text(None, "error", {"exc_info": True})
    text = str(line["failure"])
    assert "KeyError" in text
    assert "ValueError" in text
    assert "test_security.py" in text
    assert "maria" not in text
    assert "4711" not in text


def test_sessions_lie_encrypted_in_table_and_cache(provider):
    """stack: allauth stashes names and addresses in the session."""
    from django.contrib.sessions.models import Session
    from django.core.cache import cache

    client = Client()
    client.post("/id/sign-in/", {"login": provider.login_name})
    assert provider.login_name not in client.cookies["sessionid-door"].value
    client.post("/id/sign-in/password/", {"password": PASSWORD})
    row = Session.objects.get()
    assert provider.login_name not in row.session_data
    assert provider.login_name not in str(cache.get(f"session.{row.session_key}"))
    assert client.session["account_authentication_methods"][0]["username"] == provider.login_name


def test_a_session_that_cannot_be_read_is_an_empty_one(provider):
    from identity.keys.session_store import EncryptedSerializer

    assert EncryptedSerializer().loads(b"sealed with another key") == {}


def test_session_and_form_cookies_are_not_for_scripts(client):
    cookies = client.get("/id/sign-in/").cookies
    assert cookies[settings.CSRF_COOKIE_NAME]["httponly"]
    assert cookies[settings.CSRF_COOKIE_NAME]["samesite"] == "Lax"


def test_the_language_link_keeps_the_page_and_leads_nowhere_else(client):
    """interface, Spanish: "Español" first in the header keeps the page; no open redirect."""
    page = client.get("/p/claims/help/?x=1").content.decode()
    assert 'href="/id/language/es/?next=%2Fp%2Fclaims%2Fhelp%2F%3Fx%3D1"' in page
    answer = client.get("/id/language/es/?next=/p/claims/help/%3Fx=1")
    assert answer.url == "/p/claims/help/?x=1"
    spanish = client.get("/p/claims/help/").content.decode()
    assert '<html lang="es"' in spanish
    assert "English" in spanish
    assert client.get("/id/language/es/?next=//evil.example/").url == "/"
    assert client.get("/id/language/xx/").status_code == 404


def test_mails_and_texts_come_in_the_readers_language(client, inbox):
    """D-18: by the account, not by the process."""
    from identity.models import Account
    from tests.steps.sign_up import sign_up

    client.get("/id/language/es/?next=/")
    sign_up(client)
    assert Account.objects.get().language == "es"
    mail = inbox.newest("mail")
    assert mail.subject == "Activar mi One Healthcare ID"
    assert '<html lang="es"' in mail.html


def test_a_profile_keeps_the_language(provider):
    """S1-54: account preferences."""
    browser = signed_in(provider)
    browser.post("/id/profile/preferences/", {"language": "es", "theme": "dark"})
    provider.refresh_from_db()
    assert provider.language == "es"
    page = browser.get("/id/profile/").content.decode()
    assert "Mi perfil" in page
    assert "dr.provider" in page
    assert browser.post("/id/profile/preferences/", {"language": "xx", "theme": "dark"}).status_code == 200
