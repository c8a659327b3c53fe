# SPDX-License-Identifier: AGPL-3.0-or-later
"""The keys of the cockpit: each presses a button that is on the page. static/keys.js listens."""

from django.utils.translation import gettext as _

# Which button an address belongs to, so that every form that acts there can be pressed with the key.
OF_ACT = {
    "advance": "next",
    "go_back": "back",
    "open_poll": "open",
    "start_closing": "close",
    "close_poll": "close",
    "reveal_poll": "reveal",
    "blank": "blank",
    "call_next": "call",
    "call_speaker": "call",
    "pause_speaker": "timer",
    "resume_speaker": "timer",
    "finish_speaker": "finish",
    "admit_hand": "moderate",
    "undo": "undo",
}


def shown() -> list[tuple[str, str, str]]:
    """Every shortcut as (name, key, what it does)."""
    return [
        ("next", "n", _("Next item")),
        ("back", "b", _("Back to the item before")),
        ("open", "o", _("Open the vote")),
        ("close", "c", _("Close the vote")),
        ("reveal", "r", _("Show the result")),
        ("blank", "p", _("Projector dark or lit")),
        ("hide", "h", _("Take the result off the projector")),
        ("timer", "t", _("Stop the speech, or let it go on")),
        ("more", "+", _("One minute more")),
        ("less", "-", _("One minute less")),
        ("call", "q", _("Call the next speaker")),
        ("moderate", "m", _("Go to the raised hands")),
        ("undo", "u", _("Undo")),
        ("search", "/", _("Search at the desk")),
    ]
