# SPDX-License-Identifier: AGPL-3.0-or-later
"""The one exception of this app."""


class CycleRefused(Exception):
    """The cycle, proposal or project was not changed; the message is written for the person who tried."""
