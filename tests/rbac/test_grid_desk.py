"""The grid at the desk: a table of 140 boxes, what a proposal changes, and the press of a second person (S2-33)."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from rbac import roles
from rbac.capabilities import GRID_COLUMNS, Capability
from rbac.domain import grid
from rbac.models import GridVersion
from tests.steps.grid import works_as
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
ADD, LIST = "/admin/rbac/gridversion/add/", "/admin/rbac/gridversion/"
BOX = re.compile(r'name="box" value="([^"]+)" aria-labelledby="row-(\S+) column-([^"]+)"( checked)?>')


def in_days(number: int) -> str:
    return (timezone.localdate() + timedelta(days=number)).isoformat()


def sent(without=(), also=(), **more) -> dict:
    """What the page sends, as a browser does that has changed some boxes."""
    version = grid.current(now=timezone.now())
    boxes = {"|".join(one) for one in version.cells if one[0]} - set(without) | set(also)
    extras = {"|".join(one) for one in version.cells if not one[0]}
    return {"box": sorted(boxes), "extra": sorted(extras), "day": in_days(30), "reason": "Asked for", **more}


@pytest.fixture
def browser(operator):
    return signed_in(operator, verified=True)


@pytest.fixture
def colleague(second_operator):
    return signed_in(second_operator, verified=True)


def page_of(version: GridVersion) -> str:
    return f"/admin/rbac/gridversion/{version.pk}/change/"


def pressed(browser, version: GridVersion) -> dict:
    """What "Publish it" sends, after the page was read."""
    seen = re.search(r'name="seen" value="(\w+)"', browser.get(page_of(version)).content.decode()).group(1)
    return {"step": "publish", "seen": seen}


class TestTable:
    def test_it_has_140_boxes_with_headers_of_row_and_column(self, browser):
        shown = browser.get(ADD).content.decode()
        boxes = BOX.findall(shown)
        assert len(boxes) == 140
        assert sum(bool(ticked) for *_names, ticked in boxes) == 107
        for value, role, capability, _ticked in boxes:
            assert value == f"{role}||{capability}"
            assert f'<th scope="row" id="row-{role}">' in shown
            assert f'<th scope="col" id="column-{capability}">' in shown
        assert [role for _v, role, *_ in boxes][:: len(GRID_COLUMNS)] == list(roles.GRID)

    def test_it_scrolls_inside_its_box_by_keyboard(self, browser):
        """interface: 320 px; a region that can be reached and has a name."""
        assert (
            '<div class="desk__history-wrap" tabindex="0" role="region" aria-labelledby="grid-title">'
            in browser.get(ADD).content.decode()
        )

    def test_the_version_in_force_is_shown_as_the_document_prints_it(self, browser):
        shown = browser.get(page_of(GridVersion.objects.get())).content.decode()
        assert shown.count("<td>X</td>") == 107
        assert "in force now" in shown


class TestProposal:
    def test_a_change_by_two_operators(self, browser, colleague, operator, second_operator):
        works_as("billing_specialist")
        answer = browser.post(ADD, sent(without=["billing_specialist||curo"]), follow=True)
        assert "Proposed. Another person has to look at it" in answer.content.decode()
        version = GridVersion.objects.get(state="proposed")
        shown = colleague.get(page_of(version)).content.decode()
        assert "CURO: Billing Specialist" in shown
        assert "<dt>Gain something</dt><dd>0</dd>" in shown
        assert "<dt>Lose something</dt><dd>1</dd>" in shown
        assert "<strong>taken</strong>" in shown
        own = browser.get(page_of(version)).content.decode()
        assert 'value="publish"' not in own
        assert "another person takes the next" in own
        done = colleague.post(page_of(version), pressed(colleague, version), follow=True).content.decode()
        assert "Published. It holds from its day" in done
        then = grid.current(now=version.effective_from)
        assert Capability.CURO not in grid.allowed([("billing_specialist", "CO")], then)

    def test_boxes_of_one_market_and_switches_are_chosen_in_rows(self, browser):
        rows = {
            "capability-1": "risk_strat", "role-1": "front_office", "market-1": "NV",
            "off-capability-2": "curo", "off-market-2": "CA",
        }  # fmt: skip
        browser.post(ADD, sent(**rows))
        version = GridVersion.objects.get(state="proposed")
        assert version.cells.filter(role="front_office", market="NV", capability="risk_strat").exists()
        assert [(one.market, one.capability) for one in version.switches.all()] == [("CA", "curo")]
        assert version.cells.count() == 112

    @pytest.mark.parametrize(
        ("changed", "words"),
        [
            ({"reason": " "}, "Enter a reason"),
            ({"day": ""}, "Enter the day from which it holds."),
            ({"day": "2026-13-40"}, "Enter the day from which it holds."),
            ({"day": "2001-01-01"}, "Choose a day that is still to come"),
            ({"role-1": "front_office"}, "Choose what is opened, or empty the row: row 1."),
            ({"off-market-3": "CA"}, "Choose a market and what it has not, or empty the row: row 3."),
            ({"capability-1": "bill_tracker"}, "not the grid&#x27;s"),
            ({"extra": ["x"]}, "not the grid&#x27;s"),
            ({"switch": ["CA|nothing"]}, "not the grid&#x27;s"),
        ],
    )
    def test_what_is_wrong_stands_in_a_summary_and_the_boxes_are_kept(self, browser, changed, words):
        answer = browser.post(ADD, sent(without=["billing_specialist||curo"]) | changed)
        shown = answer.content.decode()
        assert answer.status_code == 422
        assert 'role="alert"' in shown
        assert words in shown
        assert sum(bool(ticked) for *_names, ticked in BOX.findall(shown)) == 106
        assert GridVersion.objects.count() == 1

    def test_what_a_row_says_half_stays_as_it_was_chosen_and_says_what_it_lacks(self, browser):
        """interface: errors next to the field and in a summary, what was chosen is kept."""
        rows = {
            "role-2": "front_office", "market-2": "NV", "off-market-3": "CA", "off-capability-1": "curo",
            "capability-3": "risk_strat", "role-3": "front_office", "market-3": "CA", "day": "",
        }  # fmt: skip
        shown = browser.post(ADD, sent(without=["billing_specialist||curo"], **rows)).content.decode()
        for name, value in (("role-2", "front_office"), ("market-2", "NV"), ("off-market-3", "CA"),
                            ("off-capability-1", "curo")):  # fmt: skip
            select = re.search(rf'<select id="{name}".*?</select>', shown, re.DOTALL)
            assert select, name
            assert re.findall(r'value="([^"]*)" selected', select[0]) == [value]
        for field in ("capability-2", "off-capability-3", "off-market-1", "day"):
            assert f'<a href="#{field}">' in shown
        for problem in ("problem-2", "off-problem-3", "off-problem-1"):
            assert f'id="{problem}"' in shown
        assert 'name="extra" value="front_office|CA|risk_strat" checked' in shown  # the whole row became a box

    def test_what_was_unticked_beside_the_table_can_be_ticked_again(self, browser):
        version = grid.current(now=timezone.now())
        kept = [one for one in ("|".join(cell) for cell in version.cells if not cell[0]) if "claims_site" not in one]
        shown = browser.post(ADD, sent(extra=kept, reason="")).content.decode()
        assert 'name="extra" value="|CA|claims_site">' in shown
        assert shown.count('name="extra"') == len(kept) + 1

    def test_nothing_changed_is_said(self, browser):
        answer = browser.post(ADD, sent())
        assert "nothing was to be changed" in answer.content.decode()
        assert GridVersion.objects.count() == 1

    def test_the_second_of_two_proposals_is_led_to_the_first(self, browser, colleague):
        browser.post(ADD, sent(without=["billing_specialist||curo"]))
        answer = colleague.post(ADD, sent(also=["medical_director||risk_strat"]))
        assert answer.status_code == 422
        assert page_of(GridVersion.objects.get(state="proposed")) in answer.content.decode()

    def test_it_is_discarded_with_a_reason(self, browser, colleague):
        browser.post(ADD, sent(without=["billing_specialist||curo"]))
        version = GridVersion.objects.get(state="proposed")
        assert colleague.post(page_of(version), {"step": "discard", "reason": ""}).status_code == 422
        colleague.post(page_of(version), {"step": "discard", "reason": "Too early"})
        version.refresh_from_db()
        assert version.state == "discarded"
        late = colleague.post(page_of(version), {"step": "publish"})
        assert late.status_code == 422
        assert "somebody was quicker" in late.content.decode()

    def test_what_the_page_said_is_what_is_published(self, browser, colleague):
        """C17: who loses something since the page was opened is looked at first; nothing was done."""
        browser.post(ADD, sent(without=["billing_specialist||curo"]))
        version = GridVersion.objects.get(state="proposed")
        old = pressed(colleague, version)
        works_as("billing_specialist")
        late = colleague.post(page_of(version), old)
        assert late.status_code == 422
        assert "What this does has changed meanwhile." in late.content.decode()
        assert "<dt>Lose something</dt><dd>1</dd>" in late.content.decode()
        assert colleague.post(page_of(version), {"step": "publish"}).status_code == 422, "nothing was read"
        version.refresh_from_db()
        assert version.state == "proposed"
        colleague.post(page_of(version), pressed(colleague, version))
        version.refresh_from_db()
        assert version.state == "published"


class TestWhoMay:
    @pytest.mark.parametrize("address", [LIST, ADD])
    def test_an_agent_finds_nothing(self, agent, address):
        browser = signed_in(agent, verified=True)
        assert browser.get(address).status_code in (403, 404)
        assert browser.post(ADD, sent(without=["billing_specialist||curo"])).status_code in (403, 404)
        assert GridVersion.objects.count() == 1

    def test_the_page_says_who_decides(self, browser, operator, second_operator):
        shown = browser.get(page_of(GridVersion.objects.get())).content.decode()
        assert "the.operator" in shown
        assert "second.operator" in shown

    def test_it_waits_on_the_first_page_of_whoever_did_not_propose_it(self, browser, colleague):
        browser.post(ADD, sent(without=["billing_specialist||curo"]))
        assert "Versions of the grid to publish" in colleague.get("/admin/").content.decode()


@pytest.mark.parametrize("people", [1, 30])
def test_the_page_of_a_proposal_asks_as_much_of_many_as_of_one(browser, django_assert_max_num_queries, people):
    for _number in range(people):
        works_as("billing_specialist")
    browser.post(ADD, sent(without=["billing_specialist||curo"]))
    version = GridVersion.objects.get(state="proposed")
    browser.get(page_of(version))
    with django_assert_max_num_queries(40):
        page = browser.get(page_of(version))
    assert page.status_code == 200
