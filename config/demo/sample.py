"""Registers the sample outside application at each start of the demo: its port may be another one."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from django.utils import timezone

from portals.models import Application
from portals.oidc import applications
from portals.oidc.applications import Registration
from rbac.capabilities import Capability

KEY = "bill-tracker"  # as TruCase's tile names it; also its client id


def register(*, port: int, secret_file: Path) -> None:
    """Make the application, or give it its addresses of today; what an operator changed stays. Its secret lies in a
    file that its owner alone can read."""
    address, now = f"http://localhost:{port}", timezone.now()
    addresses: dict[str, Any] = {
        "redirect_uris": [f"{address}/callback"],
        "after_logout_uris": [f"{address}/signed-out"],
        "launch_address": f"{address}/login",
        "logout_address": f"{address}/back-channel-logout",
    }
    application = Application.objects.select_related("client").filter(key=KEY).first()
    if application is None:
        said = Registration(
            key=KEY, name="Bill Tracker", portal_key="trucase", capability=Capability.BILL_TRACKER, **addresses
        )
        _, secret = applications.register(said, by=None, now=now, client_id=KEY)
        _write(secret_file, secret)
        return
    known = applications.said_of(application)
    if (said := replace(known, **addresses)) != known:
        applications.change(application, said, by=None, now=now)
    if not secret_file.exists():
        _write(secret_file, applications.new_secret(application, by=None, now=now))


def _write(secret_file: Path, secret: str) -> None:
    secret_file.touch(mode=0o600)
    secret_file.write_text(secret)
