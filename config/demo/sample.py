"""Registers the sample outside application at each start of the demo, as Bill Tracker and as each application of Optum
Pro's grid: its port may be another one."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils import timezone

from portals import registry
from portals.models import Application
from portals.oidc import applications
from portals.oidc.applications import Registration
from rbac.capabilities import Capability

KEY = "bill-tracker"  # as TruCase's tile names it; also its client id
GRID_PORTAL = "optum-pro"


def register(*, port: int, secret_file: Path) -> None:
    """Make the application, or give it its addresses of today; what an operator changed stays. Its secret lies in a
    file that its owner alone can read."""
    said = Registration(
        key=KEY, name="Bill Tracker", portal_key="trucase", capability=Capability.BILL_TRACKER,
        **_addresses(f"http://localhost:{port}"),
    )  # fmt: skip
    known = secret_file.read_text() if secret_file.exists() else ""
    secret = _register(said, known=known, now=timezone.now())
    if secret != known:
        _write(secret_file, secret)


def register_grid(*, port: int, played_file: Path) -> None:
    """The same for each tile of the grid that leads by sign-on (S3-04). What the sample needs to play them, secrets and
    words, lies in one file that its owner alone can read."""
    known = json.loads(played_file.read_text()) if played_file.exists() else {}
    portal, now, played = registry.get(GRID_PORTAL), timezone.now(), {}
    for tile in (one for one in portal.tiles if one.application):
        key, name = tile.application, str(tile.name)
        said = Registration(
            key=key, name=name, portal_key=portal.key, capability=tile.capability or "",
            **_addresses(f"http://localhost:{port}/{key}"),
        )  # fmt: skip
        secret = _register(said, known=known.get(key, [""])[0], now=now)
        played[key] = [secret, {"name": name, "portal": portal.name, "brand": portal.brand.name}]
    if played != known:
        _write(played_file, json.dumps(played))


def _addresses(address: str) -> dict[str, Any]:
    return {
        "redirect_uris": [f"{address}/callback"],
        "after_logout_uris": [f"{address}/signed-out"],
        "launch_address": f"{address}/login",
        "logout_address": f"{address}/back-channel-logout",
    }


def _register(said: Registration, *, known: str, now: datetime) -> str:
    """Its secret: the known one, where there is one."""
    application = Application.objects.select_related("client").filter(key=said.key).first()
    if application is None:
        return applications.register(said, by=None, now=now, client_id=said.key)[1]
    before = applications.said_of(application)
    moved = replace(
        before, redirect_uris=said.redirect_uris, after_logout_uris=said.after_logout_uris,
        launch_address=said.launch_address, logout_address=said.logout_address,
    )  # fmt: skip
    if moved != before:
        applications.change(application, moved, by=None, now=now)
    return known or applications.new_secret(application, by=None, now=now)


def _write(secret_file: Path, secret: str) -> None:
    secret_file.touch(mode=0o600)
    secret_file.write_text(secret)
