"""A whole meeting by real clicks: from the doors to the minutes, on a cockpit, a desk, a projector and four phones."""

import json
import os
import re
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from assemblies.qr_code import qr_code
from tests.browser.conftest import DESK, PHONE, ROOT, small_site
from tests.browser.evening_site import BENCHES, COMPOST, CORNERS, GARDEN, REPORT, RESIDENTS
from tests.browser.everybody import assert_usable
from tests.browser.test_meeting_story import PATIENCE

WALL: ViewportSize = {"width": 1920, "height": 1080}
PICTURES = ROOT / "docs" / "pictures"
OFFLINE_SECONDS = 30
PANELS = """() => Object.fromEntries([...document.querySelectorAll('[data-live-panel], [data-mine]')].map((panel) => {
  const copy = panel.cloneNode(true);
  for (const token of copy.querySelectorAll('[name=csrfmiddlewaretoken]')) token.remove();
  for (const folded of copy.querySelectorAll('details[open]')) folded.open = false;
  for (const line of copy.querySelectorAll('[data-live-status]')) line.setAttribute('data-live-status', '');
  for (const word of copy.querySelectorAll('[data-live-when]')) word.hidden = true;
  for (const styled of copy.querySelectorAll('[style=""]')) styled.removeAttribute('style');
  for (const clock of copy.querySelectorAll('[data-elapsed], [data-deadline]')) clock.textContent = '';
  return [panel.id, copy.innerHTML.replace(/\\s+/g, ' ').trim()];
}))"""


@dataclass
class Evening:
    """One site with one meeting, and everybody who is at it, each with a browser of their own."""

    url: str
    browser: Browser
    meeting: str
    door: str
    passes: dict[str, str]
    pages: list[Page] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def sit_down(self, name: str, viewport: ViewportSize = PHONE) -> Page:
        """This person's browser; nothing that it shows has a script error or comes from another host."""
        context = self.browser.new_context(base_url=self.url, viewport=viewport, locale="en-GB")
        page = context.new_page()
        page.on("pageerror", lambda error: self.troubles.append(f"script error on {page.url}: {error}"))
        page.on("request", lambda request: self._look_at(page, request.url))
        self.pages.append(page)
        page.goto(f"/as/{name}/")
        return page

    def _look_at(self, page: Page, asked: str) -> None:
        if not asked.startswith((self.url, "data:", self.url.replace("http", "ws"))):
            self.troubles.append(f"{page.url} asked another host: {asked}")


@pytest.fixture
def evening(browser: Browser, database_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evening]:
    folder = tmp_path_factory.mktemp("evening")
    with small_site("tests.browser.evening_site", "/healthz", database_server, folder) as address:
        with urllib.request.urlopen(f"{address}/evening/") as answer:  # noqa: S310 -- our own site
            printed = json.load(answer)
        here = Evening(address.replace("127.0.0.1", "localhost"), browser, **printed)
        yield here
        for page in here.pages:
            page.context.close()
        assert not here.troubles, "\n".join(here.troubles)


def test_a_whole_meeting(evening: Evening) -> None:
    cockpit, wall, desk = evening.sit_down("bao", DESK), evening.sit_down("bao", WALL), evening.sit_down("dagny", DESK)
    amina, duc, ewa, kofi = phones = [evening.sit_down(name) for name in ("amina", "duc", "ewa", "kofi")]
    screens = [cockpit, wall, *phones]

    doors_open(evening, cockpit, wall)
    check_in(evening, desk, amina, duc, ewa, kofi)
    expect(cockpit.locator("#people")).to_contain_text("Quorum met: 5 voters here, needed 4", timeout=PATIENCE)
    expect(wall.locator("#scene")).to_contain_text("Quorum met: 5 voters here, needed 4", timeout=PATIENCE)
    for phone in phones:
        expect(phone.locator("#now")).to_contain_text("Quorum met: 5 voters here, needed 4", timeout=PATIENCE)
    look("1-checked-in", cockpit, wall, amina)
    for page in screens:
        page.evaluate("window.sameDocument = true")

    report(cockpit, wall, amina)
    consent(cockpit, duc, kofi)
    look("2-consent", cockpit, wall, kofi)
    gone_since = debate(cockpit, wall, amina, duc, ewa, kofi)
    motion(cockpit, wall, amina, duc, ewa, kofi, gone_since)
    ranked_vote(cockpit, wall, phones)
    assert_nothing_is_stale(screens)
    quorum_is_lost(cockpit, wall, desk, phones)
    adjourn(cockpit, wall, phones)
    minutes(evening)
    for page in phones:
        expect(page.locator("#now")).to_contain_text("Thank you for coming", timeout=PATIENCE)
    for page in (wall, *phones):
        assert page.evaluate("window.sameDocument"), "a screen was loaded anew"
    assert_nothing_is_stale(screens)


