"""Somebody who has never been here: by themselves, by an invitation, and with scripts switched off."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, Town, press
from tests.browser.everybody import assert_usable


def sign_in(page: Page, town: Town, email: str, name: str) -> None:
    """Address, code, name: the whole way in."""
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code").fill(town.newest_code(email))
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    if page.context.browser and page.evaluate("document.scripts.length"):
        assert_usable(page)
    page.get_by_label("Your name").fill(name)
    press(page.get_by_role("main").get_by_role("button", name="Go on"))


def test_a_newcomer_joins_and_is_told_that_the_register_is_closed(person: Callable[..., Page], town: Town) -> None:
    page = person()
    page.goto("/a/riverside/")
    page.get_by_role("link", name=re.compile("^Sign in")).first.click()
    sign_in(page, town, "newcomer@example.org", "Noor Newcomer")
    page.goto("/a/riverside/")
    press(page.get_by_role("button", name="Join Riverside").first)
    page.goto("/me/")
    expect(page.get_by_role("main")).to_contain_text("Riverside")
    page.goto("/a/riverside/")
    expect(page.get_by_role("main")).to_contain_text("You are not in the register of voters")


def test_an_invitation_leads_into_the_assembly(person: Callable[..., Page], town: Town) -> None:
    adela = person("adela@riverside.demo", viewport=DESK)
    adela.goto("/a/riverside/members/")
    adela.get_by_role("textbox", name="E-mail address").fill("invited@example.org")
    adela.get_by_role("button", name="Send the invitation").click()
    guest = person()
    guest.goto(town.newest_link("invited@example.org"))
    if guest.get_by_label("E-mail").count():
        sign_in(guest, town, "invited@example.org", "Ines Invited")
    expect(guest.get_by_role("heading", name="You are invited to Riverside")).to_be_visible()
    assert_usable(guest)
    press(guest.get_by_role("main").get_by_role("button", name="Join"))
    guest.goto("/me/")
    expect(guest.get_by_role("main")).to_contain_text("Riverside")


def test_everything_that_is_a_form_works_with_scripts_off(person: Callable[..., Page], town: Town) -> None:
    page = person("agnes@riverside.demo", scripts=False)
    page.goto("/a/riverside/")
    page.goto(str(page.locator("a[href$='/ballot/']").first.get_attribute("href")))
    boxes = page.get_by_role("checkbox")
    boxes.nth(0).check()
    boxes.nth(1).check()
    page.get_by_role("button", name="Check my ballot").click()
    expect(page.get_by_role("heading", name="Check your ballot")).to_be_visible()
    page.get_by_role("button", name="Submit my ballot").click()
    expect(page.get_by_text("Your ballot is counted")).to_be_visible()
