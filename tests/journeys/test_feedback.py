"""Somebody says what they think of a page, and the desk reads it: a story in a real browser (S3-09)."""

import pytest

from tests.conftest import make_staff
from tests.factories import PracticeFactory
from tests.journeys.conftest import BOTH
from tests.steps.browser import arrive, spoken
from tests.steps.invitations import practice_user


@pytest.mark.parametrize("language", ["en", "es"])
def test_from_the_foot_of_a_page_to_the_desk(visit, language):
    person, desk = visit(views=BOTH, language=language), visit(views=BOTH)
    kim = practice_user(PracticeFactory(), "kim.office", language=language)

    def say(text: str, **values: str) -> str:
        return spoken(language, text, **values)

    arrive(person, kim)
    person.go("/p/provider-online/guide/")
    person.follow(say("Give feedback on this page"))
    person.look(say("Give feedback"))
    person.picture(f"feedback-{language}")
    person.press(say("Send feedback"))
    person.told()
    person.look(say("Give feedback"))
    person.picture(f"feedback-mistake-{language}")
    person.fill(text="I look for the chapter on passwords.")
    person.press(say("Send feedback"))
    person.look(say("User Guide"))
    person.picture(f"feedback-given-{language}")
    arrive(desk, make_staff("desk.one", "service desk", ("provider-online",)))
    desk.go("/admin/portals/feedback/")
    desk.look()
    desk.picture("desk-feedback-list")
    desk.follow("I look for the chapter on passwords.")
    desk.look()
    desk.told("/p/provider-online/guide/")
    desk.picture("desk-feedback")
