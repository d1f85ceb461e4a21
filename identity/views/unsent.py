"""A message that is not sent yet: what was typed is kept in its writer's session while they add files, which is a page
of its own, and fills the form when they come back. One message at a time, the newest."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from identity.forms.tickets import WithFiles

ADD = "add_files"  # the button beside the one that sends
_KEPT = "unsent_message"
MAX_LENGTH = 8000  # characters of one field: twice what a message may have


def wants_files(request: HttpRequest) -> bool:
    """Whether "Add files" was pressed, and not the button that sends."""
    return request.method == "POST" and ADD in request.POST


def keep(request: HttpRequest, form: WithFiles) -> HttpResponse:
    """Keep what stands in the form, right or not, and go to the page that takes files; it leads back here."""
    typed = {name: form[name].value() or "" for name in form.fields if name != "own_files"}
    kept = {name: str(value)[:MAX_LENGTH] for name, value in typed.items()}
    request.session[_KEPT] = {"path": request.path, "typed": {**kept, "left_out": form.left_out()}}
    return redirect(f"{reverse('message_files')}?{urlencode({'next': request.path})}")


def typed(request: HttpRequest) -> dict[str, Any]:
    """What a form of this page begins with."""
    kept = request.session.get(_KEPT, {}) if request.method != "POST" else {}
    return dict(kept["typed"]) if kept.get("path") == request.path else {}


def forget(request: HttpRequest) -> None:
    """It is sent."""
    if request.session.get(_KEPT, {}).get("path") == request.path:
        del request.session[_KEPT]
