"""An evening with bad Wi-Fi: what is pressed while nothing comes through is never lost silently."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import DESK
from tests.browser.test_meeting_story import PATIENCE, attend, step

TOWN_TIME = ZoneInfo("Europe/Brussels")  # in which the demo town types its times


def test_nobody_loses_a_vote_to_a_bad_network_and_nobody_is_told_too_much(person: Callable[..., Page]) -> None:
    desk = person("bao@riverside.demo", viewport=DESK)
    meeting = a_meeting_of_ours(desk)
    amina, kofi = (attend(person(f"{name}@riverside.demo"), meeting) for name in ("amina", "kofi"))
    expect(kofi.get_by_role("button", name="Raise my hand")).to_have_count(0)
    desk.get_by_role("button", name="Start the meeting").focus()
    desk.keyboard.press("Enter")
    expect(desk.locator(".col.now")).to_be_focused(timeout=PATIENCE)
    step(desk, "Take up the first item")
    for phone in (amina, kofi):  # they came before the meeting began
        expect(phone.get_by_role("button", name="Raise my hand")).to_be_visible(timeout=PATIENCE)
    step(desk, "Yes or no on this item")

    amina.route("**/my-vote/", cut)  # the paper is lost on its way ...
    with amina.expect_event("requestfailed"):
        step(desk, "Open the vote")
    amina.unroute("**/my-vote/")  # ... and asked for again
    for phone, answer in ((amina, "Yes"), (kofi, "No")):
        phone.locator("label.option", has_text=answer).first.click(timeout=2 * PATIENCE)
        phone.context.set_offline(True)
        phone.get_by_role("button", name="Submit my ballot").click()
        expect(phone.get_by_role("alert")).to_contain_text("Not counted yet", timeout=PATIENCE)
    amina.context.set_offline(False)
    expect(amina.get_by_text("Your ballot is counted")).to_be_visible(timeout=2 * PATIENCE)

    desk.context.set_offline(True)
    expect(desk.get_by_role("alert")).to_contain_text("You can read, but not steer", timeout=PATIENCE)
    close = desk.get_by_role("button", name="Close now")
    expect(close).to_be_disabled()
    desk.context.set_offline(False)
    expect(close).to_be_enabled(timeout=2 * PATIENCE)
    step(desk, "Close now")
    reveal = desk.get_by_role("button", name="Show the result")
    expect(reveal).to_be_visible(timeout=PATIENCE)
    again = reveal.bounding_box()
    assert again is not None
    desk.mouse.move(again["x"] + 40, again["y"] + 20)
    desk.mouse.down(click_count=2)  # the second half of a double click on what was here before
    desk.mouse.up(click_count=2)
    kofi.context.set_offline(False)
    expect(kofi.get_by_role("alert")).to_contain_text("Not counted: the vote was closed", timeout=2 * PATIENCE)
    expect(kofi.get_by_role("button", name="Submit my ballot")).to_have_count(0)
    assert reveal.is_visible()
    step(desk, "Show the result")
    expect(kofi.get_by_text("Carried: 1 yes of 1").first).to_be_visible(timeout=2 * PATIENCE)


def a_meeting_of_ours(desk: Page) -> str:
    """The address of a new meeting whose doors are open, so that other tests keep theirs."""
    begins = datetime.now(TOWN_TIME) + timedelta(hours=1)
    desk.goto("/a/riverside/meetings/new/")
    desk.locator("[name=title]").fill("A bad evening")
    desk.locator("[name=starts_at]").fill(f"{begins:%Y-%m-%dT%H:%M}")
    desk.locator("[name=planned_end_at]").fill(f"{begins + timedelta(hours=2):%Y-%m-%dT%H:%M}")
    desk.get_by_role("button", name="Go on to the agenda").click()
    desk.get_by_role("link", name="Add an item").click()
    desk.locator("[name=title]").fill("A bench for the square")
    desk.get_by_role("button", name="Add it to the agenda").click()
    desk.get_by_role("button", name="Announce the meeting").click()
    desk.get_by_role("link", name="Go to the cockpit").click()
    step(desk, "Open the doors")
    return desk.url.removesuffix("cockpit/")


def cut(route: Route) -> None:
    route.abort()
