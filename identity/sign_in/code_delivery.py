"""Sending a code that somebody at a browser asked for: the limit of their network address, then the domain's own."""

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.allauth_seam import get_client_ip
from identity.codes import attempts, codes
from identity.factors import phones
from identity.models import Account, PhoneDevice
from identity.notices import access_codes
from identity.sign_in import login_intent

Refused = (codes.TooManySendings, attempts.TooManyAttempts)  # both say how long to wait


def phone_code(request: HttpRequest, device: PhoneDevice, *, method: str, purpose: codes.Purpose) -> str:
    """Text or call; returns the sending's id, by which this browser is known to have asked for it.

    Raises one of Refused, phones.TooManyNumbers or spending.SpendLimitReached.
    """
    now = timezone.now()
    attempts.check_can_send(address=get_client_ip(request), now=now)
    return str(phones.send_code(device=device, method=method, purpose=purpose, now=now).pk)


def said(method: str) -> str:
    """What the page says once a code is on its way."""
    by_text = method == PhoneDevice.Method.TEXT
    return _("We sent a text message. Only its code works now.") if by_text else _("We are calling you.")


def access_code(request: HttpRequest, account: Account) -> None:
    """Mail the access code (S0-29). Raises one of Refused."""
    now = timezone.now()
    attempts.check_can_send(address=get_client_ip(request), now=now)
    access_codes.send(account=account, tenant=login_intent.tenant(request).key, now=now)
