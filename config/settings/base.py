"""What every settings module shares. A deployment's facts come from config.env, periods from identity.policy."""

import logging
from pathlib import Path
from typing import Any

import structlog
from django.utils.csp import CSP

from config.logs import PROCESSORS, logging_of
from config.schedule import SCHEDULE
from identity.policy import lifecycle

BASE_DIR = Path(__file__).resolve().parent.parent.parent
DEBUG = False
DEMO = False
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",  # before identity, which takes the writing of last_login over
    "config.apps.ConfigConfig",
    "enrollment",
    "accessforms",
    "portals",
    "rbac",
    "identity",
    "config.apps.SiteAdminConfig",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.idp.oidc",
    "django_otp",
    "two_factor",
    "guardian",
    "phonenumber_field",
    "django_structlog",
]

MIDDLEWARE = [
    "config.health.Probes",
    "config.headers.Headers",
    "django.middleware.security.SecurityMiddleware",
    "portals.oidc.middleware.OidcEndpoints",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "identity.sign_in.middleware.SessionCookie",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "identity.sign_in.middleware.IdleTimeout",
    "identity.sign_in.middleware.LocalTimes",
    "portals.oidc.middleware.FormActionCsp",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "identity.sign_in.context.tenant",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "identity.templatetags.page",
            ],
        },
    }
]
FORM_RENDERER = "identity.factors.forms.base.PageRenderer"

# --- languages -----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
FORMAT_MODULE_PATH = "config.formats"
TIME_ZONE = "America/Los_Angeles"

# --- who is signed in ----------------------------------------------------------------------------------------
AUTH_USER_MODEL = "identity.Account"
AUTHENTICATION_BACKENDS = ["identity.accounts.backend.RealmBackend", "guardian.backends.ObjectPermissionBackend"]
PASSWORD_HASHERS = ["identity.keys.hashers.OwaspArgon2"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "identity.accounts.passwords.RealmRule"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("login_name", "first_name", "last_name", "email")},
    },
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "profile"
TENANCY = "portals.tenancy.PortalTenancy"

ACCOUNT_ADAPTER = "identity.sign_in.adapter.AccountAdapter"
ACCOUNT_UNIQUE_EMAIL = False
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = "login_name"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_RATE_LIMITS = False
ACCOUNT_LOGIN_TIMEOUT = int(lifecycle.after("sign_in_under_way").total_seconds())
ALLAUTH_TRUSTED_PROXY_COUNT = 0
CALLS_LOOPBACK = False  # whether our servers may tell an application on this very machine about a logout: the demo
# Of allauth's methods only passkeys; authenticator, phone and recovery codes are django-otp devices of ours.
MFA_ADAPTER = "identity.sign_in.adapter.PasskeyAdapter"
MFA_SUPPORTED_TYPES = ["webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
# "source", or "nist" (NIST SP 800-63B-4): see identity.policy and identity.governance.standards.
REALM_PROFILES: dict[str, str] = {"ohid": "source", "provider-online": "source"}
WEB_PROCESSES = 1  # on this machine: they share its cores for hashing passwords
MAIL_EVENTS = ""  # the provider whose web hook is open, as anymail names it
MAIL_SENDERS: dict[str, str] = {}  # by brand; empty: each brand's own (see config.env.mail_senders)
# Old systems that check passwords themselves, by the key of their source (see config.env.read_legacy).
LEGACY_SYSTEMS: dict[str, dict[str, str]] = {}
CLAMAV = ""  # where the virus scanner answers; none: files are not scanned, and the list of files says so
PHONE_CENTS_PER_DAY = 5_000  # texts and calls of all accounts together; beyond it other methods are offered

ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
TWO_FACTOR_PATCH_ADMIN = False
PHONENUMBER_DEFAULT_REGION = "US"
PHONENUMBER_DB_FORMAT = "E164"

SESSION_ENGINE = "identity.keys.session_store"
SESSION_SERIALIZER = "identity.keys.session_store.EncryptedSerializer"
SESSION_COOKIE_AGE = int(lifecycle.after("session").total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "config.views.csrf_failure"
LANGUAGE_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- what a browser may do with our pages --------------------------------------------------------------------
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000

# --- files ---------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "config" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.static_files.StaticFiles"},
    "uploads": {"BACKEND": "django.core.files.storage.FileSystemStorage"},  # what people hand over, encrypted
}
# The first one stops at the page's limit while bytes arrive: whoever reads the body first, it is asked.
FILE_UPLOAD_HANDLERS = [
    "identity.files.upload_limit.UploadLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

# --- jobs ----------------------------------------------------------------------------------------------------
CELERY_BEAT_SCHEDULE = SCHEDULE
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_ROUTES = {
    "accessforms.tasks.print_*": {"queue": "pdf"},
    "portals.tasks.print_*": {"queue": "pdf"},
    "identity.tasks.look_at_files": {"queue": "pdf"},  # each may take seconds: no mail waits behind it
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # A job of a killed worker comes back after this; the stock values took more than 90 s.
    "visibility_timeout": 60,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 1,
    "socket_timeout": 10,
}

# --- messages to people --------------------------------------------------------------------------------------
TEXT_AND_VOICE_GATEWAY = "identity.record.gateways.console.ConsoleGateway"

# --- logs: structured, without personal data -----------------------------------------------------------------
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_USER_ID_FIELD = None
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG  # one line a request: the one that says how it ended
structlog.configure(
    processors=PROCESSORS,
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
LOGGING = logging_of(level="INFO", for_people=False)


def cache_at(redis_url: str) -> dict[str, dict[str, object]]:
    """The cache that every process of an installation shares."""
    return {"default": {"BACKEND": "config.cache.Cache", "LOCATION": redis_url}}


def postgresql(database: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """A PostgreSQL that may go away and come back: a connection a thread, asked before it is used again (attack H4).

    What people typed travels beside the statement, not in it: the server's own log holds no value (attack M6). What
    DATABASE_URL asks for (sslmode, sslrootcert) holds.
    """
    options = {"connect_timeout": 2, "tcp_user_timeout": 3_000, "server_side_binding": True}
    return {
        "default": {
            **database,
            "ENGINE": "config.postgresql",
            "CONN_MAX_AGE": 600,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {**options, **database.get("OPTIONS", {})},
        }
    }
