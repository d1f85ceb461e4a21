"""The first screen: what there is to do, and the tools in an order of one's own, by keyboard and without script (S3-05,
S4-16)."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from accessforms.models import Submission
from identity.models import Account, PhoneDevice
from identity.notices import tickets
from identity.policy import lifecycle, zones
from rbac.domain import reviews
from rbac.models import Membership
from tests.conftest import make_staff
from tests.factories import AccountFactory, GrantFactory, MembershipFactory, PracticeFactory, SubmissionFactory
from tests.journeys.conftest import BOTH
from tests.steps import mandates as vendors
from tests.steps.browser import arrive, spoken
from tests.steps.invitations import practice_administrator, user_invited

DAY = timedelta(days=1)
LANGUAGES = pytest.mark.parametrize("language", ["en", "es"])


def manager() -> Account:
    """A practice manager in Texas, for whom something waits in every corner."""
    now = timezone.now()
    row = vendors.signer(market="TX")
    account = row.grant.account
    PhoneDevice.objects.create(user=account, name="phone", number="+13105550142", confirmed=True, confirmed_at=now)
    Account.objects.filter(pk=account.pk).update(password_changed_at=now - lifecycle.after("password_age") + 5 * DAY)
    Membership.objects.filter(pk=row.pk).update(ends_on=zones.today("ohid", now=now + DAY))
    vendors.asked(vendors.vendor_person(), row.practice, now=now)
    sent = SubmissionFactory(account=account, portal_key="claims")
    Submission.objects.filter(pk=sent.pk).update(state="returned", state_since=now - 2 * DAY)
    answered(account, "optum-pro")
    account.refresh_from_db()
    return account


def answered(account: Account, portal_key: str) -> None:
    now = timezone.now()
    about = {"portal_key": portal_key, "topic": "other", "subject": "A question", "text": "Where is it?"}
    ticket = tickets.open(account=account, by=account, now=now, **about)
    agent = Account.objects.filter(login_name="desk.agent").first() or make_staff("desk.agent", "service desk")
    tickets.reply(ticket=ticket, text="There.", by=agent, now=now)


def administrator() -> Account:
    """Somebody who runs a practice, with invitations that nobody accepted and a review that is open."""
    now, practice = timezone.now(), PracticeFactory(name="Lakeside Clinic")
    olga, _sam = (practice_administrator(practice, name) for name in ("olga.admin", "sam.admin"))
    for number in range(12):
        user_invited(f"n{number}@example.org", practice=practice, by=olga, now=now - 4 * DAY)
    for name in ("ann", "ben"):
        MembershipFactory(
            practice=practice, grant__portal_key="provider-online",
            grant__account=AccountFactory(login_name=name, realm="provider-online"),
        )  # fmt: skip
    reviews.begin(practice=practice, portal_key="provider-online", now=now)
    return olga


@LANGUAGES
def test_a_manager_works_off_what_there_is_to_do(visit, language):
    """Each item has one button that leads to where it is done; it is gone when what is behind it changed."""
    say, her = partial(spoken, language), visit(language=language, views=BOTH)
    arrive(her, manager())
    her.go("/p/optum-pro/home/")
    her.look("Optum Pro")
    her.picture(f"due-optum-pro-{language}")
    items = her.page.locator(".due__one")
    assert items.count() == 5
    words = say("%(vendor)s asks to work on behalf of %(practice)s.", vendor="Best Billing", practice="Lakeside Clinic")
    items.filter(has_text=words).get_by_role("link").click()
    her.arrive("/p/optum-pro/on-our-behalf/")
    her.page.locator("button[name=agree]").click()
    her.go("/p/optum-pro/home/")
    assert her.page.locator(".due__one").count() == 4
    her.page.locator(".due__one").filter(has_text="T-").get_by_role("link").click()
    her.look()
    her.go("/p/optum-pro/home/")
    assert her.page.locator(".due__one").count() == 3


@LANGUAGES
def test_an_administrator_has_one_item_for_twelve_invitations(visit, language):
    her = visit(language=language, views=BOTH)
    arrive(her, administrator())
    her.go("/p/provider-online/home/")
    her.look("Provider OnLine")
    her.picture(f"due-provider-online-{language}")
    her.page.locator(".due__one").filter(has_text="12").get_by_role("link").click()
    her.arrive("/p/provider-online/security/*/pending/")


@pytest.mark.parametrize("portal_key", ["claims", "trucase"])
def test_the_other_homes_have_the_same_list(visit, portal_key):
    grant = GrantFactory(portal_key=portal_key, account__phone="+13105550142")
    answered(grant.account, portal_key)
    her = visit(views=BOTH)
    arrive(her, grant.account)
    her.go(f"/p/{portal_key}/home/")
    her.look()
    her.picture(f"due-{portal_key}")
    assert her.page.locator(".due__one").count() == 1


@LANGUAGES
@pytest.mark.parametrize("script", [True, False])
def test_the_tools_are_arranged_by_keyboard(visit, language, script):
    """WCAG 2.1.1, 2.4.3, 2.5.7, 4.1.3: after each press the button has the focus, and says where the tool is now."""
    say = partial(spoken, language)
    her = visit(language=language, views=BOTH, script=script) if script else visit(language=language, script=False)
    arrive(her, MembershipFactory(
        grant__portal_key="optum-pro", grant__account__phone="+13105550142", role="practice_manager", market="TX"
    ).grant.account)  # fmt: skip
    her.go("/p/optum-pro/home/")
    her.follow(say("Arrange the tools"))
    if script:
        her.look(say("Arrange the tools"))
        her.picture(f"arrange-{language}")
    names = her.page.locator(".arrange strong").all_inner_texts()
    last = her.page.locator(".arrange__one").last
    last.get_by_role("button", name=say("Up", context="tool")).focus()
    for place in (len(names) - 1, len(names) - 2):
        her.page.keyboard.press("Enter")
        her.told(say("Place %(place)s of %(count)s.", place=place, count=len(names)))
        focused = her.page.locator(":focus")
        assert focused.inner_text() == say("Up", context="tool")
        assert focused.get_attribute("aria-describedby").endswith(" done")
    moved = her.page.locator(".arrange strong").all_inner_texts()
    assert moved == [*names[:-3], names[-1], *names[-3:-1]]
    her.page.keyboard.press("Tab")
    her.page.keyboard.press("Tab")
    assert her.page.locator(":focus").inner_text() == say("Hide", context="tool")
    her.page.keyboard.press("Enter")
    her.told(say("Hidden from your home."))
    assert her.page.locator(":focus").inner_text() == say("Show", context="tool")
    if script:
        her.look(say("Arrange the tools"))
        her.picture(f"arranged-{language}")
    her.go("/p/optum-pro/home/")
    assert her.page.locator("#tiles").count() == 1
    assert names[-1] not in her.page.locator(".inside__page .grid").first.inner_text()
    away = her.page.locator("details.put-away")
    for is_open in (True, False):  # WAI-ARIA disclosure
        away.locator("summary").press("Enter")
        assert away.get_by_text(names[-1], exact=True).is_visible() == is_open
    if script:
        her.look("Optum Pro")
    her.go("/p/optum-pro/home/arrange/")
    her.press(say("Reset to the first order"))
    her.told(say("The tools stand as they did at first, and none is hidden."))
    assert her.page.locator(".arrange strong").all_inner_texts() == names


def test_dragging_does_what_the_buttons_do(visit):
    person = MembershipFactory(
        grant__portal_key="optum-pro", grant__account__phone="+13105550142", role="practice_manager", market="TX"
    )
    her = visit()
    arrive(her, person.grant.account)
    her.go("/p/optum-pro/home/arrange/")
    names = her.page.locator(".arrange strong").all_inner_texts()
    items = her.page.locator(".arrange__one")
    items.nth(2).locator("strong").drag_to(items.nth(0).locator("strong"))
    her.told(f"Place 1 of {len(names)}.")
    assert her.page.locator(".arrange strong").all_inner_texts() == [names[2], names[0], names[1], *names[3:]]
