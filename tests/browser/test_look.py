"""Every part of the look, in every state, before a real browser."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings
from playwright.sync_api import Browser, Page, ViewportSize

from tests.browser import axe, measures
from tests.look.kit import PAGES

SHOTS = os.environ.get("SHOTS")  # a folder that keeps pictures of every page
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 860}
NARROWEST: ViewportSize = {"width": 320, "height": 640}
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, Scheme] = ("light", "dark")
ERRORS = ["403", "500", "csrf"]
DAY_PAGES = [name for name in [*PAGES, *ERRORS] if not name.startswith("projector")]
SCREENS = [name for name in PAGES if name.startswith("projector")]


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def kit() -> Iterator[str]:
    """The address of the kit; it asks no database."""
    with override_settings(ROOT_URLCONF="tests.look.kit", DEMO=True, ALLOWED_HOSTS=["127.0.0.1"]):
        server = make_server("127.0.0.1", 0, StaticFilesHandler(WSGIHandler()), handler_class=Quiet)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/kit"
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def visit(
    browser: Browser, url: str, viewport: ViewportSize, *, scheme: Scheme = "light", scripts: bool = True
) -> Iterator[Page]:
    """A page that nobody else sees; leaving it proves that no script failed and no rule of the browser was broken."""
    troubles: list[str] = []
    context = browser.new_context(
        viewport=viewport, reduced_motion="reduce", color_scheme=scheme, java_script_enabled=scripts
    )
    page = context.new_page()
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda said: troubles.append(said.text) if "Content Security" in said.text else None)
    page.goto(url)
    yield page
    context.close()
    assert not troubles, "\n".join(troubles)


def keep_picture(page: Page, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=not name.startswith("projector"))


@pytest.mark.parametrize("name", DAY_PAGES)
def test_every_page_of_the_kit_can_be_used_by_everybody(browser: Browser, kit: str, name: str) -> None:
    found: list[str] = []
    with visit(browser, f"{kit}/{name}/", PHONE) as page:
        for viewport in (PHONE, DESK):
            page.set_viewport_size(viewport)
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                keep_picture(page, f"{name}-{viewport['width']}-{scheme}")
                found += [f"{viewport['width']} {scheme}: {fault}" for fault in axe.violations(page)]
            found += measures.too_small(page) + measures.too_wide(page)
    assert not found, "\n".join(found)


def test_the_checks_find_what_is_wrong(browser: Browser, kit: str) -> None:
    with visit(browser, f"{kit}/poll/", PHONE) as page:
        page.evaluate("""() => {
            const body = document.body;
            body.insertAdjacentHTML('beforeend', '<img src="/x.png"><button type="button" id="tiny">x</button><p id="wide">wide</p>');
            document.getElementById('tiny').style.cssText = 'padding:0;border:0;width:20px;height:20px;min-height:0';
            document.getElementById('wide').style.cssText = 'width:900px;color:#aaa;background:#bbb';
        }""")
        assert {"image-alt", "color-contrast"} <= {fault.split(": ")[1] for fault in axe.violations(page)}
        assert any("tiny" in fault for fault in measures.too_small(page))
        assert any("wide" in fault for fault in measures.too_wide(page))


@pytest.mark.parametrize("name", SCREENS)
def test_the_projector_is_readable_and_nothing_falls_off_it(browser: Browser, kit: str, name: str) -> None:
    with visit(browser, f"{kit}/{name}/", {"width": 1920, "height": 1080}) as page:
        keep_picture(page, name)
        found = axe.violations(page) + measures.too_wide(page)
        smallest = page.evaluate("""() => Math.min(...[...document.querySelectorAll('.scene *')]
            .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()))
            .map((e) => parseFloat(getComputedStyle(e).fontSize)))""")
        cut_off = page.evaluate("""() => [...document.querySelectorAll('.scene > *')]
            .filter((e) => e.scrollHeight > e.clientHeight + 2).map((e) => e.className)""")
    assert not found, "\n".join(found)
    assert smallest >= 1080 / 25
    assert not cut_off


@pytest.mark.parametrize("name", DAY_PAGES)
def test_nothing_scrolls_sideways_on_the_narrowest_phone_or_with_text_twice_as_large(
    browser: Browser, kit: str, name: str
) -> None:
    with visit(browser, f"{kit}/{name}/", NARROWEST) as page:
        found = measures.too_wide(page)
        page.set_viewport_size(PHONE)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        keep_picture(page, f"{name}-large-text")
        found += measures.too_wide(page)
        page.evaluate("document.documentElement.style.fontSize = ''; document.documentElement.dir = 'rtl'")
        keep_picture(page, f"{name}-rtl")
        found += measures.too_wide(page)
    assert not found, "\n".join(found)


def test_a_chosen_colour_is_remembered_and_there_before_the_first_paint(browser: Browser, kit: str) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    with visit(browser, f"{kit}/home/", PHONE) as page:
        page.locator(".menu summary").first.click()
        page.get_by_text("Dark", exact=True).click()
        dark = page.evaluate(ground)
        page.goto(f"{kit}/parts/")
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        assert page.evaluate(ground) == dark
        page.locator(".menu summary").first.click()
        assert page.get_by_label("Dark", exact=True).is_checked()
        page.get_by_text("Auto", exact=True).click()
        assert page.evaluate(ground) != dark


def test_a_menu_opens_without_scripts_and_closes_with_escape(browser: Browser, kit: str) -> None:
    with visit(browser, f"{kit}/home/", PHONE, scripts=False) as page:
        page.locator(".menu summary").first.click()
        assert page.get_by_role("button", name="Español").is_visible()
        assert page.locator(".themes").is_hidden()
    with visit(browser, f"{kit}/home/", PHONE) as page:
        page.locator(".menu summary").first.click()
        page.keyboard.press("Escape")
        assert page.get_by_role("button", name="Español").is_hidden()


def test_a_dialog_asks_first_with_and_without_scripts(browser: Browser, kit: str) -> None:
    with visit(browser, f"{kit}/forms/", PHONE) as page:
        page.get_by_role("link", name="Delete my account").click()
        assert page.locator("dialog").evaluate("dialog => dialog.matches(':modal')")
        assert not axe.violations(page)
        page.get_by_role("link", name="Go back").click()
        assert page.locator("dialog").is_hidden()
    with visit(browser, f"{kit}/forms/", PHONE, scripts=False) as page:
        assert page.locator("dialog").is_hidden()
        page.get_by_role("link", name="Delete my account").click()
        assert page.locator("dialog").is_visible()


def test_open_menus_can_be_used_by_everybody(browser: Browser, kit: str) -> None:
    for scheme in SCHEMES:
        with visit(browser, f"{kit}/home/", NARROWEST, scheme=scheme) as page:
            page.locator(".menu summary").first.click()
            assert page.locator(".menu .sheet").first.bounding_box()["x"] >= 0  # type: ignore[index]
            keep_picture(page, f"menu-{scheme}")
            assert not axe.violations(page) + measures.too_small(page) + measures.too_wide(page)


def test_a_refused_form_says_so_in_the_title_and_takes_the_reader_to_what_is_wrong(browser: Browser, kit: str) -> None:
    with visit(browser, f"{kit}/errors/", PHONE) as page:
        assert page.title().startswith("Error:")
        assert page.evaluate("document.activeElement.className") == "summary"
        page.get_by_role("link", name="What and why").click()
        assert page.evaluate("document.activeElement.name") == "what"
        assert page.get_by_label("Title").input_value() == "Shade"


def test_a_message_goes_by_itself_but_waits_for_its_reader(browser: Browser, kit: str) -> None:
    with visit(browser, f"{kit}/home/", PHONE) as page:
        page.clock.install()
        page.goto(f"{kit}/forms/")
        toast = page.locator("[data-toast]")
        toast.hover()
        page.clock.run_for(20_000)
        assert toast.is_visible()
        page.mouse.move(0, 0)
        page.clock.run_for(9_000)
        assert toast.count() == 0
        page.goto(f"{kit}/forms/")
        page.get_by_role("button", name="Close this message").click()
        assert toast.count() == 0


def test_focus_never_hides_under_the_sticky_bar(browser: Browser, kit: str) -> None:
    with visit(browser, f"{kit}/ballot/", PHONE) as page:
        for _ in range(30):
            page.keyboard.press("Tab")
            hidden = page.evaluate("""() => {
                const focused = document.activeElement, bar = document.querySelector('.budget');
                if (bar.contains(focused) || focused === document.body) return null;
                return focused.getBoundingClientRect().bottom > bar.getBoundingClientRect().top ? focused.outerHTML : null;
            }""")
            assert hidden is None


@pytest.mark.parametrize("name", ["ballot", "result", "parts"])
def test_forced_colours_print_and_high_contrast_keep_every_word(browser: Browser, kit: str, name: str) -> None:
    with visit(browser, f"{kit}/{name}/", DESK) as page:
        page.emulate_media(forced_colors="active")
        keep_picture(page, f"{name}-forced")
        assert not measures.too_wide(page)
        page.emulate_media(forced_colors="none", contrast="more")
        assert not axe.violations(page)
        page.emulate_media(contrast="no-preference", media="print")
        keep_picture(page, f"{name}-print")
        assert page.get_by_role("heading", level=1).is_visible()
        assert page.locator(".nav:visible, .btn:visible, .tool:visible").count() == 0
