"""Error pages: what went wrong, in the reader's language, and where to go on. No detail of the failure.

Those for a request that could not be read and for a failure ask nothing of session, account or database: they are shown
when there is none.
"""

import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from identity.files.upload_limit import UploadNameRefused, UploadTooLarge
from identity.keys import outages


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What was read of it is not looked at again: it may have been stopped half-way."""
    if isinstance(exception, UploadTooLarge | UploadNameRefused):
        refused = isinstance(exception, UploadNameRefused)
        page = render_to_string("errors/413.html", {"name_refused": refused, "path": request.get_full_path()})
        return HttpResponse(page, status=400 if refused else 413)
    return HttpResponse(render_to_string("errors/400.html"), status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/404.html", status=404)


def failed(request: HttpRequest) -> HttpResponse:
    """A fault of ours is 500; a part that is away is 503 and comes back by itself (attack H4, M9)."""
    if outages.is_away(sys.exc_info()[1]):
        answer = HttpResponse(render_to_string("errors/away.html"), status=503)
        answer["Retry-After"] = outages.RETRY_AFTER
        return answer
    return HttpResponse(render_to_string("errors/500.html"), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form is older than its session, or cookies are off: both are mended by opening the page again."""
    return render(request, "errors/csrf.html", status=403)
