# SPDX-License-Identifier: AGPL-3.0-or-later


class AssemblyRefused(Exception):
    """Nothing was changed; the message is written for the person who tried."""
