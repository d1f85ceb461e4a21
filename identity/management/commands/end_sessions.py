"""manage.py end_sessions: sign an account out everywhere."""

from django.utils import timezone

from identity.management.account_command import AccountCommand
from identity.models import Account
from identity.sessions import sessions


class Command(AccountCommand):
    help = "End every session of an account; its remembered devices and methods stay"

    def act(self, account: Account, reason: str) -> None:
        sessions.end_all(account=account, by=None, reason=reason, now=timezone.now())
        self.stdout.write(f"{account.login_name} is signed out everywhere.")
