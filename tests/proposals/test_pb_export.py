"""A cycle goes out as a `.pb` file and comes back the same; ballots that would tell who people are do not go out."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from assemblies.models import Assembly, Membership
from proposals.models import Cycle, Heading, Project
from proposals.outcomes import results_of
from proposals.pb_export import as_pb
from proposals.pb_import import import_file
from proposals.pb_refusals import ImportRefused
from tests.make import make_member
from tests.proposals.making import Kind, make_cycle, make_evaluator, make_published, pot_of
from tests.proposals.pb_files import FILES
from tests.proposals.test_import_pb import SMALL, import_anyhow, write
from voting.models import Poll
from voting.tally import pb

ALWAYS = (  # the small ones, and one of every kind that real files know; `make test-faults` does them all
    "Chicago", "Assen", "Dieppe", "Gdynia", "Gdansk", "Zurich_S5D10", "Zurich_S5R", "Zurich_SN", "Wroclaw", "Czestochowa",
)  # fmt: skip
OFTEN = [path for path in FILES if any(name in path.stem for name in ALWAYS)]


def pot_and_poll(cycle: Cycle) -> tuple[Heading, Poll]:
    heading = Heading.objects.select_related("poll", "cycle__assembly").get(cycle=cycle)
    assert heading.poll is not None
    return heading, heading.poll


def everything_counted(cycle: Cycle) -> dict[str, Any]:
    """All that the two budgets must have in common: the money, the list, and every outcome with its reasons."""
    heading, poll = pot_and_poll(cycle)
    pot = results_of(Cycle.objects.whole().get(pk=cycle.pk))[0]
    return {
        "about": (cycle.title, cycle.currency, cycle.ballot_type, cycle.year, heading.amount),
        "turnout": poll.turnout,
        "options": [(option.key, option.title, option.cost) for option in poll.options.all()],
        "outcomes": [(result.rule, result.is_binding, result.outcome) for result in poll.results.all()],
        "winners": [line.project.title for line in pot.lines if line.binding.won],
        "official": pot.official,
        "projects": list(
            Project.objects.filter(heading=heading).values_list(
                "number", "title", "cost", "category", "district__name", "latitude", "longitude", "official_winner"
            )
        ),
    }


def goes_round(path: Path, folder: Path) -> None:
    """Import, export, import again: every count, every reason and every winner is the same."""
    first = import_anyhow(path).cycle
    text = as_pb(pot_and_poll(first)[0])
    assert text is not None
    again = import_file(write(folder, text, "again.pb")).cycle
    assert again.pk != first.pk
    assert everything_counted(again) == everything_counted(first)


@pytest.mark.usefixtures("real_files")
@pytest.mark.parametrize("path", OFTEN, ids=lambda path: path.stem)
def test_a_real_file_goes_round_unchanged(db: None, tmp_path: Path, path: Path) -> None:
    goes_round(path, tmp_path)


@pytest.mark.faults
@pytest.mark.usefixtures("real_files")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_real_file_goes_round_unchanged(db: None, tmp_path: Path, path: Path) -> None:
    goes_round(path, tmp_path)


def test_a_tie_that_the_lot_settled_falls_the_same_way_again(db: None, tmp_path: Path) -> None:
    level = SMALL.replace("VOTER-ONE;b/1,b/2", "VOTER-ONE;b/2").replace("VOTER-THREE;b/1,b/2", "VOTER-THREE;b/3")
    level = level.replace("VOTER-FOUR;b/3,b/4", "VOTER-FOUR;").replace("budget;1000.50", "budget;400.25")
    first = import_file(write(tmp_path, level)).cycle
    heading, poll = pot_and_poll(first)
    assert any(tie["criterion"] == "lot" for tie in poll.results.get(is_binding=True).outcome["ties"])
    text = as_pb(heading)
    assert text is not None
    for seed in range(4):  # whichever poll the lot was drawn for, it is the one of the first
        other = text.replace("instance;2024", f"instance;2024\ncomment;{seed}")
        again = import_file(write(tmp_path, other, f"{seed}.pb")).cycle
        assert everything_counted(again)["winners"] == everything_counted(first)["winners"]
        assert everything_counted(again)["outcomes"] == everything_counted(first)["outcomes"]


def voters(assembly: Assembly, names: int) -> None:
    for number in range(names):
        make_member(assembly, f"Voter {number}")


def test_a_budget_of_the_house_goes_out_and_comes_in(
    client: Client, riverside: Assembly, amina: Membership, eva: Membership, tmp_path: Path
) -> None:
    voters(riverside, 6)
    cycle = make_cycle(riverside, Kind.BALLOTING, rule="greedy", rule_parameters={}, compared_rules=["equal-shares"])
    poll = make_published(cycle, amina, eva)
    answer = client.get(f"/headings/{pot_of(cycle).pk}/results.pb")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Content-Disposition"].endswith('-the-whole-town.pb"')
    text = answer.content.decode()
    file = pb.parse(text)
    assert file.meta["unit"] == "Riverside"
    won = {project.name for project in file.projects if project.selected == "1"}
    assert won == set(everything_counted(cycle)["winners"])
    assert len(won) == 3  # every idea has all six votes: a lot says which one must wait
    published = poll.publication.kind
    assert published == "totals"  # all ballots are alike: more would tell too much
    assert len(file) == 0
    assert "Amina" not in text


def test_ballots_stand_in_the_file_only_where_the_board_shows_them_whole(
    riverside: Assembly, amina: Membership, eva: Membership, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    voters(riverside, 6)
    cycle = make_cycle(riverside, Kind.BALLOTING, rule="greedy", rule_parameters={}, compared_rules=["equal-shares"])
    make_published(cycle, amina, eva)
    heading = pot_and_poll(cycle)[0]
    hidden = as_pb(heading)
    assert hidden is not None
    assert "The ballots are not in this file" in hidden
    with pytest.raises(ImportRefused):
        import_file(write(tmp_path, hidden))
    monkeypatch.setattr("proposals.pb_export.ballots_are_public", lambda heading, poll: True)
    whole = as_pb(heading)
    assert whole is not None
    again = import_file(write(tmp_path, whole)).cycle
    assert everything_counted(again)["outcomes"] == everything_counted(cycle)["outcomes"]
    assert again.assembly == riverside


def test_what_a_hostile_file_says_about_its_rule_is_refused(db: None, tmp_path: Path) -> None:
    for line, words in (
        ("folkmoot_rule;dance", "no rule 'dance'"),
        ("folkmoot_rule;irv", "no rule 'irv'"),
        ('folkmoot_rule;greedy\nfolkmoot_rule_parameters;"{""colour"": 1}"', "no such parameters"),
        ("folkmoot_rule;greedy\nfolkmoot_rule_parameters;{", "is not JSON"),
        (
            'folkmoot_rule;greedy\nfolkmoot_rule_parameters;"{""minimum_votes"": ""many""}"',
            "The rule does not know the values",
        ),
        ("folkmoot_compared_rules;[1]", "no rule '1'"),
        ("folkmoot_compared_rules;[[]]", "no rule"),
        (
            f"folkmoot_compared_rules;{['greedy'] * 99}".replace("'", '""').replace(";", ';"') + '"',
            "fewer rules than",
        ),
        (f"folkmoot_rule;{'x' * 9000}", "no rule 'x{39}…'"),
    ):
        with pytest.raises(ImportRefused, match=words):
            import_file(write(tmp_path, SMALL.replace("currency;PLN", f"currency;PLN\n{line}")))
    assert not Cycle.objects.exists()


def test_the_numbers_of_a_rule_are_such_as_people_write(db: None, tmp_path: Path) -> None:
    """Anything else could be so large or so small that counting one ballot never ends."""
    for rule, parameters in (
        ("equal-shares", '"increment": "1e-999999999"'),
        ("equal-shares", '"increment": "0.000000001"'),
        ("equal-shares", '"increment": 1'),  # less than a large unit
        ("equal-shares", '"increment": 1e300'),
        ("equal-shares", '"increment": 100, "margins": "recount"'),
        ("poznan-80", '"share": "1e-999999999"'),
        ("poznan-80", '"share": 0.5'),
        ("poznan-80", '"share": NaN'),
        ("greedy", f'"minimum_votes": {10**4000}'),
        ("greedy", f'"minimum_votes": {"9" * 5000}'),
        ("greedy", f'"seed": "{"x" * 5000}"'),
        ("greedy", '"seed": "\\u0000"'),
        ("greedy", f'"exclusive": {[["b/1", "b/2"]] * 3000}'.replace("'", '"')),
        ("greedy", '"exclusive": [[[[[["b/1"]]]]]]'),
    ):
        quoted = "{" + parameters.replace('"', '""') + "}"
        meta = f'currency;PLN\nfolkmoot_rule;{rule}\nfolkmoot_rule_parameters;"{quoted}"'
        with pytest.raises(ImportRefused, match="folkmoot_rule_parameters"):
            import_file(write(tmp_path, SMALL.replace("currency;PLN", meta)))
    assert not Cycle.objects.exists()


def test_what_such_numbers_may_be_comes_in(db: None, tmp_path: Path) -> None:
    for rule, parameters in (("poznan-80", '""share"": ""4/5""'), ("equal-shares", '""increment"": 100')):
        meta = f'currency;PLN\nfolkmoot_rule;{rule}\nfolkmoot_rule_parameters;"{{{parameters}}}"'
        assert import_file(write(tmp_path, SMALL.replace("currency;PLN", meta))).cycle.rule == rule


def test_there_is_no_file_before_the_result_and_none_for_strangers(
    client: Client, harbour: Assembly, ideas: Cycle, amina: Membership, chidi: Membership, eva: Membership
) -> None:
    address = f"/headings/{pot_of(ideas).pk}/results.pb"
    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 405
    private = make_cycle(harbour, Kind.BALLOTING)
    make_published(private, chidi, make_evaluator(harbour))
    address = f"/headings/{pot_of(private).pk}/results.pb"
    client.force_login(amina.user)
    assert client.get(address).status_code == 404
    client.force_login(chidi.user)
    assert client.get(address).status_code == 200
