# SPDX-License-Identifier: AGPL-3.0-or-later
"""What processes say to each other: one message to one group, heard by every hub."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from channels.layers import BaseChannelLayer

logger = logging.getLogger(__name__)
GROUP = "live"
PATIENCE = 2  # seconds, with a layer that does not answer


async def publish(topics: Mapping[str, bool], channel_layer: BaseChannelLayer | None, *, sender: str = "") -> None:
    """Every hub but the sender's own hears that these topics changed, and which of them in passing only.

    Where the layer is away, only the log hears.
    """
    message: dict[str, Any] = {"type": "live.changed", "topics": dict(sorted(topics.items())), "sender": sender}
    try:
        if channel_layer is None:
            raise LookupError("No channel layer is set up.")
        await asyncio.wait_for(channel_layer.group_send(GROUP, message), PATIENCE)
    except Exception as error:  # whatever the layer's library raises: the act is done and must not look failed
        logger.warning("The channel layer took no announcement (%s).", type(error).__name__)
