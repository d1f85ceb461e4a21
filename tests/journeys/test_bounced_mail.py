"""A mail that bounces: the person sees it on their profile and tries again, the desk sees the life of each mail."""

import pytest
from django.utils import timezone

from identity.models import OutboxMessage, SuppressedAddress
from identity.record import delivery
from tests.conftest import make_staff
from tests.factories import AccountFactory, SubmissionFactory
from tests.journeys.conftest import BOTH
from tests.steps.browser import arrive

HEADINGS = {"en": ("My Profile", "Email addresses"), "es": ("Mi perfil", "Direcciones de correo electrónico")}


def bounce(row: OutboxMessage) -> None:
    now = timezone.now()
    told = delivery.Report(provider_id=row.provider_id, delivery=delivery.Delivery.BOUNCED, at=now, is_address=True)
    assert delivery.report(told, now=now)


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_person_sees_that_mail_does_not_arrive_and_tries_again(visit, inbox, language):
    """leap 1: the life of one mail for the person it concerns, with the way out beside it."""
    owner = AccountFactory(login_name="ana.nunez", language=language)
    SubmissionFactory(account=owner, submitted=True)
    inbox.all()
    person = visit(views=BOTH, language=language)
    arrive(person, owner, verified=False)
    bounce(OutboxMessage.objects.get(kind="accessforms.RequestSubmittedMail"))
    person.go("/id/profile/")
    person.look(HEADINGS[language][0])
    person.picture(f"profile-{language}")
    person.go("/id/profile/addresses/")
    person.look(HEADINGS[language][1])
    person.picture(f"addresses-{language}")
    person.page.locator("form[action$='/send-again/'] button").click()
    person.page.locator("form[action$='/send-again/']").wait_for(state="detached")
    person.look(HEADINGS[language][1])
    assert delivery.stopped([owner.email]) == {}
    SuppressedAddress.objects.update(cause="complained", since=timezone.now(), lifted_at=None)
    person.go("/id/profile/addresses/")
    person.look(HEADINGS[language][1])
    person.picture(f"complained-{language}")


def test_the_desk_sees_the_life_of_one_mail(visit, inbox):
    """leap 1: the same for the desk."""
    SubmissionFactory(account=AccountFactory(), submitted=True)
    inbox.all()
    row = OutboxMessage.objects.get()
    bounce(row)
    operator = visit(views=BOTH)
    arrive(operator, make_staff("the.operator", "operator"))
    operator.go("/admin/identity/outboxmessage/")
    operator.look()
    operator.picture("messages")
    operator.go(f"/admin/identity/outboxmessage/{row.pk}/change/")
    operator.look()
    operator.picture("message")
    operator.press("Send again")
    operator.told("The message is sent again.")
    operator.look()
    operator.picture("again")
