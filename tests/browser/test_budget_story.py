"""From a resident's idea to the result: sign in, submit, review, ballot, close, result, each in a real browser."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, Town, press
from tests.browser.everybody import assert_usable

IDEA = "A slide into the swimming bay"


def test_an_idea_becomes_a_result(person: Callable[..., Page], town: Town) -> None:
    amina, ewa, bao = person(), person("ewa@riverside.demo", viewport=DESK), person("bao@riverside.demo", viewport=DESK)
    sign_in_by_code(amina, town, "amina@riverside.demo")
    cycle = address_of(amina, "Youth budget 2027")

    submit(amina, cycle)
    answer(ewa, cycle)
    amina.goto(f"{cycle}proposals/?q=slide")
    expect(amina.get_by_role("link", name=IDEA)).to_be_visible()

    bao.goto(f"{cycle}manage/")
    go_on(bao, "Vote", first_put_on_ballot=True)
    confirm(bao, "Open the vote")
    vote(amina, cycle)

    amina.goto(f"{cycle}results/")
    assert "is funded" not in amina.content()
    bao.goto(f"{cycle}manage/")
    confirm(bao, "Close the vote now", "Close and count")
    amina.goto(f"{cycle}results/")
    assert "Funded in round" not in amina.content(), "the result was told before it was published"
    confirm(bao, "Publish the result")

    amina.goto(f"{cycle}results/")
    expect(amina.get_by_role("heading", name="Equal Shares")).to_be_visible()
    expect(amina.get_by_role("heading", name="Greedy")).to_be_visible()
    assert_usable(amina)
    row = amina.get_by_role("row", name=IDEA)
    expect(row).to_contain_text("Funded")
    expect(row).to_contain_text(re.compile(r"1 supporter paid for it|enough for every project"))


def sign_in_by_code(page: Page, town: Town, email: str) -> None:
    page.goto("/sign-in/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code").fill("000000")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert_usable(page)
    page.get_by_label("Code").fill(town.newest_code(email))
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("My page and sign out")).to_be_attached()


def address_of(page: Page, title: str) -> str:
    page.goto("/a/riverside/budget/")
    return str(page.get_by_role("link", name=title).first.get_attribute("href"))


def submit(page: Page, cycle: str) -> None:
    """First with something missing, then page by page, then checked and sent."""
    page.goto(f"{cycle}propose/")
    page.get_by_label("Name of your idea").fill(IDEA)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Name of your idea")).to_have_value(IDEA)
    assert_usable(page)
    text = "Three metres, with a rail. The bay is there, and the way in is steep."
    write_idea(page, IDEA, "A wooden slide from the quay into the swimming bay.", text, "7.500")
    assert_usable(page)
    page.get_by_role("button", name="Send my idea").click()
    expect(page.get_by_role("heading", name="Your idea is in")).to_be_visible()
    assert_usable(page)


def write_idea(page: Page, title: str, summary: str, text: str, cost: str) -> None:
    """The short way through the pages, up to the one on which everything is read once more."""
    page.get_by_label("Name of your idea").fill(title)
    page.get_by_label("Your idea in one sentence").fill(summary)
    page.get_by_label("What exactly, and why?").fill(text)
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url(re.compile("/(similar|where)/$"))
    if page.url.endswith("/similar/"):
        page.get_by_role("link", name="Mine is different: go on").click()
    page.get_by_label("The whole town").check()
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("What might it cost?").fill(cost)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Check your answers")).to_be_visible()


def answer(page: Page, cycle: str) -> None:
    page.goto(f"{cycle}desk/")
    page.get_by_role("link", name=IDEA).first.click()
    page.locator("input[name=feasibility][value=feasible]").check()
    page.get_by_label("What does it cost?").fill("8 200")
    page.get_by_role("button", name="Sign the answer").click()
    expect(page.get_by_role("status")).to_be_visible()


def go_on(page: Page, until: str, *, first_put_on_ballot: bool) -> None:
    """Begin one step after the other until the vote's; the list of projects is fixed on the way."""
    for _ in range(8):
        if first_put_on_ballot and page.get_by_text("Put them on the ballot").count() and "Ideas" not in now(page):
            confirm(page, "Put them on the ballot")
            first_put_on_ballot = False
        if until in now(page):
            return
        page.get_by_text(re.compile("^Go on to")).click()
        press(page.get_by_role("button", name=re.compile("^Begin")))
    raise AssertionError(f"{until} was not reached: {now(page)}")


def now(page: Page) -> str:
    return page.locator("[aria-current=step] h3").first.inner_text()


def confirm(page: Page, opener: str, button: str = "") -> None:
    """Unfold the act, read what it does, and do it."""
    page.locator("details.confirm > summary", has_text=opener).click()
    press(page.get_by_role("button", name=button or opener))


def vote(page: Page, cycle: str) -> None:
    page.goto(f"{cycle}ballot/")
    card = page.locator("article.choice", has_text=IDEA)
    card.locator("label.pick").click()
    expect(page.get_by_text("Not submitted yet")).to_be_visible()
    expect(page.locator("section.budget")).to_contain_text("1")
    assert_usable(page)
    page.get_by_role("button", name="Check my ballot").click()
    expect(page.get_by_role("heading", name="Check your ballot")).to_be_visible()
    assert_usable(page)
    page.get_by_role("button", name="Submit my ballot").click()
    expect(page.get_by_text("Your ballot is counted")).to_be_visible()
    assert_usable(page)
