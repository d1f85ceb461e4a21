"""Tiles of a portal's home in a person's own order (S3-05)."""

from dataclasses import replace

import pytest
from django.test import Client
from django.utils import translation

from portals import checks, registry
from portals.entry import tiles
from portals.inside.domain import layouts
from portals.models import Layout
from portals.spec import Tile
from tests.factories import NOW, AccountFactory, GrantFactory, MembershipFactory
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
PRO = registry.get("optum-pro")
HOME, ARRANGE = "/p/optum-pro/home/", "/p/optum-pro/home/arrange/"


def portal(*names: str):
    """A portal of these tiles, whose keys are their names."""
    found = tuple(Tile(name=name, description="x", link="https://x.example/") for name in names)
    return replace(PRO, tiles=found, grid=False)


def seen(spec, account, *, closed=()):
    """The keys that somebody sees, in their order."""
    cards = tiles.cards(spec, capabilities=(), memberships=(), now=NOW)
    return layouts.arranged([card for card in cards if card.key not in closed], account=account, portal=spec)


def order(spec, account, **kinds):
    return [card.key for card in seen(spec, account, **kinds).cards]


@pytest.fixture
def account():
    return AccountFactory()


@pytest.fixture
def person():
    """Somebody in a front office in Texas."""
    return MembershipFactory(
        grant__portal_key="optum-pro", grant__account__phone="+12015550123", role="front_office", market="TX"
    )


@pytest.fixture
def browser(person):
    return signed_in(person.grant.account)


class TestOrder:
    ABCD = portal("a", "b", "c", "d")

    def move(self, account, key, to, spec=None, among=None):
        spec = spec or self.ABCD
        among = among or order(spec, account)
        layouts.move(account=account, portal=spec, key=key, to=to, among=among, now=NOW)
        return "".join(order(spec, account))

    def test_without_a_row_they_stand_as_declared(self, account, django_assert_num_queries):
        with django_assert_num_queries(1):
            assert order(self.ABCD, account) == ["a", "b", "c", "d"]

    @pytest.mark.parametrize(
        ("key", "to", "after"),
        [
            ("a", 1, "abcd"), ("a", 2, "bacd"), ("a", 4, "bcda"), ("d", 1, "dabc"), ("c", 2, "acbd"),
            ("b", 99, "acdb"), ("c", 0, "cabd"), ("c", -5, "cabd"),
        ],
    )  # fmt: skip
    def test_a_tile_goes_to_its_place(self, account, key, to, after):
        assert self.move(account, key, to) == after

    def test_one_alone_stays(self, account):
        assert self.move(account, "a", 5, spec=portal("a")) == "a"

    def test_an_unknown_tile_changes_nothing(self, account):
        with pytest.raises(layouts.UnknownTile):
            self.move(account, "z", 1)
        assert not Layout.objects.exists()

    def test_a_tile_that_comes_new_stands_at_its_place(self, account):
        """Behind the one it is declared behind, wherever that stands now; the first one first."""
        self.move(account, "b", 4)
        assert order(portal("n", "a", "b", "m", "c", "d"), account) == ["n", "a", "c", "d", "b", "m"]

    def test_a_tile_that_is_gone_is_left_out_and_remembered(self, account):
        self.move(account, "d", 1)
        assert order(portal("a", "c", "d"), account) == ["d", "a", "c"]
        assert order(self.ABCD, account) == ["d", "a", "b", "c"]

    def test_what_is_closed_keeps_its_place_while_others_move(self, account):
        """S0-02: whoever gets a right back finds its tile where it was."""
        self.move(account, "c", 1)  # c a b d
        assert order(self.ABCD, account, closed={"a"}) == ["c", "b", "d"]
        self.move(account, "d", 1, among=["c", "b", "d"])
        assert order(self.ABCD, account, closed={"a"}) == ["d", "c", "b"]
        assert order(self.ABCD, account) == ["d", "c", "a", "b"]
        self.move(account, "d", 3, among=["d", "c", "b"])
        assert order(self.ABCD, account) == ["c", "a", "b", "d"]

    def test_one_person_and_one_portal(self, account):
        self.move(account, "d", 1)
        assert order(self.ABCD, AccountFactory()) == ["a", "b", "c", "d"]
        assert order(replace(self.ABCD, key="provider-online"), account) == ["a", "b", "c", "d"]

    def test_a_portal_that_lets_nobody_arrange_asks_nothing(self, account, django_assert_num_queries):
        spec = replace(self.ABCD, arranges_tiles=False)
        with django_assert_num_queries(0):
            assert order(spec, account) == ["a", "b", "c", "d"]


class TestHiding:
    def test_hidden_shown_and_reset(self, account):
        spec, who = TestOrder.ABCD, {"account": account, "portal": TestOrder.ABCD}
        among = order(spec, account)
        layouts.hide(**who, key="b", among=among, now=NOW)
        layouts.hide(**who, key="b", among=among, now=NOW)  # of two tabs
        found = seen(spec, account)
        assert [card.key for card in found.shown] == ["a", "c", "d"]
        assert [card.key for card in found.put_away] == ["b"]
        layouts.move(**who, key="d", to=1, among=among, now=NOW)
        layouts.show(**who, key="b", among=among, now=NOW)
        assert [card.key for card in seen(spec, account).shown] == ["d", "a", "b", "c"]
        layouts.reset(**who)
        assert [card.key for card in seen(spec, account).shown] == ["a", "b", "c", "d"]
        assert not Layout.objects.exists()

    @pytest.mark.parametrize("act", [layouts.hide, layouts.show])
    def test_an_unknown_tile(self, account, act):
        with pytest.raises(layouts.UnknownTile):
            act(account=account, portal=TestOrder.ABCD, key="z", among=["a"], now=NOW)
        assert not Layout.objects.exists()


