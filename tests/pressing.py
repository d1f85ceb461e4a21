"""Pressing a button of the desk whose page says first what it will do (C17)."""

import re
from html import unescape

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def asked(answer) -> dict[str, list[str]]:
    """What the button of the page before an act sends."""
    page = answer.content.decode()
    assert "What this does" in page, "a page says first what happens"
    form = page.partition('class="desk__steps"')[2]
    fields: dict[str, list[str]] = {}
    for name, value in _HIDDEN.findall(form):
        fields.setdefault(name, []).append(unescape(value))
    return fields


def press(browser, path, data, *, reason="", follow=False):
    """Press, read the page, press its button."""
    return browser.post(path, asked(browser.post(path, data)) | ({"reason": reason} if reason else {}), follow=follow)
