"""The frame of the cockpit in a real browser: keys, taking back, a lost line, two facilitators, and the wall in words."""

import os
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, Town
from tests.browser.everybody import assert_usable
from tests.browser.test_meeting_bad_network import a_meeting_of_ours
from tests.browser.test_meeting_story import PATIENCE, attend, step

WALL = {"width": 1920, "height": 1080}


def keep(page: Page, name: str) -> None:
    """A picture for whoever wants to look: FRAME_SHOTS names the folder."""
    if folder := os.environ.get("FRAME_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", caret="initial")  # hiding it takes an inline style


def test_keys_undo_a_lost_line_and_the_wall_in_words(person: Callable[..., Page], town: Town) -> None:
    desk = person("bao@riverside.demo", viewport=DESK)
    meeting = a_meeting_of_ours(desk)
    expect(desk.locator("#before").get_by_text("Before the meeting")).to_be_visible(timeout=PATIENCE)
    keep(desk, "cockpit-before")
    assert_usable(desk)
    amina = attend(person("amina@riverside.demo"), meeting)
    keep(amina, "phone-doors")
    wall = person("amina@riverside.demo", viewport=WALL)
    wall.goto(f"{meeting}screen/")
    keep(wall, "wall-welcome")
    words = person("kofi@riverside.demo")
    words.goto(f"{meeting}scene/")
    for button in ("Start the meeting", "Take up the first item"):
        step(desk, button)
    expect(wall.get_by_role("heading", name="A bench for the square")).to_be_visible(timeout=PATIENCE)
    expect(words.locator("#words")).to_contain_text("A bench for the square", timeout=PATIENCE)

    # What was done last is taken back with its button.
    desk.get_by_role("button", name="Blank", exact=True).click()
    expect(words.locator("#words")).to_contain_text("The projector is dark", timeout=PATIENCE)
    keep(desk, "cockpit-undo")
    undo = desk.locator("[data-undo]")
    expect(undo.get_by_role("button", name="Undo")).to_be_visible(timeout=PATIENCE)
    undo.get_by_role("button", name="Undo").click()
    expect(words.locator("#words")).to_contain_text("A bench for the square", timeout=PATIENCE)

    # Keys do nothing until they are switched on, and nothing while somebody writes.
    desk.locator("h1").click()
    desk.keyboard.press("p")
    desk.keyboard.press("?")
    expect(desk.locator("dialog[open]")).to_have_count(0)
    desk.get_by_role("button", name="Keyboard shortcuts").click()
    desk.get_by_label("Use single keys on this device").check()
    desk.get_by_label("Projector dark or lit").fill("d")
    keep(desk, "cockpit-keys")
    assert_usable(desk)
    desk.get_by_role("button", name="Done").click()
    desk.locator("h1").click()
    desk.keyboard.press("d")
    expect(words.locator("#words")).to_contain_text("The projector is dark", timeout=PATIENCE)
    expect(desk.locator("[data-undo]")).to_be_visible(timeout=PATIENCE)
    desk.keyboard.press("u")
    expect(words.locator("#words")).to_contain_text("A bench for the square", timeout=PATIENCE)
    desk.locator("#scenes summary").click()
    desk.locator("#scene-text").fill("Soup is in the ")
    desk.locator("#scene-text").press("d")
    expect(desk.locator("#scene-text")).to_have_value("Soup is in the d")
    desk.locator("#scene-text").fill("Soup is in the kitchen.")
    desk.get_by_role("button", name="Show this text").click()
    expect(wall.get_by_text("Soup is in the kitchen.")).to_be_visible(timeout=PATIENCE)
    keep(wall, "wall-text")
    assert_usable(words, wall)
    keep(words, "words-text")
    desk.reload()
    desk.locator("h1").click()
    desk.keyboard.press("?")
    expect(desk.get_by_label("Projector dark or lit")).to_have_value("d")
    desk.keyboard.press("Escape")

    # Without a line everything can be read and nothing pressed; it comes back by itself.
    expect(desk.locator("[data-live-status=connected]")).to_be_visible(timeout=PATIENCE)
    desk.context.set_offline(True)
    expect(desk.get_by_role("alert").filter(has_text="No connection")).to_be_visible(timeout=PATIENCE)
    expect(desk.locator("#drive button").first).to_be_disabled()
    keep(desk, "cockpit-lost")
    assert_usable(desk)
    desk.context.set_offline(False)
    expect(desk.locator("#drive button").first).to_be_enabled(timeout=2 * PATIENCE)
    expect(desk.get_by_role("alert").filter(has_text="No connection")).to_have_count(0)
    step(desk, "Yes or no on this item")
    step(desk, "Open the vote")
    keep(desk, "cockpit-vote")
    keep(wall, "wall-vote")
    keep(amina, "phone-vote")
    wall.context.set_offline(True)
    expect(wall.locator(".lost").get_by_text("Reconnecting").locator("visible=true")).to_have_count(1, timeout=PATIENCE)
    keep(wall, "wall-lost")
    wall.context.set_offline(False)

    # Where somebody else drives, the main button is theirs; what is said and asked is for who looks on.
    desk.evaluate("document.querySelector('[data-driver]').dataset.driver = 'somebody else'")
    expect(desk.locator("#drive button").first).to_be_disabled(timeout=PATIENCE)
    expect(desk.locator("#driver").get_by_role("button", name="Take over")).to_be_visible()
    desk.goto(f"{meeting}paper/")
    keep(desk, "paper")
    assert_usable(desk)
