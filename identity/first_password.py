"""The steps of an account that was made without a password: a first one, then the terms (S4-26, S4-27)."""

from allauth.account.stages import LoginStage

from identity.stages import PASS, AgreementStage, Handled, stop_at


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
