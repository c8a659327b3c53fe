# SPDX-License-Identifier: AGPL-3.0-or-later
"""Take the pictures of README.md from a running demo: `make run` in one terminal, `make pictures` in another.

The meeting of the demo moves on: its first vote is opened and a ballot is cast.
"""

import os
import re
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

DEMO = f"http://localhost:{os.environ.get('PORT') or 8000}"
FOLDER = Path(__file__).parent / "images"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
DESK, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}


def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("No Chromium was found: install the package chromium.")
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        amina, bao = sit_down(browser, "amina@riverside.demo", PHONE), sit_down(browser, "bao@riverside.demo", DESK)
        visitor = sit_down(browser, "", DESK)
        visitor.goto("/a/riverside/")
        keep(visitor, "home")
        visitor.goto(first_link(visitor, r"/cycles/[^/]+/results/$"))
        keep(visitor, "result")
        meeting = first_link(
            sit_down(browser, "", DESK, start="/a/riverside/"), r"/meetings/[^/]+/live/$"
        ).removesuffix("live/")
        amina.goto(f"{meeting}live/")
        if amina.get_by_role("button", name="I am in the room").count():
            amina.get_by_role("button", name="I am in the room").click()
        bao.goto(f"{meeting}cockpit/")
        open_a_vote(bao)
        amina.locator("label.option").first.wait_for()
        keep(amina, "phone")
        amina.locator("label.option").first.click()
        amina.get_by_role("button", name="Submit my ballot").click()
        bao.locator("#turnout .big", has_text="1").wait_for()
        keep(bao, "cockpit")
        browser.close()


def sit_down(browser: Browser, email: str, viewport: dict[str, int], *, start: str = "") -> Page:
    page = browser.new_context(base_url=DEMO, viewport=viewport, locale="en-GB").new_page()  # type: ignore[arg-type]
    if email:
        page.goto("/demo/")
        button = page.locator(f"button[value='{email}']").first
        if not button.is_visible():
            button.locator("xpath=ancestor::details").locator("summary").first.click()
        button.click()
    if start:
        page.goto(start)
    return page


def first_link(page: Page, pattern: str) -> str:
    links = page.locator("a[href]").evaluate_all("links => links.map(a => a.getAttribute('href'))")
    return next(str(link) for link in links if re.search(pattern, link))


def open_a_vote(desk: Page) -> None:
    """Press the cockpit's next button until a vote is open."""
    steps = ("Open the vote", "Start the meeting", "Take up the first item", "Next item")
    for _ in range(20):
        if desk.get_by_role("main").get_by_role("button", name="Close the vote").count():
            return
        buttons = [desk.get_by_role("main").get_by_role("button", name=step).first for step in steps]
        next(button for button in buttons if button.count()).click()
        desk.wait_for_timeout(1500)
    sys.exit("No vote could be opened: make a new demo.")


def keep(page: Page, name: str) -> None:
    page.evaluate("window.scrollTo(0, 0)")
    page.wait_for_timeout(800)
    page.screenshot(path=FOLDER / f"{name}.png")
    print(FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
