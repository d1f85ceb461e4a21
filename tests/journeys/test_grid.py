"""A change of the grid by two operators, and what somebody reads of it: the home of their role, and why (S2-33, S3-10)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from enrollment.domain import clinicians
from rbac.models import GridVersion
from tests.conftest import make_staff
from tests.factories import AccountFactory, GrantFactory, MembershipFactory
from tests.journeys.conftest import BOTH
from tests.steps.browser import arrive, spoken

ROLES = ("primary_care_physician", "practice_manager", "billing_specialist")


@pytest.mark.parametrize("language", ["en", "es"])
def test_two_operators_change_the_grid(visit, language):
    first, second = (make_staff(f"operator.{name}", "operator") for name in ("one", "two"))
    person = AccountFactory(login_name="a.biller", phone="+13105550142")
    grant = GrantFactory(account=person, portal_key="optum-pro")
    MembershipFactory(grant=grant, role="billing_specialist", market="CA", practice__name="Harbor Family Medicine")
    one = visit(language=language, views=BOTH)
    arrive(one, first)
    one.go("/admin/rbac/gridversion/add/")
    one.look()
    one.picture(f"grid-proposal-{language}")
    one.page.locator('input[name="box"][value="billing_specialist||curo"]').uncheck()
    one.page.locator("#off-capability-1").select_option("adts")
    one.page.locator("#off-market-1").select_option("CA")
    one.page.locator("#reason").fill("Asked for by the medical directors")
    one.press(spoken(language, "Propose it"))
    one.look()  # the day is missing: it says so beside the field, and every box is kept
    assert not one.page.locator('input[name="box"][value="billing_specialist||curo"]').is_checked()
    one.page.locator("#day").fill((timezone.localdate() + timedelta(days=30)).isoformat())
    one.press(spoken(language, "Propose it"))
    one.told(spoken(language, "Proposed. Another person has to look at it and publish it; nothing was changed yet."))
    other = visit(language=language, views=BOTH)
    arrive(other, second)
    version = GridVersion.objects.get(state="proposed")
    other.go(f"/admin/rbac/gridversion/{version.pk}/change/")
    other.look()
    other.picture(f"grid-version-{language}")
    other.press(spoken(language, "Publish it"))
    other.told(spoken(language, "Published. It holds from its day; whoever loses something is told before."))
    other.go(f"/admin/rbac/accessgrant/{grant.pk}/opens/")
    other.look()
    other.picture(f"grid-opens-{language}")


@pytest.mark.parametrize("role", ROLES)
def test_the_home_of_a_role_and_why(visit, role):
    person = AccountFactory(login_name="a.person", phone="+13105550142")
    grant = GrantFactory(account=person, portal_key="optum-pro")
    MembershipFactory(grant=grant, role=role, market="CA", practice__name="Harbor Family Medicine")
    clinicians.answer(grant=grant, by=person, now=timezone.now())  # S2-21: California was asked
    her = visit(views=BOTH)
    arrive(her, person)
    her.go("/p/optum-pro/home/")
    her.look("Optum Pro")
    her.picture(f"grid-home-{role}")
    her.go("/p/optum-pro/tools/")
    her.look("All tools")
    her.picture(f"grid-tools-{role}")
    her.go("/p/optum-pro/tools/risk_strat/")
    her.look("Why can I not open Risk Strat.?")
    her.picture(f"grid-why-{role}")