def doors_open(evening: Evening, cockpit: Page, wall: Page) -> None:
    cockpit.goto(f"{evening.meeting}cockpit/")
    expect(cockpit.locator("#before").get_by_text("Before the meeting")).to_be_visible(timeout=PATIENCE)
    keep(cockpit, "0-before-cockpit")
    press(cockpit, "Open the doors")
    wall.goto(f"{evening.meeting}screen/")
    expect(wall.locator(".enter .join")).to_have_text(evening.door.rstrip("/")[-6:])
    assert leads_to(wall.locator(".enter .qr"), evening.door)


def check_in(evening: Evening, desk: Page, amina: Page, duc: Page, ewa: Page, kofi: Page) -> None:
    """Amina and Ewa by the code on the wall, Duc by the pass on his phone, Kofi from his page, Rosa at the desk."""
    for phone in (amina, ewa):
        phone.goto(evening.door)
        phone.get_by_role("button", name="Check in").click()
        expect(phone.locator("#my-place")).to_contain_text("You are checked in")
    duc.goto(f"{evening.meeting}live/")
    duc.get_by_role("link", name="My pass for the desk").click()
    assert leads_to(duc.locator(".qr"), evening.passes["duc"])
    keep(duc, "1-pass")
    desk.goto(evening.passes["duc"])
    desk.get_by_role("button", name="Check in").click()
    expect(desk.get_by_text("Checked in")).to_be_visible()
    duc.get_by_role("link", name="Go to the meeting").click()
    expect(duc.locator("#my-place")).to_contain_text("You are checked in")
    kofi.goto(f"{evening.meeting}live/")
    kofi.get_by_role("button", name="I am in the room").click()
    desk.goto(f"{evening.meeting}desk/")
    person(desk, "rosa").get_by_role("button", name="Check in").first.click()
    expect(person(desk, "rosa")).to_contain_text("In the room", timeout=PATIENCE)
    keep(desk, "1-desk")


def report(cockpit: Page, wall: Page, amina: Page) -> None:
    """Amina says something about the report, so in the debate she is no first-timer any more."""
    press(cockpit, "Start the meeting")
    press(cockpit, "Take up the first item")
    expect(wall.get_by_role("heading", name=REPORT)).to_be_visible(timeout=PATIENCE)
    amina.get_by_role("button", name="Raise my hand").click()
    speaks(cockpit, amina, "amina")
    expect(wall.get_by_role("heading", name=RESIDENTS["amina"])).to_be_visible(timeout=PATIENCE)
    keep(wall, "2-speaker-wall")
    press(cockpit, "Has finished")


def consent(cockpit: Page, duc: Page, kofi: Page) -> None:
    """Duc wants to talk about one of the two; the other is adopted without debate."""
    expect(cockpit.locator("#drive").get_by_role("button", name="Adopt together")).to_be_visible(timeout=PATIENCE)
    duc.locator("#agenda li", has_text=BENCHES).get_by_role("button", name="I want to talk about this").click()
    expect(cockpit.locator("#run .consent")).not_to_contain_text(BENCHES, timeout=PATIENCE)
    press(cockpit, "Adopt together")
    expect(cockpit.locator("#decided")).to_contain_text(COMPOST, timeout=PATIENCE)
    expect(cockpit.locator("#decided")).not_to_contain_text(BENCHES)
    expect(kofi.locator("#agenda li", has_text=COMPOST)).to_contain_text("Adopted", timeout=PATIENCE)
    press(cockpit, "Next item")
    expect(kofi.get_by_role("heading", level=1, name=BENCHES)).to_be_visible(timeout=PATIENCE)
    press(cockpit, "Next item")
    expect(kofi.get_by_role("heading", level=1, name=GARDEN)).to_be_visible(timeout=PATIENCE)


