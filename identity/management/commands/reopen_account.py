"""manage.py reopen_account: let the owner of a closed account sign in again."""

from django.core.management.base import CommandError
from django.utils import timezone

from identity.governance import closing
from identity.management.account_command import AccountCommand
from identity.models import Account


class Command(AccountCommand):
    help = "Reopen a closed account with the password, methods and access it had; the owner is told by mail"

    def act(self, account: Account, reason: str) -> None:
        try:
            closing.reopen(account=account, reason=reason, now=timezone.now())
        except closing.NotClosed as error:
            raise CommandError(f"{account.login_name} is open.") from error
        self.stdout.write(f"{account.login_name} is open again. The owner is told by mail.")
