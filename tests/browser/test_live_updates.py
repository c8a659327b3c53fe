"""static/live.js in a real browser: panels follow, what people type is left alone, and blocked sockets are no wall."""

import urllib.request
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import small_site

NO_SOCKETS = """
window.WebSocket = class {
  constructor() { setTimeout(() => this.onclose?.({ code: 1006 })) }
  close() {}
};
"""
SECOND = 1000  # Playwright counts milliseconds


@pytest.fixture(scope="module")
def site(database_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The live board behind our server."""
    folder = tmp_path_factory.mktemp("site")
    with small_site("tests.browser.live_site", "/board/", database_server, folder) as address:
        yield address


@pytest.fixture
def change(site: str) -> Callable[..., None]:
    """`change("New words")`: the board says something else now."""

    def changed(text: str, **options: str) -> None:
        query = urlencode({"text": text, **options})
        with urllib.request.urlopen(f"{site}/change/?{query}", timeout=10):  # noqa: S310 -- an address that we made
            pass

    changed("Nothing yet")
    return changed


Open = Callable[..., Page]


@pytest.fixture
def screen(browser: Browser, site: str, change: Callable[..., None]) -> Iterator[Open]:
    """A page of the board in a browser of its own; no script error and no breach of the content policy is let pass."""
    contexts, troubles = [], []

    def opened(script: str = "") -> Page:
        context = browser.new_context(base_url=site)
        contexts.append(context)
        if script:
            context.add_init_script(script)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda line: troubles.append(line.text) if "Content Security" in line.text else None)
        page.goto("/board/")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert troubles == []


def connected(page: Page) -> Page:
    expect(page.locator("[data-live-status]")).to_have_attribute("data-live-status", "connected", timeout=10 * SECOND)
    expect(page.get_by_text("Connected", exact=True)).to_be_visible()
    return page


def test_the_board_changes_on_every_screen_without_reload(screen: Open, change: Callable[..., None]) -> None:
    pages = [connected(screen()) for _ in range(3)]
    for page in pages:
        page.evaluate("window.sameDocument = true")
    change("The vote is open")
    for page in pages:
        expect(page.get_by_role("heading", name="The vote is open")).to_be_visible()
        expect(page.locator("[data-live-announcer]")).to_have_text("The vote is open")
        assert page.evaluate("window.sameDocument")


def test_a_page_older_than_the_board_catches_up_when_it_connects(screen: Open, change: Callable[..., None]) -> None:
    page = connected(screen())
    page.context.set_offline(True)
    expect(page.get_by_text("Offline. You can still choose.")).to_be_visible(timeout=10 * SECOND)
    expect(page.get_by_text("Connected", exact=True)).to_be_hidden()
    page.evaluate("window.sameDocument = true")
    change("While you were away")
    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="While you were away")).to_be_visible(timeout=15 * SECOND)
    connected(page)
    assert page.evaluate("window.sameDocument")


def test_more_frames_than_a_silent_screen_would_get_all_arrive(screen: Open, change: Callable[..., None]) -> None:
    page = connected(screen())
    for number in range(25):
        change(f"Ballots in: {number}.")
        expect(page.get_by_role("heading", name=f"Ballots in: {number}.")).to_be_visible()


def test_a_board_longer_than_sockets_may_send_us_arrives(screen: Open, change: Callable[..., None]) -> None:
    page = connected(screen())
    change("Más árboles. ", times="9000")
    expect(page.locator("h1")).to_have_text("Más árboles. " * 9000)
    expect(page.get_by_text("Connected", exact=True)).to_be_visible()


def test_what_somebody_types_is_left_alone_and_the_news_are_offered(screen: Open, change: Callable[..., None]) -> None:
    page = connected(screen())
    offer = page.get_by_role("button", name="New information: show")
    page.get_by_label("Say").type("I am not do")
    change("First news")
    expect(page.get_by_role("heading", name="First news")).to_be_visible()  # the other panel is free
    expect(offer).to_be_visible()
    page.get_by_label("Say").type("ne yet")
    expect(page.get_by_label("Say")).to_have_value("I am not done yet")
    expect(page.locator("#form p")).to_have_text("Nothing yet")
    page.locator("body").click(position={"x": 1, "y": 1})  # looking away does not unsay it
    change("Second news")
    expect(page.get_by_role("heading", name="Second news")).to_be_visible()
    expect(page.get_by_label("Say")).to_have_value("I am not done yet")
    offer.click()
    expect(page.locator("#form p")).to_have_text("Second news")
    expect(page.get_by_label("Say")).to_have_value("")
    expect(offer).to_be_hidden()


def test_a_choice_that_is_not_sent_is_left_alone_until_it_is_undone(screen: Open, change: Callable[..., None]) -> None:
    page = connected(screen())
    page.get_by_label("Tick").check()
    page.get_by_label("Pick").select_option("b")
    page.locator("#plain").focus()
    change("News")
    expect(page.get_by_role("heading", name="News")).to_be_visible()
    page.get_by_label("Tick").uncheck()
    page.locator("#plain").focus()
    expect(page.locator("#form p")).to_have_text("Nothing yet")
    page.get_by_label("Pick").select_option("a")
    page.locator("#plain").focus()
    expect(page.locator("#form p")).to_have_text("News")
    expect(page.get_by_role("button", name="New information: show")).to_be_hidden()


def test_a_field_in_focus_is_left_alone_until_it_is_left(screen: Open, change: Callable[..., None]) -> None:
    page = connected(screen())
    page.get_by_label("Say").focus()
    change("News")
    expect(page.get_by_role("heading", name="News")).to_be_visible()
    expect(page.locator("#form p")).to_have_text("Nothing yet")
    page.locator("#plain").focus()
    expect(page.locator("#form p")).to_have_text("News")


def test_focus_and_opened_details_survive_a_change(screen: Open, change: Callable[..., None]) -> None:
    page = connected(screen())
    page.locator("#more summary").click()
    page.locator("#plain").focus()
    change("Around you")
    expect(page.get_by_role("heading", name="Around you")).to_be_visible()
    expect(page.locator("#plain")).to_be_focused()
    expect(page.locator("#more")).to_have_attribute("open", "")


def test_a_form_that_was_pushed_can_be_sent(screen: Open, change: Callable[..., None]) -> None:
    page = connected(screen())
    change("A new form")
    expect(page.locator("#form p")).to_have_text("A new form")
    page.get_by_label("Say").fill("I agree")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#seen")).to_have_text("I agree")


def test_where_sockets_are_blocked_the_page_asks_instead(screen: Open, change: Callable[..., None]) -> None:
    page = screen(NO_SOCKETS)
    expect(page.get_by_text("Slow connection")).to_be_visible()
    change("Found by asking")
    expect(page.get_by_role("heading", name="Found by asking")).to_be_visible(timeout=20 * SECOND)
    with page.expect_response(lambda answer: "/live/board/" in answer.url, timeout=20 * SECOND) as answer:
        pass
    assert answer.value.status == 304


def test_countdowns_follow_the_server_s_clock(screen: Open) -> None:
    wrong_clock = "const now = Date.now; Date.now = () => now() - 5 * 3600 * 1000;"
    pages = [connected(screen()), connected(screen(wrong_clock))]
    for page in pages:
        expect(page.locator("time[data-deadline]")).not_to_have_text("60:00")
    minutes = [int(page.locator("time[data-deadline]").inner_text().split(":")[0]) for page in pages]
    assert abs(minutes[0] - minutes[1]) <= 1
    assert 50 <= minutes[0] < 60


def test_who_may_not_watch_any_more_keeps_the_page_and_is_asked_no_more(
    screen: Open, change: Callable[..., None], site: str
) -> None:
    page = screen(NO_SOCKETS)
    expect(page.get_by_text("Slow connection")).to_be_visible()
    change("Not for you", closed="1")
    with page.expect_response(lambda answer: "/live/board/" in answer.url, timeout=20 * SECOND) as answer:
        pass
    assert answer.value.status == 404
    expect(page.get_by_text("Slow connection")).to_be_hidden()
    expect(page.get_by_role("heading", name="Nothing yet")).to_be_visible()
