"""Single rights in a portal: given and withdrawn by staff, shown as a card that leads somewhere or is closed."""

import re
from dataclasses import replace

import pytest
from allauth.idp.oidc.models import Client as OidcClient

from identity.record import journal
from portals import registry
from portals.entry import tiles
from portals.models import Application
from portals.spec import Tile
from rbac.domain import grants
from tests.conftest import make_staff
from tests.factories import NOW, AccountFactory, GrantFactory, MembershipFactory, PracticeFactory, TinFactory
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
TRUCASE = registry.get("trucase")
HOME = "/p/trucase/home/"


@pytest.fixture
def grant(provider):
    return GrantFactory(account=provider, portal_key="trucase")


def bill_tracker(**given) -> Application:
    client = OidcClient.objects.create(id="bill-tracker", name="Bill Tracker", type=OidcClient.Type.CONFIDENTIAL)
    told = {"key": "bill-tracker", "portal_key": "trucase", "launch_address": "https://bills.example.org/begin/"}
    return Application.objects.create(client=client, **(told | given))


def leads(grant) -> dict[str, str]:
    return {
        str(card.name): card.leads
        for card in tiles.cards(TRUCASE, capabilities=grant.capabilities, memberships=(), now=NOW)
    }


class TestVerbs:
    def test_a_right_is_given_and_withdrawn_with_its_history(self, grant, agent):
        """S0-02: a per-user entitlement inside TruCase."""
        ask = {"grant": grant, "capabilities": ["bill_tracker"], "reason": "form 12", "by": agent, "now": NOW}
        assert grants.give_capabilities(**ask) == ["bill_tracker"]
        assert grants.give_capabilities(**ask) == [], "twice is once"
        grant.refresh_from_db()
        assert grant.capabilities == ["bill_tracker"]
        assert grants.withdraw_capabilities(**ask) == ["bill_tracker"]
        grant.refresh_from_db()
        assert grant.capabilities == []
        kinds = [entry.kind for entry in journal.history(of=grant)]
        assert kinds == ["rbac.CapabilityWithdrawn", "rbac.CapabilityGiven"]
        assert journal.history(of=grant)[0].facts["reason"] == "form 12"

    def test_nobody_gives_themselves_a_right(self, agent):
        own = GrantFactory(account=agent, portal_key="trucase")
        with pytest.raises(grants.OwnGrant):
            grants.give_capabilities(grant=own, capabilities=["bill_tracker"], reason="x", by=agent, now=NOW)

    def test_a_grant_that_ended_carries_no_right(self, grant, agent):
        grants.end(account=grant.account, portal_key="trucase", reason="left", by=agent, now=NOW)
        with pytest.raises(grants.GrantEnded):
            grants.give_capabilities(grant=grant, capabilities=["bill_tracker"], reason="x", by=agent, now=NOW)


class TestCards:
    def test_bill_tracker_is_closed_without_its_right_and_open_with_it(self, grant):
        """S0-01, S0-02: reached only through TruCase, and only with the right."""
        bill_tracker()
        assert leads(grant)["Bill Tracker"] == "closed"
        grant.capabilities = ["bill_tracker"]
        assert leads(grant)["Bill Tracker"] == "by sign-on"

    def test_an_application_that_is_not_registered_is_not_connected_and_a_closed_one_says_so(self, grant):
        grant.capabilities = ["bill_tracker"]
        assert leads(grant)["Bill Tracker"] == "nowhere"
        application = bill_tracker()
        Application.objects.filter(pk=application.pk).update(is_open=False)
        assert leads(grant)["Bill Tracker"] == "shut"
        Application.objects.filter(pk=application.pk).update(is_open=True, portal_key="claims")
        assert leads(grant)["Bill Tracker"] == "nowhere"

    def test_pages_of_ours_and_plain_links_are_cards_too(self, grant):
        """S2-28, S2-29: "It's not an SSO, links to the portal.\""""
        two = (
            Tile(name="a", description="b", page="portal_help"),
            Tile(name="a", description="b", link="https://x.example.org/"),
        )
        here, link = tiles.cards(replace(TRUCASE, tiles=two), capabilities=grant.capabilities, memberships=(), now=NOW)
        assert (here.leads, here.address) == ("here", "/p/trucase/help/")
        assert (link.leads, link.address) == ("elsewhere", "https://x.example.org/")

    def test_a_portal_may_leave_out_what_is_closed(self, grant):
        """S3-10: people see only their tools; TruCase shows what is closed, and says how to ask (S0-02)."""
        bill_tracker()
        hiding = replace(TRUCASE, hides_what_is_closed=True)
        names = [
            str(card.name) for card in tiles.cards(hiding, capabilities=grant.capabilities, memberships=(), now=NOW)
        ]
        assert names == ["Referral Search", "My Claims"]
        grant.capabilities = ["bill_tracker"]
        assert len(tiles.cards(hiding, capabilities=grant.capabilities, memberships=(), now=NOW)) == 3

    def test_one_question_finds_all_applications_of_a_page(self, grant, django_assert_num_queries):
        with django_assert_num_queries(1):
            tiles.cards(TRUCASE, capabilities=grant.capabilities, memberships=(), now=NOW)
        with django_assert_num_queries(0):
            tiles.cards(registry.get("claims"), capabilities=grant.capabilities, memberships=(), now=NOW)

    def test_the_page_says_where_a_card_leads_and_how_to_ask_for_a_closed_one(self, grant):
        bill_tracker()
        browser = signed_in(grant.account)
        page = browser.get(HOME).content.decode()
        assert "It is not open to you. If you need it, call support" in page
        assert "bills.example.org" not in page
        grants.give_capabilities(grant=grant, capabilities=["bill_tracker"], reason="x", by=None, now=NOW)
        page = browser.get(HOME).content.decode()
        assert 'href="https://bills.example.org/begin/"' in page
        assert "Another site. You are signed in there with your Optum ID." in page


