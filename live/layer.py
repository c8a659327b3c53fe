# SPDX-License-Identifier: AGPL-3.0-or-later
"""What processes say to each other: one message to one group, heard by every hub."""

from collections.abc import Iterable
from typing import Any

from channels.layers import BaseChannelLayer

GROUP = "live"


async def publish(addresses: Iterable[str], channel_layer: BaseChannelLayer | None, *, sender: str = "") -> None:
    """Every hub but the sender's own hears that these topics changed."""
    if channel_layer is None:
        raise LookupError("No channel layer is set up.")
    message: dict[str, Any] = {"type": "live.changed", "topics": sorted(addresses), "sender": sender}
    await channel_layer.group_send(GROUP, message)
