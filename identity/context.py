"""The context processor that gives every page its place: brand, theme, header links."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from identity import door


def place(request: HttpRequest) -> dict[str, Any]:
    """`place` (see identity.sign_in_policy.Place) and `demo`, for all templates."""
    return {"place": SimpleLazyObject(lambda: door.place(request)), "demo": settings.DEMO}
