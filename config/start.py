# SPDX-License-Identifier: AGPL-3.0-or-later
"""What happens between the command line and Django: the database is settled before the settings are read."""

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

from config import database
from config.postgres import Postgres, PostgresFailed

embedded: Postgres | None = None  # the server of this installation, where we start or use one

VAR_DIR = Path(os.environ.get("VAR_DIR") or Path(__file__).resolve().parent.parent / "var")


def run(arguments: list[str]) -> None:
    """Run a management command with a database behind it."""
    global embedded
    command = arguments[1] if len(arguments) > 1 else ""
    if command == "serve" and not os.environ.get("DATABASE_URL"):
        print("Starting the embedded PostgreSQL ...", flush=True)
    try:
        embedded = database.provide_for_command(command, VAR_DIR / "postgres")
    except PostgresFailed as failure:
        sys.exit(str(failure))
    try:
        execute_from_command_line(arguments)
    except KeyboardInterrupt:
        sys.exit("Stopped.")
    finally:
        if embedded:
            embedded.stop()
