"""The commands of README, typed into an empty environment in this checkout."""

import os
import re
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.config.conftest import ROOT, is_running, wait_until
from tests.config.serving import Serving, free_port
from tests.proposals.test_import_pb import SMALL


class MakeRun(Serving):
    """`make run` with these variables, as on a command line."""

    def __init__(self, home: Path, **variables: str) -> None:
        self.port, self.home, self.output = free_port(), home, home / "output"
        said = [
            f"{name}={value}" for name, value in {"PORT": str(self.port), "VAR_DIR": home / "var", **variables}.items()
        ]
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                ["make", "run", *said],
                cwd=ROOT,
                env={"PATH": os.environ["PATH"], "HOME": str(home)},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # so that Ctrl-C reaches what `make` started, as a terminal does it
            )

    def ctrl_c(self) -> None:
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(60)


@pytest.fixture
def make_run(open_folder: Path) -> Iterator[object]:
    running = []

    def start(**variables: str) -> MakeRun:
        running.append(MakeRun(open_folder, **variables))
        return running[-1]

    yield start
    for each in running:
        if each.process.poll() is None:
            each.ctrl_c()


def page(folkmoot: Serving, path: str = "/") -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{folkmoot.port}{path}", timeout=30) as answer:
        return str(answer.read().decode())


def test_without_the_demo_it_shows_the_first_page_stops_with_ctrl_c_and_starts_again(make_run):
    folkmoot = make_run(DEMO="0").ready()
    assert "set-up" in folkmoot.said or "type this code" in folkmoot.said
    assert "<form" in page(folkmoot)
    postgres = folkmoot.postgres_process
    folkmoot.ctrl_c()
    assert not is_running(postgres)
    assert "Traceback" not in folkmoot.said

    again = make_run(DEMO="0").ready()
    assert "Applying" not in again.said
    assert "Installing" not in again.said


def test_an_election_file_is_added_and_its_result_is_a_page(make_run, tmp_path):
    file = tmp_path / "small election.pb"
    file.write_text(SMALL)
    folkmoot = make_run(DEMO="0", PB=str(file)).ready()
    address = re.search(rf"http://localhost:{folkmoot.port}(/\S+)", folkmoot.said)
    assert address, folkmoot.said
    assert "Trees, many" in page(folkmoot, address[1])


def test_the_demo_town_is_there_and_says_how_to_sign_in(make_run):
    folkmoot = make_run().ready()
    wait_until(lambda: "Ctrl-C" in folkmoot.said, what="the addresses to be said")
    assert re.search(r"Facilitator +\S+@riverside\.demo", folkmoot.said)
    assert "Riverside" in page(folkmoot)
