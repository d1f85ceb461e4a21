"""manage.py close_account: let nobody sign in to an account."""

from django.core.management.base import CommandError
from django.utils import timezone

from identity.governance import closing
from identity.management.account_command import AccountCommand
from identity.models import Account


class Command(AccountCommand):
    help = "Close an account: sessions and remembered devices end, the owner is told by mail; reopen_account undoes it"

    def act(self, account: Account, reason: str) -> None:
        try:
            closing.close(account=account, reason=reason, now=timezone.now())
        except closing.ClosedAlready as error:
            raise CommandError(f"{account.login_name} is closed already.") from error
        self.stdout.write(f"{account.login_name} is closed. The owner is told by mail.")
