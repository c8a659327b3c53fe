# SPDX-License-Identifier: AGPL-3.0-or-later
import sys

from voting.tally.command import main

if __name__ == "__main__":
    sys.exit(main())
