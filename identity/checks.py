"""Start-up checks of identity: what would otherwise be found out by a person."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from identity.files import scanner


@register()
def one_door(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """allauth's own limits and codes stay off: ours count on the account, in rows."""
    problems: list[CheckMessage] = []
    if getattr(settings, "ACCOUNT_RATE_LIMITS", None) is not False:
        problems.append(Error("ACCOUNT_RATE_LIMITS must be False: identity.codes.attempts limits.", id="identity.E001"))
    if getattr(settings, "ACCOUNT_UNIQUE_EMAIL", True):
        problems.append(Error("ACCOUNT_UNIQUE_EMAIL must be False: addresses may be shared (C5).", id="identity.E002"))
    return problems


@register()
def scanner_is_named(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """A mistyped CLAMAV would let every file wait."""
    if not settings.CLAMAV or scanner.ADDRESS.fullmatch(settings.CLAMAV):
        return []
    hint = "Give unix:/run/clamav/clamd.ctl, or the host and port of clamd as host:3310."
    return [Error(f"CLAMAV is {settings.CLAMAV!r}.", hint=hint, id="identity.E003")]
