# SPDX-License-Identifier: AGPL-3.0-or-later
"""How often the state of a topic was seen to change. Counted by whoever shows it, never by those who change it."""

import hashlib

from live.models import TopicVersion
from live.topics import resolve


def last_seen(address: str) -> int:
    """The version that screens were last brought to; 0 before anyone watched. What a page shows is at least as new."""
    return TopicVersion.objects.filter(pk=address).values_list("seq", flat=True).first() or 0


def bring_up_to_date(address: str) -> int:
    """The version of a topic now, one higher than before if its state has changed since anyone last looked.

    Render after this, never before: then a frame with number n shows everything that state n had.
    """
    topic, id = resolve(address)
    while True:
        row = TopicVersion.objects.filter(pk=address).first()
        if row is None:
            TopicVersion.objects.bulk_create([TopicVersion(topic=address)], ignore_conflicts=True)
            continue
        # Looked at after the row was read: if another process counts meanwhile, we look again, and so
        # an older state never gets the higher number.
        state = _digest(topic.state(id))
        if row.state == state:
            return row.seq
        if TopicVersion.objects.filter(pk=address, seq=row.seq).update(seq=row.seq + 1, state=state):
            return row.seq + 1


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()  # a fingerprint says too much about a meeting to be kept
