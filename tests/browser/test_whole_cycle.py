"""A whole budget on phones: from a draft nobody sees to a bench that is open, each step by who takes it in life."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.conftest import press
from tests.browser.everybody import assert_usable
from tests.browser.test_budget_story import confirm, write_idea
from tests.browser.test_submission_story import photo
from tests.browser.test_whole_meeting import keep

TITLE = "Budget of small things"
BENCH, TREES, LIGHTS, WHALE = (
    "A bench by the weir",
    "Six trees for the tram stop",
    "Lights on the towpath",
    "A bronze whale",
)

STEPS = {"Information": 3, "Support": 40, "Costs": 45, "List and prices": 55, "Check of the ballots": 72}


@dataclass
class Story:
    """The budget, and everybody who has to do with it, each on a phone of their own."""

    cycle: str
    bao: Page
    ewa: Page
    dilnoza: Page
    visitor: Page
    residents: dict[str, Page]
    pictures: int = field(default=0)

    def look(self, page: Page, name: str) -> None:
        """A picture, numbered in the order of the story."""
        self.pictures += 1
        keep(page, f"{self.pictures:02}-{name}")

    def everybody_reads(self, words: str) -> None:
        """The budget's own page tells a visitor what is on, and until when."""
        self.visitor.goto(self.cycle)
        expect(self.visitor.locator("p.lead").first).to_contain_text(re.compile(words))
        self.look(self.visitor, "public")


def test_from_a_draft_to_a_bench_that_is_open(person: Callable[..., Page]) -> None:
    bao = person("bao@riverside.demo")
    residents = {name: person(f"{name}@riverside.demo") for name in ("amina", "piet", "fatima")}
    story = Story("", bao, person("ewa@riverside.demo"), person("dilnoza@riverside.demo"), person(), residents)
    draw_up(story)
    publish(story)
    ideas(story)
    check(story)
    appeal(story)
    decide(story, person("adela@riverside.demo"), person("kofi@riverside.demo"))
    lock_the_rule(story)
    vote(story)
    incident(story)
    count(story)
    build(story)


def draw_up(story: Story) -> None:
    """Bao makes a budget that nobody else sees, and says how its ideas are supported and checked."""
    bao = story.bao
    bao.goto("/a/riverside/budget/")
    bao.get_by_role("link", name="Begin a budget").click()
    bao.get_by_label("Name", exact=True).fill(TITLE)
    bao.get_by_label("What is it for?").fill("For things that are small and soon there.")
    bao.get_by_label("How much money is there?").fill("12 000")
    days = {"Ideas are taken from": 7, "The check begins on": 30, "The vote begins on": 60, "Results from": 75}
    for label, ahead in (days | {"Building begins on": 90}).items():
        bao.get_by_label(label).fill((timezone.localdate() + timedelta(days=ahead)).isoformat())
    story.look(bao, "begin")
    bao.get_by_role("button", name="Make this budget").click()
    expect(bao.get_by_role("heading", name="Run this budget")).to_be_visible()
    story.look(bao, "manage")
    story.cycle = str(bao.locator("main .eyebrow a").first.get_attribute("href"))
    add_steps(story)

    bao.get_by_role("link", name="Supports needed").click()
    bao.get_by_label("How many supports does an idea need?").fill("1")
    story.look(bao, "supports")
    bao.get_by_role("button", name="Save").click()
    bao.get_by_role("link", name="How proposals are checked").click()
    bao.get_by_label("a second person signs each answer").check()
    story.look(bao, "checked")
    bao.get_by_role("button", name="Save").click()
    expect(bao.get_by_role("heading", name="Run this budget")).to_be_visible()

    answer = story.visitor.goto(story.cycle)
    assert answer is not None
    assert answer.status == 404, "a draft is seen by nobody else"
    bao.goto(story.cycle)
    expect(bao.get_by_text("It is not published yet.")).to_be_visible()
    story.look(bao, "draft")


