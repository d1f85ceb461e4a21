"""The documents' own words stand on the pages that show them: a changed label fails here (C37)."""

import re
import tomllib
from itertools import groupby
from pathlib import Path

import pytest
from lxml import html

from identity.policy.realms import realm_profile
from tests.words.pages import PAGES, shown

pytestmark = pytest.mark.django_db
WORDS = tomllib.loads((Path(__file__).parent / "documents.toml").read_text())["words"]
BY_PAGE = {
    name: list(rows) for name, rows in groupby(sorted(WORDS, key=lambda one: one["page"]), lambda one: one["page"])
}
LABELS = "//h1|//h2|//h3|//label|//legend|//button|//a|//summary|//option|//dt|//th"


def tidy(text: str) -> str:
    """One space for a run of them, and none before what ends a part of a sentence: markup may stand in between."""
    return re.sub(r"\s+([.,)])", r"\1", " ".join(text.split()))


def text_of(element: html.HtmlElement) -> str:
    return tidy(" ".join(element.itertext()))


def without_what_only_screen_readers_say(page: html.HtmlElement) -> html.HtmlElement:
    for hidden in page.xpath("//script|//style"):
        hidden.drop_tree()
    return page


@pytest.mark.parametrize("name", BY_PAGE)
def test_the_page_says_it_word_for_word(client, inbox, name):
    """S0, S1, S2, S3, S4: every row of documents.toml, on its page."""
    text = shown(client, name) if name.startswith("/") else PAGES[name](client, inbox)
    page = without_what_only_screen_readers_say(html.fromstring(text))
    labels, whole = {text_of(one) for one in page.xpath(LABELS)}, text_of(page)
    labels |= {label.removesuffix(f" {heading}") for label in labels for heading in labels}  # "Setup", for its method
    rows = [row for row in BY_PAGE[name] if row.get("profile") in (None, realm_profile("ohid"))]
    missing = [(row["row"], one) for row in rows for one in row.get("labels", ()) if one not in labels]
    missing += [(row["row"], one) for row in rows for one in row.get("says", ()) if tidy(one) not in whole]
    assert missing == [], f"{name}: {sorted(labels)} {whole}"


def test_every_page_of_the_list_is_opened():
    """A page that nothing is looked for on would be dead weight, and a mistyped one would hide its rows."""
    assert {name for name in BY_PAGE if not name.startswith("/")} == set(PAGES)
