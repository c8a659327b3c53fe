# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which database: the one that DATABASE_URL names, or the embedded one where it names none."""

import os
import select
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
import psycopg
from psycopg_pool import ConnectionPool

from config.postgres import Postgres

COMMANDS_WITHOUT = {
    *("", "help", "version", "--help", "-h", "--version"),
    *("check", "collectstatic", "compilemessages", "diffsettings", "findstatic", "makemessages", "makemigrations"),
}
NOWHERE = "postgres://folkmoot@127.0.0.1:1/folkmoot"  # refuses at once: for commands that need no database


class DatabaseUnreachable(Exception):
    """No database answers; the message is one sentence with the remedy, without the password."""


def provide(folder: Path, *, durable: bool = True) -> Postgres | None:
    """DATABASE_URL names a database: as it was set, or an embedded one, which is returned."""
    if os.environ.get("DATABASE_URL"):
        return None
    postgres = Postgres(folder, durable=durable)
    os.environ["DATABASE_URL"] = postgres.ensure()
    return postgres


def provide_for_command(command: str, folder: Path) -> Postgres | None:
    """The same for a management command, unless it is one that needs no database."""
    if command not in COMMANDS_WITHOUT:
        return provide(folder)
    if not os.environ.get("DATABASE_URL"):
        warnings.filterwarnings("ignore", "Got an error checking a consistent migration history", RuntimeWarning)
    return None


def settings_for(url: str, *, pool: int) -> dict[str, Any]:
    """The entry of DATABASES for this URL; an empty one leads nowhere."""
    settings: dict[str, Any] = environ.Env.db_url_config(url or NOWHERE)
    options = settings.setdefault("OPTIONS", {})
    options["options"] = "-c jit=off -c lock_timeout=5s -c idle_in_transaction_session_timeout=15s"
    if url:
        options["pool"] = {"min_size": 0, "max_size": pool, "timeout": 10}
    settings["CONN_HEALTH_CHECKS"] = True  # with `check_still_there`
    settings["ATOMIC_REQUESTS"] = False
    return settings


def check_still_there(connection: "psycopg.Connection[Any]") -> None:
    """A connection that died with the server is replaced before it is used; raises psycopg.OperationalError.

    Nothing is due from a server that was asked nothing: if there is something to read, it has hung up. To ask it
    would cost every page a trip.
    """
    ears = select.poll()
    ears.register(connection.fileno(), select.POLLIN)
    if ears.poll(0):
        connection.close()  # or the pool would hand it out again
        if pool := getattr(connection, "_pool", None):
            pool.check()  # it will have hung up on the others too, and after each the pool waits longer
        raise psycopg.OperationalError("The server has hung up.")


ConnectionPool.check_connection = staticmethod(check_still_there)  # type: ignore[assignment]  # Django offers no other place


def check_reachable(url: str) -> None:
    """The database answers and is recent enough, or a sentence says what is wrong."""
    place = without_password(url)
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            version = connection.info.server_version
    except psycopg.Error as error:
        reason = hide_password(str(error).strip().splitlines()[-1].removeprefix("connection failed: "), url)
        raise DatabaseUnreachable(
            f"The database {place} cannot be reached ({reason}): check DATABASE_URL and that the server runs."
        ) from None
    if version < 150000:
        raise DatabaseUnreachable(
            f"The database {place} is PostgreSQL {version // 10000}: Folkmoot needs version 15 or newer."
        )


def hide_password(text: str, url: str) -> str:
    """The text as it may be shown, wherever it repeats the password of this URL."""
    password = urlsplit(url).password
    return text.replace(password, "***") if password else text


def without_password(url: str) -> str:
    """The URL as it may be shown."""
    try:
        parts = urlsplit(url)
        if parts.password is None:
            return url
        return parts._replace(netloc=f"{parts.username}:***@{parts.netloc.rpartition('@')[2]}").geturl()
    except ValueError:
        return "of DATABASE_URL"
