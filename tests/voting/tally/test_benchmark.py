"""The benchmark of the counting engine cannot flatter: its files, its comparison, its goals and its clock."""

import json
import sys
import textwrap
from dataclasses import replace

import pytest

from benchmarks import tally, tally_contenders, tally_files, tally_goals
from benchmarks.tally_goals import Measured, Row
from tests.voting.tally.data import need_data
from voting.tally import count
from voting.tally.files import read_election

OURS = Measured(read=0.01, count=0.02, megabytes=40.0, winners=("park", "well"))
THEIRS = Measured(read=0.1, count=4.0, megabytes=90.0, winners=("well", "park"))
GOOD_COMMAND = {"cpu": 1.0, "wall": 1.1, "megabytes": 100.0}


def rows_that_meet_every_goal() -> list[Row]:
    return [
        Row("town", "money", "add1", OURS, {"pabutools": THEIRS}, {"pabutools": ""}),
        Row("ward", "ward", "stv-scottish", OURS, {"droop": THEIRS}, {"droop": ""}),
    ]


def goals(rows=None, commands=None, imports=None):
    names = (tally_files.TOWN, tally_files.CITY, tally_files.NATION)
    return tally_goals.goals(
        rows_that_meet_every_goal() if rows is None else rows,
        dict.fromkeys(names, GOOD_COMMAND) if commands is None else commands,
        {"milliseconds_more": 90.0, "without_django": True} if imports is None else imports,
    )


def unmet(found) -> list[str]:
    return [goal.name for goal in found if not goal.met]


# Files that are made


def test_a_made_approval_election_reads_back_as_it_was_asked_for(tmp_path):
    tally_files.approval(tmp_path / "town.pb", voters=300, projects=20, distinct=120)
    election = read_election(tmp_path / "town.pb")
    assert election.ballots.total == 300
    assert len(election.ballots) == 120
    assert len(election.options) == 20
    assert 0 < len(count("equal-shares", election).winners) < 20


def test_a_made_ranked_election_reads_back_as_it_was_asked_for(tmp_path):
    tally_files.ranked(tmp_path / "nation.blt", voters=500, candidates=7, seats=2)
    election = read_election(tmp_path / "nation.blt")
    assert (election.ballots.total, len(election.options), election.seats) == (500, 7, 2)
    assert {len(choices) for choices, _, _ in election.ballots.rows()} == set(range(1, 8))
    assert len(count("stv-scottish", election).winners) == 2


def test_a_made_election_is_the_same_every_time(tmp_path):
    for name in ("one.pb", "two.pb"):
        tally_files.approval(tmp_path / name, voters=200, projects=12, distinct=90, unit_cost=True)
    assert (tmp_path / "one.pb").read_bytes() == (tmp_path / "two.pb").read_bytes()


def test_a_file_that_was_not_finished_is_not_kept(tmp_path):
    def fails(path):
        path.write_text("half")
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        tally_files.kept(tmp_path, "town.pb", fails)
    assert not (tmp_path / "town.pb").exists()


# Who elected others


def test_the_comparison_notices_another_winner():
    row = rows_that_meet_every_goal()[0]
    assert row.verdict("pabutools") == "same"
    row.peers["pabutools"] = replace(THEIRS, winners=("park", "bench"))
    assert row.verdict("pabutools") == "OTHERS, WITHOUT A KNOWN REASON"
    assert unmet(goals([row, rows_that_meet_every_goal()[1]])) == ["other winners than a peer's without a known reason"]


def test_another_rule_may_elect_others_and_the_reason_is_told():
    row = Row("ward", "ward", "irv", OURS, {"votekit": replace(THEIRS, winners=("bench",))}, {"votekit": "ties by lot"})
    assert row.verdict("votekit") == "others: ties by lot"
    assert unmet(goals([*rows_that_meet_every_goal(), row])) == []


