"""manage.py account_history: what happened to an account, newest first."""

from django.utils import timezone

from identity.management.account_command import AccountCommand
from identity.models import Account, JournalEntry
from identity.record import journal


class Command(AccountCommand):
    help = "Print what happened to an account, newest first: when, what, by whom, and the facts"
    needs_reason = False

    def act(self, account: Account, reason: str) -> None:
        for entry in journal.history(of=account).iterator(chunk_size=1000):
            self.stdout.write(_line(entry, account))


def _line(entry: JournalEntry, account: Account) -> str:
    at = f"{timezone.localtime(entry.at):%Y-%m-%d %H:%M:%S %Z}"
    who = "the owner" if entry.by == account else f"{entry.by}" if entry.by else "nobody signed in"
    facts = "; ".join(f"{name}: {' '.join(str(fact).split())}" for name, fact in entry.facts.items() if fact != "")
    return f"{at}  {journal.title_of(entry)}, by {who}" + (f" ({facts})" if facts else "")
