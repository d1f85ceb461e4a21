"""Realms: the namespaces a login name lives in, each with its own rules for names and passwords (C1, C2)."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from identity.policy import text
from identity.policy.lifecycle import Profile


@dataclass(frozen=True, slots=True)
class Rule:
    """One requirement: what a page says, and a pattern that a value must match (or, with `forbidden`, must not).

    Without a pattern a validator of its own asks for it; `unlike` says that a page can compare with its other fields.
    """

    text: Any  # text, or text that is translated when it is shown
    pattern: str = ""
    forbidden: bool = False
    says: Any = ""  # the error, as a sentence
    unlike: bool = False
    key: str = ""  # by which a brand spells it in its documents' words

    def holds(self, value: str) -> bool:
        """Whether the value keeps this rule."""
        return bool(re.search(self.pattern, value)) != self.forbidden


_UNLIKE = Rule(_("Nothing that looks like your name, your ID or your email address"), unlike=True)
_UNCOMMON = Rule(_("No password that many people use, such as Password1 (we look when you continue)"))


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """What one profile asks of a password; lists of common ones are refused under every profile."""

    shortest: int
    longest: int
    composition: tuple[Rule, ...] = ()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Its length, its composition, and what is refused under every profile: the list is complete (B9)."""
        lengths = {"shortest": self.shortest, "longest": self.longest}
        length = Rule(
            format_lazy(_("Between {shortest} and {longest} characters"), **lengths),
            f"^.{{{self.shortest},{self.longest}}}$",
            says=format_lazy(_("Use between {shortest} and {longest} characters."), **lengths),
        )
        return (length, *self.composition, _UNLIKE, _UNCOMMON)


@dataclass(frozen=True, slots=True)
class Realm:
    """A namespace of login names, and what it asks of a name and, by profile, of a password."""

    key: str
    login_name_rules: tuple[Rule, ...]
    passwords: Mapping[Profile, PasswordPolicy]
    agreement: str  # the key in identity.policy.agreements of what everybody agrees to
    zone: str  # in which times are told on its pages and in its mails, and days end (identity.policy.zones)
    asks_questions: bool = False  # whether sign-up asks security questions (S2-04)
    needs_phone: bool = False  # whether nobody gets in without a phone (C7)
    # Whether the phone gets codes, and the notice that it is changed or removed itself, and nothing else (S4-12, C35).
    phone_for_codes_only: bool = False
    shares_addresses: bool = False  # whether one address with several accounts is an ordinary thing (S4-32)
    # What people agree to beside it before they first act in a role, by the role: a key in identity.policy.agreements.
    duties: tuple[tuple[str, str], ...] = ()


# Letters with accents are named apart from other strange letters, because that is what people stumble on.
_ACCENTED = r"[^\x00-\x7f]"
OHID_SYMBOLS = r"""% + " & [ \ ] ^ ' { | } < > # , / ; ( ) : * = ~"""


def _one_of(symbols: str) -> str:
    """A character class that Python and a browser (with its strict `u` flag) read alike."""
    return "[" + "".join("\\" + s if s in r"\]^-[" else s for s in symbols if s != " ") + "]"


def _none_of(symbols: str) -> Rule:
    return Rule(
        format_lazy(_("None of these symbols: {symbols}"), symbols=symbols),
        _one_of(symbols),
        forbidden=True,
        says=format_lazy(_("The symbols {symbols} cannot be used."), symbols=symbols),
        key="symbols",
    )


_NO_SPACES = Rule(_("No spaces"), r"\s", forbidden=True, says=_("Leave out spaces."))


# S0-16; and what NIST SP 800-63B-4 and OWASP ASVS 5 advise (D-19). C6: the same in every realm.
PASSWORDS: Mapping[Profile, PasswordPolicy] = {
    "source": PasswordPolicy(
        shortest=8,
        longest=100,
        composition=(
            Rule(_("At least 1 uppercase letter"), r"[A-Z]", says=_("Add at least 1 uppercase letter.")),
            Rule(_("At least 1 lowercase letter"), r"[a-z]", says=_("Add at least 1 lowercase letter.")),
            Rule(_("At least 1 number"), r"[0-9]", says=_("Add at least 1 number.")),
            Rule(
                _("No spaces and no & symbol"), r"[\s&]", forbidden=True, says=_("Leave out spaces and the & symbol.")
            ),
        ),
    ),
    "nist": PasswordPolicy(shortest=15, longest=128),
}

OHID = Realm(
    key="ohid",
    login_name_rules=(
        Rule(_("6 to 50 characters"), r"^.{6,50}$", says=_("Use between 6 and 50 characters."), key="length"),
        Rule(_("At least one letter"), r"[^\W\d_]", says=_("Use at least one letter.")),
        _NO_SPACES,
        Rule(_("No letters with accents"), _ACCENTED, forbidden=True, says=_("Leave out the accents on letters.")),
        _none_of(OHID_SYMBOLS),
    ),
    passwords=PASSWORDS,
    agreement="terms",
    zone="America/Los_Angeles",
    asks_questions=True,
)
# S4-08 as it is written; a space is refused as well (D-21).
PROVIDER_ONLINE_SYMBOLS = r"""; : < > , [ ] ( ) \ " ' ~ ` % ^ & + = { } | ? /"""
PROVIDER_ONLINE = Realm(
    key="provider-online",
    login_name_rules=(
        Rule(_("1 to 64 characters"), r"^.{1,64}$", says=_("Use 1 to 64 characters.")),
        _NO_SPACES,
        _none_of(PROVIDER_ONLINE_SYMBOLS),
    ),
    passwords=PASSWORDS,
    agreement="provider-online-terms",
    zone="America/Chicago",  # the plan is in Milwaukee
    needs_phone=True,
    phone_for_codes_only=True,
    shares_addresses=True,
    duties=(("administrator", "provider-online-duties"),),
)
REALMS = {realm.key: realm for realm in (OHID, PROVIDER_ONLINE)}


def realm_profile(realm: str) -> Profile:
    """Which profile of policy the installation chose for a realm: `source` as the documents ask, or `nist` (D-19)."""
    return cast(Profile, settings.REALM_PROFILES.get(realm, "source"))


def password_rules(realm: str) -> tuple[Rule, ...]:
    """What a password of the realm must keep, under the profile that is on: to check one, and to show beside it."""
    return REALMS[realm].passwords[realm_profile(realm)].rules


MAX_LENGTH_OF_KEY = 160  # characters, as its column; NFKC can make one character many


def login_key(realm: str, login_name: str) -> str:
    """The unique form of a login name: its realm, then what people see of it after NFKC and casefold (C1)."""
    return f"{realm}:{unicodedata.normalize('NFKC', text.line(login_name)).strip().casefold()}"


def email_key(address: str) -> str:
    """The form of an address that is stored and looked up (T03, T15)."""
    return text.email(address)