def add_steps(story: Story) -> None:
    """The calendar of this budget has every step that there is."""
    bao = story.bao
    bao.get_by_role("link", name="Edit this budget").click()
    bao.get_by_label("Whom can people ask?").fill("The budget office in the town hall, 555 0100")
    for step, ahead in STEPS.items():
        bao.get_by_label(step, exact=True).check()
        first_day = timezone.localdate() + timedelta(days=ahead)
        bao.get_by_label(f"{step}: it begins on").fill(f"{first_day.isoformat()}T00:00")
    story.look(bao, "edit")
    bao.get_by_role("button", name="Save", exact=True).click()
    expect(bao.get_by_role("status").first).to_contain_text("The budget is saved.")
    bao.goto(f"{story.cycle}manage/")


def publish(story: Story) -> None:
    story.bao.get_by_role("link", name="Run this budget").click()
    confirm(story.bao, "Publish this budget", "Publish")
    expect(story.bao.get_by_role("status")).to_contain_text("The budget is published.")
    story.look(story.bao, "published")
    story.everybody_reads("It begins on")


def go_on_to(story: Story, step: str) -> None:
    """Bao ends the step that is on, and this one begins."""
    story.bao.goto(f"{story.cycle}manage/")
    story.bao.locator("details.confirm > summary", has_text=f"Go on to “{step}” now").click()
    story.look(story.bao, f"go-on-to-{step}".lower().replace(" ", "-"))
    story.bao.get_by_role("button", name=f"Begin “{step}”").click()
    expect(story.bao.get_by_role("status")).to_contain_text("The next step has begun.")


def ideas(story: Story) -> None:
    go_on_to(story, "Information")
    story.everybody_reads("Ideas are taken from")
    go_on_to(story, "Ideas")
    story.everybody_reads(r"Ideas are taken until \w+")
    send_in(story, "amina", BENCH, "Somewhere to sit and look at the water.", "1 800")
    send_in(story, "piet", TREES, "Shade for whoever waits.", "6 000")
    send_in(story, "fatima", LIGHTS, "So that one sees the way home.", "5 000")
    send_in(story, "fatima", WHALE, "As large as life.", "11 000")


def send_in(story: Story, name: str, title: str, summary: str, cost: str) -> None:
    """The short way: what, where, how much, and off it goes."""
    page = story.residents[name]
    page.goto(story.cycle)
    page.get_by_role("link", name="Propose an idea").click()
    write_idea(page, title, summary, f"{summary} People have asked for it for years.", cost)
    page.get_by_role("button", name="Send my idea").click()
    expect(page.get_by_role("heading", name="Your idea is in")).to_be_visible()
    story.look(page, "sent-in")


def open_idea(page: Page, cycle: str, title: str) -> None:
    page.goto(f"{cycle}proposals/")
    page.get_by_role("link", name=title).first.click()
    expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()


def support(story: Story, name: str, title: str) -> None:
    page = story.residents[name]
    open_idea(page, story.cycle, title)
    page.get_by_role("button", name="Support this idea").click()
    expect(page.get_by_text("You support this idea.")).to_be_visible()
    story.look(page, "support")


def check(story: Story) -> None:
    """Ewa takes all of them; residents support what should go on; then she works out what each costs."""
    go_on_to(story, "Check")
    story.everybody_reads(r"The officials check until \w+ .* what can be built")
    ewa = story.ewa
    ewa.goto(story.cycle)
    ewa.get_by_role("link", name="Check proposals").click()
    expect(ewa.get_by_text("4 proposals wait for an answer.")).to_be_visible()
    boxes = ewa.locator("table.triage tbody input[type=checkbox]")
    expect(boxes).to_have_count(4)
    for box in boxes.all():
        box.check()
    ewa.get_by_text("Assign the chosen proposals").click()
    ewa.get_by_label("The person below").check()
    ewa.locator("select[name=evaluator]").last.select_option(label="Ewa Zielińska")
    ewa.get_by_role("button", name="Assign", exact=True).click()
    expect(ewa.get_by_role("heading", name="Assigned lately")).to_be_visible()
    story.look(ewa, "desk")

    go_on_to(story, "Support")
    story.everybody_reads(r"Support the ideas that should go on, until \w+")
    for name, title in (("piet", BENCH), ("amina", TREES), ("amina", LIGHTS), ("piet", WHALE)):
        support(story, name, title)

    go_on_to(story, "Costs")
    story.everybody_reads(r"The officials work out until \w+ .* what it costs")
    for title, cost in ((BENCH, "1 800"), (TREES, "6 400"), (LIGHTS, "5 200")):
        estimate(story, title, cost=cost)
        sign(story, title)
    estimate(story, WHALE, reason="Nobody would give us the ground.")
    sign(story, WHALE)
    go_on_to(story, "List and prices")
    story.everybody_reads(r"The prices are public. Until \w+ .* authors can appeal")


