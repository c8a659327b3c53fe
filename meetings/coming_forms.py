# SPDX-License-Identifier: AGPL-3.0-or-later
"""What people type when they come in, and what the desk types for them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from assemblies.models import Membership
from meetings import room_code
from meetings.models import AttendanceMode, Meeting
from meetings.services.attendance import LONGEST_HANDLE


class ModeForm(forms.Form):
    mode = forms.ChoiceField(
        label=gettext_lazy("Where are you?"),
        choices=AttendanceMode.choices,
        widget=forms.RadioSelect,
        initial=AttendanceMode.IN_ROOM,
    )


class DoorForm(ModeForm):
    """Checking in by oneself; with the code on the wall where the meeting asks for it."""

    room_code = forms.CharField(
        label=gettext_lazy("Code on the screen in the room"),
        required=False,
        max_length=20,
        help_text=gettext_lazy("Five letters and figures. It changes every minute. From elsewhere you need none."),
        widget=forms.TextInput(
            attrs={"class": "code-input", "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not room_code.is_shown(meeting):
            del self.fields["room_code"]

    @property
    def typed_code(self) -> str:
        return str(self.cleaned_data.get("room_code", ""))

    @property
    def chosen_mode(self) -> AttendanceMode:
        return AttendanceMode(self.cleaned_data["mode"])


class GuestForm(DoorForm):
    """Joining without an account."""

    handle = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=LONGEST_HANDLE,
        help_text=gettext_lazy(
            "The room calls you by it when it is your turn to speak. It need not be your full name."
        ),
        error_messages={"required": gettext_lazy("Type the name by which the room may call you.")},
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )
    field_order = ["handle", "mode", "room_code"]


class WalkInForm(forms.Form):
    """A guest whom the desk enters."""

    handle = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=LONGEST_HANDLE,
        error_messages={"required": gettext_lazy("Type the name by which the room may call this person.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class ProxyForm(forms.Form):
    """Who votes in the place of whom, and where the signed paper is."""

    holder = forms.ModelChoiceField(
        label=gettext_lazy("Who votes in their place"),
        queryset=Membership.objects.none(),
        empty_label=gettext_lazy("Choose"),
        help_text=gettext_lazy("Somebody who is checked in and may vote."),
        error_messages={"required": gettext_lazy("Choose who votes in their place.")},
    )
    document = forms.CharField(
        label=gettext_lazy("Where the signed paper is filed"),
        max_length=120,
        help_text=gettext_lazy("For example: folder 3, number 12."),
        error_messages={"required": gettext_lazy("Write where the signed paper is filed.")},
    )

    def __init__(self, *args: Any, meeting: Meeting, giver: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        here = Membership.objects.verified().filter(
            attendees__in=meeting.attendees.filter(attendances__isnull=False, attendances__ended_at=None)
        )
        holder = self.fields["holder"]
        if isinstance(holder, forms.ModelChoiceField):
            holder.queryset = here.exclude(pk=giver.pk).select_related("user").order_by("user__name", "pk")
