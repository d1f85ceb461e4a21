"""Addresses that browsers, search engines and finders of faults try by themselves (attack L5)."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

DAY = 86_400  # seconds that answers may be kept; transport
SECURITY = """\
Contact: {help}
Expires: {expires}
Preferred-Languages: en, es
Canonical: {here}
"""
ROBOTS = """\
User-agent: *
Disallow: /admin/
Disallow: /id/
Disallow: /requests/
Disallow: /sign-on/
"""


@require_safe
@cache_control(public=True, max_age=DAY)
def security_txt(request: HttpRequest) -> HttpResponse:
    """Where to report a fault (RFC 9116): the help page has the ways to reach us."""
    told = SECURITY.format(
        help=settings.PUBLIC_URL + reverse("help"),
        here=settings.PUBLIC_URL + reverse("security_txt"),
        expires=(timezone.now() + timedelta(days=90)).strftime("%Y-%m-%dT00:00:00Z"),  # period: transport
    )
    return HttpResponse(told, content_type="text/plain; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=DAY)
def robots(request: HttpRequest) -> HttpResponse:
    """What search engines leave alone: pages of people."""
    return HttpResponse(ROBOTS, content_type="text/plain; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=DAY)
def favicon(request: HttpRequest) -> HttpResponse:
    """For browsers that do not read the page's own link."""
    return HttpResponseRedirect(static("img/one-healthcare-id.svg"))


@require_safe
def change_password(request: HttpRequest) -> HttpResponse:
    """Password managers lead people here."""
    return HttpResponseRedirect(reverse("change_password"))


urlpatterns = [
    path(".well-known/security.txt", security_txt, name="security_txt"),
    path(".well-known/change-password", change_password, name="well_known_change_password"),
    path("robots.txt", robots, name="robots"),
    path("favicon.ico", favicon, name="favicon"),
]
