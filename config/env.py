"""Every fact of a deployment, read once from the environment, typed, with advice when one is missing or wrong."""

import base64
import importlib.util
import ipaddress
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

_env = environ.Env()


@dataclass(frozen=True, slots=True)
class Deployment:
    """What differs from one installation to the next. Durations and policies stand in identity.policy."""

    secret_key: str
    secret_key_fallbacks: list[str]
    index_key: str
    field_keys: tuple[str, ...]
    public_url: str
    database: dict[str, Any]
    redis_url: str
    media_root: Path
    static_root: Path
    trusted_proxies: int
    mail_backend: str
    mail_options: dict[str, Any]
    mail_senders: dict[str, str]
    mail_events: tuple[str, list[str]]
    mail_events_options: dict[str, Any]
    twilio_account: str
    twilio_token: str
    twilio_from: str
    web_processes: int
    phone_cents_a_day: int
    clamav: str
    realm_profiles: dict[str, str]

    @property
    def host(self) -> str:
        """The host name that people type, without the port."""
        return urlsplit(self.public_url).hostname or ""


def _refuse(name: str, problem: str, advice: str) -> NoReturn:
    raise ImproperlyConfigured(f"{name} {problem}. {advice}")


def _required(name: str, advice: str) -> str:
    value: str = _env.str(name, default="").strip()
    if not value:
        _refuse(name, "is not set", advice)
    return value


def _redis_url() -> str:
    return _required("REDIS_URL", "Give the address of a Redis 7 or Valkey server: redis://:PASSWORD@HOST:6379/0")


def read_production() -> Deployment:
    """Read and check the environment of a production process.

    Raises ImproperlyConfigured with the name of the variable and how to mend it.
    """
    secret_key, index_key = _key("SECRET_KEY"), _key("INDEX_KEY")
    field_keys = tuple(
        key.strip()
        for key in _required(
            "FIELD_KEYS",
            "Comma-separated Fernet keys, newest first; they encrypt phone numbers and sessions. Make one with: "
            "python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'",
        ).split(",")
    )
    public_url = _required("PUBLIC_URL", "The address people type, for example https://id.example.org").rstrip("/")
    if not re.fullmatch(r"https://[A-Za-z0-9.-]+(:\d+)?", public_url):
        _refuse("PUBLIC_URL", f"is {public_url!r}", "It must begin with https:// and hold no path.")
    if is_here(urlsplit(public_url).hostname or ""):
        _refuse("PUBLIC_URL", f"is {public_url!r}", "Nobody else reaches that: give the address that people type.")
    for key in field_keys:
        try:
            Fernet(key)
        except ValueError:
            _refuse("FIELD_KEYS", "holds something that is no Fernet key", "A key is 44 characters of base64.")
        if len(set(base64.urlsafe_b64decode(key))) == 1:
            _refuse("FIELD_KEYS", "holds a key that anybody can guess", "Make one with Fernet.generate_key().")
    _required("DATABASE_URL", "For example postgres://USER:PASSWORD@HOST:5432/NAME (PostgreSQL 15 or newer)")
    database = _env.db("DATABASE_URL")
    if not str(database.get("ENGINE", "")).endswith("postgresql"):
        _refuse("DATABASE_URL", "does not name a PostgreSQL database", "SQLite is for the one-command run only.")
    mail_backend = _env.str("MAIL_BACKEND", default="anymail.backends.amazon_ses.EmailBackend")
    if not _is_module(mail_backend.rpartition(".")[0]):
        _refuse("MAIL_BACKEND", f"is {mail_backend!r}", "Name one of anymail's: anymail.backends.postmark.EmailBackend")
    return Deployment(
        secret_key=secret_key,
        secret_key_fallbacks=_env.list("SECRET_KEY_FALLBACKS", default=[]),
        index_key=index_key,
        field_keys=field_keys,
        public_url=public_url,
        database=database,
        redis_url=_redis_url(),
        media_root=Path(_required("MEDIA_ROOT", "A folder that web and workers share; printed forms are kept there.")),
        static_root=Path(_env.str("STATIC_ROOT", default="var/static")),
        trusted_proxies=_at_least("TRUSTED_PROXIES", 0, default=1),
        mail_backend=mail_backend,
        mail_options=_mail_options(mail_backend),
        mail_senders=mail_senders(_env.str("MAIL_FROM", default="")),
        mail_events=_mail_events(mail_backend),
        mail_events_options=_env.json("MAIL_EVENTS_OPTIONS", default={}),
        twilio_account=_required("TWILIO_ACCOUNT_SID", "The account that sends texts and places calls."),
        twilio_token=_required("TWILIO_AUTH_TOKEN", "The token of that account; it also signs Twilio's callbacks."),
        twilio_from=_required("TWILIO_FROM", "The number that texts and calls come from, for example +13105550100"),
        web_processes=_at_least("WEB_PROCESSES", 1, default=2),
        phone_cents_a_day=_at_least("PHONE_CENTS_PER_DAY", 1, default=5_000),
        clamav=_env.str("CLAMAV", default="").strip(),
        realm_profiles={
            "ohid": _profile("REALM_PROFILE_OHID"),
            "provider-online": _profile("REALM_PROFILE_PROVIDER_ONLINE"),
        },
    )


