# SPDX-License-Identifier: AGPL-3.0-or-later
"""What travels to a screen: the panels of a topic as HTML, rendered once for everybody in an audience."""

import json
import logging
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone, translation

from live.topics import resolve

logger = logging.getLogger(__name__)
KEPT_FRAMES = 64
_kept: OrderedDict[tuple[str, "Audience", int], "Frame"] = OrderedDict()
_lock = Lock()


class Audience(NamedTuple):
    """The viewers who see exactly the same: a role that the topic named, in one language."""

    role: str
    language: str

    def __str__(self) -> str:
        return f"{self.role}/{self.language}"


@dataclass(frozen=True)
class Frame:
    """The newest state of a topic for one audience. Everything but the time is encoded once."""

    address: str
    seq: int
    panels: dict[str, str]
    encoded: str

    def text(self) -> str:
        """The frame as JSON, with the server's time of this moment so that countdowns agree."""
        return f'{self.encoded[:-1]},"now":"{timezone.now().isoformat()}"}}'


def render(address: str, audience: Audience, seq: int) -> Frame:
    """The frame of this version; what it shows may be newer than its number, never older."""
    topic, id = resolve(address)
    with translation.override(audience.language):
        panels = {name: str(html) for name, html in topic.render(id, audience.role, audience.language).items()}
    encoded = json.dumps({"topic": address, "seq": seq, "panels": panels}, ensure_ascii=False, separators=(",", ":"))
    return Frame(address, seq, panels, encoded)


def render_all(address: str, audiences: Iterable[Audience], seq: int) -> dict[Audience, Frame]:
    """The frames of this version for all these audiences, without those that cannot be drawn."""
    frames = {}
    for audience in audiences:
        try:
            frames[audience] = render(address, audience, seq)
        except Exception:  # an app's mistake on one screen must not darken the others
            logger.exception("%s could not be rendered for %s.", address, audience)
    return frames


def kept(address: str, audience: Audience, seq: int) -> Frame:
    """The same frame, rendered once for all who poll for it while sockets are blocked."""
    key = (address, audience, seq)
    with _lock:
        frame = _kept.get(key)
    if frame is None:
        frame = render(address, audience, seq)
        with _lock:
            _kept[key] = frame
            while len(_kept) > KEPT_FRAMES:
                _kept.popitem(last=False)
    return frame


def language_of(asked: str | None) -> str:
    """The language a page says it is written in, if it is one of ours."""
    return asked if asked in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
