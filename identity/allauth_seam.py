"""Every internal name of allauth that we use, each with why: with another version of allauth this is what to look at.

The two libraries below allauth (its OpenID provider's request validator, its WebAuthn calls) have no public way in.
"""

# Pages of a stage, and the records of what a session has shown: a sign-in of ours is allauth's, stage by stage.
from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import (
    clear_authentication_records,
    get_authentication_records,
    perform_login,
    perform_password_login,
    record_authentication,
)

# A sign-up goes on as a sign-in.
from allauth.account.internal.flows.signup import complete_signup

# A sign-in under way is put aside, looked at, or ended.
from allauth.account.internal.stagekit import clear_login, get_pending_stage, stash_login

# The client's address behind trusted proxies, and the secret of an application: read as allauth's own limits do.
from allauth.core.internal.httpkit import extract_basic_auth, get_client_ip

# Requests and answers between Django and oauthlib; the validator that ours narrows.
from allauth.idp.oidc.internal.oauthlib.request_validator import OAuthLibRequestValidator
from allauth.idp.oidc.internal.oauthlib.utils import (
    convert_response,
    extract_headers,
    extract_params,
    respond_json_error,
)

# Registering a passkey and checking what it signed.
from allauth.mfa.webauthn.internal import auth as webauthn_ceremony

__all__ = [
    "OAuthLibRequestValidator",
    "clear_authentication_records",
    "clear_login",
    "complete_signup",
    "convert_response",
    "extract_basic_auth",
    "extract_headers",
    "extract_params",
    "get_authentication_records",
    "get_client_ip",
    "get_pending_stage",
    "login_stage_required",
    "perform_login",
    "perform_password_login",
    "record_authentication",
    "respond_json_error",
    "stash_login",
    "webauthn_ceremony",
]
