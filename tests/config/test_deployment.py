"""What a deployment gives and gets: the environment, production settings, health, jobs, the inbox of the demo."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import environ
import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config import env, health, schedule
from config.demo import inbox as demo_inbox
from identity.record.gateways.wire import Call

ROOT = Path(__file__).resolve().parent.parent.parent
PRODUCTION = {
    "SECRET_KEY": "abcdefgh1234567890!?" * 3,
    "INDEX_KEY": "stored0987654321!?" * 3,
    "FIELD_KEYS": "bm90LWEtc2VjcmV0LW5vdC1hLXNlY3JldC1ub3QtYSE=",
    "PUBLIC_URL": "https://id.example.org",
    "DATABASE_URL": "postgres://u:p@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "MEDIA_ROOT": "/tmp/files",
    "MAIL_FROM": "noreply@id.example.org",
    "MAIL_BACKEND": "anymail.backends.postmark.EmailBackend",
    "MAIL_OPTIONS": '{"server_token": "t"}',
    "MAIL_EVENTS_SECRET": "postmark:abcdefgh1234567890!?",
    "TWILIO_ACCOUNT_SID": "AC1",
    "TWILIO_AUTH_TOKEN": "t",
    "TWILIO_FROM": "+13105550100",
}


def run(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, *program.split()], cwd=ROOT, env={**clean, **environment}, capture_output=True, text=True, check=False
    )  # fmt: skip


def test_check_deploy_is_without_warnings():
    """`manage.py check --deploy` under production settings."""
    answer = run("-W error::DeprecationWarning manage.py check --deploy --fail-level WARNING", DJANGO_SETTINGS_MODULE="config.settings.production", **PRODUCTION)  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    assert "no issues" in answer.stdout + answer.stderr


def test_production_cookies_and_headers():
    """interface, cookies: __Host- names, Secure, HSTS, one host."""
    program = (
        "import django; django.setup(); from django.conf import settings as s; print([s.SESSION_COOKIE_NAME, "
        "s.CSRF_COOKIE_NAME, s.LANGUAGE_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.ALLOWED_HOSTS, "
        "s.SECURE_HSTS_SECONDS, s.DEBUG, s.DEMO, 'django_mail_preview' in s.INSTALLED_APPS, s.PASSWORD_HASHERS])"
    )
    clean = {name: os.environ[name] for name in ("PATH", "HOME")}
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True,
        env={**clean, **PRODUCTION, "DJANGO_SETTINGS_MODULE": "config.settings.production"},
    )  # fmt: skip
    assert answer.stdout.strip() == str(
        ["__Host-session", "__Host-csrf", "__Host-language", True, True, ["id.example.org"], 31536000, False, False, False,
         ["identity.keys.hashers.OwaspArgon2"]]
    )  # fmt: skip


@pytest.mark.parametrize("missing", [name for name in PRODUCTION if not name.startswith("MAIL_")])
def test_each_missing_fact_is_named_with_how_to_mend_it(monkeypatch, missing):
    """One typed module says how to mend what is missing."""
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)
    assert env.read_production().host == "id.example.org"
    monkeypatch.delenv(missing)
    with pytest.raises(ImproperlyConfigured, match=rf"{missing} is not set\. .{{20,}}"):
        env.read_production()


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("SECRET_KEY", "short", "shorter than 50"),
        ("PUBLIC_URL", "http://id.example.org", "must begin with https"),
        ("PUBLIC_URL", "https://localhost", "Nobody else reaches that"),
        ("PUBLIC_URL", "https://127.0.0.1:8443", "Nobody else reaches that"),
        ("DATABASE_URL", "sqlite:///x", "does not name a PostgreSQL"),
        ("FIELD_KEYS", "A" * 43 + "=", "anybody can guess"),  # attack L11, and the two below
        ("MAIL_BACKEND", "anymail.backends.nowhere.EmailBackend", "Name one of anymail's"),
        ("MAIL_EVENTS_SECRET", "postmark:short", "is not NAME:PASSWORD .* https://NAME:PASSWORD@HOST/id/mail-events/"),
        ("TRUSTED_PROXIES", "-1", "is not a number of 0 or more"),
    ],
)
def test_each_wrong_fact_is_named(monkeypatch, name, value, says):
    for key, good in {**PRODUCTION, name: value}.items():
        monkeypatch.setenv(key, good)
    with pytest.raises(ImproperlyConfigured, match=says):
        env.read_production()


@pytest.mark.parametrize(
    ("database", "redis", "told"),
    [
        ("postgres://u:p@127.0.0.1/x", "redis://127.0.0.1/0", []),
        ("postgres://u:p@db.internal/x", "redis://cache.internal/0", ["W001", "W002", "W003"]),
        ("postgres://u:p@db.internal/x?sslmode=prefer", "redis://:p@cache.internal/0", ["W001", "W002"]),
        ("postgres://u:p@db.internal/x?sslmode=verify-full", "rediss://:p@cache.internal/0", []),
    ],
)
def test_lines_to_other_machines_are_warned_of(monkeypatch, database, redis, told):
    """attack L11: accepted without a word."""
    from config import deployment_checks
    from config.settings.base import postgresql

    with_these = SimpleNamespace(
        DATABASES=postgresql(environ.Env.db_url_config(database)), CELERY_BROKER_URL=redis
    )  # the suite's own database stays as it is
    monkeypatch.setattr(deployment_checks, "settings", with_these)
    problems = deployment_checks.lines_to_other_machines(None)
    assert [problem.id.removeprefix("config.") for problem in problems] == told
    assert all(problem.hint for problem in problems)


@pytest.mark.parametrize("name", ["REALM_PROFILE_OHID", "REALM_PROFILE_PROVIDER_ONLINE"])
def test_each_realm_has_a_profile_of_its_own(monkeypatch, name):
    """D-19: a switch per realm; a misspelt one stops the start instead of being the default."""
    for key, value in PRODUCTION.items():
        monkeypatch.setenv(key, value)
    assert set(env.read_production().realm_profiles.values()) == {"source"}
    monkeypatch.setenv(name, "nist")
    changed = env.read_production().realm_profiles
    assert sorted(changed.values()) == ["nist", "source"]
    assert changed["ohid"] == ("nist" if name == "REALM_PROFILE_OHID" else "source")
    monkeypatch.setenv(name, "NIST")
    with pytest.raises(ImproperlyConfigured, match=name):
        env.read_production()


def test_the_demo_keeps_its_keys_to_itself(tmp_path):
    first = env.read_demo(data=tmp_path)
    assert env.read_demo(data=tmp_path) == first
    assert (tmp_path / "keys").stat().st_mode & 0o077 == 0


def test_a_keys_file_from_before_there_was_an_index_key_goes_on(tmp_path):
    """code F2: what is stored was made with the secret key; data of an older run stays usable."""
    (tmp_path / "keys").write_text("the-secret\nthe-field-key\n")
    assert env.read_demo(data=tmp_path)[:3] == ("the-secret", "the-field-key", "the-secret")
    assert env.read_demo(data=tmp_path)[:3] == ("the-secret", "the-field-key", "the-secret")


def test_the_demos_folder_is_its_owners_alone(tmp_path):
    """attack L6: var 0755 and database 0644 let everybody on the machine read password hashes."""
    folder, before = tmp_path / "var", os.umask(0o022)
    try:
        folder.mkdir()
        (folder / "healthcare-id.sqlite3").touch()
        env.keep_to_owner(folder)
        (folder / "healthcare-id.sqlite3-wal").touch()
        modes = {found.name: found.stat().st_mode & 0o777 for found in (folder, *folder.iterdir())}
    finally:
        os.umask(before)
    assert modes == {"var": 0o700, "healthcare-id.sqlite3": 0o600, "healthcare-id.sqlite3-wal": 0o600}


def test_alive_answers_without_anything_else(client):
    """/healthz: no database, no session."""
    assert client.get("/healthz").content == b"ok\n"


@pytest.mark.django_db(transaction=True)
def test_ready_is_what_every_page_needs(client):
    """attack C1: a machine whose pages answer stays in rotation; the cache and each queue have probes of their own."""
    answers = {path: client.get(path) for path in health.PROBES}
    assert {path: answer.status_code for path, answer in answers.items()} == {
        "/readyz": 200,
        "/readyz/cache": 200,
        "/readyz/queues/celery": 503,  # no worker runs here: tests/production asks real ones
        "/readyz/queues/pdf": 503,
    }
    assert answers["/readyz"].json() == {"database": "ok"}
    assert answers["/readyz/queues/pdf"].json() == {"pdf": "failing"}


@pytest.mark.django_db
def test_every_job_of_the_schedule_exists():
    """house: every periodic job, one line each."""
    from config.celery import app

    app.loader.import_default_modules()
    for line in schedule.SCHEDULE.values():
        assert line["task"] in app.tasks, line["task"]


class TestInbox:
    """The demo's inbox: mails, texts and calls as JSON, newest first; 404 elsewhere."""

    @pytest.fixture(autouse=True)
    def _own_folder(self, settings, tmp_path):
        settings.MAIL_PREVIEW_ROOT = tmp_path

    def test_texts_and_calls_and_mails_stand_in_one_list(self, client, db):
        from django.core.mail import EmailMessage
        from django_mail_preview.backends import EmailBackend

        EmailBackend().send_messages(
            [
                EmailMessage(
                    "Hello",
                    "Code 1234567890 or http://testserver/id/activate/ab-c1234567890/ now",
                    "a@x.org",
                    ["b@x.org"],
                )
            ]
        )
        gateway = demo_inbox.InboxGateway()
        gateway.send_text(to="+13105550123", body="Your code is 123456.")
        gateway.place_call(to="+13105550123", call=Call("Key it in", "en", "http://testserver/id/voice/t/", 6))
        voice, text, mail = client.get("/inbox.json").json()
        assert [m["channel"] for m in (voice, text, mail)] == ["voice", "text", "mail"]
        assert (text["to"], text["codes"], text["links"]) == ("+13105550123", ["123456"], [])
        assert mail["codes"] == ["1234567890"]
        assert mail["links"] == ["http://testserver/id/activate/ab-c1234567890/"]
        assert mail["subject"] == "Hello"
        assert voice["links"][0].startswith("http://testserver/inbox/keypad/")
        assert set(voice) == {"channel", "to", "subject", "body", "links", "codes", "at"}
        assert client.get("/inbox/", follow=True).status_code == 200

    def test_a_call_can_be_answered_in_the_browser(self, client, inbox, settings, db):
        from tests.steps.sign_up import sign_up

        sign_up(client)
        client.post("/id/verify-email/", {"code": inbox.newest("mail").code})
        client.post("/id/verify-email/")
        settings.TEXT_AND_VOICE_GATEWAY = "config.demo.inbox.InboxGateway"
        client.post("/id/verify-phone/", {"method": "call"})
        inbox.all()
        code = client.get("/id/verify-phone/call/").context["code"]
        phone = client.get("/inbox.json").json()[0]["links"][0].removeprefix("http://testserver")
        assert "Digits you key on the phone" in client.get(phone).content.decode()
        assert "The code is right" in client.post(phone, {"Digits": code}).content.decode()
        assert client.get("/inbox/keypad/nonsense/").status_code == 404

    def test_there_is_no_inbox_outside_the_demo(self, db):
        program = (
            "import django; django.setup(); from django.urls import resolve, Resolver404\n"
            "for p in ('/inbox/', '/inbox.json', '/inbox/keypad/x/'):\n"
            "    try: resolve(p); print('open', p)\n"
            "    except Resolver404: pass\n"
        )
        clean = {name: os.environ[name] for name in ("PATH", "HOME")}
        answer = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True,
            env={**clean, **PRODUCTION, "DJANGO_SETTINGS_MODULE": "config.settings.production"},
        )  # fmt: skip
        assert answer.stdout == ""
        assert demo_inbox.is_open(None) is settings.DEMO


