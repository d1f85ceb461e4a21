"""Texts that staff write in Markdown, as pages show them: a few tags, no script, no pictures.

Two hands hold it: the writer's own HTML is text, and what comes of the Markdown is cleaned by a list of what may stay.
"""

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a", "h2", "h3", "h4", "blockquote", "code", "pre", "hr"}
ATTRIBUTES: dict[str, set[str]] = {"*": set(), "a": {"href"}}
SCHEMES = {"https", "mailto", "tel"}
REL = "noopener noreferrer nofollow"
_TOP, _DEEPEST = 2, 4  # the page's own heading is the first
_READER = MarkdownIt("commonmark", {"html": False})


def html(text: str) -> SafeString:
    """The text as it is read on a page."""
    tokens = _READER.parse(text)
    for token in tokens:
        _below_the_page(token)
    made = _READER.renderer.render(tokens, _READER.options, {})
    cleaned = nh3.clean(made, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=REL)
    return mark_safe(cleaned)  # noqa: S308  nh3 has just left what TAGS names


def _below_the_page(token: Token) -> None:
    """A heading of the text stands below that of the page."""
    if token.type in ("heading_open", "heading_close"):
        token.tag = f"h{min(int(token.tag[1]) - 1 + _TOP, _DEEPEST)}"
