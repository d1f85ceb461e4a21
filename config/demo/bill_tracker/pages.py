"""The pages of the sample application. Whatever came from outside is escaped."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape
from typing import Any

from .visits import Visit

NAME = "Bill Tracker"
TIMES = {"exp", "iat", "auth_time", "nbf", "updated_at"}
# The standard's codes in plain words; the code itself stands below.
REFUSALS = {
    "access_denied": "You were not signed on. Either your ID has no access to Bill Tracker, or it was not agreed that "
    "Bill Tracker may know who you are.",
    "login_required": "You are not signed in to your Optum ID.",
    "consent_required": "It was not agreed yet that Bill Tracker may know who you are.",
    "unknown_state": "This sign-on was not begun in this browser, or it was finished before.",
    "invalid_grant": "Your sign-on has ended.",
    "temporarily_unavailable": "The sign-in service cannot be reached just now.",
}


def _page(title: str, body: str) -> bytes:
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}{"" if title == NAME else f" – {NAME}"}</title>
<link rel="stylesheet" href="/style.css">
<link rel="icon" href="data:,">
</head>
<body>
<header><p><a href="/">{NAME}</a> <span>a sample outside application</span></p></header>
<main>
<h1>{escape(title)}</h1>
{body}
</main>
</body>
</html>
""".encode()


def _button(address: str, label: str, visit: Visit) -> str:
    return (
        f'<form method="post" action="{address}"><input type="hidden" name="form_token" '
        f'value="{escape(visit.form_token)}"><button>{escape(label)}</button></form>'
    )


def home(visit: Visit | None) -> bytes:
    """The public page."""
    if visit is not None and visit.signed_on is not None:
        action = '<p><a class="button" href="/bills">Go to your bills</a></p>'
    else:
        action = '<p><a class="button" href="/login">Sign in with your Optum ID</a></p>'
    return _page(
        NAME,
        "<p>Bill Tracker stands for an application outside of the Optum ID. It has no passwords of its own: it trusts "
        "the ID by OpenID Connect, and is reached with the Bill Tracker link in TruCase.</p>" + action,
    )


def bills(visit: Visit) -> bytes:
    """Who is signed on, and everything that was told."""
    known = visit.signed_on
    assert known is not None
    name = known.userinfo.get("name") or known.claims.get("name") or known.claims["sub"]
    refresh = _button("/refresh", "Refresh tokens", visit) if known.refresh_token else ""
    return _page(
        "You are signed on",
        f"<p>Signed on as <strong>{escape(str(name))}</strong>. This sample holds no bills: it shows what the Optum ID "
        "told it about you.</p>"
        + _table("Tokens", {
            "Access token ends": _time(known.access_ends),
            "ID token ends": _time(known.claims.get("exp")),
            "Refresh token": "yes" if known.refresh_token else "none",
            "Refreshed": f"{known.refreshed} time{'' if known.refreshed == 1 else 's'}",
        })
        + f'<div class="buttons">{refresh}{_button("/logout", "Sign out", visit)}</div>'
        + _table("From the ID token", known.claims)
        + _table("From userinfo", known.userinfo),
    )  # fmt: skip


def signed_out() -> bytes:
    """After signing out."""
    return _page("You have signed out", '<p><a class="button" href="/login">Sign in with your Optum ID</a></p>')


def refused(code: str, description: str) -> bytes:
    """A sign-on that did not come about, or has ended."""
    told = REFUSALS.get(code, "The sign-on did not work.")
    said = f" “{escape(description)}”" if description else ""
    return _page(
        "You are not signed on",
        f"<p>{escape(told)}</p><p class='quiet'>The answer was <code>{escape(code)}</code>.{said}</p>"
        '<p><a class="button" href="/login">Try again</a></p>',
    )


def problem(title: str, told: str) -> bytes:
    """Any other page that cannot be shown."""
    return _page(title, f'<p>{escape(told)}</p><p><a href="/">To the first page</a></p>')


def _table(caption: str, facts: Mapping[str, Any]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(_shown(name, value))}</td></tr>'
        for name, value in facts.items()
    )
    return f"<table><caption>{escape(caption)}</caption><tbody>{rows}</tbody></table>"


def _shown(name: str, value: Any) -> str:
    if name in TIMES:
        return _time(value)
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value) or "none"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)


def _time(value: Any) -> str:
    if not isinstance(value, int | float):
        return "not said"
    return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
