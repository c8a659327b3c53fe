"""`manage.py serve` as people meet it: one command, plain sentences, nothing left behind."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from config.postgres import Postgres
from tests.config.conftest import ROOT, is_running, wait_until
from tests.config.serving import Serving


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """One folder for the servers of this file, so that the tables are made only once."""
    folder = Path(tempfile.mkdtemp(prefix="folkmoot-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def serve(home):
    started: list[Serving] = []

    def start(*arguments: str, **environment: str) -> Serving:
        started.append(Serving(home, *arguments, **environment))
        return started[-1]

    yield start
    for each in started:
        each.process.terminate()
        each.process.wait(30)


def rows(postgres: Postgres, question: str) -> list[tuple[object, ...]]:
    with postgres._connect("folkmoot") as connection:
        answer = connection.execute(question)
        return answer.fetchall() if answer.description else []


def test_it_makes_the_tables_serves_and_says_where(serve):
    folkmoot = serve().ready()
    wait_until(lambda: "Ctrl-C" in folkmoot.said, what="the address to be said")
    assert f"Folkmoot is ready:   http://localhost:{folkmoot.port}/" in folkmoot.said
    assert rows(folkmoot.postgres, "SELECT count(*) FROM assemblies_assembly") == [(0,)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_leave_nothing_running(serve, number):
    folkmoot = serve().ready()
    postgres = folkmoot.postgres_process
    folkmoot.process.send_signal(number)
    assert folkmoot.ended() == 0
    assert not is_running(postgres)
    assert "Traceback" not in folkmoot.said


def test_killing_the_web_process_leaves_no_postgres_and_the_next_start_has_all_data(serve):
    folkmoot = serve().ready()
    rows(folkmoot.postgres, "CREATE TABLE IF NOT EXISTS kept AS SELECT generate_series(1, 500) AS number")
    postgres = folkmoot.postgres_process
    folkmoot.process.kill()
    folkmoot.ended()
    wait_until(lambda: not is_running(postgres), what="PostgreSQL to end with the web process")
    assert rows(serve().ready().postgres, "SELECT count(*) FROM kept") == [(500,)]


def test_killing_postgres_starts_it_again_with_all_data(serve):
    folkmoot = serve().ready()
    rows(folkmoot.postgres, "CREATE TABLE IF NOT EXISTS kept_too AS SELECT generate_series(1, 500) AS number")
    killed = folkmoot.postgres_process
    os.kill(killed, signal.SIGKILL)
    wait_until(
        lambda: folkmoot.postgres.answers() and folkmoot.postgres_process != killed, what="another PostgreSQL to start"
    )
    wait_until(folkmoot.is_well, what="pages to be served again")
    assert rows(folkmoot.postgres, "SELECT count(*) FROM kept_too") == [(500,)]


def test_a_postgres_that_cannot_start_again_stops_it_with_a_sentence(home, serve):
    folkmoot = serve().ready()
    settings = folkmoot.postgres.data / "pg_hba.conf"
    saved = settings.read_bytes()
    owner = settings.stat()
    settings.unlink()
    try:
        os.kill(folkmoot.postgres_process, signal.SIGKILL)
        assert folkmoot.ended() == 1
    finally:
        settings.write_bytes(saved)
        os.chown(settings, owner.st_uid, owner.st_gid)
    assert re.search(r"^The embedded PostgreSQL did not start \(.*\): look into .*$", folkmoot.said, re.MULTILINE)
    assert "Traceback" not in folkmoot.said


def test_other_commands_share_the_database_of_a_running_folkmoot(serve):
    folkmoot = serve().ready()
    told = serve("shell", "-c", "from assemblies.models import Assembly; print(Assembly.objects.count(), 'assemblies')")
    assert told.ended() == 0, told.said
    assert "0 assemblies" in told.said
    assert folkmoot.is_well()


def test_in_the_network_it_draws_a_code_for_phones_and_allows_its_address(serve):
    folkmoot = serve(HOST="0.0.0.0").ready()  # noqa: S104
    wait_until(lambda: "Ctrl-C" in folkmoot.said, what="the address to be said")
    found = re.search(r"On your network: +http://([\d.]+):\d+/", folkmoot.said)
    if not found:
        assert "No network found" in folkmoot.said
        return
    assert "█" in folkmoot.said or "▀" in folkmoot.said
    page = urllib.request.urlopen(f"http://{found[1]}:{folkmoot.port}/healthz", timeout=5)
    assert page.status == 200


REFUSALS = {
    "the port is taken": (
        {},
        r"Port \d+ is taken, perhaps by a Folkmoot that already runs: stop it, or use `make run PORT=\d+`\.",
    ),
    "there is no such port": ({"PORT": "99999"}, r"There is no port 99999: use one below 65536, .*"),
    "the address is another machine's": ({"HOST": "192.0.2.7"}, r"192\.0\.2\.7 is not an address of this machine: .*"),
    "no database answers": (
        {"DATABASE_URL": "postgres://folkmoot:verysecret@127.0.0.1:1/folkmoot"},
        r"The database postgres://folkmoot:\*\*\*@127\.0\.0\.1:1/folkmoot cannot be reached \(.*\): check DATABASE_URL .*",
    ),
    "no Redis answers": (
        {"REDIS_URL": "redis://:verysecret@127.0.0.1:1/0"},
        r"Redis at redis://:\*\*\*@127\.0\.0\.1:1/0 cannot be reached \(.*\): check REDIS_URL .*",
    ),
    "the election cannot be read": (
        {"PB": "no/such/file.pb"},
        r".*no/such/file\.pb.*",
    ),
    "the demo would be public": (
        {"DEMO": "1", "PUBLIC_URL": "https://vote.example"},
        r"The demo lets everybody sign in as anybody, so it does not start .* at vote\.example: set DEMO=0, .*",
    ),
}


@pytest.mark.parametrize("trouble", REFUSALS)
def test_it_says_in_one_sentence_what_is_wrong_and_what_helps(serve, trouble):
    environment, sentence = REFUSALS[trouble]
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = {"PORT": str(other.getsockname()[1])} if trouble == "the port is taken" else {}
        election = ["--import-pb", environment["PB"]] if "PB" in environment else []
        folkmoot = serve("serve", *election, **environment, **port)
        assert folkmoot.ended() == 1
    last = folkmoot.said.strip().splitlines()[-1]
    assert re.fullmatch(sentence, last), folkmoot.said
    assert "Traceback" not in folkmoot.said
    assert "verysecret" not in folkmoot.said


def test_a_full_disk_is_one_sentence(open_folder):
    code = "from config import postgres, start; postgres.SPACE_FOR_A_CLUSTER = 1 << 60; start.run(['', 'serve'])"
    said = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "VAR_DIR": str(open_folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 1
    assert re.fullmatch(r"The disk that holds .* is full: free \d+ MB there and start again\.\n", said.stderr)


def test_an_old_python_is_told_so_before_anything_else():
    code = "import sys; sys.version_info = (3, 9, 2); exec(compile(open('manage.py').read(), 'manage.py', 'exec'))"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert said.stderr == "Folkmoot needs Python 3.11 or newer, and this is 3.9: install one and start it with that.\n"


def test_without_its_packages_it_names_the_command_that_installs_them(tmp_path):
    manage = str(ROOT / "manage.py")
    code = f"import runpy, sys; sys.path.insert(0, {str(ROOT)!r}); runpy.run_path({manage!r}, run_name='__main__')"
    bare = [sys.executable, "-I", "-S", "-c", code]  # -S: without site-packages
    said = subprocess.run(bare, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert re.fullmatch(
        r"The Python package \w+ is missing: use `make run`, which installs everything\.\n", said.stderr
    )
