#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Run a management command; one that needs a database gets the embedded one where DATABASE_URL names none."""

import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036 - said here, before a line that an older Python cannot read
    version = ".".join(map(str, sys.version_info[:2]))
    sys.exit("Folkmoot needs Python 3.11 or newer, and this is " + version + ": install one and start it with that.")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        from config.start import run
    except ModuleNotFoundError as missing:
        sys.exit(f"The Python package {missing.name} is missing: use `make run`, which installs everything.")
    run(sys.argv)


if __name__ == "__main__":
    main()
