"""For whom somebody works, in a browser: the person's page, and the desk's page of their access (D-29)."""

from datetime import date

import pytest

from rbac.roles import ADMINISTRATOR
from tests.conftest import make_staff
from tests.factories import NOW, AccountFactory, GrantFactory, MembershipFactory, PracticeFactory, TinFactory
from tests.journeys.conftest import BOTH
from tests.steps.browser import arrive, spoken


@pytest.mark.parametrize("language", ["en", "es"])
def test_person_and_desk_read_who_works_for_whom(visit, language):
    account = AccountFactory(login_name="of.two.offices", language=language, phone="+13105550142")
    grant = GrantFactory(account=account, last_used_at=NOW)
    GrantFactory(account=account, portal_key="physician", suspended_at=NOW)
    harbor, bay = PracticeFactory(name="Harbor Family Medicine"), PracticeFactory(name="Consultorio Núñez & Hijos")
    MembershipFactory(
        grant=grant, practice=harbor, role=ADMINISTRATOR, origin_key="8J3LSWSU", last_used_at=NOW,
        tins=[TinFactory(practice=harbor), TinFactory(practice=harbor, kind="SSN")],
    )  # fmt: skip
    MembershipFactory(grant=grant, practice=bay, origin_key="9K4MTXTV", ends_on=date(2027, 6, 30))
    MembershipFactory(grant=grant, practice__name="Sunset Pediatrics", origin_key="9K4MTXTV", suspended_at=NOW)
    her = visit(language=language, views=BOTH)
    arrive(her, account)
    her.go("/id/profile/")
    her.look()
    her.follow(spoken(language, "My access"))
    her.look(spoken(language, "My access"))
    her.picture(f"my-access-{language}")
    desk = visit(language=language, views=BOTH)
    arrive(desk, make_staff("desk.agent", "service desk"))
    desk.go(f"/admin/rbac/accessgrant/{grant.pk}/change/")
    desk.look()
    desk.picture(f"grant-{language}")
