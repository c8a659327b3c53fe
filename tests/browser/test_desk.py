"""An administrator makes a vote of the whole assembly, on a phone; everybody can use every page on the way."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Town, press
from tests.browser.everybody import assert_usable


def make(page: Page, kind: str, question: str, *answers: str, level: str = "Sealed") -> None:
    page.goto("/")
    page.get_by_role("link", name="Make a vote").click()
    page.get_by_role("radio", name=kind).check()
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Question", exact=True).fill(question)
    for number, answer in enumerate(answers, start=1):
        page.get_by_label(f"Answer {number}", exact=True).fill(answer)
    page.get_by_role("radio", name=level).check()
    press(page.get_by_role("button", name="Save the draft").last)


def test_adela_makes_a_vote_and_opens_it_without_scripts(person: Callable[..., Page], town: Town) -> None:
    page = person("adela@riverside.demo", scripts=False)
    page.goto("/a/riverside/polls/new/?kind=choose_one")
    page.get_by_label("Question", exact=True).fill("Which name for the square?")
    page.get_by_label("Answer 1", exact=True).fill("Elm Square")
    page.get_by_role("button", name="Add an answer").click()
    expect(page.get_by_label("Answer 4", exact=True)).to_be_visible()
    expect(page.get_by_label("Answer 1", exact=True)).to_have_value("Elm Square")
    page.get_by_label("Answer 2", exact=True).fill("Market Square")
    page.get_by_label("Question", exact=True).press("Enter")  # saves, and takes no row away
    expect(page.get_by_role("heading", level=1)).to_have_text("Which name for the square?")
    page.get_by_role("button", name="It is ready").click()
    page.get_by_role("link", name="Open the vote").click()
    page.get_by_role("button", name="Open the vote").click()
    expect(page.get_by_role("heading", name="Voting is open")).to_be_visible()


def test_every_page_of_the_desk_can_be_used_by_everybody(person: Callable[..., Page], town: Town) -> None:
    page = person("adela@riverside.demo")
    make(page, "Put in order", "What shall we mend first?", "The bridge")
    assert_usable(page)  # with its errors
    expect(page.get_by_role("alert")).to_contain_text("Write between 2 and 60 different answers")
    page.get_by_label("Answer 2", exact=True).fill("The well")
    press(page.get_by_role("button", name="Save the draft").last)
    assert_usable(page)
    for link in ("Change it", "See the ballot", "Register and voter codes"):
        press(page.get_by_role("link", name=link))
        assert_usable(page)
        page.go_back()
    press(page.get_by_role("button", name="It is ready"))
    press(page.get_by_role("link", name="Open the vote"))
    assert_usable(page)
    press(page.get_by_role("button", name="Open the vote"))
    assert_usable(page)
    for link in ("Close the vote now", "Declare the vote void", "Take out a ballot"):
        press(page.get_by_role("link", name=link))
        assert_usable(page)
        page.go_back()
