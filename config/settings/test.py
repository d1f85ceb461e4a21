"""The suite: SQLite in a file or the PostgreSQL of DATABASE_URL, the Redis of REDIS_URL (tests.stack starts one)."""

import os
import tempfile
from pathlib import Path

import environ

from config.settings.base import *  # noqa: F403
from config.settings.base import cache_at, postgresql

_env = environ.Env()
_scratch = Path(tempfile.gettempdir()) / f"healthcare-id-tests-{os.getuid()}"
_scratch.mkdir(exist_ok=True, mode=0o700)
_worker = os.environ.get("PYTEST_XDIST_WORKER", "main")

SECRET_KEY = "for tests only " * 5
INDEX_KEY = "for tests only, and for what is stored " * 2
FIELD_KEYS = ("bm90LWEtc2VjcmV0LW5vdC1hLXNlY3JldC1ub3QtYSE=",)
DEMO = True
PUBLIC_URL = "http://testserver"
ALLOWED_HOSTS = ["testserver", "localhost"]
_database = _env.db_url_config(os.environ.get("DATABASE_URL") or f"sqlite:///{_scratch / 'suite.sqlite3'}")
if "sqlite" in _database["ENGINE"]:
    # A file: in memory, live servers and threads break it.
    _database["TEST"] = {"NAME": str(_scratch / f"suite-{os.getpid()}.sqlite3")}
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;",
    }
DATABASES = {"default": _database} if "sqlite" in _database["ENGINE"] else postgresql(_database)
# A server of a test ends its connections with each request: its database is taken away as soon as the test is over.
DATABASES["default"]["CONN_MAX_AGE"] = 0
# A database of its own for each parallel worker: clearing a cache clears a whole database.
_number = 1 + int(_worker.removeprefix("gw")) if _worker != "main" else 0
_redis_url = f"{_env.str('REDIS_URL', default='redis://127.0.0.1:6379/0').rpartition('/')[0]}/{_number}"
CACHES = cache_at(_redis_url)
CELERY_BROKER_URL = "memory://"
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
# The tests of identity run under both (tests.run).
REALM_PROFILES = dict.fromkeys(REALM_PROFILES, os.environ.get("TEST_REALM_PROFILE", "source"))  # noqa: F405
MEDIA_ROOT = _scratch / f"files-{os.getpid()}"
STATIC_ROOT = _scratch / "static"
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
WHITENOISE_AUTOREFRESH = True
MAILERS = {"default": {"BACKEND": "django_mail_preview.backends.EmailBackend"}}
INSTALLED_APPS = [*INSTALLED_APPS, "django_mail_preview"]  # noqa: F405
MIDDLEWARE = [*MIDDLEWARE, "config.demo.middleware.InboxPolicy"]  # noqa: F405
MAIL_PREVIEW_ROOT = _scratch / f"inbox-{os.getpid()}"
MAIL_PREVIEW_ALLOW = "config.demo.inbox.is_open"
TEXT_AND_VOICE_GATEWAY = "config.demo.inbox.InboxGateway"
# The policy's parameters are proved in one test; the others need not wait for them.
PASSWORD_HASHERS = ["tests.hashers.FastArgon2"]
LOGGING = {"version": 1, "disable_existing_loggers": False}
