"""The steps of an account that was made without a password: a first one, then the terms (S4-26, S4-27)."""

from allauth.account.stages import LoginStage
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from identity.accounts import agreements
from identity.factors import phones
from identity.models import Account
from identity.policy.realms import REALMS
from identity.sign_in.stages import PASS, AgreementStage, Handled, stop_at


class FirstPasswordStage(LoginStage):
    """Who has an account and no password yet chooses one, once the mailbox is proved."""

    key = "first_password"
    urlname = "first_password"

    def handle(self) -> Handled:
        if self.login.user.has_usable_password():
            return PASS
        self.login.state["first_password"] = True
        return stop_at(self)


class FirstAgreementStage(AgreementStage):
    """With a first password the terms come next, before the phone (S4-28)."""

    key = "first_agreement"

    def handle(self) -> Handled:
        return super().handle() if self.login.state.get("first_password") else PASS


def steps_left(account: Account) -> list[Promise]:
    """What a first sign-in still asks for once the mailbox is proved, in its order; nothing for everybody else.

    Whoever left half way, and comes back, reads on the page of the code what it is for.
    """
    no_password = not account.has_usable_password()
    no_phone = REALMS[account.realm].needs_phone and phones.proved(account) is None
    if not (no_password or no_phone):
        return []
    terms = [_("Agree to the terms and conditions")] if agreements.is_due(account) else []
    phone = [_("Set up two-step authentication")] if no_phone else []
    return [_("Create a new password"), *terms, *phone] if no_password else [*phone, *terms]
