"""Whom a form names, and whose account in its portal's realm that may be (S1-31, S1-23; walk A4)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress

from identity.models import Account
from identity.policy import text
from identity.policy.realms import login_key
from portals.form_spec import FormSpec
from portals.legacy import links
from portals.spec import PortalSpec


@dataclass(frozen=True, slots=True)
class Subject:
    """A person whom a form is about, as the form says; `number` counts them from 0."""

    number: int
    name: str
    email: str
    ids: tuple[str, ...]
    is_applicant: bool  # the applicant says that it is them

    def is_called(self, account: Account) -> bool:
        """Whether the account's name agrees: two words of it, or all it has. Offices share addresses."""
        own = set(text.words(account.get_full_name()))
        return bool(own) and len(own & set(text.words(self.name))) >= min(2, len(own))


@dataclass(frozen=True, slots=True)
class Found:
    """A subject with the accounts that it may be; `account` is the one that it is, where there is no doubt."""

    subject: Subject
    account: Account | None
    candidates: tuple[Account, ...]


def named_in(form: FormSpec, answers: dict[str, Any], *, applicant: Account) -> list[Subject]:
    """The people whom the answers of a form name, in its order; of a form that names nobody its applicant, as the ID
    says (S2-01)."""
    asked = form.subject
    if asked is None:
        return [Subject(number=0, name=applicant.get_full_name(), email=applicant.email, ids=(), is_applicant=True)]
    rows = answers.get(asked.rows, []) if asked.rows else [answers]
    return [
        Subject(
            number=number,
            name=row.get(asked.name) or "",
            email=row.get(asked.email) or "",
            ids=tuple(row[name] for name in asked.ids if row.get(name)),
            is_applicant=bool(row.get(asked.is_applicant)),
        )
        for number, row in enumerate(rows)
    ]


def find(subjects: list[Subject], *, portal: PortalSpec, applicant: Account) -> list[Found]:
    """Match each subject by ID within the portal's realm, old user name within the portal, or proved address.

    Beyond doubt is the applicant who says so, or the only match: each only if the name agrees.
    """
    result = []
    for subject, matched in zip(subjects, _matches(subjects, portal), strict=True):
        candidates = (applicant,) if subject.is_applicant else tuple(matched)
        is_certain = len(candidates) == 1 and subject.is_called(candidates[0])
        result.append(Found(subject, candidates[0] if is_certain else None, candidates))
    return result


def is_own(subject: Subject, applicant: Account) -> bool:
    """Whether the form names the applicant: they say so, or name and ID or proved address are theirs."""
    if subject.is_applicant:
        return True
    if not subject.is_called(applicant):
        return False
    if any(login_key(applicant.realm, name) == applicant.login_key for name in subject.ids):
        return True
    return EmailAddress.objects.filter(user=applicant, email=text.email(subject.email), verified=True).exists()


def named(*, portal: PortalSpec, login_name: str) -> Account | None:
    """The account of this ID in the portal's realm, as the desk types it."""
    return Account.objects.named(portal.realm, text.line(login_name)).filter(merged_into=None).first()


def _matches(subjects: list[Subject], portal: PortalSpec) -> list[list[Account]]:
    """The accounts of each subject, in three queries however many subjects there are."""
    names = {name for subject in subjects for name in subject.ids}
    linked = links.accounts_by_old_name(portal, names)
    emails = {text.email(subject.email) for subject in subjects if subject.email}
    proved: dict[str, set[int]] = {}
    for email, pk in EmailAddress.objects.filter(email__in=emails, verified=True).values_list("email", "user"):
        proved.setdefault(email, set()).add(pk)
    keys = {name: login_key(portal.realm, name) for name in names}
    accounts = _accounts(portal, keys.values(), {pk for pks in [*linked.values(), *proved.values()] for pk in pks})

    def of(subject: Subject) -> list[Account]:
        wanted = proved.get(text.email(subject.email), set()).union(*(linked.get(name, set()) for name in subject.ids))
        own = {keys[name] for name in subject.ids}
        return [account for account in accounts if account.pk in wanted or account.login_key in own]

    return [of(subject) for subject in subjects]


def _accounts(portal: PortalSpec, keys: Iterable[str], pks: Iterable[int]) -> list[Account]:
    own = Account.objects.filter(realm=portal.realm, merged_into=None)
    return list((own.filter(login_key__in=list(keys)) | own.filter(pk__in=list(pks))).order_by("login_key"))