class TestKeys:
    def test_a_tile_is_known_by_its_english_name_in_every_language(self):
        """What it leads to may change, and the person's order stays."""
        with translation.override("es"):
            keys = [tile.key for tile in registry.get("provider-online").tiles]
        assert keys[:4] == ["user-guide", "eligibility", "messages", "documents"]
        assert all(len(set(one)) == len(one) for one in ([t.key for t in p.tiles] for p in registry.portals().values()))

    def test_two_of_one_name_stop_the_start(self):
        assert "Portal optum-pro: two of its tiles are known as a." in checks.problems_of(portal("a", "A"))


class TestPage:
    def press(self, browser, act, tile="", **more):
        answer = browser.post(ARRANGE, {"act": act, "tile": tile, **more})
        assert answer.status_code == 302, answer.status_code
        return browser.get(answer.url).content.decode()

    def names(self, browser):
        return [card.key for card in browser.get(ARRANGE).context["tiles"].cards]

    def test_the_home_leads_there_and_up_and_down_move_a_tile(self, browser):
        assert f'href="{ARRANGE}"' in browser.get(HOME).content.decode()
        first, second, *others = self.names(browser)
        page = self.press(browser, "down", first)
        assert self.names(browser) == [second, first, *others]
        assert f"Place 2 of {len(others) + 2}." in page
        assert page.count(" autofocus") == 1
        self.press(browser, "up", first)
        assert self.names(browser) == [first, second, *others]
        cards = [card.key for card in browser.get(HOME).context["tiles"].shown]
        assert cards == [first, second, *others]

    def test_the_ends_hold(self, browser):
        first, *others = self.names(browser)
        self.press(browser, "up", first)
        self.press(browser, "down", others[-1])
        assert self.names(browser) == [first, *others]

    def test_dragging_sends_the_place(self, browser):
        first, *others = self.names(browser)
        page = self.press(browser, "move", others[-1], to=1)
        assert self.names(browser) == [others[-1], first, *others[:-1]]
        assert "Place 1 of" in page

    def test_hide_takes_it_from_the_home_and_leaves_it_in_the_menu_and_folded_up(self, browser):
        page = self.press(browser, "hide", "contact-us")
        assert "Hidden from your home." in page
        home = browser.get(HOME)
        assert "contact-us" not in [card.key for card in home.context["tiles"].shown]
        text = home.content.decode()
        assert "1 hidden tool" in text
        menu = text.split('class="inside__menu"')[1].split("</nav>")[0]
        assert "Contact Us" in menu
        assert 'id="card-contact-us"' in text.split("<details class=")[1]
        assert "Stands on your home again." in self.press(browser, "show", "contact-us")
        assert "hidden tool" not in browser.get(HOME).content.decode()

    def test_whoever_hides_all_is_told_the_way_back(self, browser, person):
        keys = [tile.key for tile in PRO.tiles]
        Layout.objects.create(
            account=person.grant.account, portal_key="optum-pro", order=keys, hidden=keys, created_at=NOW
        )
        assert "You have hidden all of them." in browser.get(HOME).content.decode()
        assert "The tools stand as they did at first" in self.press(browser, "reset")
        assert "You have hidden" not in browser.get(HOME).content.decode()

    @pytest.mark.parametrize(
        "posted",
        [
            {}, {"act": "burn"}, {"act": "up"}, {"act": "hide", "tile": "nothing"}, {"act": "up", "tile": "a b"},
            {"act": "move", "tile": "contact-us", "to": "x"}, {"act": "move", "tile": "contact-us", "to": "0"},
            {"act": "hide", "tile": "my-agreements"},
        ],
    )  # fmt: skip
    def test_what_no_button_says_is_not_found(self, browser, posted):
        """Also of a tile that is there and not open to this person."""
        assert "my-agreements" not in self.names(browser)
        assert browser.post(ARRANGE, posted).status_code == 404
        assert not Layout.objects.exists()

    def test_an_address_that_somebody_made_up_shows_the_page(self, browser):
        for query in ("?act=burn&tile=x", "?tile=nothing&act=up", "?act=up&tile=%00"):
            assert browser.get(ARRANGE + query).status_code == 200

    def test_a_portal_that_lets_nobody_arrange(self):
        grant = GrantFactory()
        browser = signed_in(grant.account)
        assert browser.get("/p/claims/home/arrange/").status_code == 404
        assert "arrange" not in browser.get("/p/claims/home/").content.decode()

    def test_a_stranger_signs_in_first(self):
        assert Client().get(ARRANGE).url.startswith("/id/sign-in/")

    def test_the_page_asks_one_question_more_than_any_other_inside(self, browser, django_assert_max_num_queries):
        """speed."""
        browser.get(ARRANGE)
        with django_assert_max_num_queries(10):
            answer = browser.get(ARRANGE)
        assert answer.status_code == 200