def test_no_process_falls_into_the_demo_by_itself():
    """The worker's and the web server's entry points name no demo: what is not said is not guessed."""
    clean = {name: os.environ[name] for name in ("PATH", "HOME")}
    program = "import config.wsgi, django.conf; print(django.conf.settings.DEMO)"
    answer = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**clean, **PRODUCTION},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == "False"
    worker = subprocess.run(
        [sys.executable, "-c", "import config.celery as c; c.app.conf.broker_url"],
        cwd=ROOT,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "DJANGO_SETTINGS_MODULE" in worker.stderr or worker.returncode == 0
    demo = run("manage.py check", **PRODUCTION)
    assert "the settings are the demo's" in demo.stderr


def test_the_demo_answers_this_machine_only(rf):
    from django.http import HttpResponse

    from config.demo.middleware import OneAddress

    door = OneAddress(lambda request: HttpResponse("in"))
    assert door(rf.get("/inbox.json", REMOTE_ADDR="10.0.0.9", headers={"host": "localhost"})).status_code == 403
    assert door(rf.get("/", REMOTE_ADDR="127.0.0.1", headers={"host": "localhost"})).content == b"in"


def test_what_the_database_address_asks_for_holds():
    """sslmode and the like are not lost beside the pool."""
    clean = {name: os.environ[name] for name in ("PATH", "HOME")}
    program = "import django; django.setup(); from django.conf import settings; print(settings.DATABASES['default']['OPTIONS'])"
    environment = {**clean, **PRODUCTION, "DJANGO_SETTINGS_MODULE": "config.settings.production"}
    environment["DATABASE_URL"] += "?sslmode=verify-full"
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert "'sslmode': 'verify-full'" in answer.stdout
    assert "'server_side_binding': True" in answer.stdout


def test_probes_answer_whatever_host_is_asked_for(client):
    """A load balancer asks by address."""
    assert client.get("/healthz", headers={"host": "10.1.2.3"}).status_code == 200
