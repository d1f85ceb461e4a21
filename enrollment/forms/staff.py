"""The sign-up form of somebody who was invited to One Healthcare ID: the address is the invited one."""

from typing import Any

from enrollment.models import Invitation
from identity.forms.sign_up import SignUpForm


class InvitedSignUpForm(SignUpForm):
    """Like everybody's, with an address that cannot be changed."""

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        named = {"first_name": invitation.first_name, "last_name": invitation.last_name}
        kwargs["initial"] = {"country": "US", "email": invitation.email, **named}
        super().__init__(*args, **kwargs)
        self.fields["email"].disabled = True
        self.fields["email"].help_text = ""