def debate(cockpit: Page, wall: Page, amina: Page, duc: Page, ewa: Page, kofi: Page) -> float:
    """Five people ask to speak. Amina asked second and speaks last: she has spoken before. Kofi loses the line."""
    for number, phone in enumerate((duc, amina, ewa, kofi), 1):
        phone.get_by_role("button", name="Raise my hand").click()
        expect(cockpit.locator("#floor .queue li")).to_have_count(number, timeout=PATIENCE)
    cockpit.get_by_text("Add somebody who has no phone").click()
    cockpit.locator("#speaker-name").fill("Rosa")
    cockpit.get_by_role("button", name="Find", exact=True).click()
    cockpit.get_by_role("button", name="Put on the list").click()
    order = [RESIDENTS[name] for name in ("duc", "ewa", "kofi", "rosa", "amina")]
    expect(ewa.locator("#floor .queue li [data-reason]")).to_have_count(5, timeout=PATIENCE)
    for place, name in enumerate(order):
        expect(ewa.locator("#floor .queue li").nth(place)).to_contain_text(name, timeout=PATIENCE)
    expect(amina.locator("#my-hand [data-my-place]")).to_have_text("5", timeout=PATIENCE)
    look("3-queue", cockpit, wall, amina)
    speaks(cockpit, duc, "duc")
    press(cockpit, "Has finished")
    speaks(cockpit, ewa, "ewa")
    look("3-speaking", cockpit, wall, ewa)
    press(cockpit, "Has finished")
    speaks(cockpit, kofi, "kofi")
    press(cockpit, "Has finished")
    kofi.context.set_offline(True)
    gone_since = time.monotonic()
    expect(kofi.locator(".strip").get_by_text("Offline")).to_be_visible(timeout=PATIENCE)
    speaks(cockpit, None, "rosa")
    press(cockpit, "Has finished")
    speaks(cockpit, amina, "amina")
    press(cockpit, "Has finished")
    expect(cockpit.locator("#floor .queue li")).to_have_count(0, timeout=PATIENCE)
    return gone_since


def motion(cockpit: Page, wall: Page, amina: Page, duc: Page, ewa: Page, kofi: Page, gone_since: float) -> None:
    """Two thirds carry the motion. Kofi, away for half a minute, finds his ballot by itself and says no."""
    cockpit.get_by_role("link", name="Put a motion").click()
    cockpit.get_by_label("Title").fill("Look after the garden")
    cockpit.get_by_label("Text").fill("The quarter looks after the garden behind the library for three years.")
    cockpit.get_by_role("button", name="Put the motion").click()
    cockpit.get_by_role("button", name="Vote on the motion: two thirds").click()
    press(cockpit, "Open the vote")
    expect(ewa.locator("label.option").first).to_be_visible(timeout=PATIENCE)
    picture(ewa, "phone")
    for phone in (amina, duc, ewa):
        cast(phone, phone.locator("label.option", has_text="Yes").first)
    expect(wall.locator(".huge")).to_have_text("3", timeout=PATIENCE)
    expect(cockpit.locator("#turnout .big")).to_have_text("3", timeout=PATIENCE)
    picture(cockpit, "cockpit")
    picture(wall, "projector")
    look("4-vote", cockpit, wall, amina)
    keep(kofi, "4-offline-phone")
    cockpit.wait_for_timeout(max(0, 1000 * (gone_since + OFFLINE_SECONDS - time.monotonic())))
    assert "A vote is open" not in kofi.content(), "nothing came through meanwhile"
    kofi.context.set_offline(False)
    cast(kofi, kofi.locator("label.option", has_text="No").first)
    expect(wall.locator(".huge")).to_have_text("4", timeout=PATIENCE)
    press(cockpit, "Close the vote")
    press(cockpit, "Show the result")
    for page in (cockpit, wall, amina, duc, ewa, kofi):
        shown = page.locator("#now, #scene").first
        expect(shown).to_contain_text("3 yes of 4 counted, needed 3", timeout=PATIENCE)
    look("5-result", cockpit, wall, amina)


def ranked_vote(cockpit: Page, wall: Page, phones: list[Page]) -> None:
    """Where the lanterns go first, by instant runoff."""
    press(cockpit, "Next item")
    press(cockpit, "Open the vote")
    for phone in phones:
        expect(phone.get_by_role("button", name="Submit my ballot")).to_be_visible(timeout=PATIENCE)
    for phone, titles in zip(phones, ((0, 1), (1, 2), (1,), (1, 0)), strict=True):
        rank(phone, *(CORNERS[title] for title in titles))
    look("6-ranked", cockpit, wall, phones[0])
    press(cockpit, "Close the vote")
    press(cockpit, "Show the result")
    for page in (cockpit, wall, *phones):
        expect(page.locator("#now, #scene").first).to_contain_text(f"Chosen: {CORNERS[1]}", timeout=PATIENCE)
    look("6-chosen", cockpit, wall, phones[0])


def quorum_is_lost(cockpit: Page, wall: Page, desk: Page, phones: list[Page]) -> None:
    """Two people leave at the desk, and every screen says that nothing can be decided now."""
    for name in ("rosa", "ewa"):
        person(desk, name).get_by_role("button", name="Leaves").click()
        expect(person(desk, name)).to_contain_text("Left", timeout=PATIENCE)
    expect(cockpit.locator("#now .notice.stop")).to_contain_text("quorum", ignore_case=True, timeout=PATIENCE)
    for phone in phones:
        expect(phone.locator("#now .notice.stop")).to_contain_text(
            "No quorum: 3 voters here, needed 4", timeout=PATIENCE
        )
    look("7-lost", cockpit, wall, phones[0])
    assert_usable(cockpit, phones[0])


