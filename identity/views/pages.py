"""Pages of words: terms, privacy, help, guides; and the switch of the language."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import check_for_language
from django.views.decorators.http import require_safe

from identity.sign_in import login_intent


@require_safe
def show(request: HttpRequest, page: str) -> HttpResponse:
    """A page of words by its template's name (S0-04, S0-17, S0-25, S1-37, S1-43, S1-51)."""
    login_intent.remember_next(request)
    return render(request, f"identity/pages/{page}.html")


@require_safe
def language(request: HttpRequest, code: str) -> HttpResponse:
    """Remember a language in a cookie and show the same page again; nothing else changes, so a GET may do it."""
    if code not in dict(settings.LANGUAGES) or not check_for_language(code):
        raise Http404
    back = request.GET.get("next", "/")
    if not login_intent.is_ours(back):
        back = "/"
    response = HttpResponseRedirect(back)
    remember_language(response, code)
    return response


def remember_language(response: HttpResponse, code: str) -> None:
    """Set the cookie that Django's LocaleMiddleware reads."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
