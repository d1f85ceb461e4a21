"""Checks of a deployment that only the running parts can answer: see `manage.py check --deploy --database default`."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.db import connections

from config.env import is_here

ENCRYPTED = ("require", "verify-ca", "verify-full")
# What keeps rows out of PostgreSQL's own log (attack M6).
LOGS_NO_ROWS = {
    "log_error_verbosity": ("terse",),
    "log_parameter_max_length": ("0",),
    "log_parameter_max_length_on_error": ("0",),
}


@checks.register(checks.Tags.security, deploy=True)
def lines_to_other_machines(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[checks.CheckMessage]:
    """Database and Redis on another machine are reached over TLS, and Redis asks for a password (attack L11)."""
    problems: list[checks.CheckMessage] = []
    database = settings.DATABASES["default"]
    if not is_here(database["HOST"]) and database["OPTIONS"].get("sslmode") not in ENCRYPTED:
        hint = "Add ?sslmode=verify-full (and sslrootcert) to DATABASE_URL, unless nobody else is on that network."
        problems.append(checks.Warning("The database is on another machine, without TLS.", hint=hint, id="config.W001"))
    redis = urlsplit(str(settings.CELERY_BROKER_URL))
    if redis.hostname and not is_here(redis.hostname):
        if redis.scheme != "rediss":
            hint = "Give REDIS_URL as rediss://..., unless nobody else is on that network."
            problems.append(checks.Warning("Redis is on another machine, without TLS.", hint=hint, id="config.W002"))
        if not redis.password:
            hint = "Whoever reaches it can sign everybody out and forget limits: give it a password in REDIS_URL."
            problems.append(
                checks.Warning("Redis is on another machine, without a password.", hint=hint, id="config.W003")
            )
    return problems


@checks.register(checks.Tags.security, deploy=True)
def bounces_are_heard_of(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[checks.CheckMessage]:
    """Where mails leave by a provider that reports of them, somebody listens."""
    if settings.MAIL_EVENTS or not settings.MAILERS["default"]["BACKEND"].startswith("anymail."):
        return []
    hint = "Set MAIL_EVENTS_SECRET, and give the provider the address of the web hook: see docs/operations.md."
    return [
        checks.Warning(
            "Nobody learns which mails bounce: the provider's web hook is closed.", hint=hint, id="config.W006"
        )
    ]


@checks.register(checks.Tags.database)
def rows_stay_out_of_the_databases_log(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **_: Any
) -> list[checks.CheckMessage]:
    """PostgreSQL writes no value of a row into its own log (attack M6)."""
    problems: list[checks.CheckMessage] = []
    for alias in databases or ():
        if connections[alias].vendor != "postgresql":
            continue
        with connections[alias].cursor() as cursor:
            for name, right in LOGS_NO_ROWS.items():
                cursor.execute("SELECT current_setting(%s, true)", [name])
                found = cursor.fetchone()[0]
                if found is not None and found not in right:
                    hint = f"As its superuser: ALTER DATABASE <name> SET {name} = '{right[0]}';"
                    told = f"PostgreSQL may write what people typed into its log: {name} is {found}."
                    problems.append(checks.Warning(told, hint=hint, id="config.W004"))
    return problems
