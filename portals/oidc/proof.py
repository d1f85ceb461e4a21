"""What a session has proved, in OpenID Connect's words: honest about texts, calls and mails."""

from django.http import HttpRequest

from identity.models import Account
from identity.sign_in import authentication_records
from portals.oidc.oidc_sessions import Proof

# RFC 8176 where it has a word; a mailbox and a recovery code have none there.
AMR = {"password": "pwd", "passkey": "pop", "authenticator": "otp", "mailbox": "email", "recovery": "recovery"}
ACR = ("aal1", "aal2-restricted", "aal2")  # NIST SP 800-63B's levels; a phone's code is a restricted authenticator


def for_account(request: HttpRequest, account: Account) -> Proof | None:
    """When and how this session's person was authenticated. A device that was only remembered adds nothing."""
    shown = authentication_records.shown(request, account)
    if not shown:
        return None
    kinds = {one.kind for one in shown}
    amr = {_amr(one) for one in shown}
    if "passkey" in kinds or len(kinds - {"mailbox"}) > 1:
        amr.add("mfa")
    return Proof(at=shown[-1].at, amr=sorted(amr), acr=_acr(kinds))


def _amr(shown: authentication_records.Shown) -> str:
    if shown.kind == "phone":
        return "sms" if shown.channel == "text" else "tel"
    return AMR[shown.kind]


def _acr(kinds: set[str]) -> str:
    if kinds & {"passkey", "authenticator"}:
        return "aal2"
    return "aal2-restricted" if "phone" in kinds else "aal1"
