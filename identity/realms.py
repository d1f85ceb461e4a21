"""Realms: the namespaces a login name lives in, each with its own rules for names and passwords (C1, C2)."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from identity.lifecycle import Profile


@dataclass(frozen=True, slots=True)
class Rule:
    """One requirement: what a page says, and a pattern that a value must match (or, with `forbidden`, must not)."""

    text: Any  # text, or text that is translated when it is shown
    pattern: str
    forbidden: bool = False

    def holds(self, value: str) -> bool:
        """Whether the value keeps this rule."""
        return bool(re.search(self.pattern, value)) != self.forbidden


@dataclass(frozen=True, slots=True)
class Realm:
    """A namespace of login names, and what it asks of a name and a password."""

    key: str
    login_name_rules: tuple[Rule, ...]
    password_rules: tuple[Rule, ...]
    agreement: str  # the key in identity.agreements of what everybody agrees to
    asks_questions: bool = False  # whether sign-up asks security questions (S2-04)
    needs_phone: bool = False  # whether nobody gets in without a phone (C7)


# Letters with accents are named apart from other strange letters, because that is what people stumble on.
_ACCENTED = r"[^\x00-\x7f]"
OHID_SYMBOLS = r"""% + " & [ \ ] ^ ' { | } < > # , / ; ( ) : * = ~"""


def _one_of(symbols: str) -> str:
    """A character class that Python and a browser (with its strict `u` flag) read alike."""
    return "[" + "".join("\\" + s if s in r"\]^-[" else s for s in symbols if s != " ") + "]"


OHID = Realm(
    key="ohid",
    login_name_rules=(
        Rule(_("6 to 50 characters"), r"^.{6,50}$"),
        Rule(_("At least one letter"), r"[^\W\d_]"),
        Rule(_("No spaces"), r"\s", forbidden=True),
        Rule(_("No letters with accents"), _ACCENTED, forbidden=True),
        Rule(
            format_lazy(_("None of these symbols: {symbols}"), symbols=OHID_SYMBOLS),
            _one_of(OHID_SYMBOLS),
            forbidden=True,
        ),
    ),
    password_rules=(
        Rule(_("8 to 100 characters"), r"^.{8,100}$"),
        Rule(_("At least 1 uppercase letter"), r"[A-Z]"),
        Rule(_("At least 1 lowercase letter"), r"[a-z]"),
        Rule(_("At least 1 number"), r"[0-9]"),
        Rule(_("No spaces and no & symbol"), r"[\s&]", forbidden=True),
    ),
    agreement="terms",
    asks_questions=True,
)
REALMS = {realm.key: realm for realm in (OHID,)}


def realm_profile(realm: str) -> Profile:
    """Which profile of policy the installation chose for a realm: `source` as the documents ask, or `nist` (D-19)."""
    return cast(Profile, settings.REALM_PROFILES.get(realm, "source"))


def login_key(realm: str, login_name: str) -> str:
    """The unique form of a login name: its realm, then the name after NFKC and casefold (C1)."""
    return f"{realm}:{unicodedata.normalize('NFKC', login_name).strip().casefold()}"


def email_key(address: str) -> str:
    """The form of an address that is stored and looked up: trimmed, lower case."""
    return address.strip().lower()
