"""What people agree to: each agreement with its versions, newest last, and the way each one is agreed to (C18).

The text of a version is `templates/identity/agreements/<key>/<version>.html`. A text that somebody may have agreed to
is never changed: a new one is a new version, and the next sign-in asks for it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from django.utils.translation import gettext_lazy as _

Mode = Literal["button", "check box", "typed name"]


@dataclass(frozen=True, slots=True)
class Version:
    """One text."""

    number: int
    since: date
    mode: Mode


@dataclass(frozen=True, slots=True)
class Agreement:
    """What is agreed to: by all accounts of a realm, or by those in a role (Realm.duties)."""

    key: str
    title: Any
    versions: tuple[Version, ...]

    @property
    def current(self) -> Version:
        """The version that holds now."""
        return self.versions[-1]

    def template(self, number: int) -> str:
        """Where the text of a version is."""
        return f"identity/agreements/{self.key}/{number}.html"


AGREEMENTS = {
    agreement.key: agreement
    for agreement in (
        Agreement("terms", _("Terms of Use"), (Version(1, date(2026, 11, 1), "check box"),)),
        Agreement(
            "provider-online-terms",
            _("Provider OnLine Terms and Conditions"),
            (Version(1, date(2026, 11, 1), "typed name"),),
        ),
        Agreement(
            "provider-online-duties",
            _("Duties of an Online Account Administrator"),
            (Version(1, date(2026, 11, 30), "typed name"),),
        ),
    )
}
