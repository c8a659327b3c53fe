"""Every page of the running town, found by its links as people in several roles find them, before axe and a ruler."""

from collections import Counter, deque
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

import pytest
from django.urls import Resolver404, resolve
from playwright.sync_api import Page

from tests.browser import axe, measures
from tests.browser.conftest import DESK, PHONE, Town
from tests.permissions.table import ROWS

PEOPLE = {
    "visitor": None,
    "resident": "amina@riverside.demo",
    "facilitator": "bao@riverside.demo",
    "evaluator": "ewa@riverside.demo",
    "administrator": "adela@riverside.demo",
}
NOT_PAGES: set[str] = set()  # answers that are files or fragments, by URL name
visited: Counter[str] = Counter()


@pytest.mark.parametrize("role", PEOPLE)
def test_every_page_that_a_role_reaches_can_be_used_by_everybody(
    person: Callable[..., Page], town: Town, role: str
) -> None:
    page = person(PEOPLE[role])
    found: list[str] = []
    for name, url in reachable(page, town):
        visited[name] += 1
        found += trouble_on(page, url)
    assert not found, "\n".join(found)


def test_no_page_was_left_out() -> None:
    """Runs last: each URL name that answers a GET with a page was visited by somebody."""
    if not visited:
        pytest.skip("The pages were not visited in this run.")
    pages = {row.name for row in ROWS if "200" in row.expected.get("GET", {}).values()}
    missing = pages - set(visited) - NOT_PAGES
    assert not missing, f"no link leads to: {sorted(missing)}"


def reachable(page: Page, town: Town) -> list[tuple[str, str]]:
    """One address for each URL name that can be reached from the home page by following links."""
    found: dict[str, str] = {}
    todo = deque([f"{town.url}/"])
    known = set(todo)
    while todo:
        url = todo.popleft()
        name = name_of(url)
        if name in found or name in NOT_PAGES:
            continue
        answer = page.goto(url)
        if answer is None or not answer.ok or "text/html" not in answer.headers.get("content-type", ""):
            continue
        found[name] = page.url if name_of(page.url) == name else url
        for link in page.locator("a[href]").evaluate_all("links => links.map(a => a.getAttribute('href'))"):
            target = urljoin(url, link).split("#")[0]
            if target.startswith(town.url) and target not in known:
                known.add(target)
                todo.append(target)
    return list(found.items())


def name_of(url: str) -> str:
    try:
        return resolve(urlsplit(url).path).view_name
    except Resolver404:
        return urlsplit(url).path


def trouble_on(page: Page, url: str) -> list[str]:
    """What axe and the ruler find on a phone and on a desk, in light and in dark."""
    page.goto(url)
    found = []
    for viewport in (PHONE, DESK):
        page.set_viewport_size(viewport)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found += axe.violations(page)
        found += measures.too_wide(page)
    page.set_viewport_size(PHONE)
    return found + measures.too_small(page)
