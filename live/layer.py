# SPDX-License-Identifier: AGPL-3.0-or-later
"""The one door to the channel layer: which topics changed, from every process to every hub."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from channels.layers import BaseChannelLayer, get_channel_layer

GROUP = "live"
THIS_PROCESS = uuid4().hex


async def publish(topics: Iterable[str], *, sender: str = THIS_PROCESS, layer: BaseChannelLayer | None = None) -> None:
    """Every hub of every process hears that these topics changed."""
    layer = layer or get_channel_layer()
    message: dict[str, Any] = {"type": "live.changed", "topics": sorted(topics), "sender": sender}
    await layer.group_send(GROUP, message)  # type: ignore[union-attr]
