"""A vendor whose mandates end, in real browsers: it asks, the practice agrees, and one side ends it (S3-10)."""

import pytest

from rbac import tasks
from rbac.models import Mandate, Membership
from tests.conftest import make_staff
from tests.factories import PracticeFactory
from tests.journeys.conftest import BOTH
from tests.steps.browser import arrive, spoken
from tests.steps.mandates import agreed, signer, vendor_person

OVERVIEW = "/p/optum-pro/account-overview/"


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_vendor_whose_mandate_ends(visit, language):
    def say(text: str, **values: str) -> str:
        return spoken(language, text, **values)

    vera, maria = vendor_person(), signer()
    for row in (vera, maria):
        type(row.grant.account).objects.filter(pk=row.grant.account_id).update(language=language)
        row.grant.account.refresh_from_db()
    both = {"vendor": vera.practice.name, "practice": maria.practice.name}
    hers = visit(views=BOTH, language=language)
    hers.go("/p/optum-pro/")
    arrive(hers, vera.grant.account, verified=False)
    hers.go(OVERVIEW)
    hers.look(say("Account Overview"))
    hers.picture(f"overview-{language}")
    hers.follow(say("Practices we work for"))
    hers.page.fill("#id_tins", "12-34567")
    hers.press(say("Ask these practices"))
    hers.told()
    hers.look(say("Practices we work for"))
    hers.picture(f"problem-{language}")
    hers.fill(tins=maria.practice.tins.get().digits)
    hers.press(say("Ask these practices"))
    hers.told(
        say("The practices that we know by these tax IDs are asked. Each of them is shown here once it has agreed.")
    )
    hers.look(say("Practices we work for"))
    hers.picture(f"asked-{language}")
    assert hers.page.get_by_text(maria.practice.name).count() == 0
    assert tasks.pass_on_mandates() == 1  # the worker, within the minute

    practice = visit(views=BOTH, language=language)
    practice.go("/p/optum-pro/")
    arrive(practice, maria.grant.account, verified=False)
    practice.go(OVERVIEW)
    practice.follow(say("Who works on our behalf"))
    practice.look(say("Who works on our behalf"))
    practice.picture(f"to-answer-{language}")
    practice.page.get_by_role("button", name=say("Agree")).click()
    practice.told(say("The people of %(vendor)s work for %(practice)s from now on.", **both))
    practice.look(say("Who works on our behalf"))
    practice.picture(f"agreed-{language}")
    hers.go(OVERVIEW)
    assert hers.page.get_by_role("heading", name=maria.practice.name).count() == 1
    hers.look(say("Account Overview"))
    hers.picture(f"works-{language}")
    hers.follow(say("Practices we work for"))
    hers.look(say("Practices we work for"))
    hers.picture(f"held-{language}")
    other = agreed(vera, signer(practice=PracticeFactory(name="Hillside Clinic")))
    hers.go(OVERVIEW)
    hers.follow(say("Practices we work for"))
    hers.press(say("End it: nobody of us works for %(practice)s any more", practice=other.practice.name))
    hers.told(
        say("Ended: from now on nobody of %(vendor)s works for %(practice)s.", **both | {"practice": "Hillside Clinic"})
    )
    hers.look(say("Practices we work for"))
    hers.picture(f"given-up-{language}")

    agent = visit(views=BOTH)
    agent.go("/admin/")
    arrive(agent, make_staff("desk.pro", "service desk", ("optum-pro",)))
    agent.go(f"/admin/rbac/mandate/{Mandate.objects.get(practice=maria.practice).pk}/change/")
    agent.look()
    agent.picture(f"desk-{language}")

    practice.press(say("End it: nobody of %(vendor)s works for us any more", **both))
    practice.told(say("Ended: from now on nobody of %(vendor)s works for %(practice)s.", **both))
    practice.look(say("Who works on our behalf"))
    practice.picture(f"ended-{language}")
    hers.go(OVERVIEW)  # the very next request
    assert hers.page.get_by_text(maria.practice.name).count() == 0
    assert not Membership.objects.current().filter(practice=maria.practice, grant=vera.grant).exists()