def estimate(story: Story, title: str, *, cost: str = "", reason: str = "") -> None:
    """From the list at her desk Ewa opens the idea and says what she found."""
    ewa = story.ewa
    ewa.goto(f"{story.cycle}desk/")
    ewa.get_by_role("link", name=title).first.click()
    ewa.locator(f"input[name=feasibility][value={'feasible' if cost else 'unfeasible'}]").check()
    ewa.get_by_label("What does it cost?").fill(cost)
    ewa.get_by_label("Reason, for everybody to read").fill(reason)
    ewa.get_by_role("button", name="Give my estimate").click()
    expect(ewa.get_by_role("status")).to_be_visible()
    story.look(ewa, "estimate")


def sign(story: Story, title: str) -> None:
    dilnoza = story.dilnoza
    dilnoza.goto(f"{story.cycle}desk/")
    dilnoza.get_by_role("link", name=title).first.click()
    story.look(dilnoza, "to-sign")
    dilnoza.get_by_role("button", name="Sign this one as the answer").click()
    expect(dilnoza.get_by_role("status")).to_be_visible()
    story.look(dilnoza, "signed")


def appeal(story: Story) -> None:
    """The author of the whale reads why not, and asks for another look."""
    fatima = story.residents["fatima"]
    open_idea(fatima, story.cycle, WHALE)
    expect(fatima.get_by_text("Nobody would give us the ground.")).to_be_visible()
    story.look(fatima, "told-no")
    fatima.get_by_role("link", name="Appeal").click()
    fatima.get_by_label("What was overlooked?").fill("My aunt gives her meadow.")
    fatima.get_by_role("button", name="Appeal").click()
    expect(fatima.get_by_text("Another evaluator looks at it.")).to_be_visible()
    story.look(fatima, "appealed")


def decide(story: Story, adela: Page, kofi: Page) -> None:
    """Ewa and Dilnoza gave the answer together, so Adéla makes an evaluator of somebody who had no part in it."""
    story.ewa.goto(f"{story.cycle}desk/")
    story.ewa.get_by_role("link", name=WHALE).first.click()
    expect(story.ewa.get_by_text("An administrator must give one more person the role of evaluator")).to_be_visible()
    story.look(story.ewa, "nobody-decides")
    adela.goto("/a/riverside/members/?search=Kofi")
    adela.get_by_role("link", name="Kofi").first.click()
    press(adela.get_by_role("button", name=re.compile("Give ?: Evaluator")))
    story.look(adela, "role")

    kofi.goto(story.cycle)
    kofi.get_by_role("link", name="Check proposals").click()
    kofi.get_by_role("link", name=WHALE).first.click()
    kofi.get_by_role("link", name="Decide about the appeal").click()
    kofi.get_by_label("The answer stays").check()
    kofi.get_by_label("Reason, for everybody to read").fill("The meadow is flooded each spring.")
    story.look(kofi, "decide")
    press(kofi.get_by_role("button", name="Decide"))
    fatima = story.residents["fatima"]
    open_idea(fatima, story.cycle, WHALE)
    expect(fatima.get_by_text("The meadow is flooded each spring.")).to_be_visible()
    story.look(fatima, "appeal-answered")


