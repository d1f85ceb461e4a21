"""Once a year an administrator says who still works for the practice: a notice, one page, one press (D-11), in both
languages."""

import pytest
from django.utils import timezone

from rbac.models import Membership, Practice, Review, ReviewLine
from tests.steps.browser import arrive, spoken
from tests.steps.practices import in_duty
from tests.steps.reviews import begun, line_of, named, staffed


@pytest.fixture
def practice(db) -> Practice:
    return staffed(timezone.now())


def choose(visitor, line: ReviewLine, answer: str) -> None:
    """By the label of the radio button: what people press."""
    visitor.page.check(f"input[name=line-{line.pk}][value={answer}]")


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_review_takes_minutes(visit, inbox, practice, language):
    def say(text: str, **values: str) -> str:
        return spoken(language, text, **values)

    olga = in_duty(named("olga.admin"))
    olga.language = language
    olga.save(update_fields=["language"])
    review = begun(practice, timezone.now())
    hers = visit(width=320, language=language)
    arrive(hers, olga)
    hers.go(f"/p/provider-online/security/{practice.pk}/")
    hers.look(say("Users of your practice"))
    hers.follow(say("Go to the review"))
    hers.look(say("Who still works for your practice?"))
    choose(hers, line_of(review, "ann.unused"), "keep")
    hers.press(say("Send the answers"))
    hers.told()
    hers.look(say("Who still works for your practice?"))
    assert hers.page.is_checked(f"input[name=line-{line_of(review, 'ann.unused').pk}][value=keep]"), (
        "what was said is kept"
    )
    choose(hers, line_of(review, "ben.never"), "suspend")
    choose(hers, line_of(review, "cyd.form"), "remove")
    hers.press(say("Send the answers"))
    hers.look(say("Review of your users"))
    assert say("Thank you: the review is done. This is what was answered.") in hers.page.inner_text("body")
    assert Review.objects.get().state == "answered"
    working = Membership.objects.open_at(timezone.now()).of(practice)
    names = set(working.values_list("grant__account__login_name", flat=True))
    assert names == {"olga.admin", "sam.admin", "ann.unused", "dee.leaves", "eve.daily"}


def test_the_link_of_the_mail_leads_there(visit, inbox, practice):
    olga = in_duty(named("olga.admin"))
    begun(practice, timezone.now())
    hers = visit(width=1280)
    arrive(hers, olga)
    hers.go(inbox.newest("mail", olga.email).link)
    hers.look("Who still works for your practice?")
