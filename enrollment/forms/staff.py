"""The sign-up form of a member of staff: the address is the invited one."""

from typing import Any

from identity.forms.sign_up import SignUpForm


class StaffSignUpForm(SignUpForm):
    """Like everybody's, with an address that cannot be changed."""

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        kwargs["initial"] = {"country": "US", "email": email}
        super().__init__(*args, **kwargs)
        self.fields["email"].disabled = True
        self.fields["email"].help_text = ""
