# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pictures of the work, beside its days and its money."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from proposals.models import Project, ProjectPhoto
from proposals.models.photos import LONGEST_ALT
from proposals.photo_files import Picture
from proposals.refusals import CycleRefused

from .phases import hold, record, require_results

MOST_PROJECT_PHOTOS = 20


@transaction.atomic
def add_project_photo(
    *, project: Project, key: str, alt: str, picture: Picture, actor: User | None, at: datetime | None = None
) -> ProjectPhoto:
    """Everybody sees the picture on the project's page. The same key again adds no second."""
    cycle = hold(project.heading.cycle)
    require_results(cycle, at=at)
    if not project.is_funded:
        raise CycleRefused(_("This project has no money from the budget."))
    known = project.photos.filter(key=key).first()
    if known is not None:
        return known
    alt = alt.strip()[:LONGEST_ALT]
    if not alt:
        raise CycleRefused(_("Say in a few words what one sees on the photo."))
    if project.photos.count() >= MOST_PROJECT_PHOTOS:
        raise CycleRefused(_("A project has at most %(n)d photos. Take one away first.") % {"n": MOST_PROJECT_PHOTOS})
    photo = ProjectPhoto.objects.create(
        project=project,
        key=key,
        alt=alt,
        content=picture.content,
        small=picture.small,
        width=picture.width,
        height=picture.height,
        created_at=at or timezone.now(),
    )
    record(cycle, "project.photo_added", actor, at=at, project=project.pk, photo=photo.pk)
    return photo


@transaction.atomic
def remove_project_photo(*, photo: ProjectPhoto, actor: User | None, at: datetime | None = None) -> None:
    """The picture is gone; the public log says that there was one."""
    cycle = hold(photo.project.heading.cycle)
    record(cycle, "project.photo_removed", actor, at=at, project=photo.project_id, photo=photo.pk)
    ProjectPhoto.objects.filter(pk=photo.pk).delete()
