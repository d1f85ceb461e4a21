"""What outside applications are told: that a session here is over."""

from dataclasses import dataclass
from uuid import uuid4

from django.conf import settings
from django.utils import timezone

from identity import lifecycle
from identity.domain.outbox import Message, register
from identity.gateways.wire import Rendered
from identity.models import Account
from portals import public_hosts
from portals.domain import signing_keys
from portals.models import SignOn

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


class LogoutRefused(Exception):
    """The application did not take the logout token; the outbox tries again."""


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class BackChannelLogout(Message):
    """Tells an application that somebody's session here is over (OpenID Connect Back-Channel Logout 1.0)."""

    sign_on: str

    def render(self, *, account: Account) -> Rendered | None:
        """Not for people: the token, for the application's address."""
        sign_on = SignOn.objects.select_related("application").filter(pk=self.sign_on).first()
        if sign_on is None or not sign_on.application.logout_address:
            return None
        now = timezone.now()
        token = signing_keys.sign(
            {
                "iss": settings.PUBLIC_URL,
                "aud": sign_on.application_id,
                "sub": str(account.public_id),
                "sid": str(sign_on.session),
                "iat": int(now.timestamp()),
                "exp": int((now + lifecycle.after("logout_token")).timestamp()),
                "jti": uuid4().hex,
                "events": {LOGOUT_EVENT: {}},
            },
            algorithm=sign_on.application.algorithm,
            kind="logout+jwt",
            now=now,
        )
        return Rendered(to=sign_on.application.logout_address, subject="", text=token)

    def send(self, *, account: Account) -> None:
        """Post the token, to a public host only. Raises LogoutRefused, NotPublic, or what the connection raises."""
        rendered = self.render(account=account)
        if rendered is None:
            return
        if public_hosts.post(rendered.to, {"logout_token": rendered.text}) not in (200, 204):
            raise LogoutRefused
