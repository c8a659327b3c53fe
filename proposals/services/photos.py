# SPDX-License-Identifier: AGPL-3.0-or-later
"""The photos of a proposal: added to a draft one by one, and hidden by moderators where they must not be seen."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

import jobs
from accounts.models import User
from proposals.models import Photo, Proposal
from proposals.models.photos import LONGEST_ALT
from proposals.moderation_mails import tell_author_of_photo
from proposals.photo_files import Picture
from proposals.refusals import CycleRefused

from .phases import held_proposal, hold, record, share
from .proposing import require_ideas_ahead

MOST_PHOTOS = 5  # of one proposal


@transaction.atomic
def add_photo(*, proposal: Proposal, key: str, alt: str, picture: Picture, at: datetime | None = None) -> Photo:
    """The draft has this photo after its others. The same key again is the same photo, and adds no second."""
    cycle = share(proposal.heading.cycle)
    proposal = held_proposal(proposal)
    known = proposal.photos.filter(key=key).first()
    if known is not None:
        return known
    _refuse_sent(proposal)
    require_ideas_ahead(cycle, at)
    alt = alt.strip()[:LONGEST_ALT]
    if not alt:
        raise CycleRefused(_("Say in a few words what one sees on the photo."))
    if proposal.photos.count() >= MOST_PHOTOS:
        raise CycleRefused(
            _("A proposal has at most %(n)d photos. Take one away first, then add this one.") % {"n": MOST_PHOTOS}
        )
    last = proposal.photos.aggregate(last=Max("position"))["last"]
    return Photo.objects.create(
        proposal=proposal,
        key=key,
        alt=alt,
        position=0 if last is None else last + 1,
        content=picture.content,
        small=picture.small,
        width=picture.width,
        height=picture.height,
        uploaded_at=at or timezone.now(),
    )


@transaction.atomic
def remove_photo(*, photo: Photo) -> None:
    """The draft does not have this photo any more, in every step: whoever takes a face away is never asked to wait."""
    _refuse_sent(held_proposal(photo.proposal))
    photo.delete()


@transaction.atomic
def put_photo_first(*, photo: Photo, at: datetime | None = None) -> None:
    """The photo comes before the others: lists show the first one."""
    cycle = share(photo.proposal.heading.cycle)
    proposal = held_proposal(photo.proposal)
    _refuse_sent(proposal)
    require_ideas_ahead(cycle, at)
    others = [other for other in proposal.photos.all() if other.pk != photo.pk]
    for place, one in enumerate([photo, *others]):
        one.position = place
        one.save(update_fields=["position"])


@transaction.atomic
def hide_photo(*, photo: Photo, actor: User, reason: str, at: datetime | None = None) -> Photo:
    """Nobody but moderators and its author sees the photo; the author has a mail, and the log keeps why."""
    reason = reason.strip()
    if not reason:
        raise CycleRefused(_("Write the reason. The author can read why the photo is hidden."))
    cycle = hold(photo.proposal.heading.cycle)
    photo = Photo.objects.select_for_update().get(pk=photo.pk)
    if photo.hidden_at is not None:
        raise CycleRefused(_("This photo is hidden already."))
    photo.hidden_at, photo.hidden_reason = at or timezone.now(), reason
    photo.save(update_fields=["hidden_at", "hidden_reason"])
    record(cycle, "photo.hidden", actor, at=at, proposal=photo.proposal_id, photo=photo.pk, reason=reason)
    jobs.defer(tell_author_of_photo, str(photo.pk))
    return photo


@transaction.atomic
def show_photo(*, photo: Photo, actor: User, at: datetime | None = None) -> Photo:
    """Everybody who may see the proposal sees the photo again."""
    cycle = hold(photo.proposal.heading.cycle)
    photo = Photo.objects.select_for_update().get(pk=photo.pk)
    if photo.hidden_at is None:
        raise CycleRefused(_("This photo is not hidden."))
    photo.hidden_at, photo.hidden_reason = None, ""
    photo.save(update_fields=["hidden_at", "hidden_reason"])
    record(cycle, "photo.shown", actor, at=at, proposal=photo.proposal_id, photo=photo.pk)
    jobs.defer(tell_author_of_photo, str(photo.pk))
    return photo


def _refuse_sent(proposal: Proposal) -> None:
    if not proposal.is_draft:
        raise CycleRefused(_("This proposal was sent in already, so its photos can no longer be changed."))