def test_ours_without_winners_is_never_called_the_same():
    row = replace(rows_that_meet_every_goal()[0], ours=Measured(stopped="it ended with -9"))
    assert row.verdict("pabutools") == "ours has no winners"
    assert row.ratio("pabutools", "count") is None


# Goals


def test_every_goal_can_be_met_and_is_told_with_its_figure():
    found = goals()
    assert unmet(found) == []
    assert found[0].sentence() == (
        "met      Equal Shares with add1 against pabutools, median of 1 files: 200 times, goal at least 100 times (2.00 of it)"
    )


def test_without_any_figure_no_goal_is_met():
    found = goals([], {}, {})
    assert [goal.name for goal in found if goal.met] == []
    assert all("not measured" in goal.sentence() for goal in found)


@pytest.mark.parametrize("lacking", [Measured(stopped="it broke"), Measured(read=0.1, stopped="it broke")])
def test_one_missing_figure_among_many_files_is_enough_to_miss_a_goal(lacking):
    rows = rows_that_meet_every_goal()
    rows.append(Row("village", "money", "add1", OURS, {"pabutools": lacking}, {"pabutools": ""}))
    found = goals(rows)
    assert [found[0].met, found[1].met] == [False, False]


def test_django_in_the_engine_misses_the_goal_however_quick_the_import_is():
    assert "import voting.tally after numpy, without Django" in unmet(
        goals(imports={"milliseconds_more": 1.0, "without_django": False})
    )


def test_a_slow_or_greedy_command_misses_its_goals():
    slow = {"cpu": 5.1, "megabytes": 501.0}
    commands = {tally_files.TOWN: slow, tally_files.CITY: slow, tally_files.NATION: slow}
    assert len(unmet(goals(commands=commands))) == 5


def test_a_file_on_which_ours_is_slower_misses_the_goal():
    rows = rows_that_meet_every_goal()
    quick = replace(THEIRS, read=0.001, count=0.019)
    rows.append(Row("village", "money", "add1", OURS, {"pabutools": quick}, {"pabutools": ""}))
    assert "and slowest of all files, with and without reading" in unmet(goals(rows))


def test_the_time_of_a_stopped_peer_is_a_bound_and_is_called_so():
    rows = rows_that_meet_every_goal()
    rows[0].peers["pabutools"] = Measured(read=0.1, count=59.0, stopped="stopped after 60 s", bound=True)
    assert rows[0].ratio("pabutools", "count") == (pytest.approx(2950), True)
    assert "at least 2950 times" in goals(rows)[0].sentence()
    assert "stopped after 60 s" in tally_goals.lines(rows[0])


# Measurements in processes of their own


def job(path, rule="add1", contender="ours"):
    return {"contender": contender, "rule": rule, "path": str(path), "gigabytes": 4}


def test_a_process_of_ours_tells_winners_seconds_and_memory(tmp_path):
    tally_files.approval(tmp_path / "town.pb", voters=200, projects=10, distinct=60)
    found = tally.measured(sys.executable, job(tmp_path / "town.pb"), seconds=60)
    assert found.stopped == ""
    assert found.winners == count("equal-shares", read_election(tmp_path / "town.pb"), ties=("id_lex",)).winners
    assert found.read is not None
    assert found.count is not None
    assert found.megabytes is not None
    assert min(found.read, found.count, found.megabytes) > 0


def test_a_process_that_fails_tells_why_and_has_no_figures(tmp_path):
    (tmp_path / "broken.pb").write_text("nothing")
    found = tally.measured(sys.executable, job(tmp_path / "broken.pb"), seconds=60)
    assert "InputError" in found.stopped
    assert (found.read, found.count, found.winners, found.bound) == (None, None, None, False)


def test_a_peer_that_is_not_installed_is_a_failure_not_a_result(tmp_path):
    tally_files.approval(tmp_path / "town.pb", voters=50, projects=5, distinct=20)
    found = tally.measured(sys.executable, job(tmp_path / "town.pb", contender="pabutools"), seconds=60)
    assert "ModuleNotFoundError" in found.stopped
    assert not found.bound


