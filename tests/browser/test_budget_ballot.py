"""The budget ballot on a phone: it adds up as one chooses, keeps what is not sent, and forgets what is counted."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.everybody import assert_usable

VOTER, CAREFUL = "ines@riverside.demo", "mele@riverside.demo"  # neither has voted when the demo begins


def open_ballot(page: Page) -> Page:
    page.goto("/a/riverside/")
    page.locator(".hero .btn.warm").click()
    expect(page.locator("[data-ballot]")).to_be_visible()
    return page


def stored(page: Page) -> object:
    page.wait_for_load_state()  # the scripts have run
    return page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('ballot/')).length")


def key(page: Page) -> str:
    return str(page.locator("#ballot input[name=key]").input_value())


def test_on_a_shared_device_nobody_finds_what_somebody_else_chose(person: Callable[..., Page]) -> None:
    page = open_ballot(person(CAREFUL))
    page.locator("label.pick").nth(0).click()
    expect(page.locator("section.budget")).to_contain_text("1 chosen")
    begun = key(page)
    page.context.clear_cookies()
    page.goto("/demo/")
    page.locator(f"button[value='{VOTER}']").first.evaluate("button => button.click()")
    expect(page.locator(".hero .btn.warm")).to_contain_text("Choose projects")
    assert not page.get_by_text("It is not counted until you submit.").is_visible()
    open_ballot(page)
    assert key(page) != begun
    expect(page.locator("section.budget")).to_contain_text("0 chosen")


def test_on_the_way_back_from_a_lost_line_the_paper_shows_what_was_chosen(person: Callable[..., Page]) -> None:
    """Not what the browser remembers of the paper as it was before."""
    page = open_ballot(person(CAREFUL))
    ticked = page.locator("#ballot input[name=options]:checked")
    page.get_by_role("button", name="Check my ballot").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    for number in range(3):
        page.locator("label.pick").nth(number).click()
    expect(ticked).to_have_count(3)
    page.context.set_offline(True)
    page.get_by_role("button", name="Check my ballot").click()
    page.wait_for_url("chrome-error://**")
    page.context.set_offline(False)
    page.go_back()
    expect(page.locator("section.budget")).to_contain_text("3 chosen")
    expect(ticked).to_have_count(3)
    page.get_by_role("button", name="Check my ballot").click()
    expect(page.get_by_role("heading", name="Check your ballot")).to_be_visible()


def test_the_ballot_adds_up_keeps_and_forgets(person: Callable[..., Page]) -> None:
    page = open_ballot(person(VOTER))
    picks, bar = page.locator("label.pick"), page.locator("section.budget")
    expect(page.locator("[data-unsent]")).to_have_text("Not submitted yet")
    expect(bar).to_contain_text("0 chosen")
    all_of_it = bar.locator("[data-figure]").inner_text()
    assert stored(page) == 0

    first_key = key(page)
    picks.nth(0).click()
    expect(bar).to_contain_text("1 chosen")
    expect(bar.locator("[data-figure]")).not_to_have_text(all_of_it)
    expect(page.locator("[data-status]")).to_contain_text("Added")
    second_key = key(page)
    assert first_key != second_key, "another choice is another ballot and needs another key"
    title = page.locator("article.choice").nth(0).locator("h3").inner_text()

    # A reload, and the way over the home page, keep the choice and say that it does not count yet.
    page.reload()
    expect(bar).to_contain_text("1 chosen")
    assert key(page) == second_key
    assert page.locator("article.choice").nth(0).locator("h3").inner_text() == title, "the order is mine and stays"
    page.goto("/a/riverside/")
    expect(page.get_by_role("heading", name="Your ballot has 1 project")).to_be_visible()
    expect(page.get_by_text("It is not counted until you submit.")).to_be_visible()
    expect(page.locator(".hero .btn.warm")).to_contain_text("Continue my ballot")
    assert_usable(page)

    # When the money is gone the others say what is missing, and can still be reached.
    open_ballot(page)
    chosen, number = 1, 1
    while not page.locator(".choice.dear").count():
        picks.nth(number).click()
        chosen, number = chosen + 1, number + 1
    dear = page.locator(".choice.dear .pick").first
    expect(dear).to_contain_text("more. Take something away first.")
    dear.click(force=True)
    expect(dear.locator("input")).not_to_be_checked()
    expect(bar).to_contain_text(f"{chosen} chosen")
    assert_usable(page)
    picks.nth(0).click()
    expect(bar).to_contain_text(f"{chosen - 1} chosen")

    # Check, change, check and submit; then nothing is left on the phone.
    page.get_by_role("button", name="Check my ballot").click()
    page.get_by_role("button", name="Change my choices").click()
    expect(bar).to_contain_text(f"{chosen - 1} chosen")
    page.get_by_role("button", name="Check my ballot").click()
    page.get_by_role("button", name="Submit my ballot").click()
    expect(page.get_by_text("Your ballot is counted")).to_be_visible()
    assert stored(page) == 0
    page.goto("/a/riverside/")
    expect(page.get_by_text("It is not counted until you submit.")).to_have_count(0)
    expect(page.locator(".hero")).to_contain_text("Your ballot is counted.")


def test_without_scripts_the_same_ballot_is_sent(person: Callable[..., Page]) -> None:
    page = open_ballot(person(CAREFUL, scripts=False))
    expect(page.locator("[data-standing]")).to_be_hidden()
    page.locator("label.pick").nth(0).click()
    page.locator("label.pick").nth(1).click()
    page.get_by_role("button", name="Check my ballot").click()
    expect(page.get_by_text("You chose 2 options.")).to_be_visible()
    page.get_by_role("button", name="Change my choices").click()
    expect(page.locator("#ballot input:checked")).to_have_count(2)
    page.get_by_role("button", name="Check my ballot").click()
    page.get_by_role("button", name="Submit my ballot").click()
    expect(page.get_by_text("Your ballot is counted")).to_be_visible()
