"""Sign-on at outside applications: codes, tokens, keys (policy: sign-on codes)."""

from datetime import timedelta

from identity.policy.lifecycle.period import Period

ROWS: dict[str, Period] = {
    "sign_on_code": Period(
        "Code that an application changes for tokens",
        timedelta(seconds=60),
        "the person was sent back to the application",
        "refused; the application begins again",
        "portals.oidc.oidc_sessions",
        "S0-04",
    ),
    "sign_on_token": Period(
        "ID token and access token of an application",
        timedelta(minutes=5),
        "it was issued",
        "refused; the application refreshes",
        "portals.oidc.tokens",
        "S0-04",
    ),
    "sign_on": Period(
        "Sign-on at an application, with all its refreshes",
        timedelta(hours=12),
        "the person was sent back to the application",
        "refused; the person signs in again",
        "portals.oidc.oidc_sessions",
        "S0-04",
    ),
    "sign_on_kept": Period(
        "Record of a sign-on that is over",
        timedelta(days=30),
        "its end",
        "deleted; the journal keeps that it was",
        "portals.oidc.oidc_sessions",
        "policy",
    ),
    "signing_key_notice": Period(
        "Time in which a new signing key is published before it signs",
        timedelta(hours=2),
        "it was made",
        "it signs; every application has read it by then",
        "portals.oidc.signing_keys",
        "S0-04",
    ),
    "signing_key_afterlife": Period(
        "Time in which the former signing key is still published",
        timedelta(days=1),
        "its successor signs",
        "what it signed is no longer believed",
        "portals.oidc.signing_keys",
        "S0-04",
    ),
    "published_keys": Period(
        "Time for which an application may keep the published keys",
        timedelta(hours=1),
        "it read them",
        "it reads them again",
        "portals.oidc.views",
        "S0-04",
    ),
    "logout_token": Period(
        "Logout token that tells an application of the end of a session",
        timedelta(minutes=2),
        "it was sent",
        "refused; the next try carries a new one",
        "portals.oidc.messages",
        "S0-04",
    ),
}
