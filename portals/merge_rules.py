"""What becomes of sign-ons at outside applications when two accounts become one (see identity.domain.merging)."""

from identity.domain.merging import Stays, declare

declare(
    Stays(path="allauth_idp_oidc.client.owner", why="not used: an application belongs to a portal"),
    Stays(path="allauth_idp_oidc.token.user", why="not used: tokens are derived from sign-ons"),
    Stays(path="portals.consent.account", why="the application asks the remaining ID anew"),
    Stays(path="portals.signon.account", why="it ended with the sessions of the account"),
)
