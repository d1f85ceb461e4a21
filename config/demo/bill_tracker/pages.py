"""The pages of the sample application. Whatever came from outside is escaped."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any

from .visits import Visit

TIMES = {"exp", "iat", "auth_time", "nbf", "updated_at"}
# The standard's codes in plain words; the code itself stands below.
REFUSALS = {
    "access_denied": "You were not signed on. Either your ID has no access to {name}, or it was not agreed that "
    "{name} may know who you are.",
    "login_required": "You are not signed in to your {brand}.",
    "consent_required": "It was not agreed yet that {name} may know who you are.",
    "unknown_state": "This sign-on was not begun in this browser, or it was finished before.",
    "invalid_grant": "Your sign-on has ended.",
    "temporarily_unavailable": "The sign-in service cannot be reached just now.",
}


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of the application that the sample plays: its name, the portal that leads to it, what the ID is called
    there, and the path at which it stands, empty for the first one."""

    name: str = "Bill Tracker"
    portal: str = "TruCase"
    brand: str = "Optum ID"
    base: str = ""

    def home(self, visit: Visit | None) -> bytes:
        """The public page."""
        if visit is not None and visit.signed_on is not None:
            action = f'<p><a class="button" href="{self.base}/bills">Go to your page</a></p>'
        else:
            action = self._sign_in(f"Sign in with your {self.brand}")
        told = (
            f"{self.name} stands for an application outside of the {self.brand}. It has no passwords of its own: it "
            f"trusts the ID by OpenID Connect, and is reached with the {self.name} link in {self.portal}."
        )
        return self._page(self.name, f"<p>{escape(told)}</p>{action}")

    def bills(self, visit: Visit) -> bytes:
        """Who is signed on, and everything that was told."""
        known = visit.signed_on
        assert known is not None
        name = known.userinfo.get("name") or known.claims.get("name") or known.claims["sub"]
        refresh = self._button("refresh", "Refresh tokens", visit) if known.refresh_token else ""
        return self._page(
            "You are signed on",
            f"<p>Signed on as <strong>{escape(str(name))}</strong>. This sample holds no work of its own: it "
            f"shows what the {escape(self.brand)} told it about you.</p>"
            + _table("Tokens", {
                "Access token ends": _time(known.access_ends),
                "ID token ends": _time(known.claims.get("exp")),
                "Refresh token": "yes" if known.refresh_token else "none",
                "Refreshed": f"{known.refreshed} time{'' if known.refreshed == 1 else 's'}",
            })
            + f'<div class="buttons">{refresh}{self._button("logout", "Sign out", visit)}</div>'
            + _table("From the ID token", known.claims)
            + _table("From userinfo", known.userinfo),
        )  # fmt: skip

    def signed_out(self) -> bytes:
        """After signing out."""
        return self._page("You have signed out", self._sign_in(f"Sign in with your {self.brand}"))

    def refused(self, code: str, description: str) -> bytes:
        """A sign-on that did not come about, or has ended."""
        told = REFUSALS.get(code, "The sign-on did not work.").format(name=self.name, brand=self.brand)
        said = f" “{escape(description)}”" if description else ""
        return self._page(
            "You are not signed on",
            f"<p>{escape(told)}</p><p class='quiet'>The answer was <code>{escape(code)}</code>.{said}</p>"
            + self._sign_in("Try again"),
        )

    def problem(self, title: str, told: str) -> bytes:
        """Any other page that cannot be shown."""
        return self._page(title, f'<p>{escape(told)}</p><p><a href="{self.base}/">To the first page</a></p>')

    def _page(self, title: str, body: str) -> bytes:
        name = escape(self.name)
        return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}{"" if title == self.name else f" – {name}"}</title>
<link rel="stylesheet" href="{self.base}/style.css">
<link rel="icon" href="data:,">
</head>
<body>
<header><p><a href="{self.base}/">{name}</a> <span>a sample outside application</span></p></header>
<main>
<h1>{escape(title)}</h1>
{body}
</main>
</body>
</html>
""".encode()

    def _sign_in(self, label: str) -> str:
        return f'<p><a class="button" href="{self.base}/login">{escape(label)}</a></p>'

    def _button(self, act: str, label: str, visit: Visit) -> str:
        return (
            f'<form method="post" action="{self.base}/{act}"><input type="hidden" name="form_token" '
            f'value="{escape(visit.form_token)}"><button>{escape(label)}</button></form>'
        )


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
