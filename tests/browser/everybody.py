"""Whether everybody can use what is on the screen now: axe and the ruler, on a phone and a desk, in light and dark."""

from typing import Literal

from playwright.sync_api import Page, ViewportSize

from tests.browser import axe, measures

PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 860}
EYES: tuple[tuple[ViewportSize, Literal["light", "dark"]], ...] = (  # each once: no colour depends on the size
    (DESK, "light"),
    (PHONE, "dark"),
)


def trouble(page: Page) -> list[str]:
    """What stands in somebody's way on the page as it is; nothing is loaded anew, so errors and choices stay."""
    before = page.viewport_size
    found = []
    for viewport, scheme in EYES:
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += axe.violations(page)
        found += measures.too_wide(page)
    found += measures.too_small(page)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    if before:
        page.set_viewport_size(before)
    return found


def assert_usable(*pages: Page) -> None:
    """Nobody is shut out of any of these pages."""
    found = [sentence for page in pages for sentence in trouble(page)]
    assert not found, "\n".join(found)
