"""The one-command run: SQLite in WAL mode, the embedded Valkey, an inbox instead of mail, texts and calls.

Never for real people: it refuses every other address than this machine's own.
"""

from config import env
from config.logs import logging_of
from config.settings.base import *  # noqa: F403
from config.settings.base import CELERY_TASK_ROUTES, INSTALLED_APPS, MIDDLEWARE, cache_at

env.refuse_demo_in_production()
DATA, PORT = env.demo_place()
env.keep_to_owner(DATA)
SECRET_KEY, _field_key, INDEX_KEY, _redis_url = env.read_demo(data=DATA)
FIELD_KEYS = (_field_key,)
DEMO = True
PUBLIC_URL = f"http://localhost:{PORT}"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
MIDDLEWARE = ["config.demo.middleware.OneAddress", *MIDDLEWARE, "config.demo.middleware.InboxPolicy"]
INSTALLED_APPS = [*INSTALLED_APPS, "django_mail_preview"]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA / "healthcare-id.sqlite3",
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # Without IMMEDIATE one write in six is refused as soon as web and worker write at once.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
}
CACHES = (
    cache_at(_redis_url) if _redis_url else {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
)
CELERY_BROKER_URL = _redis_url or "memory://"
# One child serves both queues, to keep the whole run small.
CELERY_TASK_ROUTES.clear()
LEGACY_SYSTEMS = env.read_legacy()
CALLS_LOOPBACK = True  # the sample application
MEDIA_ROOT = DATA / "files"
STATIC_ROOT = DATA / "static"

MAILERS = {"default": {"BACKEND": "config.demo.mailbox.Mailbox"}}
MAIL_PREVIEW_ROOT = DATA / "inbox"
MAIL_PREVIEW_ALLOW = "config.demo.inbox.is_open"
MAIL_PREVIEW_MAX_MESSAGES = 500
TEXT_AND_VOICE_GATEWAY = "config.demo.inbox.InboxGateway"

# Cookies ignore ports: with the port in the name, two runs side by side do not sign each other out.
SESSION_COOKIE_NAME = f"session_{PORT}"
CSRF_COOKIE_NAME = f"csrf_{PORT}"
LANGUAGE_COOKIE_NAME = f"language_{PORT}"
LOGGING = logging_of(level="WARNING", for_people=True)
SILENCED_SYSTEM_CHECKS = ["django_mail_preview.W001"]  # capturing mail without DEBUG is the demo's purpose
