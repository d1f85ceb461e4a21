"""Phases of a change-over: the definition's dates, moved by operators; and texts that they change."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from identity.models import JournalEntry
from identity.record import journal, machine
from portals import registry
from portals.legacy import phases, wording
from portals.models import PhaseMove, PortalText
from portals.spec import Phase
from tests.factories import NOW
from tests.pressing import press
from tests.steps.phases import DAY, TRUCASE, at, put
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
LANDING, PAGE = "/p/trucase/", "/admin/portals/phasemove/"


class TestDates:
    def test_the_definition_has_the_dates_of_the_documents(self):
        """S0-07, S0-09: before April 8, 2020; both ways; a month later the ID alone."""
        assert at(2020, 1, 1) is None
        assert at(2020, 4, 8, hour=6) == Phase.PRE_REGISTRATION, "the day begins in California"
        assert at(2020, 4, 8) == Phase.BOTH_WAYS
        assert at(2020, 5, 7) == Phase.BOTH_WAYS
        assert at(2020, 5, 8) == Phase.ID_ONLY

    def test_a_move_counts_from_its_moment_on_and_the_newest_of_a_phase_counts(self, operator):
        """C16, C30."""
        told = {"portal": TRUCASE, "phase": Phase.ID_ONLY, "by": operator, "now": NOW}
        assert phases.for_portal(TRUCASE, now=NOW) == Phase.ID_ONLY
        move = phases.move(**told, at=NOW + DAY, reason="late")
        assert phases.for_portal(TRUCASE, now=NOW) == Phase.BOTH_WAYS
        assert phases.for_portal(TRUCASE, now=NOW + DAY) == Phase.ID_ONLY
        phases.move(**told, at=NOW + 3 * DAY, reason="later")
        assert phases.for_portal(TRUCASE, now=NOW + 2 * DAY) == Phase.BOTH_WAYS
        assert PhaseMove.objects.count() == 2, "history stays"
        assert journal.history(of=move).get().facts["reason"] == "late"

    @pytest.mark.parametrize(("phase", "days", "other"), [
        (Phase.PRE_REGISTRATION, 20, Phase.BOTH_WAYS),
        (Phase.PRE_REGISTRATION, 10, Phase.BOTH_WAYS),
        (Phase.BOTH_WAYS, -1, Phase.PRE_REGISTRATION),
        (Phase.BOTH_WAYS, 30, Phase.ID_ONLY),
        (Phase.ID_ONLY, 10, Phase.BOTH_WAYS),
    ])  # fmt: skip
    def test_phases_keep_their_order(self, operator, phase, days, other):
        """S0-09: pre-registration, then both ways, then the ID alone; at the same moment is no order either."""
        for one, away in ((Phase.ID_ONLY, 30), (Phase.BOTH_WAYS, 10), (Phase.PRE_REGISTRATION, 0)):
            phases.move(portal=TRUCASE, phase=one, at=NOW + away * DAY, reason="x", by=None, now=NOW)
        with pytest.raises(phases.OutOfOrder) as refused:
            phases.move(portal=TRUCASE, phase=phase, at=NOW + days * DAY, reason="x", by=operator, now=NOW)
        assert refused.value.other == other
        assert PhaseMove.objects.count() == 3

    def test_the_day_is_named_while_it_lies_ahead(self):
        """S0-07: no page says "from" a day that is over."""
        put(Phase.PRE_REGISTRATION)
        day = dict(phases.schedule(TRUCASE))[Phase.BOTH_WAYS]
        assert phases.goes_live(TRUCASE, now=day - timedelta(seconds=1)) == day
        assert phases.goes_live(TRUCASE, now=day) is None

    def test_only_operators_move_and_they_say_why(self, agent, operator):
        told = {"portal": TRUCASE, "phase": Phase.BOTH_WAYS, "at": NOW, "now": NOW}
        with pytest.raises(phases.MayNotMove):
            phases.move(**told, reason="x", by=agent)
        with pytest.raises(machine.ReasonMissing):
            phases.move(**told, reason="  ", by=operator)
        with pytest.raises(phases.NoSuchPhase):
            phases.move(**(told | {"portal": registry.get("claims")}), reason="x", by=operator)
        assert not PhaseMove.objects.exists()


class TestOperatorsPage:
    def test_it_shows_every_phase_and_moves_one_now(self, client, operator):
        """S0-09: switchable by an operator."""
        desk = signed_in(operator, verified=True)
        page = desk.get(PAGE).content.decode()
        assert page.count("holds now") == 2, "TruCase's, and Provider OnLine's"
        assert "old passwords are taken on the log-in page" in page
        assert "Nothing was moved" in page
        assert 'id="old-log-in"' not in client.get(LANDING).content.decode()
        later = {"which": "trucase:ID only", "at": "2090-01-01T00:00", "reason": "a longer time"}
        before = desk.post(PAGE, later).content.decode()
        assert "“ID only” of TruCase begins on January 1, 2090, midnight PST: the old fields are gone." in before, "C17"
        assert 'id="old-log-in"' not in client.get(LANDING).content.decode()
        done = press(desk, PAGE, later)
        assert done.status_code == 302
        assert 'id="old-log-in"' in client.get(LANDING).content.decode()
        done = press(desk, PAGE, {"which": "trucase:both ways", "at": "", "reason": "go-live"})
        assert done.status_code == 302, "empty: now"
        page = desk.get(PAGE).content.decode()
        assert "go-live" in page
        assert "<td>TruCase</td>" in page, "the history names the portal"
        for state in (">past<", ">holds now<", ">to come<"):
            assert state in page, state

    def test_a_wrong_order_is_said_at_the_field(self, operator):
        """WCAG 3.3.1: which phase stands in the way, when it begins, and in whose time."""
        desk = signed_in(operator, verified=True)
        answer = desk.post(PAGE, {"which": "trucase:pre-registration", "at": "2020-04-08T00:00", "reason": "x"})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "There is a problem" in page
        assert 'href="#id_at"' in page
        told = "It has to begin before “Both ways”, which begins on April 8, 2020, midnight PDT."
        assert page.count(told) == 2, "in the summary and at the field"
        answer = desk.post(PAGE, {"which": "trucase:ID only", "at": "2020-04-01T00:00", "reason": "x"})
        assert "It has to begin after “Both ways”, which begins on April 8, 2020" in answer.content.decode()
        assert "America/Los_Angeles" in page

    def test_a_reason_and_a_known_phase_are_needed(self, operator):
        desk = signed_in(operator, verified=True)
        assert desk.post(PAGE, {"which": "trucase:both ways", "reason": ""}).status_code == 422
        assert desk.post(PAGE, {"which": "claims:both ways", "reason": "x"}).status_code == 422
        for year in ("0001", "9999"):
            asked = {"which": "trucase:both ways", "reason": "x", "at": f"{year}-12-31T23:59"}
            assert desk.post(PAGE, asked).status_code == 422

    def test_nobody_else_finds_it(self, agent):
        assert signed_in(agent, verified=True).get(PAGE).status_code in (403, 404)


class TestWording:
    TEXTS = "/admin/portals/portaltext/trucase/en/"

    def change(self, operator, **texts) -> list[str]:
        seen = wording.read(TRUCASE, "en")
        return wording.change(portal=TRUCASE, language="en", texts=texts, seen=seen, by=operator, now=NOW)

    @staticmethod
    def mark(answer) -> str:
        """What the form carries of the texts that were seen."""
        return re.search(r'name="seen" value="([^"]*)"', answer.content.decode()).group(1)

    def boxes(self, desk) -> dict[str, str]:
        """The form as a tab shows it."""
        return wording.for_portal(TRUCASE, "en") | {"seen": self.mark(desk.get(self.TEXTS))}

    def test_a_text_changes_without_a_release_and_goes_back_when_it_is_emptied(self, client, operator):
        """S0-08: "The wording of the button and notes may change"."""
        put(Phase.PRE_REGISTRATION)
        assert self.change(operator, pre_register_button="Get your Optum ID now") == ["pre_register_button"]
        page = client.get(LANDING).content.decode()
        assert "Get your Optum ID now" in page
        assert "Pre-Register with Optum ID" not in page
        assert self.change(operator, pre_register_button="") == ["pre_register_button"]
        assert "Pre-Register with Optum ID" in client.get(LANDING).content.decode()
        assert wording.read(TRUCASE, "en") == {}
        kinds = JournalEntry.objects.filter(kind="portals.WordingChanged").order_by("pk")
        assert [entry.facts["text"] for entry in kinds] == ["Get your Optum ID now", ""]

    def test_the_banner_of_a_landing_page_changes_for_strangers_at_once(self, operator):
        """B13: two dates for one thing stood on Optum Connect's page, and its banner was no wording. The page is kept
        for strangers: with other words it is another page, in its own language only."""
        landing, texts = "/p/optum-connect/", "/admin/portals/portaltext/optum-connect/en/"
        spanish = {"HTTP_ACCEPT_LANGUAGE": "es"}
        before, before_spanish = Client().get(landing).content.decode(), Client().get(landing, **spanish).content
        assert "Effective Mar 8" in before
        assert "after January 24, 2025, all users must" in before
        desk = signed_in(operator, verified=True)
        boxes = wording.for_portal(registry.get("optum-connect"), "en") | {"seen": self.mark(desk.get(texts))}
        new = boxes | {"banner": "Since March 8, 2025 an <OHID> is needed.", "required_note": "It is needed."}
        assert desk.post(texts, new | {"save": "1"}).status_code == 302
        page = Client().get(landing).content.decode()
        assert "Since March 8, 2025 an &lt;OHID&gt; is needed." in page
        assert "Effective Mar 8" not in page
        assert "January 24" not in page
        assert Client().get(landing, **spanish).content == before_spanish
        boxes |= {"seen": self.mark(desk.get(texts))}
        assert desk.post(texts, boxes | {"banner": "", "save": "1"}).status_code == 302
        assert "Effective Mar 8" in Client().get(landing).content.decode()

    def test_it_is_plain_text_in_paragraphs(self, client, operator):
        put(Phase.PRE_REGISTRATION)
        self.change(operator, notice="One <b>bold</b> word.\n\nAnother paragraph.")
        page = client.get(LANDING).content.decode()
        assert "<p>One &lt;b&gt;bold&lt;/b&gt; word.</p>" in page
        assert "<p>Another paragraph.</p>" in page

    def test_support_is_a_link_and_the_rest_stays_plain_text(self, client, operator):
        """S0-08: operators type no HTML, also where the telephone number becomes a link."""
        put(Phase.BOTH_WAYS)
        self.change(operator, no_old_account="<b>Call</b> 1-855-819-5909.")
        page = client.get("/p/trucase/old-account/forgot/").content.decode()
        link = '<a class="nowrap" href="tel:+18558195909">1-855-819-5909</a>'
        assert f"&lt;b&gt;Call&lt;/b&gt; {link}." in page

    def test_each_language_has_its_own(self, operator):
        self.change(operator, last_button="One last time")
        assert wording.for_portal(TRUCASE, "en")["last_button"] == "One last time"
        assert wording.for_portal(TRUCASE, "es")["last_button"] != "One last time"

    def test_who_may_and_what_fits(self, agent, operator):
        with pytest.raises(wording.MayNotChange):
            self.change(agent, last_button="x")
        with pytest.raises(wording.NoSuchText):
            self.change(operator, nothing="x")
        with pytest.raises(wording.TooLong):
            self.change(operator, notice="x" * 2001)

    def test_the_operators_preview_and_save(self, operator):
        desk = signed_in(operator, verified=True)
        assert self.TEXTS in desk.get("/admin/portals/portaltext/").content.decode()
        boxes = self.boxes(desk) | {"last_note": "Nearly <there>.", "last_button": "Go on"}
        page = desk.post(self.TEXTS, boxes | {"preview": "1"}).content.decode()
        assert "<p>Nearly &lt;there&gt;.</p>" in page
        assert '<span class="button default">Go on</span>' in page, "a button looks like one"
        assert page.count('class="preview"') == 2, "what was not changed is not shown again"
        assert not PortalText.objects.exists()
        boxes = self.boxes(desk) | {"last_note": "Nearly <there>."}
        assert desk.post(self.TEXTS, boxes | {"save": "1"}).status_code == 302
        assert PortalText.objects.get().key == "last_note"
        assert desk.post(self.TEXTS, self.boxes(desk) | {"notice": "x" * 3000, "save": "1"}).status_code == 422

    def test_an_older_tab_restores_nothing_silently(self, operator):
        """Two tabs: the second save is refused and shows what holds now; saved once more it replaces it. A preview in
        between does not make an old tab new."""
        desk = signed_in(operator, verified=True)
        older = self.boxes(desk) | {"last_note": "From the older tab."}
        newer = self.boxes(desk) | {"last_button": "From the newer tab"}
        assert desk.post(self.TEXTS, newer | {"save": "1"}).status_code == 302
        for tab in (older, older | {"seen": ""}):
            mark = self.mark(desk.post(self.TEXTS, tab | {"preview": "1"}))
            refused = desk.post(self.TEXTS, tab | {"seen": mark, "save": "1"})
            page = refused.content.decode()
            assert refused.status_code == 422
            assert "A colleague changed these texts meanwhile" in page
            assert "From the older tab." in page, "what was typed stays"
            assert 'Holds now: <span lang="en">From the newer tab</span>' in page
        assert wording.read(TRUCASE, "en") == {"last_button": "From the newer tab"}
        assert desk.post(self.TEXTS, older | {"seen": self.mark(refused), "save": "1"}).status_code == 302
        assert wording.read(TRUCASE, "en") == {"last_note": "From the older tab."}

    def test_a_text_that_changed_since_it_was_read_is_not_overwritten(self, operator):
        """Compare-and-set: also between the page's look and the write."""
        self.change(operator, last_button="Another")
        with pytest.raises(wording.ChangedMeanwhile):
            wording.change(portal=TRUCASE, language="en", texts={"last_note": "x"}, seen={}, by=operator, now=NOW)
        with pytest.raises(wording.ChangedMeanwhile):
            wording._set(TRUCASE, "en", "last_button", "Mine", before="", by=operator, now=NOW)
        assert wording.read(TRUCASE, "en") == {"last_button": "Another"}

    def test_the_page_says_who_changed_what_and_when(self, operator):
        """S0-08, the journal."""
        desk = signed_in(operator, verified=True)
        assert "Nothing was changed" in desk.get(self.TEXTS).content.decode()
        self.change(operator, last_button="One")
        self.change(operator, last_button="")
        history = desk.get(self.TEXTS).content.decode().partition("<h2>History</h2>")[2]
        assert history.index("own text again") < history.index("One"), "newest first"
        assert history.count("<td>Last log-in: button</td>") == 2
        assert history.count(operator.get_full_name()) == 2
        other = desk.get("/admin/portals/portaltext/trucase/es/").content.decode()
        assert "Nothing was changed" in other, "each language has its own"

    def test_nobody_else_finds_the_pages(self, agent, operator):
        for path in (self.TEXTS, "/admin/portals/portaltext/"):
            assert signed_in(agent, verified=True).get(path).status_code in (403, 404)
        desk = signed_in(operator, verified=True)
        for path in ("claims/en/", "nowhere/en/", "trucase/de/"):
            assert desk.get(f"/admin/portals/portaltext/{path}").status_code == 404

    def test_a_page_asks_the_database_nothing_once_it_knows(self, client, django_assert_num_queries):
        """speed: the pages that strangers open are cheap; a change clears what is kept."""
        client.get(LANDING)
        with django_assert_num_queries(0):
            assert client.get(LANDING).status_code == 200
        cache.clear()
