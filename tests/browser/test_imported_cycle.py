"""A real budget of another town from its file, on phones: the result read and tried, a winner built, the file sent out."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Town
from tests.browser.test_whole_cycle import Story, carry_out
from tests.proposals.pb_files import FOLDER
from voting.tally import pb

FILE = FOLDER / "Netherlands_Assen_2024.pb"


@pytest.mark.usefixtures("real_files")
def test_a_real_budget_from_a_file_to_a_stage_that_is_open(person: Callable[..., Page], town: Town) -> None:
    """The facilitator brings in the file; from then on it is a budget like every other."""
    bao = person("bao@riverside.demo")
    story = Story(bring_in(bao, town), bao, person(), person(), person(), {})
    before = pb.parse(FILE.read_bytes(), name=FILE.name)
    story.pictures = 200
    read_the_result(story, before)
    compare_rules(story)
    deliver(story)
    export(story, before)


def bring_in(page: Page, town: Town) -> str:
    """The file is looked at, counted and brought in while the page waits; then the results are there."""
    page.goto(f"{town.url}/a/riverside/budget/")
    page.get_by_role("link", name="Bring in a past budget from a file").click()
    page.get_by_label("A file in the .pb form").set_input_files(FILE)
    page.get_by_role("button", name="Look at the file").click()
    expect(page.get_by_text("This is what the file holds.")).to_be_visible()
    expect(page.get_by_text("The official result has the same projects.")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Bring it in", exact=True).click()
    page.wait_for_url("**/results/", timeout=120_000)
    expect(page.get_by_text("The budget is in.")).to_be_visible()
    expect(page.get_by_text("84 people voted.")).to_be_visible()
    return page.url.removeprefix(town.url).removesuffix("results/")


def read_the_result(story: Story, file: pb.PbFile) -> None:
    """Each project has its reason, and each step of the count its sentence."""
    story.everybody_reads("The ballots are counted and the result is published.")
    page = story.visitor
    page.get_by_role("link", name="See the results").first.click()
    expect(page.get_by_text(re.compile(r"Official result: the same \d+ projects"))).to_be_visible()
    story.look(page, "results")
    expect(page.locator("table.results .why")).to_have_count(len(file.projects))
    reasons = page.locator("table.results .why").all_inner_texts()
    assert all(len(reason.split()) > 4 for reason in reasons), reasons
    page.wait_for_load_state()
    losers = page.get_by_label("Choose a project").locator("option").all_inner_texts()
    assert losers
    page.get_by_label("Choose a project").select_option(losers[-1])
    page.get_by_role("button", name="Show why").click()
    expect(page.locator(".answer h3")).to_have_text(losers[-1])
    expect(page.locator(".answer b")).to_contain_text("more votes")
    story.look(page, "why")
    page.get_by_role("link", name="How was this decided?").click()
    page.get_by_role("link", name="Go through it step by step").click()
    expect(page.get_by_text("Step 1 of")).to_be_visible()
    page.wait_for_load_state()
    steps = 1
    while page.get_by_role("link", name="Next step").count():
        expect(page.get_by_text(f"Step {steps} of")).to_be_visible()
        page.get_by_role("link", name="Next step").click()
        page.wait_for_url(re.compile(rf"step={steps + 1}\b"))
        steps += 1
    assert steps >= len(file.projects) - len(losers)
    story.look(page, "last-step")
    page.get_by_role("link", name="All steps on one page").click()
    expect(page.locator("#steps ol > li")).to_have_count(steps)
    expect(page.get_by_role("heading", name="What if another rule had counted?")).to_be_visible()
    story.look(page, "all-steps")


def compare_rules(story: Story) -> None:
    """What other rules would have done with these ballots, and with the file itself, is tried by anybody."""
    page = story.visitor
    page.goto(f"{story.cycle}rules/")
    page.get_by_label("Ballots of which budget?").select_option(label="Assen 2024")
    page.get_by_role("button", name="Compare the rules", exact=True).click()
    expect(page.get_by_role("heading", name="Where the rules differ")).to_be_visible()
    expect(page.get_by_role("heading", name="Ballots of: Assen 2024")).to_be_visible()
    story.look(page, "compared")
    bao = story.bao
    bao.goto(f"{story.cycle}rules/")
    bao.get_by_label("A file in the .pb form").set_input_files(FILE)
    bao.get_by_role("button", name="Compare the rules on this file").click()
    expect(bao.get_by_role("heading", name=f"Ballots of: {FILE.name}")).to_be_visible()


def deliver(story: Story) -> None:
    """A winner of the file is built like every other, and the budget's page leads to it then."""
    bao = story.bao
    bao.goto(f"{story.cycle}manage/")
    story.look(bao, "manage-imported")
    bao.get_by_role("link", name="What became of it").click()
    bao.get_by_role("link", name="PopUp Podium").click()
    carry_out(story, "PopUp Podium", cost="7 200")
    story.visitor.goto(story.cycle)
    story.visitor.get_by_role("link", name="What became of it").click()
    expect(story.visitor.get_by_role("link", name="PopUp Podium")).to_be_visible()
    story.look(story.visitor, "delivery-imported")


def export(story: Story, before: pb.PbFile) -> None:
    """The file that goes out says what the one that came in said."""
    page = story.visitor
    page.goto(f"{story.cycle}results/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Pabulib (.pb)").click()
    after = pb.parse(Path(download.value.path()).read_bytes(), name="export.pb")
    assert (after.budget, len(after.projects)) == (before.budget, len(before.projects))
    assert after.election().voters() == before.election().voters()
    told = [{(one.name, one.cost, one.cell("votes")) for one in file.projects} for file in (before, after)]
    assert told[0] == told[1]
