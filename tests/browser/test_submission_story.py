"""An idea sent in from a phone: by keys alone, on a slow connection that is cut in the middle of a photo; and without
scripts. Nothing is lost, and everybody can use every page of it."""

import os
import re
from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import CDPSession, FilePayload, Locator, Page, expect

from tests.browser.conftest import Town
from tests.browser.everybody import assert_usable
from tests.browser.line import Line, line_to
from tests.browser.test_budget_story import address_of

PATIENCE = 30_000
SLOW = {"offline": False, "latency": 100, "downloadThroughput": 300_000, "uploadThroughput": 20_000}
WRITTEN = TITLE, SUMMARY, TEXT, PLACE = (
    "A phone charging bench for the square",
    "Sit down and load your phone.",
    "The bus comes late and the phone is empty.",
    "In front of the old mill",
)


@pytest.fixture
def line(town: Town) -> Iterator[Line]:
    with line_to(town.url) as line:
        yield line


def test_a_photo_and_a_pin_on_a_slow_connection_with_a_cut(person: Callable[..., Page], line: Line) -> None:
    page = person("amina@riverside.demo", url=line.url)
    page.set_default_timeout(PATIENCE)
    cycle = address_of(page, "Youth budget")
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", SLOW)

    page.goto(f"{cycle}propose/")
    write(page, page.get_by_label("Name of your idea"), TITLE)
    expect(page.locator("#alike")).to_contain_text("Phone charging bench at Mill Square")
    write(page, page.get_by_label("Your idea in one sentence"), SUMMARY)
    go_on(page)
    expect(page.get_by_role("alert")).to_contain_text("Say what you want, and why.")
    assert_usable(page)
    write(page, page.get_by_label("What exactly, and why?"), TEXT)
    go_on(page)
    expect(page.get_by_role("heading", name="Similar ideas")).to_be_visible()
    assert_usable(page)
    press(page, page.get_by_role("link", name="Mine is different: go on"))

    expect(page.get_by_role("heading", name="Where", exact=True)).to_be_visible()
    reach(page, page.get_by_label("One spot"))
    page.keyboard.press("Space")
    write(page, page.get_by_label("Address"), PLACE)
    reach(page, page.locator("input[name=map]"))
    for key in ("ArrowUp", "ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
    expect(page.locator("[data-pin-said]")).to_contain_text("The pin is in")
    pin = page.locator("[name=pin]").input_value()
    assert re.fullmatch(r"\d+,\d+", pin)
    page.locator("input[name=map]").click(position={"x": 60, "y": 120})
    expect(page.locator("[name=pin]")).not_to_have_value(pin)
    assert_usable(page)
    go_on(page)

    write(page, page.get_by_label("What might it cost?"), "a lot")
    go_on(page)
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("What might it cost?")).to_have_value("a lot")
    assert_usable(page)
    write(page, page.get_by_label("What might it cost?"), "4 500")
    go_on(page)

    expect(page.get_by_role("heading", name="Photos", exact=True)).to_be_visible()
    assert_usable(page)
    send_photo_through_a_cut(page, network, line)
    go_on(page)

    expect(page.get_by_role("heading", name="Check your answers")).to_be_visible()
    terms = page.locator("dl.terms")
    page.reload()  # in the middle of the way: all is there again
    for words in (*WRITTEN, "4 500", "with a pin"):
        expect(terms).to_contain_text(re.compile(words.replace(" ", r"\s")))
    assert is_drawn(terms.get_by_role("img", name="The square in the rain"))
    assert_usable(page)
    press(page, page.get_by_role("button", name="Send my idea"))
    expect(page.get_by_role("heading", name="Your idea is in")).to_be_visible()
    expect(page.locator(".receipt .code")).to_have_text(re.compile(r"^RV-\w{5}$"))
    assert_usable(page)
    press(page, page.get_by_role("link", name="See my proposal"))
    for words in WRITTEN:
        expect(page.get_by_role("main")).to_contain_text(words)
    assert is_drawn(page.get_by_role("img", name="The square in the rain"))
    assert_usable(page)


