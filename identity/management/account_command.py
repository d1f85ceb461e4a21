"""What operators' commands about one account share: finding it by its name, and the reason that the journal keeps."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from identity.models import Account
from identity.policy.realms import OHID, REALMS


class AccountCommand(BaseCommand):
    """A command about the account of a login name. With `needs_reason` it says why, and that is never empty."""

    needs_reason = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the One Healthcare ID, in upper or lower case")
        parser.add_argument("--realm", choices=list(REALMS), default=OHID.key)
        if self.needs_reason:
            parser.add_argument("--reason", required=True, help="why; it stands in the journal")

    def handle(self, *args: Any, name: str, realm: str, reason: str = "", **options: Any) -> None:
        if self.needs_reason and not reason.strip():
            raise CommandError("Give a reason that is not empty: --reason 'left the practice'.")
        account = Account.objects.named(realm, name).first()
        if account is None:
            raise CommandError(f"Nobody in the realm {realm} has the ID {name!r}.")
        self.act(account, " ".join(reason.split()))

    def act(self, account: Account, reason: str) -> None:
        """Do it, and say what was done. Raises CommandError."""
        raise NotImplementedError
