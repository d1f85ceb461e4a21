"""Administrator requests at each stage, and the page that makes one."""

from datetime import datetime
from typing import Any

from django.test import Client
from django.utils import timezone

from enrollment.domain import administrator_decisions, administrator_request_links, administrator_requests
from enrollment.domain.administrator_requests import Application
from enrollment.models import AdministratorRequest, Applicant
from identity.models import Account

PORTAL = "provider-online"
ASK, CODE = "/p/provider-online/administrators/", "/p/provider-online/administrators/code/"
TIN = "391234567"
PRIMARY = {"first_name": "Paula", "last_name": "Prime", "phone": "4145550101", "email": "paula@example.org"}
SECONDARY = {"first_name": "Sam", "last_name": "Second", "phone": "4145550102", "email": "sam@example.org"}
PRACTICE = {
    "practice_name": "Lakeside Clinic", "address_1": "1 Lake Street", "address_2": "", "city": "Milwaukee",
    "practice_state": "WI", "zip": "53202", "phone": "4145550100", "fax": "4145550109",
}  # fmt: skip
TYPED = {
    **{f"primary_{name}": value for name, value in PRIMARY.items()},
    **{f"secondary_{name}": value for name, value in SECONDARY.items()},
    "primary_email_again": PRIMARY["email"], "secondary_email_again": SECONDARY["email"],
    **PRACTICE, "tin": "39-1234567", "tin_again": "39-1234567",
}  # fmt: skip


def application(**changes: Any) -> Application:
    told: dict[str, Any] = {
        "primary": Applicant(**PRIMARY), "secondary": Applicant(**SECONDARY), **PRACTICE,
        "tin": TIN, "tin_kind": "EIN", "has_more_locations": False,
    }  # fmt: skip
    return Application(**(told | changes))


def asked(*, now: datetime | None = None, **changes: Any) -> AdministratorRequest:
    now = now or timezone.now()
    return administrator_requests.ask(application=application(**changes), portal_key=PORTAL, language="en", now=now)


def submitted(*, now: datetime | None = None, **changes: Any) -> AdministratorRequest:
    now = now or timezone.now()
    return administrator_requests.prove(request=asked(now=now, **changes), proof=None, now=now)


def decided(row: AdministratorRequest, to: str, *, by: Account, now: datetime | None = None, **more: Any):
    row.refresh_from_db()
    return administrator_decisions.decide(
        request=row, to=to, by=by, now=now or timezone.now(), seen=row.version, **({"reason": "Because."} | more)
    )


def path_of(row: AdministratorRequest, page: str = "") -> str:
    return administrator_request_links.path_of(row) + page


def sole(**changes: Any) -> dict[str, Any]:
    """What a sole practitioner types."""
    typed = {name: value for name, value in TYPED.items() if not name.startswith("secondary")}
    return typed | {"sole_practitioner": "on"} | changes


def type_in(visitor, typed: dict[str, str]) -> None:
    """The same in a browser."""
    for name, value in typed.items():
        if name in ("sole_practitioner", "has_more_locations"):
            visitor.page.check(f"#id_{name}")
        elif name == "practice_state":
            visitor.page.select_option("#id_practice_state", value)
        else:
            visitor.page.fill(f"#id_{name}", value)


def fill(client: Client, **changes: Any):
    return client.post(ASK, TYPED | changes)
