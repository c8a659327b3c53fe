"""Every kind of ballot paper before a real browser: with and without scripts, by keyboard, on a phone and a desk."""

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import DESK, PHONE, small_site
from tests.browser.everybody import assert_usable

SHOTS = os.environ.get("SHOTS")  # a folder that keeps pictures of every paper
TREES, CROSSING, REPAIR, SWING = IDEAS = (
    "Shade trees on Mill Street",
    "Safe crossing at Weaver School",
    "Repair café",
    "Wheelchair swing",
)
CHOSEN: dict[str, dict[str, Any]] = {
    "yes_no": {"options": ["no"]},
    "choose_one": {"options": ["b"]},
    "approval": {"options": ["a", "c"]},
    "knapsack": {"options": ["a", "c"]},
    "points": {"points": {"a": 4, "c": 2}},
    "score": {"points": {"a": 4, "c": 0}},
    "score_wide": {"points": {"a": 80}},
    "ranked": {"ranking": [["c"], ["a", "b"]]},
    "consensus": {"options": ["block"], "reason": "Nobody asked the night shift."},
}


@pytest.fixture(scope="module")
def site(database_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a site that gives each visitor a poll of their own; see paper_site.py."""
    folder = tmp_path_factory.mktemp("site")
    with small_site("tests.browser.paper_site", "/healthz", database_server, folder) as address:
        yield address


@pytest.fixture
def contexts(browser: Browser) -> Iterator[list[BrowserContext]]:
    opened: list[BrowserContext] = []
    yield opened
    for context in opened:
        context.close()


@pytest.fixture
def paper(browser: Browser, site: str, contexts: list[BrowserContext]) -> Iterator[Callable[..., Page]]:
    """A function that shows a new paper to a new voter; no script may fail and no rule of the browser be broken."""
    troubles: list[str] = []

    def show(kind: str, *, scripts: bool = True, secrecy: int = 1) -> Page:
        context = browser.new_context(
            base_url=site, viewport=PHONE, java_script_enabled=scripts, reduced_motion="reduce", locale="en-GB"
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda said: troubles.append(said.text) if "Content Security" in said.text else None)
        page.goto(f"/new/?kind={kind}&secrecy={secrecy}")
        return page

    yield show
    assert not troubles, "\n".join(troubles)


def stored(page: Page) -> dict[str, Any]:
    """What the server holds of the poll on this page."""
    poll = re.search(r"/polls/([0-9a-f-]{36})/", page.url)
    assert poll
    found: dict[str, Any] = json.loads(page.request.get(f"/stored/{poll[1]}/").text())
    return found


def kept(page: Page, what: str) -> list[Any]:
    """What this device remembers under this word, when the scripts of the page have run."""
    page.wait_for_load_state()
    script = "(what) => Object.entries(localStorage).filter(([name]) => name.startsWith(what + '/')).map(([, v]) => JSON.parse(v))"
    found: list[Any] = page.evaluate(script, what)
    return found


def picture(page: Page, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def fill_in(page: Page, kind: str, *, scripts: bool) -> None:
    """Choose something valid, the way a person does."""
    match kind:
        case "yes_no":
            page.get_by_label("No", exact=True).check()
        case "choose_one":
            page.get_by_label(CROSSING).check()
        case "approval" | "knapsack":
            page.locator("label:has(input[name=options])", has_text=TREES).click()
            page.locator("label:has(input[name=options])", has_text=REPAIR).click()
        case "points":
            page.get_by_label(TREES, exact=True).fill("4")
            if scripts:
                page.get_by_role("button", name=f"One point more: {REPAIR}").click()
                page.get_by_role("button", name=f"One point more: {REPAIR}").click()
            else:
                page.get_by_label(REPAIR, exact=True).fill("2")
        case "score":
            page.locator("fieldset fieldset", has_text=TREES).get_by_label("4", exact=True).check()
            page.locator("fieldset fieldset", has_text=REPAIR).get_by_label("0", exact=True).check()
        case "score_wide":
            page.get_by_label(TREES).fill("80")
        case "ranked" if scripts:
            for idea in (REPAIR, TREES, CROSSING):
                page.get_by_role("button", name=re.compile(f"Add as number .: {idea}")).click()
            page.get_by_role("button", name=f"Equal to the one above: {CROSSING}").click()
        case "ranked":
            for idea, place in ((REPAIR, "1"), (TREES, "2"), (CROSSING, "2")):
                page.get_by_label(idea).select_option(place)
        case _:
            page.get_by_label("Block").check()
            page.get_by_label("My reason").fill("Nobody asked the night shift.")


def send(page: Page) -> None:
    check = page.get_by_role("button", name="Check my ballot")
    if check.count():
        check.click()
        expect(page.get_by_text("Not submitted yet")).to_be_visible()
    page.get_by_role("button", name="Submit my ballot").click()
    expect(page.get_by_text("Your ballot is counted")).to_be_visible()


@pytest.mark.parametrize("kind", CHOSEN)
def test_amina_fills_in_the_paper_and_hands_it_in(paper: Callable[..., Page], kind: str) -> None:
    page = paper(kind)
    expect(page.locator("[data-unsent]")).to_have_text("Not submitted yet")
    fill_in(page, kind, scripts=True)
    picture(page, f"{kind}-390-light")
    page.reload()
    expect(page.locator("[data-saved]")).to_contain_text("Saved")  # what is not submitted stays on the phone
    for width, size in ((1280, DESK), (390, PHONE)):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme="dark")
        picture(page, f"{kind}-{width}-dark")
        page.emulate_media(color_scheme="light")
    assert_usable(page)
    check = page.get_by_role("button", name="Check my ballot")
    if check.count():
        check.click()
        picture(page, f"{kind}-390-check")
        assert_usable(page)
        page.get_by_role("button", name="Change my choices").click()
    send(page)
    assert stored(page)["choices"] == [CHOSEN[kind]]
    assert kept(page, "ballot") == []
    assert [receipt["receipt"] for receipt in kept(page, "receipt")] == [page.locator(".code bdi").inner_text()]


@pytest.mark.parametrize("kind", CHOSEN)
def test_without_scripts_the_same_ballot_is_handed_in(paper: Callable[..., Page], kind: str) -> None:
    page = paper(kind, scripts=False)
    fill_in(page, kind, scripts=False)
    send(page)
    assert stored(page)["choices"] == [CHOSEN[kind]]


@pytest.mark.parametrize("kind", CHOSEN)
def test_a_blank_ballot_is_asked_for_aloud(paper: Callable[..., Page], kind: str) -> None:
    page = paper(kind, scripts=False)
    page.locator("#ballot button[type=submit]").last.click()
    expect(page.get_by_role("alert")).to_contain_text("You have not chosen anything yet")
    page.get_by_text("Hand in a blank ballot", exact=True).click()
    expect(page.get_by_text("A blank ballot counts as taking part")).to_be_visible()
    page.get_by_label("My ballot is blank").check()
    picture(page, f"{kind}-390-blank")
    page.locator("#ballot button[type=submit]").last.click()
    asked_again = page.get_by_text("Your ballot is blank.")
    expect(asked_again.or_(page.get_by_text("Your ballot is counted"))).to_be_visible()
    if asked_again.count():
        page.get_by_role("button", name="Hand in my blank ballot").click()
    expect(page.get_by_text("Your ballot is counted")).to_be_visible()
    assert stored(page)["choices"] == [{}]


@pytest.mark.parametrize("kind", ["points", "ranked", "score"])
def test_a_paper_is_filled_in_by_keyboard_alone(paper: Callable[..., Page], kind: str) -> None:
    page = paper(kind)

    def walk_to(name: str) -> None:
        """Press Tab until the control with this name has the focus."""
        for _ in range(60):
            page.keyboard.press("Tab")
            focused = page.evaluate(
                "document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText"
            )
            if str(focused).startswith(name):
                under = page.evaluate(
                    "() => { const bar = document.querySelector('section.budget'); const on = document.activeElement;"
                    " return Boolean(bar) && !bar.contains(on) && on.getBoundingClientRect().bottom >"
                    " bar.getBoundingClientRect().top + 1; }"
                )
                assert not under, f"{name} is under the bar"
                return
        raise AssertionError(f"the keyboard does not reach {name}")

    match kind:
        case "points":
            walk_to(f"One point more: {REPAIR}")
            for _ in range(7):  # one more than an option may get
                page.keyboard.press("Enter")
            expect(page.locator("[data-figure]")).to_have_text("4 of 10 points left")
            expect(page.locator("[data-status]")).to_contain_text("One option gets 6 points at most.")
        case "ranked":
            walk_to(f"Add as number 1: {CROSSING}")
            page.keyboard.press("Enter")
            walk_to(f"Add as number 2: {TREES}")
            page.keyboard.press("Enter")
            assert page.evaluate("document.activeElement.getAttribute('aria-label')") == f"Up: {TREES}"
            page.keyboard.press("Enter")
            expect(page.locator("[data-ranking-status]")).to_have_text(f"{TREES} is number 1 of 2")
            assert page.evaluate("document.activeElement.getAttribute('aria-label')") == f"Up: {TREES}", "focus stays"
        case _:
            page.locator("fieldset fieldset").first.locator("input").first.focus()
            for _ in range(4):  # no mark, 0, 1, 2, 3
                page.keyboard.press("ArrowRight")
    page.locator("#ballot button[type=submit]").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Submit my ballot").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your ballot is counted")).to_be_visible()
    assert stored(page)["turnout"] == 1


@pytest.mark.parametrize("shared", [False, True], ids=["my own phone", "a shared phone"])
def test_a_shared_phone_keeps_nothing(paper: Callable[..., Page], shared: bool) -> None:
    page = paper("choose_one", secrecy=2)
    if shared:
        page.get_by_label("This is a shared phone or computer").check()
    fill_in(page, "choose_one", scripts=True)
    assert bool(kept(page, "ballot")) != shared
    with page.expect_request("**/cast/") as sent:
        page.get_by_role("button", name="Submit my ballot").click()
    expect(page.get_by_text("Your ballot is counted")).to_be_visible()
    code = re.search(r"tracking=([0-9A-HJKMNP-TV-Z-]*)(?:&|$)", sent.value.post_data or "")
    assert code
    assert [len(found) for found in kept(page, "tracking")] == ([] if shared else [19])
    assert code[1] == ("" if shared else kept(page, "tracking")[0])
    assert len(kept(page, "receipt")) == (0 if shared else 1)
    assert kept(page, "ballot") == []


def test_another_choice_is_another_ballot_and_the_same_one_is_not(paper: Callable[..., Page]) -> None:
    page = paper("ranked")
    key = page.locator("#ballot input[name=key]")
    first = key.input_value()
    fill_in(page, "ranked", scripts=True)
    second = key.input_value()
    assert first != second
    page.reload()
    assert key.input_value() == second, "the ballot that waits keeps its key, so sending it again does no harm"
    page.get_by_label(f"Move to… {CROSSING}").select_option("0")
    expect(page.locator("[data-ranking-status]")).to_have_text(f"{CROSSING} is number 1 of 3")
    page.get_by_role("button", name=f"Remove: {REPAIR}").click()
    send(page)
    assert stored(page)["choices"] == [{"ranking": ["b", "a"]}]


def test_an_idea_is_dragged_to_another_place(paper: Callable[..., Page]) -> None:
    page = paper("ranked")
    for idea in (TREES, CROSSING, REPAIR):
        page.get_by_role("button", name=re.compile(f"Add as number .: {idea}")).click()
    page.set_viewport_size({"width": 390, "height": 2000})
    rows = page.locator(".ranking > .ranked")
    start, end = rows.nth(2).locator(".grip").bounding_box(), rows.nth(0).bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 10, start["y"] + 10)
    page.mouse.down()
    page.mouse.move(start["x"] + 10, end["y"] + 10, steps=8)
    page.mouse.up()
    expect(rows.first).to_contain_text(REPAIR)
    send(page)
    assert stored(page)["choices"] == [{"ranking": ["c", "a", "b"]}]


def test_at_the_limit_the_others_say_why(paper: Callable[..., Page]) -> None:
    page = paper("approval")
    for idea in (TREES, CROSSING, REPAIR):
        page.get_by_label(idea).check()
    expect(page.locator("[data-figure]")).to_have_text("3 of 3 chosen")
    fourth = page.locator("label.option", has_text=SWING)
    expect(fourth).to_contain_text("You have chosen the most you may.")
    fourth.click(force=True)
    expect(fourth.locator("input")).not_to_be_checked()
    expect(page.locator("[data-status]")).to_contain_text("You have chosen the most you may.")
    assert_usable(page)
