"""Production: PostgreSQL, Redis, separate web, worker and beat processes; every fact from the environment."""

from config import env
from config.settings.base import *  # noqa: F403
from config.settings.base import cache_at, postgresql

_deployment = env.read_production()

SECRET_KEY = _deployment.secret_key
SECRET_KEY_FALLBACKS = _deployment.secret_key_fallbacks
INDEX_KEY = _deployment.index_key
FIELD_KEYS = _deployment.field_keys
PUBLIC_URL = _deployment.public_url
ALLOWED_HOSTS = [_deployment.host]
CSRF_TRUSTED_ORIGINS = [_deployment.public_url]
DATABASES = postgresql(_deployment.database)
CACHES = cache_at(_deployment.redis_url)
CELERY_BROKER_URL = _deployment.redis_url
MEDIA_ROOT = _deployment.media_root
STATIC_ROOT = _deployment.static_root
MAILERS = {"default": {"BACKEND": _deployment.mail_backend, "OPTIONS": _deployment.mail_options}}
MAIL_SENDERS = _deployment.mail_senders
# Every channel gives up well within the lease of the outbox.
ANYMAIL = {
    "REQUESTS_TIMEOUT": 10,
    "AMAZON_SES_CLIENT_PARAMS": {"config": {"connect_timeout": 5, "read_timeout": 10}},
    "WEBHOOK_SECRET": _deployment.mail_events[1],
    **_deployment.mail_events_options,
}
MAIL_EVENTS = _deployment.mail_events[0]
TEXT_AND_VOICE_GATEWAY = "identity.record.gateways.twilio.TwilioGateway"
TWILIO = {
    "account": _deployment.twilio_account,
    "token": _deployment.twilio_token,
    "from": _deployment.twilio_from,
}

WEB_PROCESSES = _deployment.web_processes
CLAMAV = _deployment.clamav
PHONE_CENTS_PER_DAY = _deployment.phone_cents_a_day
REALM_PROFILES = _deployment.realm_profiles
LEGACY_SYSTEMS = env.read_legacy()
ALLAUTH_TRUSTED_PROXY_COUNT = _deployment.trusted_proxies
if _deployment.trusted_proxies:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_NAME = "__Host-csrf"
LANGUAGE_COOKIE_NAME = "__Host-language"
LANGUAGE_COOKIE_HTTPONLY = True
