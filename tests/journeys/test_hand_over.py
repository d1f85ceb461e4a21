"""An administrator leaves: how the practice stands, two signatures, and the other one begins (D-15), in both
languages."""

import pytest
from django.utils import timezone

from rbac.domain import memberships
from rbac.models import Practice
from tests.steps.browser import arrive, spoken
from tests.steps.practices import administrator, in_duty, lakeside, membership, user


@pytest.fixture
def practice(db) -> Practice:
    return lakeside()


@pytest.mark.parametrize("language", ["en", "es"])
def test_an_administrator_leaves(visit, inbox, practice, language):
    def say(text: str, **values: str) -> str:
        return spoken(language, text, **values)

    olga = in_duty(administrator(practice))
    nora = user(practice)
    for account in (olga, nora):
        account.language = language
        account.save(update_fields=["language"])
    hers = visit(width=320, language=language)
    arrive(hers, olga)
    hers.go(f"/p/provider-online/security/{practice.pk}/health/")
    hers.look(say("Who looks after %(practice)s", practice="Lakeside Clinic"))
    hers.follow(say("Hand over", context="practice"))
    hers.look(say("Hand over %(practice)s", practice="Lakeside Clinic"))
    hers.press(say("Sign and ask the other one"))
    hers.told()
    hers.look(say("Hand over %(practice)s", practice="Lakeside Clinic"))
    hers.page.select_option("#id_to", str(membership(nora, practice).pk))
    hers.fill(typed_name="Olga Adams")
    hers.press(say("Sign and ask the other one"))
    hers.look(say("Hand-over of %(practice)s", practice="Lakeside Clinic"))
    next_one = visit(width=320, language=language)
    arrive(next_one, nora)
    next_one.go(inbox.newest("mail", nora.email).link)
    next_one.look(say("Hand-over of %(practice)s", practice="Lakeside Clinic"))
    next_one.fill(typed_name="Nora Office")
    next_one.press(say("Sign and take over"))
    next_one.fill(typed_name="Nora Office")
    next_one.press(say("Sign and continue"))
    next_one.arrive(f"/p/provider-online/security/{practice.pk}/health/")
    next_one.look(say("Who looks after %(practice)s", practice="Lakeside Clinic"))
    assert memberships.administrators(practice, now=timezone.now()) == [nora]
