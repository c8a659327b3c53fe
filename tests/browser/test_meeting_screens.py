"""Every state of a meeting before axe and a ruler: phones, cockpit and desk, and the wall in its own size."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe, measures
from tests.browser.conftest import DESK, Town
from tests.browser.everybody import trouble
from tests.browser.test_cockpit_frame import WALL, keep
from tests.browser.test_meeting_bad_network import a_meeting_of_ours
from tests.browser.test_meeting_story import PATIENCE, attend, step

TOO_TALL = """() => [...document.querySelectorAll('.scene .main')]
  .filter((main) => main.scrollHeight > main.clientHeight + 1)
  .map((main) => `${main.scrollHeight} > ${main.clientHeight}: ${main.innerText.slice(0, 80)}`)"""


class Hall:
    """The screens of one meeting, and what was found wrong with them."""

    def __init__(self, person: Callable[..., Page]) -> None:
        self.cockpit = person("bao@riverside.demo", viewport=DESK)
        self.meeting = a_meeting_of_ours(self.cockpit)
        self.phone = attend(person("amina@riverside.demo"), self.meeting)
        self.guest = person()
        self.wall = person("bao@riverside.demo", viewport=WALL)
        self.wall.goto(f"{self.meeting}screen/")
        self.found: list[str] = []

    def look(self, state: str, *pages: str) -> None:
        """All screens are examined as they are now, and these pages of the meeting too."""
        for name, page in (("cockpit", self.cockpit), ("phone", self.phone), ("guest", self.guest)):
            keep(page, f"{state}-{name}")
            self.note(state, trouble(page))
        keep(self.wall, f"{state}-wall")
        is_dark = self.wall.locator(".scene.blank").count()  # then there is nothing to read, no heading either
        found = [
            *([] if is_dark else axe.violations(self.wall)),
            *measures.too_wide(self.wall),
            *self.wall.evaluate(TOO_TALL),
        ]
        self.note(f"{state}, the wall", found)
        for path in pages:
            aside = self.cockpit.context.new_page()
            aside.goto(f"{self.meeting}{path}")
            keep(aside, f"{state}-{path.strip('/').replace('/', '-')}")
            self.note(state, trouble(aside))
            aside.close()

    def seen(self, state: str) -> None:
        """The page that the facilitator is on is examined as it is now."""
        keep(self.cockpit, state)
        self.note(state, trouble(self.cockpit))

    def note(self, state: str, troubles: list[str]) -> None:
        self.found += [f"{state}: {one}" for one in troubles]

    def show(self, scene: str, sign: str) -> None:
        """The wall is told to show something else, and does."""
        self.open_scenes()
        self.cockpit.locator("#scenes").get_by_role("button", name=scene, exact=True).click()
        expect(self.wall.locator("#scene").get_by_text(sign).first).to_be_visible(timeout=PATIENCE)

    def open_scenes(self) -> None:
        if not self.cockpit.locator("#scenes[open]").count():
            self.cockpit.locator("#scenes summary").click()


@pytest.mark.faults  # two minutes; the stories of the normal suite look at the most important states
def test_every_state_of_a_meeting_can_be_used_by_everybody(person: Callable[..., Page], town: Town) -> None:
    hall = Hall(person)
    cockpit, phone, guest, wall = hall.cockpit, hall.phone, hall.guest, hall.wall
    code = wall.locator(".ground .join").inner_text()
    guest.goto(f"/j/{code}/")
    hall.note("door", trouble(guest))
    guest.locator("[name=handle]").fill("Zoe from number 7")
    guest.get_by_role("button", name="Join as a guest").click()
    expect(guest.get_by_text("You are here as")).to_be_visible()
    hall.look("1-doors", "desk/", "desk/list/", "edit/", "agenda/", "paper/", "")

    step(cockpit, "Start the meeting")
    step(cockpit, "Take up the first item")
    expect(wall.get_by_role("heading", name="A bench for the square")).to_be_visible(timeout=PATIENCE)
    hall.look("2-item")

    guest.get_by_role("button", name="Raise my hand").click()
    phone.get_by_role("button", name="Raise my hand").click()
    expect(cockpit.locator("#floor")).to_contain_text("Zoe from number 7 (guest)", timeout=PATIENCE)
    expect(cockpit.locator("#floor")).to_contain_text("2 waiting", timeout=PATIENCE)
    hall.look("3-hands", "speakers/rules/")
    cockpit.locator("#drive").get_by_role("button", name="Call the next speaker").click()
    expect(guest.get_by_text("You have the floor.")).to_be_visible(timeout=PATIENCE)
    hall.show("Who speaks, with the time", "Zoe from number 7 (guest)")
    hall.look("4-speaker", "speakers/time/")
    cockpit.locator("#drive").get_by_role("button", name="Has finished").click()
    expect(guest.get_by_text("You have the floor.")).to_have_count(0, timeout=PATIENCE)

    hall.show("The agenda", "A bench for the square")
    hall.look("5-agenda")
    hall.open_scenes()
    cockpit.locator("#scene-text").fill("Soup is in the kitchen. " * 12)
    cockpit.get_by_role("button", name="Show this text").click()
    expect(wall.get_by_text("Soup is in the kitchen.").first).to_be_visible(timeout=PATIENCE)
    hall.look("6-text")
    hall.open_scenes()
    cockpit.get_by_role("button", name="Blank", exact=True).click()
    expect(wall.locator(".scene.blank")).to_be_attached(timeout=PATIENCE)
    hall.look("7-dark")
    step(cockpit, "Light it")
    expect(wall.locator(".scene.blank")).to_have_count(0, timeout=PATIENCE)

    step(cockpit, "Yes or no on this item")
    hall.look("8-ready")
    step(cockpit, "Open the vote")
    phone.locator("label.option", has_text="Yes").first.click()
    hall.look("9-vote")
    phone.get_by_role("button", name="Submit my ballot").click()
    expect(phone.get_by_text("Your ballot is counted")).to_be_visible(timeout=PATIENCE)
    cockpit.get_by_role("main").get_by_role("button", name="Close the vote").first.click()
    expect(wall.locator(".closing")).to_be_visible(timeout=PATIENCE)
    hall.look("10-closing")
    if cockpit.get_by_role("main").get_by_role("button", name="Close now").count():
        step(cockpit, "Close now")
    expect(cockpit.get_by_role("main").get_by_role("button", name="Show the result")).to_be_visible(timeout=PATIENCE)
    hall.look("11-counted")
    step(cockpit, "Show the result")
    expect(wall.locator(".verdict")).to_be_visible(timeout=PATIENCE)
    hall.look("12-result", "decisions/", "speakers/find/?q=am")
    walk_a_motion(hall)
    assert not hall.found, "\n".join(dict.fromkeys(hall.found))


def walk_a_motion(hall: Hall) -> None:
    """The pages that a motion, a change to it and a count of hands bring, each opened where people open it."""
    page = hall.cockpit
    page.get_by_role("link", name="Put a motion").click()
    hall.seen("15-put")
    page.get_by_role("button", name="Put the motion").click()
    expect(page.locator("[aria-invalid=true]").first).to_be_attached()
    hall.seen("15-put-refused")
    page.locator("[name=title]").fill("A bench")
    page.locator("[name=text]").fill("The town sets up a bench of oak on the square.")
    page.get_by_role("button", name="Put the motion").click()
    page.get_by_role("link", name="Put forward a change").click()
    hall.seen("16-amend")
    page.locator("[name=text]").fill("The town sets up two benches of oak on the square.")
    page.get_by_role("button", name="Put it forward").click()
    expect(page.get_by_role("heading", name="Changes")).to_be_visible()
    hall.seen("17-motion")
    page.get_by_role("link", name="Cockpit").first.click()
    hall.look("18-motion")
    page.get_by_role("link", name="Count hands").click()
    hall.seen("19-count")
    page.get_by_role("button", name="Hands up").click()
    hall.look("20-hands")
    page.get_by_role("link", name="Enter a count as teller").first.click()
    hall.seen("21-hands")
    page.goto(f"{hall.meeting}cockpit/")