def lock_the_rule(story: Story) -> None:
    """What both rules would have done last year is on the page for everybody; then Bao locks one, and says why."""
    story.visitor.goto(story.cycle)
    story.visitor.get_by_role("link", name="See what other rules would do").click()
    story.visitor.get_by_label("Ballots of which budget?").select_option(index=0)
    story.visitor.get_by_role("button", name="Compare the rules", exact=True).click()
    expect(story.visitor.get_by_text("Voters with at least one funded project").first).to_be_visible()
    story.look(story.visitor, "workbench")
    bao = story.bao
    bao.goto(f"{story.cycle}manage/")
    bao.get_by_role("link", name="How it is counted").click()
    bao.get_by_label("Reason, for everybody to read").fill("So that no district goes without.")
    story.look(bao, "lock")
    bao.get_by_role("button", name="Lock this rule").click()
    expect(bao.get_by_text("Nobody can change it.")).to_be_visible()
    story.look(bao, "locked")


def vote(story: Story) -> None:
    """The list is put up, the vote is opened, and each resident chooses on a phone."""
    bao = story.bao
    bao.goto(f"{story.cycle}manage/")
    confirm(bao, "Put them on the ballot")
    expect(bao.get_by_text("3 projects are on the list.")).to_be_visible()
    go_on_to(story, "Vote")
    story.everybody_reads("The vote opens soon")
    confirm(bao, "Open the vote")
    story.look(bao, "open")
    story.everybody_reads(r"Voting is open until \w+")
    choose(story, "amina", BENCH, TREES)
    choose(story, "piet", TREES, LIGHTS)
    choose(story, "fatima", BENCH, LIGHTS)


def choose(story: Story, name: str, *titles: str) -> None:
    page = story.residents[name]
    page.goto(story.cycle)
    page.get_by_role("link", name="Choose projects").click()
    for title in titles:
        page.locator("article.choice", has_text=title).locator("label.pick").click()
    expect(page.get_by_text("Not submitted yet").first).to_be_visible()
    story.look(page, "choose")
    submit_ballot(story, page)


def submit_ballot(story: Story, page: Page) -> None:
    page.get_by_role("button", name="Check my ballot").click()
    story.look(page, "review")
    page.get_by_role("button", name="Submit my ballot").click()
    expect(page.get_by_text("Your ballot is counted")).to_be_visible()
    story.look(page, "receipt")


def incident(story: Story) -> None:
    """The trees are taken back while people vote: everybody reads why, and Amina chooses anew."""
    bao, amina = story.bao, story.residents["amina"]
    bao.goto(f"{story.cycle}manage/")
    bao.get_by_text("Something happened to a project").click()
    story.look(bao, "which-project")
    bao.get_by_role("link", name=TREES).click()
    bao.get_by_label("It was taken back").check()
    bao.get_by_label("Reason, for everybody to read").fill("The tram company plants them itself.")
    story.look(bao, "incident")
    bao.get_by_role("button", name="Take it off the ballot").click()
    expect(bao.get_by_text("Off the ballot", exact=True)).to_be_visible()
    story.look(bao, "off-the-ballot")
    story.everybody_reads("Voting is open until")
    expect(story.visitor.get_by_text("The tram company plants them itself.")).to_be_visible()

    amina.goto(story.cycle)
    amina.get_by_role("link", name="Change my ballot").click()
    expect(amina.get_by_text(f"“{TREES}” was taken off the ballot while people vote.")).to_be_visible()
    amina.locator("article.choice", has_text=LIGHTS).locator("label.pick").click()
    story.look(amina, "change")
    submit_ballot(story, amina)
    expect(amina.get_by_text("It replaces the ballot you sent before.")).to_be_visible()


