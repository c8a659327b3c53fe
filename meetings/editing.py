# SPDX-License-Identifier: AGPL-3.0-or-later
"""Two people at one form: who saves second is told, and keeps what they typed."""

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _

from meetings.models import Meeting


def expected_version(request: HttpRequest) -> int | None:
    """Which version of the meeting the form was filled in on; None where it does not say."""
    version = request.POST.get("version", "")[:18]
    return int(version) if version.isascii() and version.isdigit() else None


def conflict_of(form: forms.BaseForm, meeting: Meeting) -> int:
    """The form says that the meeting changed in the meantime; saving it once more says that this is on purpose."""
    form.add_error(
        None,
        _(
            "Somebody changed the meeting while you were writing, so nothing was saved yet. What you typed is still"
            " here. Look at the agenda in another window, then save again."
        ),
    )
    return Meeting.objects.only("version").get(pk=meeting.pk).version