def _mail_options(backend: str) -> dict[str, Any]:
    """What MAIL_OPTIONS says; a mail server is given ten seconds an answer, well within the lease of the outbox."""
    ours = {"timeout": 10} if backend == "django.core.mail.backends.smtp.EmailBackend" else {}
    return {**ours, **_env.json("MAIL_OPTIONS", default={})}


def _mail_events(backend: str) -> tuple[str, list[str]]:
    """The provider whose web hook is open, as anymail names it, and the NAME:PASSWORD by which it shows who it is, the
    newest first; none without one."""
    agreed: list[str] = _env.list("MAIL_EVENTS_SECRET", default=[])
    if not all(re.fullmatch(r"[^:\s]+:[^:\s]{20,}", one) for one in agreed):
        advice = (
            "Make one with secrets.token_urlsafe(32), and call the web hook https://NAME:PASSWORD@HOST/id/mail-events/"
        )
        _refuse("MAIL_EVENTS_SECRET", "is not NAME:PASSWORD with 20 characters or more in the password", advice)
    provider = backend.split(".")[2] if backend.startswith("anymail.backends.") else ""
    return (provider, agreed) if agreed and _is_module(f"anymail.webhooks.{provider}") else ("", [])


def _key(name: str) -> str:
    """One of the two keys that are plain texts."""
    key = _required(name, "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(64))'")
    if len(key) < 50:
        _refuse(name, "is shorter than 50 characters", "Make one with secrets.token_urlsafe(64).")
    return key


def is_here(host: str) -> bool:
    """Whether this is the machine itself: a socket's folder, or a loopback address."""
    if not host or host.startswith("/") or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _at_least(name: str, least: int, *, default: int) -> int:
    try:
        value: int = _env.int(name, default=default)
    except ValueError:
        value = least - 1
    if value < least:
        _refuse(name, f"is not a number of {least} or more", f"Leave it out for {default}.")
    return value


def mail_senders(text: str) -> dict[str, str]:
    """Whom mails come from, by brand (C39): `optum-id=noreply@a.example`, separated by commas; one address alone, under
    an empty key, is that of all brands that are not named. Without any, each brand has its own.

    Raises ImproperlyConfigured for what is no address.
    """
    found = {}
    for entry in filter(None, (entry.strip() for entry in text.split(","))):
        brand, _, address = entry.rpartition("=")
        if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", address.strip()):
            _refuse(
                "MAIL_FROM",
                f"holds {entry!r}",
                "It is one address for all mails, or BRAND=ADDRESS for each brand, separated by commas.",
            )
        found[brand.strip()] = address.strip()
    return found


def _profile(name: str) -> str:
    value: str = _env.str(name, default="source")
    if value not in ("source", "nist"):
        _refuse(name, f"is {value!r}", 'It is "source" (as the documents ask) or "nist" (NIST SP 800-63B-4).')
    return value


LEGACY_FACTS = ("url", "secret", "ca_file", "bind_dn", "search_base", "search_filter", "dn_template")


