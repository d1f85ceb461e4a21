"""What every page asks of a request before its view runs, in one decorator."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Literal

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from identity.record import delivery
from identity.sign_in import step_up

type View = Callable[..., HttpResponse]
type Methods = Literal["read", "form", "button"]

METHODS: dict[Methods, list[str]] = {
    "read": ["GET", "HEAD"],
    "form": ["GET", "HEAD", "POST"],
    "button": ["POST"],  # of another page
}


def page(
    *,
    login: bool = True,
    methods: Methods = "form",
    fresh: bool = False,
    guard: Callable[[View], View] | None = None,
    sensitive: tuple[str, ...] = (),
    mailed: bool = False,
) -> Callable[[View], View]:
    """Decorator of a page, which no cache keeps.

    It is shown to whoever is signed in, so that its `request` is an AccountRequest; where `login` is False to strangers
    too, unless a decorator below this one asks. `fresh` is for a sensitive act: the last proof must be young. A `guard`
    stands in the place of both: a realm, a step of the sign-in, one kind of proof. Who may not come is led elsewhere
    before a wrong method is refused. `sensitive` names the fields that no report of an error may show. A `mailed` page
    is one that a mail leads to by a link of its own: the first time it is asked for is kept with the mail.
    """

    def decorate(view: View) -> View:
        guarded = require_http_methods(METHODS[methods])(view)
        if guard is not None:
            guarded = guard(guarded)
        elif fresh:
            guarded = step_up.needs_fresh(guarded)
        elif login:
            guarded = login_required(guarded)
        if mailed:
            guarded = _opened(guarded)
        if sensitive:
            guarded = sensitive_post_parameters(*sensitive)(guarded)
        return never_cache(guarded)

    return decorate


def _opened(view: View) -> View:
    @wraps(view)
    def opening(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "GET":
            delivery.opened(request.path, now=timezone.now())
        return view(request, *args, **kwargs)

    return opening
