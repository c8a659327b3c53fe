"""A Folkmoot in a process of its own, as people start it."""

import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Self

from config.postgres import Postgres
from tests.config.conftest import ROOT, wait_until


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Serving:
    """A Folkmoot in a process of its own, with an environment of its own."""

    def __init__(self, home: Path, *arguments: str, **environment: str) -> None:
        self.port = int(environment.get("PORT") or free_port())
        self.home = home
        self.output = home / "output"
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", *(arguments or ("serve",))],
                cwd=ROOT,
                env=kept | {"VAR_DIR": str(home / "var"), "PORT": str(self.port), "DEMO": "0"} | environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def said(self) -> str:
        return self.output.read_text(errors="replace")

    @property
    def postgres(self) -> Postgres:
        return Postgres(self.home / "var" / "postgres")

    @property
    def postgres_process(self) -> int:
        return int((self.postgres.data / "postmaster.pid").read_text().split()[0])

    def is_well(self) -> bool:
        return self.health() == (200, "ok")

    def health(self) -> tuple[int, str]:
        """What /healthz says, or 0 when nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=15) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.read().decode()
        except OSError:
            return 0, ""

    def ready(self) -> Self:
        wait_until(lambda: self.is_well() or self.process.poll() is not None, what="Folkmoot to serve", seconds=240)
        assert self.process.poll() is None, self.said
        return self

    def ended(self) -> int:
        return self.process.wait(30)
