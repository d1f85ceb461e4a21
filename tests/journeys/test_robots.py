"""A robot with a real browser, scripts on, opens every mail whose page has a button; then its person succeeds (policy,
Always). Mails that lead to reading alone: tests/config/test_robots.py."""

import pytest

from tests.config.test_robots import everything, links_of, rendered
from tests.mails import WITH_A_BUTTON, browser_of, sent


@pytest.mark.parametrize("name", sorted(WITH_A_BUTTON))
def test_a_robot_that_runs_scripts_uses_nothing_up(visit, name):
    robot = visit()
    case, message = sent(name)
    mail = rendered(message)
    before = everything()
    for link in links_of(mail):
        for _ in range(2):
            robot.go(link)
            robot.page.wait_for_load_state("networkidle")
    assert robot.page.locator("form[method=post] button, main a").count(), "there was something to press"
    assert everything() == before
    assert case.press is not None
    assert case.done(case.press(browser_of(case), links_of(mail)[0]))
