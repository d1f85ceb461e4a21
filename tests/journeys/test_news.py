"""News & Alerts in a real browser: proposed, published by another, read and confirmed, and the report of a practice."""

import pytest
from playwright.sync_api import expect

from portals.models import NewsItem, NewsRead
from tests.conftest import make_staff
from tests.journeys.conftest import EVERY
from tests.steps import news
from tests.steps.browser import arrive, spoken

ENGLISH, SPANISH = "Shorter deadlines from January 1", "Plazos más cortos desde el 1 de enero"
PHONE = "+13105550141"
TEXT = "From **January 1** on:\n\n- Send complete records.\n- Mark as urgent what is.\n\n<script>alert(1)</script>"


@pytest.mark.parametrize("language", ["en", "es"])
def test_proposed_published_by_another_read_and_reported(visit, inbox, language):
    """S2-27, S3-03: two of the desk, a reader, and whoever answers for the practice."""

    def say(text: str, **values: str) -> str:
        return spoken(language, text, **values)

    title = ENGLISH if language == "en" else SPANISH
    office = news.practice()
    reader = news.account_of(
        news.works(office, login_name="fay.front", first_name="Fay", last_name="Front", phone=PHONE)
    )
    idle = news.account_of(
        news.works(office, "registered_nurse", first_name="Nan", last_name="Nurse", language=language)
    )
    manager = news.account_of(news.works(office, "practice_manager", first_name="Mona", last_name="Ager", phone=PHONE))

    author = visit(views=EVERY, language=language)
    arrive(author, make_staff("first.editor", "service desk", (news.PORTAL,)))
    author.go("/admin/portals/newsitem/add/")
    author.look(say("Propose a news item"))
    author.press(say("Preview"))  # nothing typed
    author.told()
    author.look()
    author.picture(f"propose-wrong-{language}")
    author.fill(title_en=ENGLISH, text_en=TEXT, title_es=SPANISH, text_es="Desde el **1 de enero**:\n\n- Envíe todo.")
    author.page.check("#id_is_regulatory")
    author.press(say("Preview"))
    author.told(say("This is a preview: nothing was proposed yet."))
    author.look()
    author.picture(f"preview-{language}")
    author.press(say("Propose"))
    author.told(say("Proposed. Another person has to look at it and publish it; nobody reads it yet."))
    author.look()
    item = NewsItem.objects.get()

    second = visit(views=EVERY, language=language)
    arrive(second, make_staff("second.editor", "service desk", (news.PORTAL,)))
    second.go("/admin/")
    second.page.get_by_role("link", name=say("News to publish")).click()
    second.look()
    second.picture(f"desk-list-{language}")
    second.go(f"/admin/portals/newsitem/{item.pk}/change/")
    second.look()
    second.picture(f"desk-item-{language}")
    second.press(say("Publish it"))
    second.look()
    second.picture(f"asked-{language}")
    second.press(say("Publish it"))
    second.told(say("Published."))

    fay = visit(views=EVERY, language=language)
    arrive(fay, reader)
    fay.go("/p/optum-pro/home/")
    fay.look("Optum Pro")
    fay.picture(f"home-{language}")
    fay.go(news.HOME)
    fay.look(say("News & Alerts"))
    fay.picture(f"list-{language}")
    fay.follow(title)
    fay.look(title)
    fay.picture(f"item-{language}")
    fay.press(say("I have read this"))
    fay.told(say("Thank you. We have noted that you have read this."))
    fay.look(title)
    fay.picture(f"confirmed-{language}")
    assert NewsRead.objects.get(account=reader).acknowledged_at

    mona = visit(views=EVERY, language=language)
    arrive(mona, manager)
    mona.go(news.HOME)
    mona.look(say("News & Alerts"))
    mona.picture(f"list-manager-{language}")
    mona.page.get_by_role("link", name=office.name).click()
    mona.look(say("Has your practice read it?"))
    mona.picture(f"practice-{language}")
    mona.follow(title)
    mona.look(say("Who has not confirmed it"))
    expect(mona.page.get_by_text("Mona Ager").last).to_be_visible()
    assert not mona.page.locator("main").get_by_text("Fay Front").count()
    mona.picture(f"report-{language}")
    mona.press(say("Remind them by email"))
    mona.look(say("Who has not confirmed it"))
    assert "/news/" in inbox.newest("mail", idle.email).link
    mona.picture(f"reminded-{language}")


@pytest.mark.parametrize("language", ["en", "es"])
def test_empty_and_full(visit, language):
    """What there is to do next, where there is nothing; two hundred items on a phone."""
    office = news.practice()
    manager = news.account_of(news.works(office, "practice_manager", phone=PHONE))
    mona = visit(views=EVERY, language=language)
    arrive(mona, manager)
    for page in ("", "?show=unconfirmed", f"practice/{office.pk}/"):
        mona.go(news.HOME + page)
        mona.look()
        mona.picture(f"empty-{page.strip('?/').replace('/', '-')}-{language}")
    news.shown(200, title_en="A heading that is as long as a heading may be in a list of many, many news items")
    mona.go(news.HOME)
    mona.look()
    mona.picture(f"full-{language}")