class TestDesk:
    def rights(self, grant) -> str:
        return f"/admin/rbac/accessgrant/{grant.pk}/rights/"

    def test_an_agent_ticks_a_right_and_says_why(self, grant, agent):
        desk = signed_in(agent, verified=True)
        assert self.rights(grant) in desk.get(f"/admin/rbac/accessgrant/{grant.pk}/change/").content.decode()
        page = desk.get(self.rights(grant)).content.decode()
        assert page.count('type="checkbox"') == 1
        assert "Bill Tracker" in page
        assert desk.post(self.rights(grant), {"right": "bill_tracker"}).status_code == 422
        assert desk.post(self.rights(grant), {"right": "bill_tracker", "reason": "asked by phone"}).status_code == 302
        grant.refresh_from_db()
        assert grant.capabilities == ["bill_tracker"]
        desk.post(self.rights(grant), {"right": "claims", "reason": "forged"})
        grant.refresh_from_db()
        assert grant.capabilities == [], "a right of no tile cannot be given"

    def test_the_own_grant_and_other_portals_are_refused(self, agent):
        own = GrantFactory(account=agent, portal_key="trucase")
        desk = signed_in(agent, verified=True)
        page = desk.post(self.rights(own), {"right": "bill_tracker", "reason": "me"})
        assert (page.status_code, "A colleague gives you rights." in page.content.decode()) == (422, True)
        only_claims = make_staff("claims.agent", "service desk", ("claims",))
        other = signed_in(only_claims, verified=True)
        assert other.get(self.rights(own)).status_code == 404
        assert other.post(self.rights(own), {"right": "bill_tracker", "reason": "x"}).status_code == 404
        assert signed_in(AccountFactory()).get(self.rights(own)).status_code != 200


def test_the_page_of_a_grant_shows_names_and_no_keys(agent):
    facts = {"legacy_user_name": "<b>jsmith.old", "legacy_rights": ["bill_tracker"]}
    grant = GrantFactory(portal_key="trucase", capabilities=["bill_tracker"], attributes=facts)
    page = signed_in(agent, verified=True).get(f"/admin/rbac/accessgrant/{grant.pk}/change/").content.decode()
    assert "Old username: &lt;b&gt;jsmith.old<br>Rights from the old account: Bill Tracker" in page
    assert "TruCase" in page
    assert "bill_tracker" not in page
    assert "legacy_user_name" not in page
    listed = browser_list(agent, "")
    assert re.search(r'<td class="field-portal"[^>]*>TruCase</td>', listed)
    assert ">TruCase</a>" in listed, "the filter"
    assert '<td class="field-portal"' not in browser_list(agent, "?portal=claims")


def test_the_page_of_a_grant_shows_the_practices_and_the_tax_ids_that_were_approved(agent):
    """C40, H2: those of this person, by practice, and no other of the practice; of an SSN the last four digits."""
    harbor, bay = PracticeFactory(name="Harbor & Sons"), PracticeFactory(name="Bay Office")
    ein, ssn, other, of_bay = (
        TinFactory(practice=practice, digits=digits, kind=kind)
        for practice, digits, kind in (
            (harbor, "123456789", "EIN"), (harbor, "987654321", "SSN"), (harbor, "951111111", "EIN"),
            (bay, "332222222", "EIN"),
        )
    )  # fmt: skip
    grant, none = GrantFactory(), GrantFactory()
    MembershipFactory(grant=grant, practice=harbor, tins=[ein, ssn], origin_key="8J3LSWSU")
    MembershipFactory(grant=grant, practice=bay, tins=[of_bay], role="administrator",
                      origin_key="9K4MTXTV", last_used_at=NOW)  # fmt: skip
    desk = signed_in(agent, verified=True)
    page = desk.get(f"/admin/rbac/accessgrant/{grant.pk}/change/").content.decode()
    address = f"/admin/rbac/accessgrant/{grant.pk}/practices"
    in_bay, in_harbor = (grant.memberships.get(practice=practice).pk for practice in (bay, harbor))
    shown = (
        f'<strong><a href="{address}/{in_bay}/">Bay Office</a></strong>: administrator since November 20, 2026, because '
        "of 9K4MTXTV; last used: November 20, 2026<br>"
        "33-2222222 (EIN)<br>"
        f'<strong><a href="{address}/{in_harbor}/">Harbor &amp; Sons</a></strong>: user since November 20, 2026, because '
        "of 8J3LSWSU; last used: –<br>"
        "12-3456789 (EIN), XXX-XX-4321 (SSN)"
    )
    assert f"<dt>Practices</dt><dd>{shown}</dd>" in page
    assert not any(secret in page for secret in ("987654321", "987-65", str(other.digits), "95-1111111"))
    page = desk.get(f"/admin/rbac/accessgrant/{none.pk}/change/").content.decode()
    assert "<dt>Practices</dt><dd>–</dd>" in page


def browser_list(agent, query: str) -> str:
    return signed_in(agent, verified=True).get(f"/admin/rbac/accessgrant/{query}").content.decode()
