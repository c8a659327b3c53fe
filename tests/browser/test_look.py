"""Every part of the look, in every state, before a real browser."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings
from playwright.sync_api import Browser, Page

from tests.browser import axe, measures
from tests.look.kit import PAGES

SHOTS = os.environ.get("SHOTS")  # a folder that keeps pictures of every page
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 860}
NARROWEST = {"width": 320, "height": 640}
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


def open_page(browser: Browser, url: str, viewport: dict[str, int], **options: str) -> Page:
    page = browser.new_page(viewport=viewport, reduced_motion="reduce", **options)  # type: ignore[arg-type]
    page.troubles = []  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.troubles.append(str(error)))  # type: ignore[attr-defined]
    page.on("console", lambda m: page.troubles.append(m.text) if "Content Security" in m.text else None)  # type: ignore[attr-defined]
    page.goto(url)
    return page


def keep_picture(page: Page, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=not name.startswith("projector"))


@pytest.mark.parametrize("name", DAY_PAGES)
def test_every_page_of_the_kit_can_be_used_by_everybody(browser: Browser, kit: str, name: str) -> None:
    page = open_page(browser, f"{kit}/{name}/", PHONE)
    found = []
    for viewport in (PHONE, DESK):
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            keep_picture(page, f"{name}-{viewport['width']}-{scheme}")
            found += [f"{viewport['width']} {scheme}: {fault}" for fault in axe.violations(page)]
        found += measures.too_small(page) + measures.too_wide(page)
    found += page.troubles  # type: ignore[attr-defined]
    page.close()
    assert not found, "\n".join(found)


def test_the_checks_find_what_is_wrong(browser: Browser, kit: str) -> None:
    page = open_page(browser, f"{kit}/poll/", PHONE)
    page.evaluate("""() => {
        document.body.insertAdjacentHTML('beforeend', '<img src="/x.png"><button type="button" id="tiny">x</button><p id="wide">wide</p>');
        document.getElementById('tiny').style.cssText = 'padding:0;border:0;width:20px;height:20px;min-height:0';
        document.getElementById('wide').style.cssText = 'width:900px;color:#aaa;background:#bbb';
    }""")
    assert {"image-alt", "color-contrast"} <= {fault.split(": ")[1] for fault in axe.violations(page)}
    assert any("tiny" in fault for fault in measures.too_small(page))
    assert any("wide" in fault for fault in measures.too_wide(page))
    page.close()


@pytest.mark.parametrize("name", SCREENS)
def test_the_projector_is_readable_and_nothing_falls_off_it(browser: Browser, kit: str, name: str) -> None:
    page = open_page(browser, f"{kit}/{name}/", {"width": 1920, "height": 1080})
    keep_picture(page, name)
    found = axe.violations(page) + measures.too_wide(page)
    smallest = page.evaluate("""() => Math.min(...[...document.querySelectorAll('.scene *')]
        .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()))
        .map((e) => parseFloat(getComputedStyle(e).fontSize)))""")
    hidden = page.evaluate("""() => [...document.querySelectorAll('.scene > *')]
        .filter((e) => e.scrollHeight > e.clientHeight + 2).map((e) => e.className)""")
    page.close()
    assert not found, "\n".join(found)
    assert smallest >= 1080 / 25
    assert not hidden


@pytest.mark.parametrize("name", DAY_PAGES)
def test_nothing_scrolls_sideways_on_the_narrowest_phone_or_with_text_twice_as_large(
    browser: Browser, kit: str, name: str
) -> None:
    page = open_page(browser, f"{kit}/{name}/", NARROWEST)
    found = measures.too_wide(page)
    page.set_viewport_size(PHONE)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    found += measures.too_wide(page)
    keep_picture(page, f"{name}-large-text")
    page.close()
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", DAY_PAGES)
def test_right_to_left_pages_mirror_without_scrolling(browser: Browser, kit: str, name: str) -> None:
    page = open_page(browser, f"{kit}/{name}/", PHONE)
    page.evaluate("document.documentElement.dir = 'rtl'")
    found = measures.too_wide(page)
    keep_picture(page, f"{name}-rtl")
    page.close()
    assert not found, "\n".join(found)


def test_a_chosen_colour_is_remembered_and_there_before_the_first_paint(browser: Browser, kit: str) -> None:
    page = open_page(browser, f"{kit}/home/", PHONE, color_scheme="light")
    page.locator(".menu summary").first.click()
    page.get_by_text("Dark", exact=True).click()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.goto(f"{kit}/parts/")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
    page.locator(".menu summary").first.click()
    assert page.get_by_label("Dark", exact=True).is_checked()
    page.get_by_text("Auto", exact=True).click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != dark
    page.close()


def test_a_menu_opens_without_scripts_and_closes_with_escape(browser: Browser, kit: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{kit}/home/")
    page.locator(".menu summary").first.click()
    assert page.get_by_role("button", name="Español").is_visible()
    assert page.locator(".themes").is_hidden()
    context.close()
    page = open_page(browser, f"{kit}/home/", PHONE)
    page.locator(".menu summary").first.click()
    page.keyboard.press("Escape")
    assert page.get_by_role("button", name="Español").is_hidden()
    page.close()


def test_a_dialog_asks_first_with_and_without_scripts(browser: Browser, kit: str) -> None:
    page = open_page(browser, f"{kit}/forms/", PHONE)
    page.get_by_role("link", name="Delete my account").click()
    assert page.locator("dialog").evaluate("dialog => dialog.matches(':modal')")
    page.get_by_role("link", name="Go back").click()
    assert page.locator("dialog").is_hidden()
    page.close()
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{kit}/forms/")
    assert page.locator("dialog").is_hidden()
    page.get_by_role("link", name="Delete my account").click()
    assert page.locator("dialog").is_visible()
    context.close()


def test_a_refused_form_says_so_in_the_title_and_takes_the_reader_to_what_is_wrong(browser: Browser, kit: str) -> None:
    page = open_page(browser, f"{kit}/errors/", PHONE)
    assert page.title().startswith("Error:")
    assert page.evaluate("document.activeElement.className") == "summary"
    page.get_by_role("link", name="What and why").click()
    assert page.evaluate("document.activeElement.name") == "what"
    assert page.get_by_label("Title").input_value() == "Shade"
    page.close()


def test_focus_never_hides_under_the_sticky_bar(browser: Browser, kit: str) -> None:
    page = open_page(browser, f"{kit}/ballot/", PHONE)
    for _ in range(30):
        page.keyboard.press("Tab")
        hidden = page.evaluate("""() => {
            const focused = document.activeElement, bar = document.querySelector('.budget');
            if (!bar || bar.contains(focused) || focused === document.body) return null;
            const box = focused.getBoundingClientRect();
            return box.bottom > bar.getBoundingClientRect().top ? focused.outerHTML : null;
        }""")
        assert hidden is None
    page.close()


def test_forced_colours_and_print_keep_every_word(browser: Browser, kit: str) -> None:
    for media in ({"forced_colors": "active"}, {"media": "print"}, {"contrast": "more"}):
        for name in ("ballot", "result", "parts"):
            page = open_page(browser, f"{kit}/{name}/", DESK)
            page.emulate_media(**media)  # type: ignore[arg-type]
            keep_picture(page, f"{name}-{'-'.join(media)}")
            assert page.get_by_role("heading", level=1).is_visible()
            assert not measures.too_wide(page)
            page.close()
