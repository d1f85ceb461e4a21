"""What a password must be (S0-16), as a Django validator, so that every way to set one asks the same."""

from django.core.exceptions import ValidationError

from identity.models import Account
from identity.realms import OHID, REALMS


class RealmRule:
    """The composition rules of the account's realm (policy: password)."""

    def validate(self, password: str, user: Account | None = None) -> None:
        """Raise ValidationError with every rule that the password breaks."""
        rules = REALMS[user.realm if user else OHID.key].password_rules
        broken = [ValidationError(rule.text, code="password_rule") for rule in rules if not rule.holds(password)]
        if broken:
            raise ValidationError(broken)

    def get_help_text(self) -> str:
        return " ".join(str(rule.text) for rule in OHID.password_rules)