def count(story: Story) -> None:
    """Bao closes the vote, which shows nothing yet, and publishes the result; every step of it can be read."""
    bao, visitor, piet = story.bao, story.visitor, story.residents["piet"]
    bao.goto(f"{story.cycle}manage/")
    confirm(bao, "Close the vote now", "Close and count")
    story.look(bao, "closed")
    story.everybody_reads("The vote is over. The result is not published yet.")
    go_on_to(story, "Check of the ballots")
    story.everybody_reads("The vote is over. The result is not published yet. It is planned for")
    go_on_to(story, "Results")
    confirm(bao, "Publish the result")
    story.look(bao, "result-published")
    story.everybody_reads("The ballots are counted and the result is published.")
    visitor.get_by_role("link", name="See the results").first.click()
    expect(visitor.get_by_role("heading", name="2 of 3 projects are funded")).to_be_visible()
    expect(visitor.get_by_role("row", name=BENCH)).to_contain_text("Funded")
    story.look(visitor, "results")
    visitor.get_by_role("link", name="How was this decided?").click()
    visitor.get_by_role("link", name="Go through it step by step").click()
    expect(visitor.get_by_text("Step 1 of")).to_be_visible()
    story.look(visitor, "step")
    open_idea(piet, story.cycle, TREES)
    piet.get_by_role("link", name="Why?").click()
    expect(piet.locator("#why + form + .answer")).to_contain_text("It was withdrawn before the count.")
    story.look(piet, "why")


def build(story: Story) -> None:
    """From the money on paper to people who sit on the bench."""
    bao, visitor = story.bao, story.visitor
    go_on_to(story, "Build")
    story.everybody_reads("what won is being built")
    bao.goto(f"{story.cycle}manage/")
    bao.get_by_role("link", name="What became of it").click()
    story.look(bao, "delivery")
    bao.get_by_role("link", name=BENCH).click()
    carry_out(story, BENCH, cost="1 700")
    expect(visitor.get_by_text("100 € less than awarded")).to_be_visible()
    assert_usable(visitor)


def carry_out(story: Story, title: str, *, cost: str) -> None:
    """Bao is on the page of the winner: he says what happens and what it costs, until it is open."""
    bao, visitor = story.bao, story.visitor
    in_two_weeks = (timezone.localdate() + timedelta(days=14)).isoformat()
    today = timezone.localdate().isoformat()
    record(bao, "Where it stands", "Record the state", {"When should it be ready?": in_two_weeks}, choice="Being built")
    record(bao, "A step of the work", "Record the step", {"Step": "The wood is there", "Done on": today})
    for kind in ("Contracted", "Paid", "Final cost"):
        record(bao, "Money", "Record the money", {"Amount": cost, "Date": today}, choice=kind)
    add_photo(bao, "The first plank")
    story.look(bao, "being-built")
    visitor.goto(bao.url)
    expect(visitor.get_by_role("img", name="The first plank")).to_be_visible()
    expect(visitor.get_by_text("It should be ready on")).to_be_visible()
    story.look(visitor, "money")
    record(bao, "Where it stands", "Record the state", {"When should it be ready?": ""}, choice="Done")
    visitor.reload()
    expect(visitor.get_by_text("It is open!")).to_be_visible()
    story.look(visitor, "it-is-open")
    visitor.get_by_role("link", name="What else was decided").click()
    expect(visitor.get_by_text("It is open!")).to_be_visible()
    expect(visitor.get_by_role("link", name=title).first).to_be_visible()
    story.look(visitor, "decided")
    visitor.go_back()


def record(page: Page, opener: str, button: str, typed: dict[str, str], choice: str = "") -> None:
    """One of the forms on the page of the project, filled in and sent."""
    form = page.locator("details.more", has=page.locator("summary", has_text=opener))
    form.locator("summary").click()
    if choice:
        form.get_by_label(choice, exact=True).check()
    for label, value in typed.items():
        form.get_by_label(label).fill(value)
    press(form.get_by_role("button", name=button))
    expect(page.get_by_role("status")).to_contain_text("Recorded.")


def add_photo(page: Page, seen: str) -> None:
    form = page.locator("details.more", has=page.locator("summary", has_text="A photo"))
    form.locator("summary").click()
    form.locator("input[name=file]").set_input_files(photo(side=200))
    form.get_by_label("What does one see on it?").fill(seen)
    form.get_by_role("button", name="Add this photo").click()
    expect(page.get_by_role("img", name=seen)).to_be_visible()
