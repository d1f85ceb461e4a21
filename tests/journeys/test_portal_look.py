"""How portal pages stand on a screen: what matters first, one primary button, everything in one column (walk D7, D10)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from enrollment.domain import clinicians
from portals import registry
from rbac.domain import grid
from rbac.roles import ADMINISTRATOR
from tests.factories import NOW, AccountFactory, GrantFactory, MembershipFactory
from tests.journeys.conftest import EVERY
from tests.steps.browser import arrive, spoken
from tests.steps.grid import works_as


def test_on_a_telephone_the_log_in_comes_first_on_the_landing_page(visit):
    """D10: it stood about 1,600 px down, after the banner and three tiles; texts of S1-06 and S1-08 stay."""
    visitor = visit(width=320)
    visitor.go("/p/optum-connect/")
    visitor.look("Welcome to OPTUM-CONNECT.COM")
    top = {
        name: visitor.page.locator(found).first.bounding_box()["y"]
        for name, found in (("log in", "text=Log In (With OHID)"), ("banner", ".banner"), ("tiles", "a.tile"))
    }
    assert top["log in"] < 900
    assert top["log in"] < top["banner"] < top["tiles"]


def test_a_narrow_page_stands_in_one_column_with_one_primary_button(visit):
    """D7: "Back" and the band of a message begin where the card begins; "Setup" does not compete with "Continue"."""
    person = AccountFactory(password_changed_at=timezone.now() - timedelta(days=85))
    visitor = visit()
    arrive(visitor, person, verified=False)
    visitor.go("/id/faster-sign-in/")
    visitor.look("Switch to faster and more secure sign-in methods")
    left = {part: visitor.page.locator(part).first.bounding_box()["x"] for part in (".card", "p.back", ".alert")}
    assert len({round(edge) for edge in left.values()}) == 1, left
    assert visitor.page.locator("main .ds-c-button--solid:visible").all_inner_texts() == ["Continue"]


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_page_inside_provider_online_in_both_languages_widths_and_colours(visit, language):
    """S4-16; interface, checks: light, dark, 320 px; violations 0, console errors 0, no sideways scroll."""
    account = AccountFactory(
        login_name="lee", realm="provider-online", first_name="Lee", last_name="Park", phone="+14145550123",
        language=language,
    )  # fmt: skip
    grant = GrantFactory(account=account, portal_key="provider-online")
    MembershipFactory(grant=grant, role=ADMINISTRATOR)
    her = visit(views=EVERY, language=language)
    arrive(her, account)
    for page in ("home", "guide", "contact", "messages", "help"):
        her.go(f"/p/provider-online/{page}/")
        her.look()
        her.picture(f"provider-online-{page}-{language}")
        assert her.page.locator(".inside__menu a").count() == 7


@pytest.mark.parametrize(
    ("role", "market", "language"),
    [("practice_manager", "TX", "en"), ("billing_specialist", "CA", "es"), ("specialist_hospitalist", "CA", "en")],
)
def test_the_homes_of_three_roles_of_optum_pro_in_every_width_and_colour(visit, role, market, language):
    """Issue 14, S2-22, S2-33, S3-10: header, menu, the tiles of the role, each with its why; the same in Spanish."""
    account = AccountFactory(first_name="Pía", last_name="Stone", phone="+14145550123", language=language)
    row = works_as(role, market=market, grant=GrantFactory(account=account, portal_key="optum-pro"))
    clinicians.answer(grant=row.grant, by=account, now=NOW)
    her = visit(views=EVERY, language=language)
    arrive(her, account)
    her.go("/p/optum-pro/home/")
    her.look("Optum Pro")
    her.picture(f"optum-pro-{role}-{language}")
    assert her.page.locator(".top__brand").inner_text() == "Optum Health"
    overview = her.page.locator(".top__who").get_by_role("link", name=spoken(language, "Account Overview"))
    offered = {tile.capability for tile in registry.get("optum-pro").tiles}
    open_to_them = [one for one in grid.allowed([(role, market)], grid.current(now=NOW)) if one in offered]
    assert her.page.locator("a[href*='/tools/']").count() == len(open_to_them) + 1  # and to all of them
    her.page.locator(".tile__why a").first.click()
    her.arrive("/p/optum-pro/tools/*/")
    her.look()
    her.picture(f"optum-pro-why-{role}-{language}")
    overview.click()
    her.arrive("/p/optum-pro/account-overview/")
    her.look()
