"""Robots on every mail: programs that check mail open its links, again and again, before the person does. Nothing is used
up and nothing changes, and afterwards the person succeeds (policy, Always)."""

import re
from collections.abc import Collection
from html import unescape
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Model
from django.test import Client
from django.utils import translation

from identity.models import OutboxMessage, TicketRead
from identity.record import outbox
from identity.record.gateways.wire import Rendered
from identity.record.outbox import AnyMessage
from portals.models import NewsRead
from tests.mails import CASES, WITHOUT_LINKS, browser_of, sent

pytestmark = pytest.mark.django_db
# What a page that somebody opens keeps: when a link was opened first, said to be perhaps a robot's, and what lies open.
OPENED = {(OutboxMessage, "first_opened_at")}
# A page behind a sign-in, opened in the reader's own browser, is a use of the portal (S3-19), and what it shows is read.
USED = {"last_used_at", "warned_days", "idle_from"}


def people_read() -> list[str]:
    """But those that tests make for themselves."""
    kinds = {kind for kind, message in outbox.KINDS.items() if message not in WITHOUT_LINKS}
    return sorted(kind for kind in kinds if not kind.startswith("tests."))


def test_every_message_has_a_case():
    """A message class that is new, and carries a link, is tried too."""
    assert sorted({name.partition(" ")[0] for name in CASES}) == people_read()


def rendered(message: AnyMessage) -> Rendered:
    recipient = message.recipient()
    assert recipient is not None
    with translation.override(recipient.language):
        made = message.render_for(recipient)
    assert made is not None, "it has no reason to leave"
    return made


def links_of(mail: Rendered) -> list[str]:
    """Every link to this site, the one of its button first."""
    found = re.findall(
        rf"{re.escape(settings.PUBLIC_URL)}(/[^\s\"'<>)]*)", f"{mail.link} {mail.text} {unescape(mail.html)}"
    )
    return list(dict.fromkeys(one.rstrip(".,;") for one in found))


def everything(*, but: Collection[str] = (), tables: Collection[type[Model]] = (Session,)) -> dict[str, list[Any]]:
    """Every row of every table, without what a page that is opened keeps of that."""
    kept: dict[str, list[Any]] = {}
    for model in apps.get_models():
        if model in tables:
            continue
        skipped = {*but} | {name for table, name in OPENED if table is model}
        names = [field.attname for field in model._meta.concrete_fields if field.attname not in skipped]
        kept[model._meta.label] = sorted(map(repr, model._base_manager.values_list(*names)))
    return kept


def crawl(browser: Client, link: str) -> None:
    """As a checker of mail does: the head, the page, five times, ahead of time, and wherever it is led."""
    answers = [browser.head(link), *(browser.get(link, follow=True) for _ in range(6))]
    answers.append(browser.get(link, headers={"Sec-Purpose": "prefetch;prerender", "Purpose": "prefetch"}))
    answers.append(browser.head(link, follow=True))
    assert all(answer.status_code < 500 for answer in answers)


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_robot_uses_nothing_up(name):
    """policy, Always: whoever holds no session, HEAD, GET, GET x 5 and ahead of time; then the person."""
    case, message = sent(name)
    mail = rendered(message)
    before = everything()
    for link in links_of(mail):
        crawl(Client(), link)
    assert everything() == before
    assert rendered(message) == mail, "the same mail leads to the same place"
    person = browser_of(case)
    if case.press is None:
        for link in links_of(mail):
            assert person.get(link, follow=True).status_code == 200, link
    else:
        assert case.done(case.press(person, links_of(mail)[0]))


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_readers_own_browser_opens_ahead(name):
    """The same with the cookies of whoever reads: a browser that loads links ahead of time."""
    case, message = sent(name)
    mail, person = rendered(message), browser_of(case)
    before = everything(but=USED, tables=(Session, TicketRead, NewsRead))
    for link in links_of(mail):
        crawl(person, link)
    assert everything(but=USED, tables=(Session, TicketRead, NewsRead)) == before
    if case.press is not None:
        assert case.done(case.press(person, links_of(mail)[0]))
