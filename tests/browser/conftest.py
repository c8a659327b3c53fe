"""A running Folkmoot with its demo town, and a real browser in front of it."""

import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import psycopg
import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect, sync_playwright

from tests.config.serving import free_port

ColorScheme = Literal["light", "dark"]
ROOT = Path(__file__).resolve().parents[2]
CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
TEMPLATE = os.environ.get("TEST_DATABASE_TEMPLATE", "")  # with the tables made, where the run of the tests has one
expect.set_options(timeout=15_000)  # three browsers and their servers share two cores

PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 860}


@dataclass(frozen=True)
class Town:
    """One running server: its address, the folder where it keeps caught mails, and its database."""

    url: str
    var: Path
    database_url: str = ""

    def manage(self, *words: str) -> str:
        """What a command of its operator prints."""
        environment = os.environ | {"DATABASE_URL": self.database_url, "VAR_DIR": str(self.var), "PUBLIC_URL": self.url}
        run = subprocess.run(
            [sys.executable, "manage.py", *words], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
        )
        return run.stdout

    def newest_code(self, email: str) -> str:
        """The sign-in code in the newest mail to this address."""
        return self._found_in_mail(email, r"\b(\d{6})\b")

    def newest_link(self, email: str) -> str:
        """The address in the newest mail to this address."""
        return self._found_in_mail(email, r"^(http\S+)$")

    def _found_in_mail(self, email: str, pattern: str) -> str:
        """What the pattern finds in the newest mail that has it; mails are sent by a job, so it may take a moment."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            for path in sorted((self.var / "mail").glob("*"), key=lambda p: p.stat().st_mtime, reverse=True):
                head, _, body = path.read_text().partition("\n\n")
                if f"To: {email}" in head and (found := re.search(pattern, body, re.M)):
                    return found[1]
            time.sleep(0.1)
        raise AssertionError(f"no such mail came for {email}")


@pytest.fixture(scope="session")
def database_server(django_db_modify_db_settings: None) -> str:
    """The address of the PostgreSQL of these tests: DATABASE_URL, or the embedded one, which runs by now."""
    return os.environ["DATABASE_URL"]


@pytest.fixture(scope="session")
def town(database_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """`manage.py serve` with the demo, on a database of its own."""
    with own_database(database_server, "browser_town", template=TEMPLATE) as database_url:
        var = tmp_path_factory.mktemp("var")
        port = free_port()
        environment = os.environ | {
            "DATABASE_URL": database_url, "DEMO": "1", "HOST": "127.0.0.1", "PORT": str(port), "VAR_DIR": str(var),
        }  # fmt: skip
        log = (var / "serve.log").open("w")
        server = subprocess.Popen(
            [sys.executable, "manage.py", "serve"], cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        url = f"http://localhost:{port}"
        try:
            wait_for(f"{url}/healthz", server, var / "serve.log")
            yield Town(url, var, database_url)
        finally:
            server.terminate()
            server.wait(20)
            log.close()


@contextmanager
def small_site(module: str, path: str, database_server: str, folder: Path) -> Iterator[str]:
    """The address of a site that this module serves, on a database of its own; it is there when this path answers."""
    with own_database(database_server, module.rpartition(".")[2], template=TEMPLATE) as database_url:
        port, log = free_port(), folder / "site.log"
        environment = os.environ | {
            "DATABASE_URL": database_url, "HOST": "127.0.0.1", "PORT": str(port), "VAR_DIR": str(folder),
        }  # fmt: skip
        if not TEMPLATE:
            subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=ROOT, env=environment, check=True)
        with log.open("wb") as output:
            server = subprocess.Popen(
                [sys.executable, "-m", module], cwd=ROOT, env=environment, stdout=output, stderr=output
            )
            try:
                wait_for(f"http://127.0.0.1:{port}{path}", server, log)
                yield f"http://127.0.0.1:{port}"
            finally:
                server.terminate()
                server.wait(20)


@contextmanager
def own_database(url: str, name: str, *, template: str = "") -> Iterator[str]:
    """A new database on the server at this address, empty or a copy of that one; gone afterwards."""
    name = f"{name}_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
    try:
        yield urlsplit(url)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Until the server answers; a server that ended says why."""
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise AssertionError(f"the server ended:\n{log.read_text()[-3000:]}")
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 -- an address that we made
                return
        except OSError:
            time.sleep(0.3)
    raise AssertionError(f"the server did not answer in time:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is. Without one these tests are skipped aloud, and fail where CI=true promises that it is there."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found:
        return found
    reason = "No Chromium was found, so pages are not tried in a browser: install the package chromium."
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One headless Chromium; each person in a test gets a context of their own.

    It goes with its file: while it is there its event loop runs in this thread, and Django refuses to ask a database.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def person(browser: Browser, town: Town) -> Iterator[Callable[..., Page]]:
    """A function that gives a person their own browser: signed in by a demo button, on a phone unless said otherwise.

    Every page that any of them sees must be free of script errors and of requests to other hosts.
    """
    contexts, troubles = [], []

    def sit_down(
        email: str | None = None,
        *,
        viewport: ViewportSize = PHONE,
        scripts: bool = True,
        color_scheme: ColorScheme = "light",
        url: str = town.url,
    ) -> Page:
        context = browser.new_context(
            base_url=url, viewport=viewport, java_script_enabled=scripts, locale="en-GB", color_scheme=color_scheme
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(f"script error on {page.url}: {error}"))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((url, "data:", "ws://localhost"))
                else troubles.append(f"{page.url} asked another host: {request.url}")
            ),
        )
        page.on(
            "console",
            lambda message: (
                troubles.append(f"{page.url}: {message.text}")
                if message.type == "error" and "Content Security Policy" in message.text
                else None
            ),
        )
        if email:
            page.goto("/demo/")
            sign_in(page, email)
        return page

    yield sit_down
    for context in contexts:
        context.close()
    assert not troubles, "\n".join(troubles)


def sign_in(page: Page, email: str) -> None:
    """Press this person's button on the demo's page, which folds most of the residents away."""
    button = page.locator(f"button[value='{email}']").first
    if not button.is_visible():
        button.locator("xpath=ancestor::details").locator("summary").first.click()
    press(button)


def press(button: Locator) -> None:
    """Press what leads to another page, and wait for that: a click alone may return while the old page still stands."""
    with button.page.expect_navigation():
        button.click()