def send_photo_through_a_cut(page: Page, network: CDPSession, line: Line) -> None:
    page.locator("input[name=file]").set_input_files(photo())  # the window of the phone itself is not ours
    go_on(page)
    expect(page.get_by_role("alert")).to_contain_text("Say in a few words what one sees on the photo.")
    write(page, page.get_by_label("What does one see on it?"), "The square in the rain")
    press(page, page.get_by_role("button", name="Add this photo"))
    expect(page.locator("#photo-progress")).to_have_attribute("value", re.compile(r"^([6-9]|[1-8]\d)$"))
    line.cut()
    page.context.set_offline(True)
    cut = page.locator("[data-cut]")
    expect(cut).to_be_visible()
    expect(cut).to_contain_text("The photo has not arrived yet.")
    assert cut.get_attribute("role") == "alert"
    expect(page.get_by_label("What does one see on it?")).to_have_value("The square in the rain")
    assert page.locator("input[name=file]").evaluate("(field) => field.files[0].name") == "IMG_1234.JPG"
    press(page, page.get_by_role("button", name="Try again now"))
    expect(cut).to_be_visible()  # still no line, and still nothing lost
    expect(page.locator(".photo-list")).to_have_count(0)
    assert_usable(page)
    line.mend()
    page.context.set_offline(False)
    network.send("Network.emulateNetworkConditions", SLOW | {"uploadThroughput": 400_000})
    expect(page.locator(".photo-list li")).to_have_count(1)
    expect(page.locator("[data-photo-said]")).to_have_text("The photo is added.")
    page.reload()
    expect(page.locator(".photo-list li")).to_have_count(1)
    assert is_drawn(page.get_by_role("img", name="The square in the rain"))


def test_the_whole_way_without_scripts(person: Callable[..., Page]) -> None:
    page = person("amina@riverside.demo", scripts=False)
    page.set_default_timeout(PATIENCE)
    cycle = address_of(page, "Youth budget")
    page.goto(f"{cycle}propose/")
    page.get_by_label("Name of your idea").fill("Quiet hour in the swimming hall")
    page.get_by_label("Your idea in one sentence").fill("One hour without music.")
    page.get_by_label("What exactly, and why?").fill("Some ears need it.")
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url(re.compile("/(similar|where)/$"))
    if page.url.endswith("/similar/"):
        page.get_by_role("link", name="Mine is different: go on").click()
    page.get_by_label("One spot").check()
    page.get_by_label("Address").fill("The pool")
    page.locator("input[name=map]").click(position={"x": 60, "y": 100})
    expect(page.get_by_label("Address")).to_have_value("The pool")
    expect(page.get_by_text(re.compile("^The pin is in"))).to_be_visible()
    before = page.locator("[name=pin]").input_value()
    page.get_by_role("button", name="North").click()
    expect(page.locator("[name=pin]")).not_to_have_value(before)
    page.get_by_label("Address").press("Enter")  # goes on, and does not press the map
    page.get_by_role("button", name="Go on").click()
    page.locator("input[name=file]").set_input_files(photo(side=200))
    page.get_by_label("What does one see on it?").fill("The pool")
    page.get_by_role("button", name="Add this photo").click()
    expect(page.locator(".photo-list li")).to_have_count(1)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("link", name="Change the guess").click()
    page.get_by_label("What might it cost?").fill("300")
    page.get_by_role("button", name="Keep this").click()
    expect(page.get_by_role("heading", name="Check your answers")).to_be_visible()
    page.get_by_role("button", name="Send my idea").click()
    expect(page.get_by_role("heading", name="Your idea is in")).to_be_visible()


def photo(side: int = 500) -> FilePayload:
    """A photo of noise, which cannot be made small: some hundred kilobytes."""
    kept = BytesIO()
    Image.frombytes("RGB", (side, side), os.urandom(3 * side * side)).save(kept, "JPEG", quality=90)
    return {"name": "IMG_1234.JPG", "mimeType": "image/jpeg", "buffer": kept.getvalue()}


def is_drawn(picture: Locator) -> bool:
    """One picture with these words, and the browser has it."""
    expect(picture).to_have_count(1)
    picture.scroll_into_view_if_needed()
    return bool(picture.evaluate("(image) => image.decode().then(() => image.naturalWidth > 0)"))


def reach(page: Page, wanted: Locator) -> None:
    """Press the tab key until the keys go there."""
    wanted.wait_for()
    for _press in range(60):
        if wanted.evaluate("(element) => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no number of presses on Tab leads to {wanted}")


def write(page: Page, field: Locator, text: str) -> None:
    reach(page, field)
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)


def press(page: Page, wanted: Locator) -> None:
    reach(page, wanted)
    page.keyboard.press("Enter")


def go_on(page: Page) -> None:
    press(page, page.get_by_role("button", name="Go on"))