def test_a_process_that_never_ends_is_stopped_and_its_time_is_a_bound(tmp_path):
    slow = tmp_path / "slow-python"
    slow.write_text(
        textwrap.dedent(f"""\
        #!{sys.executable}
        import itertools
        print('{{"start": 0.0}}', flush=True)
        print('{{"read": 0.0}}', flush=True)
        sum(itertools.repeat(0))
        """)
    )
    slow.chmod(0o755)
    found = tally.measured(slow, job("any"), seconds=0.5)
    assert found.bound
    assert found.stopped.startswith("stopped after")
    assert found.count is not None
    assert found.count >= 0.5
    assert found.winners is None


def test_a_command_that_fails_has_no_figures():
    assert tally.command_figures(["-c", "raise SystemExit(2)"], 1) is None
    figures = tally.command_figures(["-c", "pass"], 1)
    assert figures is not None
    assert figures["megabytes"] > 1


def test_droop_is_taken_from_its_folder_and_gets_names_in_quotation_marks(tmp_path, monkeypatch):
    package = tmp_path / "checkout" / "droop"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "profile.py").write_text("def ElectionProfile(data): return data\n")
    (package / "election.py").write_text(
        textwrap.dedent("""\
        from types import SimpleNamespace as Thing

        class Election:
            def __init__(self, profile, options):
                assert options == {"rule": "scotland"}, options
                assert profile.endswith('\\n0\\n"Amina (Ind)"\\n"Bao"\\n"Ward 1"\\n'), profile

            def count(self):
                self.elected = [Thing(cid=10), Thing(cid=2)]
        """)
    )
    (tmp_path / "ward.blt").write_text('2 1\n3 1 2 0\n1 2 0\n0\nAmina (Ind)\n"Bao"\nWard 1')
    monkeypatch.setenv("DROOP", str(package.parent))
    assert tally.present(sys.executable) == ["droop"]
    found = tally.measured(sys.executable, job(tmp_path / "ward.blt", "stv-scottish", "droop"), seconds=60)
    assert (found.winners, found.stopped) == (("2", "10"), "")


# Real elections


def test_only_approval_elections_and_wards_are_taken(monkeypatch, tmp_path):
    folder = need_data()
    monkeypatch.setenv("SHARED_DATA", str(folder))
    found = {contest.name: contest.kind for contest in tally.contests(tmp_path)}
    assert found["Poland_Wieliczka_2023_Green_Budget"] == "money"
    assert found["edinburgh_2017_ward1"] == "ward"
    assert "France_Toulouse_2019" not in found  # points
    assert not any(name.startswith(("edge", "alaska")) for name in found)


def test_every_rule_that_is_compared_can_be_counted_by_ours_and_named_by_its_peers():
    for kind, rules in tally.RULES.items():
        for rule, peers in rules.items():
            assert rule in tally_contenders.OURS, kind
            assert set(peers) <= set(tally.PEERS)
    assert set(tally.PEERS) | {"ours"} == set(tally_contenders.CONTENDERS)


def test_a_missing_environment_of_peers_is_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "argv", ["tally", "--peers", str(tmp_path / "python")])
    with pytest.raises(SystemExit) as ended:
        tally.main()
    assert "make bench-tally ARGS=--without-peers" in str(ended.value)


def test_the_report_ends_with_one_json_object(capsys):
    here = {"cpu": "a", "cores": 2, "python": "3.11", "load": 0.1, "date": "2026-01-01"}
    tally.report(here, rows_that_meet_every_goal(), {}, {}, goals())
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert said["benchmark"] == "tally"
    assert all(goal["met"] for goal in said["goals"])
    assert said["rows"][0]["peers"]["pabutools"]["count"] == 4.0
