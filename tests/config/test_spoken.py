"""Every word of the service desk can be said in Spanish: names, columns, choices, filters, actions (walk D2)."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets, label_for_field
from django.db import models
from django.test import RequestFactory
from django.utils.functional import Promise
from django.utils.html import strip_tags

from config import desk
from tests import desk_world
from tests.conftest import make_staff
from tests.steps.sign_in import signed_in

STOCK = (
    "Service desk", "Search", "Show all", "Filter", "Clear", "Select", "Run", "Add", "Save", "Close", "View", "Yes", "Unknown",
    "account", "accounts", "access", "request", "requests", "grant", "state", "since", "until", "submitted", "fax received",
    "waiting", "sent", "given up", "started", "confirmed", "done", "role", "user name", "first name", "last name", "reason", "when",
    "what", "who", "by", "kind", "object", "attempts", "problem", "topic", "status", "opened", "Open", "ticket", "tickets",
    "message", "messages", "entry", "entries", "signature", "signatures", "phase", "wording", "Pagination", "key", "keys", "language",
)  # fmt: skip


def names_of(model: type[models.Model], there: Any, request: Any) -> Iterator[tuple[str, Any]]:
    """Everything that the pages of one table call by a name."""
    opts = model._meta
    yield "verbose_name", opts.verbose_name
    yield "verbose_name_plural", opts.verbose_name_plural
    columns = [name for name in there.get_list_display(request) if name != "__str__"]
    own_pages = {"change_view", "changelist_view"} & set(vars(type(there)))
    fields = [] if own_pages else flatten_fieldsets(there.get_fieldsets(request, model()))
    for name in dict.fromkeys([*columns, *fields]):
        yield name, label_for_field(name, model, there)
    for field in opts.get_fields():
        if field.name != "realm":  # a key, the same in every language
            yield from ((f"{field.name}: {label}", label) for _value, label in getattr(field, "flatchoices", ()))
    for one in there.get_list_filter(request):
        name = one[0] if isinstance(one, tuple) else one
        yield str(name), opts.get_field(name).verbose_name if isinstance(name, str) else name.title
    for name, action in there.get_actions(request).items():
        yield name, action.description
    if there.search_help_text:
        yield "search_help_text", there.search_help_text


def test_every_name_that_the_desk_shows_is_marked_for_translation(operator):
    """A bare English verbose_name or label is the same in Spanish: this finds it when it is written."""
    request = RequestFactory().get("/admin/")
    request.user = operator
    bare = [
        f"{model._meta.label}: {what}"
        for model, there in admin.site._registry.items()
        for what, words in names_of(model, there, request)
        if not isinstance(words, Promise)
    ]
    assert bare == []
    assert all(isinstance(words, Promise) for words in (*desk.GROUPS, *(kind.words for kind in desk.KINDS)))


@pytest.mark.parametrize("path", ["lists", "records"])
def test_the_desk_in_spanish_holds_no_english(operator, path):
    """No stock word of the lists and records is left in English; data of people is not looked at."""
    desk_world.fill(make_staff("desk.agent", "service desk"))
    browser = signed_in(operator, verified=True)
    found = []
    for page in getattr(desk_world, path)():
        shown = browser.get(page, headers={"accept-language": "es"}).content.decode()
        main = re.sub(
            r'<(\w+) [^>]*lang="en".*?</\1>|<dd>.*?</dd>|<pre.*?</pre>|<code>.*?</code>|<td[^>]*>[^<]*</td>',
            "",
            shown,
            flags=re.S,
        )
        words = re.sub(r"\s+", " ", strip_tags(main))
        found += [f"{page}: {word}" for word in STOCK if re.search(rf"(?<![\w.]){re.escape(word)}(?![\w.])", words)]
    assert found == [], "\n".join(found)
