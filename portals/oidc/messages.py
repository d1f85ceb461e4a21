"""What outside applications are told: that a session here is over."""

from uuid import uuid4

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from identity.models import Account, OutboxMessage
from identity.policy import lifecycle
from identity.record.gateways.wire import Rendered
from identity.record.outbox import Message
from portals import public_hosts
from portals.models import OidcSession
from portals.oidc import signing_keys

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


class LogoutRefused(Exception):
    """The application did not take the logout token; the outbox tries again."""


class BackChannelLogout(Message, title=_("Sign-out told to an application")):
    """Tells an application that somebody's session here is over (OpenID Connect Back-Channel Logout 1.0)."""

    oidc_session: str

    def render(self, *, account: Account) -> Rendered | None:
        """Not for people: the token, for the application's address."""
        oidc_session = OidcSession.objects.select_related("application").filter(pk=self.oidc_session).first()
        if oidc_session is None or not oidc_session.application.logout_address:
            return None
        now = timezone.now()
        token = signing_keys.sign(
            {
                "iss": settings.PUBLIC_URL,
                "aud": oidc_session.application_id,
                "sub": str(account.public_id),
                "sid": str(oidc_session.session),
                "iat": int(now.timestamp()),
                "exp": int((now + lifecycle.after("logout_token")).timestamp()),
                "jti": uuid4().hex,
                "events": {LOGOUT_EVENT: {}},
            },
            algorithm=oidc_session.application.algorithm,
            kind="logout+jwt",
            now=now,
        )
        return Rendered(to=oidc_session.application.logout_address, subject="", text=token)

    def hand_over(self, rendered: Rendered, *, row: OutboxMessage) -> None:
        """Post the token, to a public host only. Raises LogoutRefused, NotPublic, or what the connection raises."""
        if public_hosts.post(rendered.to, {"logout_token": rendered.text}) not in (200, 204):
            raise LogoutRefused
