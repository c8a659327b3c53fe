# SPDX-License-Identifier: AGPL-3.0-or-later
"""Carries change to screens. People act by HTTP; this only tells what it looks like now.

An app registers a topic in AppConfig.ready() and announces it in the services that change it:

    live.register(live.Topic(name="meeting", audience_of=..., state=..., render=...))
    live.announce(meeting.topic)  # "meeting/<uuid>", inside the transaction

A page shows it with `{% load live %}{% live_topic meeting.topic as screen %}` (see live/templatetags/live.py).
"""

from live.announcing import announce, rights_changed
from live.topics import Topic, register

__all__ = ["Topic", "announce", "register", "rights_changed"]
