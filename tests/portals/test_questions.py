"""The pages of questions: Optum Pro's thirteen in the order of the documents, each answered, in both languages (S3-21)."""

import pytest
from django.utils import translation
from lxml import html

from portals import registry

pytestmark = pytest.mark.django_db
TITLES = [
    "What is the Optum Pro portal?",
    "What are the core features of the Optum Pro portal?* What does it do?",
    "What makes the Optum Pro portal different compared to similar applications?",
    "Who can use the Optum Pro portal?",
    "How do I get access?",
    "Is there a specific web browser I should use to access optumproportal.com?",
    "How do I get a One Healthcare ID?",
    "Who can I call for assistance with One Healthcare ID?",
    "Once I am logged into Optum Pro where do I go for a support question?",
    "Are there any web session timeout limits for Optum Pro once I am logged in?",
    "How often will I have to change my One Healthcare ID password?",
    "How long is my account active?",
    "Why was it important to Optum to create this portal?",
]


def sections(client, language: str = "en") -> dict[str, str]:
    """The questions of the page in its order, each with all that stands under it."""
    client.cookies["django_language"] = language
    page = html.fromstring(client.get("/p/optum-pro/help/").content.decode())
    found: dict[str, str] = {}
    for one in page.xpath("//main//*[self::h2 or self::h3 or self::p or self::li]"):
        text = " ".join(one.text_content().split())
        if one.tag == "h2":
            found[text], asked = "", text
        elif found:
            found[asked] += text
    return found


def test_thirteen_in_this_order(client):
    """S3-21; the words of the answers are looked for by tests/words."""
    assert list(sections(client))[:-1] == TITLES
    assert [str(one.question) for one in registry.get("optum-pro").questions] == TITLES


def test_each_has_its_own_answer_in_both_languages(client):
    english, spanish = sections(client), sections(client, "es")
    assert len(spanish) == len(english) == len(TITLES) + 1
    for (title, said), (spanish_title, answer) in zip(english.items(), spanish.items(), strict=True):
        assert len(said) > 20, title
        assert len(answer) > 20, spanish_title
        assert said != answer, title
    assert len(set(english.values())) == len(english)


def test_the_last_one_has_two_answers():
    """S3-21: clinicians; nonclinical administrators, "over 1,300 care clinics"."""
    with translation.override("en"):
        first, second = registry.get("optum-pro").questions[-1].answers
        assert "patients, not paperwork" in str(first.says[0])
        assert "over 1,300 care clinics" in str(second.says[0])


def test_every_question_of_every_portal_is_answered_one_way():
    for portal in registry.portals().values():
        for one in portal.questions:
            assert bool(one.answer) is not bool(one.answers), one.question


def test_the_foot_of_optum_pro_stands_on_the_page(client):
    """S3-20, for strangers too."""
    assert "Optum is an equal opportunity employer." in client.get("/p/optum-pro/help/").content.decode()
