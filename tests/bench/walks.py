"""How one sign-in is walked, page by page: the only part of the measurements that knows the product's pages."""

from typing import NamedTuple

from tests.bench.browser import Answer, Browser


class Walked(NamedTuple):
    """The answer to the password itself, and the page that it led to."""

    attempt: Answer
    page: Answer


# The remembered devices of people, by name: cookie and value. The value changes at each sign-in.
DEVICES: dict[str, tuple[str, str]] = {}


def ours(browser: Browser, name: str, password: str) -> Walked:
    """Sign-in page of a portal, name, password page, password, the portal's home; in the person's own browser.

    Without a remembered device the way ends at the page that asks for the mailed code.
    """
    if name in DEVICES:
        browser.cookies.update([DEVICES[name]])
    browser.get("/id/sign-in/?next=/p/claims/home/")
    browser.follow(browser.post("/id/sign-in/?next=/p/claims/home/", login=name))
    attempt = browser.post("/id/sign-in/password/", password=password)
    page = browser.follow(attempt)
    if name in DEVICES:
        cookie = DEVICES[name][0]
        DEVICES[name] = (cookie, browser.cookies[cookie])
    return Walked(attempt, page)


def stock(browser: Browser, name: str, password: str) -> Walked:
    """allauth's one page, and the home page."""
    browser.get("/accounts/login/")
    attempt = browser.post("/accounts/login/", login=name, password=password)
    return Walked(attempt, browser.follow(attempt))


def bare(browser: Browser, name: str, password: str) -> Walked:
    """The hand-written page, and the home page."""
    browser.get("/sign-in/")
    attempt = browser.post("/sign-in/", username=name, password=password)
    return Walked(attempt, browser.follow(attempt))
