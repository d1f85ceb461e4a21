"""manage.py change_address: give an account another primary address, to be proved at the next sign-in."""

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.core.validators import validate_email
from django.utils import timezone

from identity.accounts import addresses
from identity.management.account_command import AccountCommand
from identity.models import Account


class Command(AccountCommand):
    help = "For somebody whose mailbox is gone: everybody is signed out, the old address is told, the new one is proved"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--address", required=True, help="the new primary e-mail address")

    def handle(self, *args: object, **options: object) -> None:
        self.address = str(options.pop("address"))
        try:
            validate_email(self.address)
        except ValidationError as error:
            raise CommandError(f"{self.address!r} is not an e-mail address.") from error
        super().handle(*args, **options)  # type: ignore[arg-type]

    def act(self, account: Account, reason: str) -> None:
        addresses.replace_primary(account=account, address=self.address, reason=reason, now=timezone.now())
        self.stdout.write(f"Messages of {account.login_name} go to the new address. The next sign-in proves it.")
