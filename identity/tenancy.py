"""What sign-in must know of the tenant that asked for it: a portal, or the ID itself. The portals app answers, through
this Protocol only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Protocol, cast

from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from identity.policy.realms import REALMS, Rule

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from identity.models import Account, Ticket

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Brand:
    """The name under which the ID is shown, who helps, and who sends its mails (C15)."""

    key: str  # by which an installation names it: MAIL_FROM
    name: str
    support_phone: str
    support_email: str
    sender: str  # as the documents name it; see `sends_from`
    waiting: Text  # how long a mail may take (C4)
    sign_in_page: str  # template of the first page
    identifier_label: Text
    login_name_label: Text  # the ID alone, without the address
    create_heading: Text
    verify_heading: Text  # of the page that waits for the activation code
    create_intro: Text
    create_already: Text
    create_label: Text
    setting_up: Text  # "questions about setting up ..." (S0-26)
    failed: Text  # the one sentence for every sign-in that fails
    # Labels that the brand's documents spell in another way than One Healthcare ID's (C37), by field.
    labels: tuple[tuple[str, Text], ...] = ()
    # Rules of a name that its documents spell in another way than Optum ID's (S0-15, S1-42), by the rule's key.
    rule_texts: tuple[tuple[str, Text], ...] = ()
    login_name_inline: Text = ""  # its label within a sentence, where that differs
    code_page: Text = ""  # what its mail calls the page that takes the code, where that is not the heading (S0-26)
    email_note: Text = ""  # what to mind about the address at sign-up
    agrees_by_box: bool = True  # by a check box and "Continue" (S1-41), or by the button "I Agree" (S0-17, C36)
    # Folder of the pages that look different here (templates/portals/<folder>/); the others are shared.
    pages: str = ""
    signature: Text = ""  # who signs its mails; the name where nothing else is said
    account_name: Text = ""  # what somebody activates, where that is not called as the brand is
    password_on_first_page: bool = False  # ID and password together (S4-29), or the ID first (C21)
    # Whether a sign-up goes on after the address is proved, or ends with a sign-in (C22, S0-28).
    goes_on_after_verifying: bool = True

    @property
    def sends_from(self) -> str:
        """The address that its mails leave from: its own, unless the installation sends from another one (C39)."""
        senders: Mapping[str, str] = settings.MAIL_SENDERS
        return senders.get(self.key) or senders.get("") or self.sender

    def spell_rules(self, rules: Iterable[Rule]) -> tuple[Rule, ...]:
        """The rules of a name in the words of its documents."""
        texts = dict(self.rule_texts)
        return tuple(replace(rule, text=texts.get(rule.key, rule.text)) for rule in rules)

    @property
    def login_name_in_a_sentence(self) -> Text:
        """What the person signs in with, as a sentence calls it."""
        return self.login_name_inline or self.login_name_label

    @property
    def account(self) -> Text:
        """What the person has: the ID, or an account of the brand."""
        return self.account_name or self.name


@dataclass(frozen=True, slots=True)
class FactorNeeds:
    """What a tenant asks beside the password: one of these methods (C7), on a remembered device as well or not."""

    factors: frozenset[str]
    remembers: bool


@dataclass(frozen=True, slots=True)
class Tenant:
    """Where somebody signs in to: a portal, or nothing in particular (`key` is empty then)."""

    key: str
    name: Text
    brand: Brand
    realm: str
    home: str  # path of its front page
    theme: str = ""  # path of its stylesheet, with a version
    enter: str = ""  # path that people reach once they are signed in
    logo: str = ""  # static path of its mark
    header_brand: Text = ""  # what the header bar says; its name where nothing else is said
    staff_name: Text = ""  # who decides and helps there, as a sentence names them
    works_by_practice: bool = False  # whether somebody without a practice there has nothing to do there
    has_administrators: bool = False  # whether practices there have people who run their users
    links: tuple[tuple[Text, str], ...] = field(default=())  # header links: label, path

    @property
    def phone_for_codes_only(self) -> bool:
        """Whether notices go by mail alone (C35), so that pages promise no other."""
        return REALMS[self.realm].phone_for_codes_only


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """Something of an account that ends by itself, and what its owner can do before."""

    key: str
    at: datetime
    what: Text
    how: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whom a member of staff sees (D-28): the portals that they answer for, and the realms of these. Operators see
    everything, also what belongs to no realm; what they may do hangs on their rights."""

    portals: frozenset[str] = frozenset()
    realms: frozenset[str] = frozenset()
    is_all: bool = False

    def covers(self, account: "Account | None") -> bool:
        """Whether they see this account. What is about nobody is the operators'."""
        return self.is_all or (account is not None and account.realm in self.realms)


class NotComplete(Exception):
    """The old password was right, but the account cannot come over as it is: staff complete it."""


class OldPassword(Protocol):
    """The old account of a typed name, or none, while old accounts become IDs of the realm at their first sign-in
    (C34). Whatever is true, one of the two is called, and costs as much beside one Argon2id."""

    def spend(self) -> None:
        """The work of the source's slowest hash, for nothing. Asks no database: it runs in a thread of the pool."""
        ...

    def account(self, *, password: str, language: str, now: datetime) -> "Account | None":
        """The account that the old one becomes, if this is its password. Raises NotComplete, or hash_pool.Busy."""
        ...


class Tenancy(Protocol):
    """Answers of the portals app."""

    def tenant(self, key: str) -> Tenant:
        """The tenant of a portal key; the ID itself for an empty or unknown one."""
        ...

    def tenant_of_realm(self, realm: str) -> Tenant:
        """Whose name stands on the pages and messages of an account when no portal is asked for."""
        ...

    def entrances(self, realm: str) -> list[Tenant]:
        """The tenants that people of a realm enter portals by, for My Profile."""
        ...

    def needs(self, account: "Account", key: str) -> FactorNeeds:
        """What this tenant asks of this account: the strictest of it and of all portals the account may enter."""
        ...

    def deadlines(self, account: "Account") -> list[Deadline]:
        """When the account's access to each portal ends, if it is not used (S3-19)."""
        ...

    def needs_own_address(self, account: "Account") -> list[Text]:
        """The names of the portals that this account may enter and that refuse a shared address (C5)."""
        ...

    def changes_over(self, realm: str, *, now: datetime) -> bool:
        """Whether people of an old system still come over into this realm by signing in (C34)."""
        ...

    def old_password(self, realm: str, login_name: str, *, now: datetime) -> OldPassword | None:
        """What a name may have brought along from an old system; None where nobody comes over, or no longer."""
        ...

    def scope_of(self, account: "Account") -> Scope:
        """Whose rows a member of staff sees (D-28); of everybody else nothing."""
        ...

    def staff_for(self, *, portal_key: str, realm: str) -> "QuerySet[Account]":
        """Whose scope holds a portal or, where none is named, a realm: the same question from the other side."""
        ...

    def writer_is_there(self, ticket: "Ticket", *, now: datetime) -> bool:
        """Whether whoever wrote about a practice works there still, and so reads the answer (decision 0057)."""
        ...

    def key_of(self, path: str) -> str:
        """The portal key that a path of this site belongs to, or an empty text."""
        ...


@cache
def tenancy() -> Tenancy:
    """The policy that settings.TENANCY names."""
    return cast(Tenancy, import_string(settings.TENANCY)())
