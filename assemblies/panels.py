# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pages that show several apps are frames: each app registers a panel for the frame's name.

`{% panels "assembly.home" %}` renders them in order, in process, so the page works with scripts off.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

Render = Callable[[HttpRequest, dict[str, Any]], str]


@dataclass(frozen=True)
class Panel:
    name: str
    order: int
    render: Render  # answers the panel's HTML, empty when there is nothing to show


_frames: dict[str, list[Panel]] = defaultdict(list)


def register(frame: str, *, name: str, order: int, render: Render) -> None:
    """Show this panel in the frame; a name registers once, so a reload replaces it."""
    kept = [panel for panel in _frames[frame] if panel.name != name]
    _frames[frame] = sorted([*kept, Panel(name, order, render)], key=lambda panel: (panel.order, panel.name))


def panels_of(frame: str) -> list[Panel]:
    return list(_frames[frame])


def rendered(frame: str, request: HttpRequest, context: dict[str, Any]) -> list[str]:
    """The HTML of every panel that has something to show, in order."""
    answers = (panel.render(request, dict(context)) for panel in _frames[frame])
    return [answer for answer in answers if answer.strip()]
