"""Accounts (one login name and its credentials in one realm) and the persons who hold them."""

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Concat, Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from identity.keys.fields import keyed_hash
from identity.policy import lifecycle
from identity.policy.lifecycle import Profile
from identity.policy.realms import OHID, REALMS, email_key, login_key, realm_profile


class Person(models.Model):
    """Who holds an account. Persons are joined only after both accounts were proved by signing in."""

    created_at = models.DateTimeField(default=timezone.now)


class AccountQuerySet(models.QuerySet["Account"]):
    def named(self, realm: str, login_name: str) -> "AccountQuerySet":
        """The account of this login name, compared as C1 asks: an exact match on a unique column."""
        return self.filter(login_key=login_key(realm, login_name))

    def reached_at(self, address: str, realm: str) -> "AccountQuerySet":
        """Those that have proved this address and can still be used (S4-32)."""
        proved = {"emailaddress__email": email_key(address), "emailaddress__verified": True}
        return self.filter(**proved, realm=realm, is_active=True)


class AccountManager(BaseUserManager["Account"]):
    def get_queryset(self) -> AccountQuerySet:
        return AccountQuerySet(self.model, using=self._db)

    def named(self, realm: str, login_name: str) -> AccountQuerySet:
        """See AccountQuerySet.named."""
        return self.get_queryset().named(realm, login_name)

    def reached_at(self, address: str, realm: str) -> AccountQuerySet:
        """See AccountQuerySet.reached_at."""
        return self.get_queryset().reached_at(address, realm)

    def get_by_natural_key(self, username: str | None) -> "Account":
        return self.get(login_key=username)


class Theme(models.TextChoices):
    AUTO = "auto", _("as the device")
    LIGHT = "light", _("light")
    DARK = "dark", _("dark")


class Account(AbstractBaseUser, PermissionsMixin):
    """One login name in one realm: Django's user."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="accounts")
    realm = models.CharField(_("realm"), max_length=20, choices=[(key, key) for key in REALMS], default=OHID.key)
    login_name = models.CharField(_("One Healthcare ID"), max_length=64)
    login_key = models.CharField(max_length=160, unique=True, editable=False)
    first_name = models.CharField(_("first name"), max_length=128)
    last_name = models.CharField(_("last name"), max_length=128)
    year_of_birth = models.PositiveSmallIntegerField(null=True, blank=True)
    email = models.EmailField(_("primary e-mail address"), max_length=254, blank=True)
    language = models.CharField(_("language"), max_length=8, default="en")
    theme = models.CharField(max_length=5, choices=Theme.choices, default="auto")
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("member of staff"), default=False)
    date_joined = models.DateTimeField(_("created"), default=timezone.now)
    password_changed_at = models.DateTimeField(default=timezone.now)
    password_reminder = models.PositiveSmallIntegerField(default=0)  # the last of the three reminders that was sent
    # Raising it ends every session of the account at its next request.
    session_epoch = models.PositiveIntegerField(default=0)
    # "This was not me" was pressed: the next sign-in proves the mailbox and sets a new password.
    secured_at = models.DateTimeField(null=True, blank=True)
    # "This was not me" removed the last second factor: until there is another, a mailbox alone resets no password, or
    # whoever reads the mailbox could press that button and then take the account.
    factors_taken_back = models.BooleanField(default=False)
    # The newest version of the realm's terms that was agreed to: looked at in every sign-in. Signature keeps them all.
    terms_version = models.PositiveSmallIntegerField(default=0)
    # Raised with each change of the profile: of two windows the second is told.
    profile_version = models.PositiveIntegerField(default=0)
    # It was merged into another account of the same person (D-17), and is inactive.
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="absorbed_accounts",
        verbose_name=_("merged into"),
    )

    objects: ClassVar[AccountManager] = AccountManager()

    USERNAME_FIELD = "login_key"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        permissions = [
            ("close_account", "Can close and reopen accounts"),
            ("view_standards", "Can read how the live policy differs from the standards"),
        ]
        constraints = [
            models.CheckConstraint(
                name="account_merged_is_inactive", condition=Q(merged_into=None) | Q(is_active=False)
            ),
            models.CheckConstraint(
                name="account_login_key_in_realm",
                condition=Q(login_key__startswith=Concat("realm", Value(":"))),
            ),
            models.CheckConstraint(
                name="account_password_is_argon2id_or_unusable",
                condition=Q(password__startswith="argon2") | Q(password__startswith="!"),
            ),
        ]
        indexes = [
            models.Index(fields=["realm", "password_changed_at"], name="account_password_age"),
            # The desk's list, newest first: of a realm, and of the few who are closed or staff.
            models.Index(fields=["realm", "id"], name="account_of_realm"),
            models.Index(fields=["id"], name="account_closed", condition=Q(is_active=False)),
            models.Index(fields=["id"], name="account_of_staff", condition=Q(is_staff=True)),
            models.Index(Upper("last_name"), "year_of_birth", name="account_possible_duplicates"),
        ]

    def __str__(self) -> str:
        return self.login_name

    def save(self, *args: object, **kwargs: object) -> None:
        self.login_key = login_key(self.realm, self.login_name)
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def get_full_name(self) -> str:
        """First and last name, as the person wrote them."""
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        """The first name, or the login name where none is known."""
        return self.first_name or self.login_name

    @property
    def profile(self) -> Profile:
        """Which numbers of the table of periods hold for the account's realm."""
        return realm_profile(self.realm)

    @property
    def password_ends_at(self) -> datetime | None:
        """When the password has to be changed; never under a profile without rotation (D-19)."""
        age = lifecycle.after("password_age", self.profile)
        return self.password_changed_at + age if age else None

    def password_days_left(self, *, now: datetime) -> int | None:
        """Days until the password ends, begun ones counted, once the first reminder is due; None before, and where it
        never ends."""
        end = self.password_ends_at
        if end is None or end - now > lifecycle.after("password_reminder_first"):
            return None
        return lifecycle.days_until(end, now=now)

    def set_password(self, raw_password: str | None) -> None:
        """Django's, and every session of the account ends."""
        super().set_password(raw_password)
        self.session_epoch += 1

    def get_session_auth_hash(self) -> str:
        """What a session remembers of the account. It changes with the epoch only: a hash that is made anew with
        other parameters is the same password, and whether a session outlives a SECRET_KEY is Django's to say."""
        return keyed_hash("session epoch", str(self.session_epoch))

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """None: it hangs on no key that has fallbacks."""
        yield from ()
