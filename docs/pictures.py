# SPDX-License-Identifier: AGPL-3.0-or-later
"""Take the pictures of the demo town for README.md: `make run` in one terminal, `make pictures` in another."""

import os
import re
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

DEMO = f"http://localhost:{os.environ.get('PORT') or 8000}"
FOLDER = Path(__file__).parent / "images"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("No Chromium was found: install the package chromium.")
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        visitor = browser.new_page(base_url=DEMO, viewport={"width": 1280, "height": 860}, locale="en-GB")
        visitor.goto("/a/riverside/")
        keep(visitor, "home")
        visitor.goto("/a/riverside/budget/")  # last year's, whose work can be followed
        visitor.goto(first_link(visitor, r"/cycles/[^/]+/delivery/$").replace("/delivery/", "/results/"))
        keep(visitor, "result")
        browser.close()


def first_link(page: Page, pattern: str) -> str:
    links = page.locator("a[href]").evaluate_all("links => links.map(a => a.getAttribute('href'))")
    return next(str(link) for link in links if re.search(pattern, link))


def keep(page: Page, name: str) -> None:
    page.evaluate("window.scrollTo(0, 0)")
    page.wait_for_timeout(800)
    page.screenshot(path=FOLDER / f"{name}.png")
    print(FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
