"""A card from the desk to the ballot box: printed by an administrator, read by a camera, used by one person after another."""

import re

from playwright.sync_api import Browser, expect

from tests.browser.conftest import PHONE
from tests.browser.everybody import assert_usable
from tests.browser.test_ballot_papers import site  # noqa: F401 - a fixture


def test_a_guest_votes_with_a_card_and_leaves_nothing_on_the_phone(browser: Browser, site: str) -> None:  # noqa: F811
    page = browser.new_context(viewport=PHONE).new_page()
    card = page.request.get(f"{site}/card/").json()
    page.goto(f"{site}{card['link']}")
    expect(page.locator("input[name=code]")).to_have_value(card["shown"])
    assert page.url == f"{site}/vote/", "the code is not in the history of the phone"
    assert_usable(page)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="My votes")).to_be_visible()
    assert_usable(page)
    page.get_by_role("link", name=re.compile("To the ballot")).click()
    page.locator("input[name=options]").first.check()
    page.locator("#ballot button[type=submit]").click()  # to the review, since nothing can be changed afterwards
    page.get_by_role("button", name="Submit my ballot").click()
    expect(page.get_by_text("Your ballot is counted")).to_be_visible()
    page.goto(f"{site}/vote/mine/")
    expect(page.get_by_text("Your ballot is in")).to_be_visible()
    assert_usable(page)
    page.get_by_role("button", name="Done, next person").click()
    expect(page.get_by_role("heading", name="Vote with a code")).to_be_visible()
    expect(page.locator("input[name=code]")).to_have_value("")
    page.goto(f"{site}/vote/mine/")
    assert page.url == f"{site}/vote/"


def test_a_wrong_code_is_said_in_words_and_stays_in_the_field(browser: Browser, site: str) -> None:  # noqa: F811
    page = browser.new_context(viewport=PHONE).new_page()
    page.goto(f"{site}/vote/")
    page.locator("input[name=code]").fill("k7qf2 9mxt0")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_contain_text("This code is not known here")
    expect(page.locator("input[name=code]")).to_have_value("k7qf2 9mxt0")
    assert_usable(page)


def test_an_administrator_prints_ten_cards_to_a_sheet(browser: Browser, site: str) -> None:  # noqa: F811
    page = browser.new_page()
    page.goto(f"{site}/administrator/")
    assert_usable(page)
    page.locator("#id_label").fill("Guests")
    page.locator("#id_size").fill("12")
    page.get_by_role("button", name="Make codes to print").click()
    expect(page.locator(".code-card")).to_have_count(12)
    assert_usable(page)
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) == 2
    page.get_by_role("link", name="They are printed: go on").click()
    expect(page.get_by_text("12 codes")).to_be_visible()
    assert_usable(page)
