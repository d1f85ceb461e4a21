"""Pages for strangers, rendered once for each language, tenant and address: half the work of a sign-in would else be
rendering the same pages. Only a form's token and the typed name differ from one person to the next."""

import re
from collections.abc import Hashable
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.translation import get_language

from identity.sign_in import login_intent

MAX_PAGES = 500  # pages; the address is a stranger's to choose
_TOKEN_FIELD = re.compile(r'(name="csrfmiddlewaretoken" value=")[^"]+')
_TOKEN, _TYPED = "[the token of this form]", "[what this person typed]"
_kept: dict[tuple[Any, ...], str] = {}


def render(
    request: HttpRequest, template: str, context: dict[str, Any], *, typed: str = "", words: Hashable = ()
) -> HttpResponse:
    """A page that says the same to every stranger, with a form that nobody has sent yet or none at all.

    `typed` is given to the template under that name. `words` is what of the page operators may change: with other words
    it is another page. Signed-in people get the page rendered for them.
    """
    if request.user.is_authenticated or len(get_messages(request)):
        return HttpResponse(render_to_string(template, {**context, "typed": typed}, request))
    key = (template, get_language(), login_intent.tenant(request).key, request.get_full_path(), words)
    page = _kept.get(key)
    if page is None:
        page = render_to_string(template, {**context, "typed": _TYPED}, request)
        if len(_kept) >= MAX_PAGES:
            _kept.clear()
        page = _kept[key] = _TOKEN_FIELD.sub(rf"\g<1>{_TOKEN}", page)
    if _TOKEN in page:
        page = page.replace(_TOKEN, get_token(request))
    return HttpResponse(page.replace(_TYPED, escape(typed)))
