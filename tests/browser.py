"""The machine's own Chromium, for what only a browser can say of a page. Tests that need it skip where it is not."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ("--disable-quic", "--disable-gpu")
PATIENCE_MS = 120_000
WIDE, NARROW = 1440, 400


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser with nothing of an earlier one in it."""
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None:
        pytest.skip("Chromium is not installed here (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(ARGUMENTS), timeout=PATIENCE_MS)
        yield browser
        browser.close()


def axe_findings(page: Page) -> list[str]:
    """What axe finds wrong with a page, by every rule that it has on by default."""
    violations = Axe().run(page).response["violations"]
    return [f"{one['id']} ({one['impact']}): {node['html'][:200]}" for one in violations for node in one["nodes"]]
