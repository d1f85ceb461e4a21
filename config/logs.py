"""How log lines look, and the one place that keeps personal data, codes and tokens out of them."""

import re
from typing import Any

import structlog

# Everything that can name or unlock somebody. Paths keep their shape, long segments (tokens, ids) are cut.
_DROPPED = {"ip", "user_agent", "user_id", "email", "phone", "code", "token", "login_name"}
_SECRET_SEGMENT = re.compile(r"/[A-Za-z0-9_:=-]{16,}")
_QUERY = re.compile(r"\?\S*")


def without_personal_data(_logger: object, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Drop personal fields, query strings and token-like path segments from a log event."""
    cleaned = {key: value for key, value in event.items() if key not in _DROPPED}
    for key in ("request", "path", "url"):
        if isinstance(cleaned.get(key), str):
            cleaned[key] = _QUERY.sub("", _SECRET_SEGMENT.sub("/…", cleaned[key]))
    return cleaned


PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.filter_by_level,
    structlog.processors.TimeStamper(fmt="iso"),
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.format_exc_info,
    without_personal_data,
    structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
]


def logging_of(*, level: str, for_people: bool) -> dict[str, Any]:
    """Django's LOGGING: JSON lines for machines, or coloured lines for people."""
    # Never the local variables of a traceback: they hold what people typed.
    for_eyes = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    renderer = for_eyes if for_people else structlog.processors.JSONRenderer()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processor": renderer,
                "foreign_pre_chain": [structlog.stdlib.add_log_level, without_personal_data],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.request": {"level": "CRITICAL"},  # django_structlog writes the same line, without the query
            "health_check": {"level": "CRITICAL"},  # the answer of /readyz says it
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "fontTools": {"level": "ERROR"},
            "weasyprint": {"level": "ERROR"},
        },
    }
