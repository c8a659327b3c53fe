"""The pages about counting rules that residents read in the running product."""

import re
from dataclasses import replace

import pytest
from django.conf import settings
from django.utils import translation

from tests.make import make_open_poll
from voting import services
from voting.guide import drawings, stories
from voting.guide.examples import EXAMPLES, STREET, Example
from voting.guide.pages import FAMILIES, PAGES
from voting.rules_in_words import RULE_NAMES, RULES_IN_WORDS
from voting.tally import RULES
from voting.tally.verify import check

SENTENCES = ("mark_stories.py", "money_stories.py", "rank_stories.py", "telling.py")
GUIDE = settings.BASE_DIR / "voting" / "guide"


def test_every_rule_that_can_count_has_a_page_an_example_and_a_story():
    assert set(PAGES) == set(EXAMPLES) == set(stories.STORIES) == set(drawings.ROUNDS) == set(RULES)
    assert set(RULES) <= set(RULE_NAMES)
    assert set(RULES) <= set(RULES_IN_WORDS)
    assert {page.family for page in PAGES.values()} == set(FAMILIES)


@pytest.mark.parametrize("rule", EXAMPLES)
def test_every_sentence_of_an_example_is_true(rule):
    assert stories.untrue(EXAMPLES[rule]) == []


@pytest.mark.parametrize("rule", EXAMPLES)
def test_an_independent_count_confirms_the_example(rule):
    check(EXAMPLES[rule].scene.election, EXAMPLES[rule].outcome.as_dict())


@pytest.mark.parametrize("rule", EXAMPLES)
def test_an_example_is_settled_by_votes_and_not_by_lot(rule):
    assert EXAMPLES[rule].outcome.ties == ()


def test_a_sentence_that_is_no_longer_true_is_found():
    """The same street with one more voter for the bench: it no longer has fewer votes than the trees."""
    changed = replace(STREET, ballots=((5, ("concert", "lights")), (1, ("concert",)), (4, ("trees", "bench"))))
    assert stories.untrue(Example("greedy", STREET)) == []
    assert stories.untrue(Example("greedy", changed)) == [
        "Bench has fewer votes than Trees, and is funded because it still fits."
    ]


def test_no_figure_of_an_example_is_typed():
    for name in SENTENCES:
        for text in re.findall(r'"((?:[^"\\\n]|\\.)*)"', (GUIDE / name).read_text()):
            if " " in text:
                assert not re.search(r"\d", re.sub(r"%\(\w+\)s", "", text)), text


def test_the_worked_examples_of_money_differ_by_rule():
    """A reader who compares the pages sees that the rule matters."""
    outcomes = {frozenset(one.outcome.winners) for one in EXAMPLES.values() if one.scene is STREET}
    assert len(outcomes) >= 5


@pytest.mark.django_db
def test_the_list_leads_to_the_page_of_every_rule(client):
    page = client.get("/rules/").content.decode()
    for rule in RULES:
        assert f'href="/rules/{rule}/"' in page


@pytest.mark.django_db
@pytest.mark.parametrize("rule", RULES)
def test_anybody_reads_the_page_of_a_rule(client, rule):
    page = client.get(f"/rules/{rule}/").content.decode()
    assert page.count("<h1>") == 1
    assert f'aria-labelledby="{rule}-title {rule}-desc"' in page
    assert "<title" in page.split("<svg class=")[1] or "counted" in page
    for line in stories.steps(EXAMPLES[rule]):
        assert line.text.replace("\u2019", "&#x27;") in page or line.text in page


@pytest.mark.django_db
def test_a_rule_that_does_not_exist_is_not_found(client):
    assert client.get("/rules/dictatorship/").status_code == 404
    assert client.post("/rules/").status_code == 405


def test_names_in_a_drawing_cannot_bring_markup():
    evil = replace(STREET, names={**STREET.names, "bench": "<script>"})
    assert "<script" not in drawings.draw(Example("greedy", evil), title="<script>")


def test_a_drawing_is_mirrored_for_who_reads_from_right_to_left():
    straight = drawings.draw(EXAMPLES["greedy"], title="")
    with translation.override("ar"):
        mirrored = drawings.draw(EXAMPLES["greedy"], title="")
    first = re.compile(r'<text class="head" x="([\d.]+)"')
    assert first.search(straight)[1] == "0"
    assert first.search(mirrored)[1] == str(drawings.WIDTH)


def test_nothing_is_drawn_outside_the_paper():
    for example in EXAMPLES.values():
        svg = drawings.draw(example, title="")
        height = int(re.search(rf'viewBox="0 0 {drawings.WIDTH} (\d+)"', svg)[1])
        for x, y, width, tall in re.findall(
            r'<rect [^>]*x="([\d.-]+)" y="([\d.-]+)" width="([\d.]+)" height="([\d.]+)"', svg
        ):
            assert 0 <= float(x) <= float(x) + float(width) <= drawings.WIDTH + 0.2
            assert float(y) + float(tall) <= height


@pytest.mark.django_db
def test_the_ballot_and_the_result_lead_to_their_rule(client, amina, riverside):
    poll = make_open_poll(riverside, amina, published_at_close=True)
    client.force_login(amina.user)
    assert f'href="/rules/{poll.rule}/"' in client.get(f"/polls/{poll.pk}/").content.decode()
    services.close_poll(poll=poll, actor=None)
    assert f'href="/rules/{poll.rule}/"' in client.get(f"/polls/{poll.pk}/result/").content.decode()
