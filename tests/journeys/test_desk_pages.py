"""Every list, record and page of the service desk as people see it: light, dark, 320 px, English and Spanish (walk A10,
D1, D2, E3, E4, section 2)."""

import pytest

from tests import desk_world
from tests.conftest import make_staff
from tests.journeys.conftest import View
from tests.steps.browser import arrive


@pytest.mark.parametrize(("language", "dark"), [("en", False), ("es", True)])
@pytest.mark.parametrize("pages", [desk_world.lists, desk_world.records])
def test_the_pages_of_the_desk_are_clean(visit, language, dark, pages):
    """axe, console, one h1, sideways scroll: each page wide, then at 320 px in the other colours, loaded once."""
    staff = make_staff("the.operator", "operator")
    desk_world.fill(make_staff("desk.agent", "service desk"))
    visitor = visit(language=language, views=(View(1280, dark=dark), View(320, dark=not dark)))
    arrive(visitor, staff)
    for path in pages():
        visitor.go(path)
        visitor.look()


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_list_lies_under_its_filters(visit, language):
    """walk D4: a list with its filters beside it is as wide as its column, from the narrowest window that shows both:
    "Asked back at" was hidden in Spanish."""
    staff = make_staff("the.operator", "operator")
    desk_world.fill(make_staff("desk.agent", "service desk"))
    visitor = visit(language=language, width=1200)
    arrive(visitor, staff)
    hidden = {}
    for path in desk_world.lists():
        visitor.go(path)
        over = visitor.page.evaluate(
            "() => { const rows = document.querySelector('#result_list'), filters = document.querySelector('.filters');"
            "return rows && filters ? rows.getBoundingClientRect().right - filters.getBoundingClientRect().left : -1; }"
        )
        if over > 0:
            hidden[path] = over
    assert hidden == {}
