"""An evening in the hall: one facilitator at a desk, three phones and the projector, each a browser of its own."""

import time
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESK, Town, press
from tests.browser.everybody import assert_usable

PHONES = ("amina@riverside.demo", "duc@riverside.demo", "kofi@riverside.demo")
PATIENCE = 10_000  # milliseconds, for a busy machine; what it really took is printed


def test_three_phones_and_the_projector_follow_the_facilitator(person: Callable[..., Page], town: Town) -> None:
    desk = person("bao@riverside.demo", viewport=DESK)
    desk.goto("/a/riverside/")
    meeting = str(desk.locator("a[href$='/live/']").first.get_attribute("href")).removesuffix("live/")
    phones = [attend(person(email), meeting) for email in PHONES]
    screen = person(viewport=DESK)
    screen.goto(f"{meeting}screen/")
    everybody = [*phones, screen]
    for page in everybody:
        page.evaluate("window.sameDocument = true")
    desk.goto(f"{meeting}cockpit/")

    step(desk, "Start the meeting")
    step(desk, "Take up the first item")
    next_vote(desk)
    question = desk.locator("#now .asked").inner_text()
    waits = [seen(everybody, "Open the vote", desk, lambda page: page.get_by_text(question).first)]
    assert_usable(desk, phones[0], screen)
    for number, (phone, answer) in enumerate(zip(phones, ("Yes", "No", "Yes"), strict=True), 1):
        phone.locator("label.option", has_text=answer).first.click()
        phone.get_by_role("button", name="Submit my ballot").click()
        expect(phone.get_by_text("Your ballot is counted")).to_be_visible(timeout=PATIENCE)
        for page in phones:
            expect(page.locator("#turnout .big")).to_have_text(str(number), timeout=PATIENCE)
        expect(screen.locator(".huge")).to_have_text(str(number), timeout=PATIENCE)
    close(desk)
    for page in phones:
        expect(page.locator("#now").get_by_text("The result comes when it is shown")).to_be_visible(timeout=PATIENCE)
    assert all("Carried:" not in page.content() for page in [*everybody, desk])
    waits.append(
        seen(
            everybody,
            "Show the result",
            desk,
            lambda page: page.locator("#now, .scene").get_by_text("Carried: 2 yes of 3").first,
        )
    )

    assert_usable(desk, phones[0], screen)

    next_vote(desk, beyond=question)
    while not is_approval(desk):
        step(desk, "Open the vote")
        close(desk)
        step(desk, "Show the result")
        next_vote(desk, beyond=desk.locator("#now .asked").inner_text())
    step(desk, "Open the vote")
    amina, duc, kofi = phones
    favourite = amina.locator("label.option").first
    name = favourite.inner_text().strip()
    for number, phone in enumerate((amina, duc), 1):
        phone.locator("label.option", has_text=name).click()
        phone.get_by_role("button", name="Submit my ballot").click()
        for page in everybody:
            tally = page.locator(".outcome li, .tally li", has_text=name).first
            expect(tally).to_contain_text(str(number), timeout=PATIENCE)
    assert_usable(desk, kofi, screen)
    assert kofi.locator("label.option").first.is_visible(), "the ballot that Kofi still holds was not taken away"
    step(desk, "Close the vote")
    waits.append(
        seen(phones, "Close now", desk, lambda page: page.locator("#now, .scene").get_by_text("Chosen:").first)
    )

    next_vote(desk, beyond=desk.locator("#now .asked").inner_text())
    step(desk, "Open the vote")
    add = amina.get_by_role("button", name="Add as number")
    add.first.click()
    amina.get_by_role("button", name="Add as number").first.click()
    assert_usable(amina)
    amina.get_by_role("button", name="Submit my ballot").click()
    expect(amina.get_by_text("Your ballot is counted")).to_be_visible(timeout=PATIENCE)
    close(desk)
    expect(duc.locator("#now").get_by_text("The result comes when it is shown")).to_be_visible(timeout=PATIENCE)
    assert all("Chosen:" not in page.locator("#now, .scene").first.inner_html() for page in everybody)
    waits.append(
        seen(everybody, "Show the result", desk, lambda page: page.locator("#now, .scene").get_by_text("Chosen:").first)
    )

    assert all(page.evaluate("window.sameDocument") for page in everybody), "a screen was loaded anew"
    print("milliseconds until every screen had changed:", [round(wait) for wait in waits])


def attend(phone: Page, meeting: str) -> Page:
    """The phone is on the meeting's page, and its person checked in."""
    phone.goto(f"{meeting}live/")
    in_the_room = phone.get_by_role("button", name="I am in the room")
    if in_the_room.count():
        press(in_the_room)
    return phone


def step(desk: Page, button: str) -> None:
    """Press the cockpit's button and wait until another took its place."""
    found = desk.get_by_role("main").get_by_role("button", name=button).first
    expect(found).to_be_visible(timeout=PATIENCE)
    found.click()
    expect(desk.get_by_role("main").get_by_role("button", name=button, exact=True)).to_have_count(0, timeout=PATIENCE)


def next_vote(desk: Page, beyond: str = "") -> None:
    """Go on to the next item that has a vote ready."""
    for _ in range(12):
        asked = desk.locator("#now .asked").inner_text()
        if asked != beyond and desk.get_by_role("main").get_by_role("button", name="Open the vote").count():
            return
        desk.get_by_role("main").get_by_role("button", name="Next item").first.click()
        expect(desk.locator("#now .asked")).not_to_have_text(asked, timeout=PATIENCE)
    raise AssertionError("no item with a vote was left")


def is_approval(desk: Page) -> bool:
    return desk.get_by_role("main").get_by_text("Open vote: everybody sees the tally").count() > 0


def seen(pages: list[Page], button: str, desk: Page, sign: Callable[[Page], Locator]) -> float:
    """Press the button; how many milliseconds until the last of these pages showed the sign, by itself."""
    found = desk.get_by_role("main").get_by_role("button", name=button).first
    expect(found).to_be_visible(timeout=PATIENCE)
    began = time.monotonic()
    found.click()
    for page in pages:
        expect(sign(page)).to_be_visible(timeout=PATIENCE)
    return (time.monotonic() - began) * 1000


def close(desk: Page) -> None:
    """The vote is closed without waiting for the end of its countdown."""
    step(desk, "Close the vote")
    step(desk, "Close now")
