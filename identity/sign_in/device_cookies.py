"""The cookies of remembered devices: one for each account that has signed in from this browser."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from identity.models import Account, RememberedDevice
from identity.policy import lifecycle
from identity.sessions import devices

MAX_DEVICES = 30  # people of one office share a browser; more would outgrow what servers take as headers


def _prefix() -> str:
    return f"{settings.SESSION_COOKIE_NAME}-device-"


def name_of(account: Account) -> str:
    """The cookie's name: it tells whose it is to us only."""
    return f"{_prefix()}{account.public_id.hex[:12]}"


def known(request: HttpRequest) -> list[RememberedDevice]:
    """The devices that this browser's cookies stand for, whoever they belong to; asked once a request."""
    result: list[RememberedDevice] | None = getattr(request, "_known_devices", None)
    if result is None:
        values = (devices.parse(value) for name, value in request.COOKIES.items() if name.startswith(_prefix()))
        result = devices.find([one for one in values if one], now=timezone.now())
        request._known_devices = result  # type: ignore[attr-defined]
    return result


def find(request: HttpRequest, account: Account) -> RememberedDevice | None:
    """This browser as a device of this account."""
    device = next((device for device in known(request) if device.account_id == account.pk), None)
    if device is not None:
        device.account = account
    return device


def write(request: HttpRequest, response: HttpResponse, device: RememberedDevice) -> None:
    """Give the browser the device's value as it is now."""
    own = name_of(device.account)
    others = [name for name in request.COOKIES if name.startswith(_prefix()) and name != own]
    for name in others[: max(0, len(others) + 1 - MAX_DEVICES)]:  # browsers send the oldest first
        response.delete_cookie(name, path="/", samesite="Lax")
    response.set_cookie(
        own,
        devices.value_of(device),
        max_age=int(lifecycle.after("known_device").total_seconds()),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
