"""The page of an answer link as an officer meets it who has never heard of the hub: with a browser, without scripts."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from playwright.sync_api import ConsoleMessage, Page

from browser import NARROW, WIDE, axe_findings, chromium
from conftest import free_port
from exchange.conftest import Exchange
from exchange.links import link_to, wrong_code
from exchange.outside import waiting_files
from hub.exchange.app import make_exchange

PICTURES = os.environ.get("ANSWER_PAGE_PICTURES")
"""A folder, for who wants to see what is looked at here."""


@contextmanager
def served(exchange: Exchange) -> Iterator[str]:
    """The address of the exchange on a port of this machine."""
    config = uvicorn.Config(make_exchange(exchange.hub.settings), port=free_port(), log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.05)
        yield f"http://127.0.0.1:{config.port}"
    finally:
        server.should_exit = True
        thread.join()


def look(page: Page, name: str) -> list[str]:
    """What axe finds, and whether anything reaches beyond the screen, in both schemes on both screens."""
    found = []
    for width in (WIDE, NARROW):
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            found += [f"{name} {width} {scheme}: {one}" for one in axe_findings(page)]
            if page.evaluate("document.documentElement.scrollWidth") > width:
                found.append(f"{name} {width}: wider than the screen")
            if PICTURES:
                page.screenshot(path=Path(PICTURES) / f"{name}-{width}-{scheme}.png", full_page=True)
    return found


def test_axe_finds_nothing_and_a_keyboard_is_enough_from_the_code_to_the_thanks(exchange: Exchange) -> None:
    link = link_to(exchange, exchange.offered())
    with chromium() as browser, served(exchange) as address:
        page = browser.new_context(bypass_csp=True).new_page()  # for axe alone; the headers are looked at below
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{address}{link.path}")
        found = look(page, "code")
        for typed, name in ((wrong_code(link), "wrong-code"), (f"{link.code[:4]} {link.code[4:]}", "form")):
            page.locator("#code").focus()
            page.keyboard.type(typed)
            _press_enter(page)
            found += look(page, name)
        _walk_to(page, "kind-acknowledged")
        for _ in range(2):
            page.keyboard.press("ArrowDown")
        _walk_to(page, "", "Send the answer")
        _press_enter(page)
        assert page.locator("[role=alert]").is_visible()
        assert page.locator("#kind-returned").is_checked()
        found += look(page, "faults")
        _walk_to(page, "reason")
        page.keyboard.type("The victim lives elsewhere.")
        _walk_to(page, "", "Send the answer")
        _press_enter(page)
        found += look(page, "thanks")
        assert page.get_by_text("The hub has your answer").is_visible()
    assert found == []
    assert len(waiting_files(exchange.hub)) == 1
    assert {one.rpartition("/")[0] for one in asked} == {f"{address}/answer"}
    assert not [one for one in asked if link.code in one]


def _noting(lines: list[str]) -> Callable[[ConsoleMessage], None]:
    return lambda message: lines.append(message.text)


def _press_enter(page: Page) -> None:
    with page.expect_navigation():
        page.keyboard.press("Enter")


def _walk_to(page: Page, name: str, words: str = "") -> None:
    """Go there by the tabulator."""
    for _ in range(40):
        page.keyboard.press("Tab")
        at = page.evaluate("[document.activeElement.id, document.activeElement.textContent.trim()]")
        if at[0] == name and (not words or at[1] == words):
            return
    raise AssertionError(f"no key leads to {name or words}")


def test_a_browser_without_scripts_answers_and_one_with_them_runs_none(exchange: Exchange) -> None:
    dispatch_id = exchange.offered()
    with chromium() as browser, served(exchange) as address:
        for scripts in (False, True):
            link = link_to(exchange, dispatch_id)
            page = browser.new_context(java_script_enabled=scripts).new_page()
            page.goto(f"{address}{link.path}")
            page.fill("#code", link.code)
            page.click("button")
            assert page.locator("main").evaluate("one => getComputedStyle(one).maxWidth") == "800px"
            if scripts:
                refused: list[str] = []
                page.on("console", _noting(refused))
                for sent in ("<script>document.title = 'run'</script>", "<img src=http://127.0.0.1:9/x>"):
                    page.evaluate(
                        "text => document.body.append(document.createRange().createContextualFragment(text))", sent
                    )
                page.wait_for_timeout(200)
                assert page.title() != "run"
                assert len([one for one in refused if "Content Security Policy" in one]) == 2
            page.check("#kind-accepted")
            page.click("button")
            assert page.get_by_text("The hub has your answer").is_visible()
    assert len(waiting_files(exchange.hub)) == 2
