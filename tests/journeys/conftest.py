"""A real browser on a live server: every page is checked for accessibility, sideways scroll and console errors."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.services import chromium

# Playwright's event loop runs in this thread; the tests reach the database from it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
ALLOWED = {
    "Failed to load resource: the server responded with a status of 409",
    "status of 410",
    "status of 422",
    "status of 403",
}


def pytest_collection_modifyitems(items):
    here = str(Path(__file__).parent)
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.journey)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = chromium()
    if executable is None:
        pytest.skip("no Chromium on this machine")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=executable, args=flags)


@dataclass(frozen=True)
class View:
    """How a page is looked at: width and colours. Not `whole`: only what colours decide, the width has its whole look."""

    width: int
    dark: bool = False
    whole: bool = True

    @property
    def rules(self) -> str:
        return "" if self.whole else ", runOnly: ['color-contrast', 'link-in-text-block']"


# A page is loaded once and looked at in each, its window changed in place; acts follow in the last, where room is scarce.
BOTH = (View(1200), View(320, dark=True))
EVERY = (View(1200), View(1200, dark=True, whole=False), View(320, whole=False), View(320, dark=True))
# What moves towards its new colour is let arrive; what turns for ever has no end.
ARRIVED = "document.getAnimations().forEach(a => { if (a.effect.getComputedTiming().endTime < Infinity) a.finish(); })"


@dataclass
class Visitor:
    """Somebody at a browser. `look` is called on every page of a story."""

    page: Page
    context: BrowserContext
    base: str
    views: tuple[View, ...]
    problems: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(self.base + path)

    def look(self, heading: str | None = None) -> None:
        """One h1 (that one), no accessibility violation, no sideways scroll, no console error so far."""
        page = self.page
        # A press returns before the next page is there: what is looked at is waited for.
        wanted = page.locator("main h1, #content h1, dialog[open] h2")
        (wanted.get_by_text(heading, exact=True) if heading else page.locator("h1")).first.wait_for()
        page.wait_for_load_state()
        headings = page.locator("main h1, #content h1, dialog[open] h2").all_inner_texts()
        if heading:
            assert heading in headings, f"{heading!r} is not among {headings} at {page.url}"
        assert page.locator("h1").count() == 1, f"{page.url}: {page.locator('h1').all_inner_texts()}"
        for view in self.views:
            self._turn_to(view)
            self._check(view)
        assert self.problems == [], f"{page.url}: {self.problems}"

    def _turn_to(self, view: View) -> None:
        if len(self.views) > 1:
            self.page.set_viewport_size({"width": view.width, "height": 900})
            self.page.emulate_media(color_scheme="dark" if view.dark else "light")
            self.page.evaluate(ARRIVED)

    def _check(self, view: View) -> None:
        page = self.page
        wide = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert wide[0] <= wide[1], f"{page.url} is {wide[0]} px wide in a window of {wide[1]}"
        # Axe runs with the page's own policy on: evaluating it is not stopped by it.
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE + "; true")
        found = page.evaluate(f"axe.run(document, {{resultTypes: ['violations']{view.rules}}})")
        told = [f"{v['id']}: {v['help']} {[n['target'] for n in v['nodes']][:3]}" for v in found["violations"]]
        assert told == [], f"{page.url} in {view}\n" + "\n".join(told)

    def picture(self, name: str) -> None:
        """With SHOTS, a picture of each view for people."""
        if folder := os.environ.get("SHOTS"):
            for view in self.views:
                self._turn_to(view)
                self.page.screenshot(path=f"{folder}/{name}-{view.width}.png", full_page=True)

    def told(self, text: str | None = None) -> None:
        """Wait for the page that tells a problem, or this text."""
        (self.page.get_by_text(text) if text else self.page.locator("[data-error-summary]")).first.wait_for()

    def arrive(self, path: str) -> None:
        """Wait until the address is this one (a pattern with *)."""
        self.page.wait_for_url(self.base + path)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).first.click()

    def fill(self, **answers: str) -> None:
        """Fill fields by their name; those of Contact Us have ids of their own, for it opens over other forms."""
        for name, value in answers.items():
            self.page.fill(f"#id_{name}, #contact_{name}", value)

    def press_main(self) -> None:
        """Press the one solid button of the page."""
        self.page.locator("main button.ds-c-button--solid:visible").first.click()

    def path(self) -> str:
        return self.page.url.removeprefix(self.base).partition("?")[0]


@pytest.fixture
def visit(browser, live_server, settings):
    """Opens windows: visit(), visit(width=320), visit(dark=True), visit(language="es"), visit(views=BOTH)."""
    settings.PUBLIC_URL = live_server.url
    opened: list[BrowserContext] = []

    def open_window(
        *,
        width: int = 1200,
        dark: bool = False,
        views: tuple[View, ...] = (),
        language: str = "en",
        script: bool = True,
    ) -> Visitor:
        views = views or (View(width, dark=dark),)
        context = browser.new_context(
            viewport={"width": views[-1].width, "height": 900},
            color_scheme="dark" if views[-1].dark else "light",
            locale={"en": "en-US", "es": "es-MX"}[language],
            java_script_enabled=script,
        )
        context.set_default_timeout(10_000)
        opened.append(context)
        page = context.new_page()
        visitor = Visitor(page, context, live_server.url, views)

        def heard(message):
            if message.type in ("error", "warning") and not any(text in message.text for text in ALLOWED):
                visitor.problems.append(message.text)

        page.on("console", heard)
        page.on("pageerror", lambda error: visitor.problems.append(str(error)))
        return visitor

    yield open_window
    for context in opened:
        context.close()


@pytest.fixture(autouse=True)
def _queues(transactional_db):
    """A flushed database has no approval queues; migrations make them otherwise."""
    from portals.apps import _make_queues

    _make_queues()