def adjourn(cockpit: Page, wall: Page, phones: list[Page]) -> None:
    cockpit.locator("#drive summary", has_text="Close the meeting").click()
    cockpit.get_by_role("button", name="Close it now").click()
    for page in (wall, *phones):
        expect(page.locator("#now, #scene").first).to_contain_text("Thank you for coming", timeout=PATIENCE)
    look("8-closed", cockpit, wall, phones[0])


def minutes(evening: Evening) -> None:
    """The secretary has them written from what happened, and reads the draft."""
    secretary = evening.sit_down("sena", DESK)
    secretary.goto(f"{evening.meeting}minutes/")
    secretary.get_by_role("button", name="Write the minutes").click()
    expect(secretary.get_by_label("Minutes", exact=True)).to_have_value(re.compile("# Autumn assembly"))
    keep(secretary, "9-write")
    secretary.get_by_role("link", name="Minutes: Autumn assembly").click()
    told = secretary.locator("article.minutes")
    for words in (
        COMPOST,
        "Look after the garden",
        "3 yes of 4 counted, needed 3",
        f"Chosen: {CORNERS[1]}",
        "quorum was not met",
    ):
        expect(told).to_contain_text(words)
    keep(secretary, "9-minutes")
    assert_usable(secretary)


def assert_nothing_is_stale(screens: list[Page]) -> None:
    """Every screen shows what the same person sees on a page that was loaded just now."""
    for page in screens:
        fresh = page.context.new_page()
        for _attempt in range(3):  # a minute may end in between, and with it a forecast
            fresh.goto(page.url)
            expect(fresh.locator("[data-live-status]").first).to_have_attribute(
                "data-live-status", "connected", timeout=PATIENCE
            )
            here, there = page.evaluate(PANELS), fresh.evaluate(PANELS)
            stale = {name: (html, there[name]) for name, html in here.items() if html != there[name]}
            if not stale:
                break
        fresh.close()
        assert here, f"{page.url} has no panels"
        assert not stale, f"{page.url}: {stale}"


def rank(phone: Page, *titles: str) -> None:
    for title in titles:
        phone.locator("li", has_text=title).get_by_role("button", name="Add as number").click()
    phone.get_by_role("button", name="Submit my ballot").click()
    expect(phone.get_by_text("Your ballot is counted")).to_be_visible(timeout=PATIENCE)


def cast(phone: Page, option: Locator) -> None:
    option.click(timeout=4 * PATIENCE)
    phone.get_by_role("button", name="Submit my ballot").click()
    expect(phone.get_by_text("Your ballot is counted")).to_be_visible(timeout=PATIENCE)


def speaks(cockpit: Page, phone: Page | None, name: str) -> None:
    """The cockpit's one button calls this person, and their own phone tells them."""
    press(cockpit, "Call the next speaker")
    expect(cockpit.locator("#floor .speaking .who")).to_have_text(RESIDENTS[name], timeout=PATIENCE)
    if phone:
        expect(phone.locator("#my-hand")).to_contain_text("You have the floor", timeout=PATIENCE)


def press(cockpit: Page, button: str) -> None:
    """The one big button says this, and is pressed; an answer came when this returns."""
    found = cockpit.locator("#drive .drive").get_by_role("button", name=button).first
    expect(found).to_be_enabled(timeout=3 * PATIENCE)  # a vote counts down before it is counted
    address = str(found.locator("xpath=ancestor::form").get_attribute("action"))
    with cockpit.expect_response(lambda answer: answer.url.endswith(address)) as told:
        found.click()
    assert told.value.ok, f"{button}: {told.value.status}"


def person(desk: Page, name: str) -> Locator:
    return desk.locator("#people-list li", has_text=RESIDENTS[name])


def leads_to(square: Locator, link: str) -> bool:
    """Whether a camera reads this link in the square."""
    drawn = square.locator("path").first.get_attribute("d")
    return bool(drawn) and f'd="{drawn}"' in qr_code(link)


def look(name: str, cockpit: Page, wall: Page, phone: Page) -> None:
    for page, screen in ((cockpit, "cockpit"), (wall, "wall"), (phone, "phone")):
        keep(page, f"{name}-{screen}")


def keep(page: Page, name: str) -> None:
    """A picture for whoever wants to look: STORY_SHOTS names the folder."""
    if folder := os.environ.get("STORY_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def picture(page: Page, name: str) -> None:
    """A picture for docs/meetings.md, taken anew with PICTURES=1."""
    if os.environ.get("PICTURES") == "1":
        PICTURES.mkdir(exist_ok=True)
        page.mouse.move(0, 0)
        page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
        file = PICTURES / f"{name}.png"
        page.screenshot(path=file)
        if smaller := shutil.which("convert"):  # of ImageMagick: a third of the size, and nobody sees it
            subprocess.run([smaller, file, "-strip", "+dither", "-colors", "128", f"PNG8:{file}"], check=True)