def read_legacy() -> dict[str, dict[str, str]]:
    """Where old systems answer that check passwords themselves: by source, from LEGACY_<SOURCE>_URL and its like.

    Raises ImproperlyConfigured for an address without TLS, and where a directory could not be asked.
    """
    found: dict[str, dict[str, str]] = {}
    for name in sorted(_env.ENVIRON):
        if match := re.fullmatch(rf"LEGACY_([A-Z0-9_]+?)_({'|'.join(LEGACY_FACTS).upper()})", name):
            found.setdefault(match[1].lower().replace("_", "-"), {})[match[2].lower()] = _env.str(name)
        elif name.startswith("LEGACY_"):
            _refuse(name, "is not known", f"After the source comes one of: {', '.join(LEGACY_FACTS).upper()}.")
    for source, facts in found.items():
        _check_legacy(f"LEGACY_{source.upper().replace('-', '_')}", facts)
    return found


def _check_legacy(prefix: str, facts: dict[str, str]) -> None:
    """An old system is asked over TLS; plain HTTP reaches this machine only."""
    address = urlsplit(facts.get("url", ""))
    here = address.hostname in ("localhost", "127.0.0.1", "::1")
    if address.scheme not in ("https", "ldaps", "ldap") and not (address.scheme == "http" and here):
        _refuse(f"{prefix}_URL", "is not an address with TLS", "https://..., ldaps://... or ldap://... with StartTLS.")
    if address.scheme.startswith("http"):
        if not facts.get("secret"):
            _refuse(f"{prefix}_SECRET", "is not set", "The old system knows us by it.")
        return
    pattern = "dn_template" if "dn_template" in facts else "search_filter"
    if facts.get(pattern, "").count("%s") != 1 or (pattern == "search_filter" and not facts.get("search_base")):
        _refuse(
            f"{prefix}_{pattern.upper()}",
            "does not say where the user name goes",
            "Give DN_TEMPLATE as uid=%s,ou=people,dc=example,dc=org; or SEARCH_BASE, and SEARCH_FILTER as (uid=%s).",
        )


def read_demo(*, data: Path) -> tuple[str, str, str, str]:
    """Secret key, field key, index key and Redis address of the one-command run, made once and kept in its data folder.

    The Redis address is empty while no run is up: then management commands work without a broker, and the next
    run's sweep sends what they enqueued.
    """
    keys = data / "keys"
    if not keys.exists():
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        keys.touch(mode=0o600)
        keys.write_text(f"{secrets.token_urlsafe(64)}\n{Fernet.generate_key().decode()}\n{secrets.token_urlsafe(64)}\n")
    secret_key, field_key, *further = keys.read_text().split()
    if not further:  # a file from before there was one: what is stored was made with the secret key
        keys.write_text(f"{secret_key}\n{field_key}\n{secret_key}\n")
        further = [secret_key]
    address = data / "redis-url"
    return (
        secret_key,
        field_key,
        further[0],
        _env.str("REDIS_URL", default=address.read_text() if address.exists() else ""),
    )


def keep_to_owner(data: Path) -> None:
    """What the one-command run writes is its owner's alone: password hashes and mails lie there (attack L6)."""
    os.umask(0o077)
    data.mkdir(parents=True, exist_ok=True)
    for mine in (data, *data.glob("*.sqlite3*")):
        if mine.stat().st_uid == os.getuid():
            mine.chmod(0o700 if mine.is_dir() else 0o600)


def refuse_demo_in_production() -> None:
    """Raise ImproperlyConfigured when the demo's settings meet a production environment."""
    for name in ("PUBLIC_URL", "FIELD_KEYS", "TWILIO_AUTH_TOKEN"):
        if _env.str(name, default=""):
            _refuse(
                name, "is set, but the settings are the demo's", "Set DJANGO_SETTINGS_MODULE=config.settings.production"
            )


def demo_place() -> tuple[Path, int]:
    """Folder and port of the one-command run: DATA (default var/) and PORT (default 8000)."""
    port: str = _env.str("PORT", default="") or "8000"
    if not (port.isascii() and port.isdigit()):
        _refuse("PORT", f"is {port!r}", "It is a number from 1 to 65535; leave it out for 8000.")
    return Path(_env.str("DATA", default="") or "var").resolve(), int(port)
