"""How log lines look, and the one place that keeps personal data, codes and tokens out of them."""

import logging
import re
import sys
import traceback
from pathlib import Path
from typing import Any

import structlog

# Everything that can name or unlock somebody. Paths keep their shape, long segments (tokens, ids) are cut.
_DROPPED = {"ip", "user_agent", "user_id", "email", "phone", "token", "login_name", "data", "stack_info"}
_SECRET_SEGMENT = re.compile(r"/[A-Za-z0-9_:=-]{16,}")
_QUERY = re.compile(r"\?\S*")


def without_personal_data(_logger: object, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Drop personal fields, query strings and token-like path segments from a log event."""
    kept = {key: value for key, value in event.items() if key not in _DROPPED and not hasattr(value, "META")}
    return {key: _scrubbed(value) if key != "failure" else value for key, value in kept.items()}


def _scrubbed(value: Any) -> Any:
    """A text without query strings and without what looks like a token in a path."""
    return _QUERY.sub("", _SECRET_SEGMENT.sub("/…", value)) if isinstance(value, str) else value


def exception_without_text(_logger: object, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Turn `exc_info` into classes and places. An error's text can hold names, addresses and keys: it is left out."""
    found = event.pop("exc_info", None)
    error = sys.exc_info()[1] if found is True else found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        event["failure"] = _described(error)  # not "exception": the renderer for people expects a traceback there
    return event


def in_a_line(_logger: object, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """For people: of an error its class and the last three places, nearest first, all in one line."""
    if isinstance(found := event.get("failure"), list):
        last = found[len(found) - found[::-1].index("then") :] if "then" in found else found
        places = [place.removeprefix(f"{Path.cwd()}/") for place in last[:0:-1][:3]]
        event["failure"] = f"{last[0]} at {', from '.join(places)}" if places else last[0]
    return event


def _described(error: BaseException) -> list[str]:
    lines = [type(error).__qualname__]
    lines += [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    cause = error.__cause__ or error.__context__
    return [*_described(cause), "then", *lines] if cause else lines


PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.filter_by_level,
    structlog.processors.TimeStamper(fmt="iso"),
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    exception_without_text,
    without_personal_data,
    structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
]


def logging_of(*, level: str, for_people: bool) -> dict[str, Any]:
    """Django's LOGGING: JSON lines for machines, or coloured lines for people."""
    # Never the local variables of a traceback: they hold what people typed.
    for_eyes = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
    )
    written = [in_a_line, for_eyes] if for_people else [structlog.processors.JSONRenderer()]
    logging.raiseExceptions = False  # a line that cannot be written must not print what it was about
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *written],
                "foreign_pre_chain": [
                    structlog.processors.TimeStamper(fmt="iso"),
                    structlog.stdlib.add_logger_name,
                    structlog.stdlib.add_log_level,
                    structlog.stdlib.ExtraAdder(),
                    exception_without_text,
                    without_personal_data,
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.request": {"level": "CRITICAL"},  # django_structlog writes the same line, without the query
            "django_structlog": {"level": "ERROR" if for_people else "INFO"},
            "django.security": {"level": "CRITICAL"},  # its lines hold whole paths and the request
            "celery.app.trace": {"level": "CRITICAL"},  # see config.celery
            "fontTools": {"level": "CRITICAL"},
            "weasyprint": {"level": "CRITICAL"},  # its lines quote what it lays out: names, addresses
            "pikepdf": {"level": "WARNING"},
        },
    }
