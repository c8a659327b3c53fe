# SPDX-License-Identifier: AGPL-3.0-or-later
"""What there is to read for an item: files that are kept here, and pages elsewhere."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from meetings.documents import File
from meetings.models import AgendaItem, ItemDocument

from .acts import MeetingRefused, clock, lock_item, record, refuse_when_over

MOST_DOCUMENTS = 10  # of one item


@transaction.atomic
def add_document(
    *,
    item: AgendaItem,
    title: str,
    actor: User | None,
    link: str = "",
    file: File | None = None,
    expected_version: int | None = None,
    at: datetime | None = None,
) -> ItemDocument:
    """The item has this file or this page to read besides."""
    meeting, item = lock_item(item, expected_version=expected_version)
    if item.documents.count() >= MOST_DOCUMENTS:
        raise MeetingRefused(_("An item has at most %(n)d documents. Take one away first.") % {"n": MOST_DOCUMENTS})
    if bool(link) == (file is not None):
        raise MeetingRefused(_("Choose a file, or write the address of a page: one of the two."))
    document = ItemDocument.objects.create(
        item=item,
        title=title,
        link=link,
        content=file.content if file else None,
        file_name=file.name if file else "",
        content_type=file.content_type if file else "",
    )
    record(meeting, "document_added", actor=actor, at=clock(at), data=_about(document))
    return document


@transaction.atomic
def remove_document(
    *, document: ItemDocument, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> None:
    """The item does not have it any more; the log keeps its title."""
    meeting, _item = lock_item(document.item, expected_version=expected_version)
    refuse_when_over(meeting)  # what the room had before it when it decided stays
    data = _about(document)
    document.delete()
    record(meeting, "document_removed", actor=actor, at=clock(at), data=data)


def _about(document: ItemDocument) -> dict[str, str]:
    return {"item": str(document.item_id), "document": str(document.pk), "title": document.title}
