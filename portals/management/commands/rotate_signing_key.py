"""manage.py rotate_signing_key: the successor of a key that signs ID tokens, published before it signs, or at once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.timezone import localtime

from portals.models.oidc import Algorithm
from portals.oidc import key_states, signing_keys


class Command(BaseCommand):
    help = "Replace a key that signs ID tokens"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("algorithm", nargs="?", default="RS256", choices=Algorithm.values)
        parser.add_argument(
            "--at-once",
            action="store_true",
            help="the key got into wrong hands: nothing that it signed is believed any more",
        )
        parser.add_argument("--reason", default="", help="why, for the history that operators see")

    def handle(self, *args: Any, algorithm: str, at_once: bool, reason: str = "", **options: Any) -> None:
        now = timezone.now()
        signing_keys.forget()
        if not at_once and key_states.for_algorithm(algorithm, now=now).has_next:
            raise CommandError("The next key is published already and signs by itself. --at-once replaces it now.")
        signing_keys.rotate(algorithm, by=None, now=now, at_once=at_once, reason=reason)
        for state, key in key_states.for_algorithm(algorithm, now=now).rows:
            until = f", published until {localtime(key.published_until):%Y-%m-%d %H:%M}" if key.published_until else ""
            self.stdout.write(f"{key.kid}: {state}, signs from {localtime(key.signs_from):%Y-%m-%d %H:%M}{until}")
