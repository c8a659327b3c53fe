# SPDX-License-Identifier: AGPL-3.0-or-later
"""Append-only, hash-chained event streams; knows no domain.

event = ledger.append(stream=meeting.pk, kind="item_opened", data={"item": item.pk})
ledger.events(meeting.pk)
ledger.verify(meeting.pk)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ledger.chain import BrokenChain, append, events, verify

__all__ = ["BrokenChain", "append", "events", "verify"]


def __getattr__(name: str) -> Any:
    # Models can only be imported once all apps are loaded, and Django imports this file before that.
    if name in __all__:
        return getattr(import_module("ledger.chain"), name)
    raise AttributeError(f"module 'ledger' has no attribute {name!r}")
