"""What becomes of identity's rows, and of the libraries' rows, when two accounts become one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from identity.factors import factors
from identity.merging.merging import Change, Choices, Clash, Moves, One, Refuses, Rule, Stays, Unchosen, declare
from identity.models import Account, PhoneDevice, RememberedDevice
from identity.tenancy import Text

HISTORY = "history says who it was"
STAFF = "a right of staff"


@dataclass(frozen=True, kw_only=True)
class Persons(Rule):
    """The persons are joined: every account of the absorbed one's person gets the survivor's."""

    def changes(self, survivor: Account, absorbed: Account, choices: Choices) -> list[Change]:
        if absorbed.person_id == survivor.person_id:
            return []
        accounts = Account.objects.filter(person=absorbed.person_id).order_by("pk")
        return [self.change(one, "person", absorbed.person_id, survivor.person_id) for one in accounts]


@dataclass(frozen=True, kw_only=True)
class Addresses(Rule):
    """Verified addresses move, unless the survivor has the same one. Which address comes first is chosen."""

    what: Text

    def clashes(self, own: Account, other: Account) -> list[Clash]:
        if own.email == other.email:
            return []
        return [Clash(f"{self.path}:primary", _("First email address"), ((own.pk, own.email), (other.pk, other.email)))]

    def shown(self, account: Account, other: Account) -> list[Text]:
        return [row.email for row in self._moving(account, other)]

    def changes(self, survivor: Account, absorbed: Account, choices: Choices) -> list[Change]:
        first, found = survivor.pk, []
        if self.clashes(survivor, absorbed):
            first = choices.get(f"{self.path}:primary", 0)
            if first not in (survivor.pk, absorbed.pk):
                raise Unchosen(self.path)
        moving = self._moving(absorbed, survivor)
        wanted = absorbed.email if first == absorbed.pk else survivor.email
        mine = EmailAddress.objects.filter(user=survivor)
        rows = [(row, survivor.pk) for row in mine] + [(row, absorbed.pk) for row in moving]
        found += [
            self.change(row, "primary", True, False) for row, _owner in rows if row.primary and row.email != wanted
        ]
        found += [self.change(row, "user", absorbed.pk, survivor.pk) for row in moving]
        found += [
            self.change(row, "primary", False, True) for row, _owner in rows if not row.primary and row.email == wanted
        ]
        if wanted != survivor.email:
            found.append(self.change(survivor, "email", survivor.email, wanted))
        return found

    def may_return(self, change: Change, *, now: datetime) -> bool:
        """Not where the address or its place was taken since."""
        row = change.row()
        if row is None or isinstance(row, Account):
            return row is not None
        if change.field == "user":
            return not EmailAddress.objects.filter(user=change.old, email=row.email).exists()
        others = EmailAddress.objects.filter(user=row.user_id, primary=True).exclude(pk=row.pk)
        return not (change.old and others.exists())

    @staticmethod
    def _moving(account: Account, other: Account) -> list[EmailAddress]:
        known = EmailAddress.objects.filter(user=other).values("email")
        return list(EmailAddress.objects.filter(user=account, verified=True).exclude(email__in=known).order_by("pk"))


@dataclass(frozen=True, kw_only=True)
class Devices(Stays):
    """Browsers are known to the account that signed in there. What they spared was proved with the old methods."""

    def changes(self, survivor: Account, absorbed: Account, choices: Choices) -> list[Change]:
        rows = RememberedDevice.objects.filter(account=survivor, skips_until__isnull=False).order_by("pk")
        return [self.change(row, "skips_until", row.skips_until.isoformat(), None) for row in rows if row.skips_until]


def _erase_factor(row: Any, _now: datetime) -> None:
    factors.erase(row)


def _set_up(row: Any) -> Text:
    return gettext("set up on %(day)s") % {"day": date_format(timezone.localtime(row.created_at))}


def _phone(row: PhoneDevice) -> str:
    return row.masked


def _factor(path: str, what: Text, describe: Any = _set_up) -> One:
    return One(
        path=path,
        what=what,
        key=lambda row: "one",
        counts=lambda row: row.confirmed,
        describe=describe,
        supersede=_erase_factor,
    )


declare(
    Persons(path="identity.account.person"),
    Stays(path="identity.account.merged_into", why=HISTORY),
    Addresses(path="account.emailaddress.user", what=_("Email addresses")),
    _factor("identity.phonedevice.user", _("Phone"), _phone),
    _factor("identity.authenticatordevice.user", _("Authenticator")),
    _factor("identity.recoverydevice.user", _("Recovery codes")),
    Moves(path="identity.passkeydevice.user", what=_("Passkeys")),
    Moves(path="mfa.authenticator.user"),  # the public keys of the passkeys
    Moves(path="identity.ticket.account", what=_("Tickets")),
    Moves(path="identity.storedfile.uploaded_by", what=_("Files")),
    Moves(path="identity.savedpost.account"),
    Devices(path="identity.remembereddevice.account", why="the browser was known to that ID"),
    Moves(path="identity.ticketread.account"),
    Stays(path="identity.ticket.claimed_by", why=HISTORY),
    Stays(path="identity.ticketmessage.author", why=HISTORY),
    Stays(path="identity.securityalert.account", why="its link is bound to the account"),
    Stays(path="identity.challenge.account", why="its code is bound to the account"),
    Stays(path="identity.opensession.account", why="a session is one account's, and ends with it"),
    Stays(path="identity.journalentry.account", why=HISTORY),
    Stays(path="identity.journalentry.by", why=HISTORY),
    Stays(path="identity.merge.survivor", why=HISTORY),
    Stays(path="identity.merge.absorbed", why=HISTORY),
    Stays(path="identity.merge.by", why=HISTORY),
    Stays(path="identity.merge.undone_by", why=HISTORY),
    Stays(path="identity.signature.account", why="an agreement binds the account that signed it"),
    Stays(path="identity.searchterm.account", why="made anew for both from what each holds"),
    Stays(path="identity.mutedmessage.account", why="the ID that stays chose its messages itself"),
    Stays(path="identity.securityanswer.account", why="the ID that stays has answers of its own"),
    Stays(path="identity.questiontries.account", why="wrong answers count on the account that was asked"),
    Stays(path="identity.massact.first_released_by", why=HISTORY),
    Stays(path="identity.massact.released_by", why=HISTORY),
    Stays(path="identity.factorreset.account", why=HISTORY),
    Stays(path="identity.factorreset.started_by", why=HISTORY),
    Stays(path="identity.factorreset.confirmed_by", why=HISTORY),
    Stays(path="admin.logentry.user", why=HISTORY),
    Refuses(path="identity.account_groups.account", why=STAFF),
    Refuses(path="identity.account_user_permissions.account", why=STAFF),
    Refuses(path="guardian.userobjectpermission.user", why=STAFF),
)
