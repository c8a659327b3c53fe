# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages of a submission, one thing per page. Each asks for a part of what `ProposalForm` knows."""

import re
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assemblies.models import District
from assemblies.town_map import PLAIN_WIDTH, TownMap, map_of
from config.characters import FormWithoutNul

from .forms import ProposalForm, field_of, needed_at_times
from .models import Cycle, Proposal
from .models.photos import LONGEST_ALT
from .photo_files import ACCEPTED, LARGEST, too_large
from .plain_text import plain

MOVES = {"up": (0, -1), "down": (0, 1), "left": (-1, 0), "right": (1, 0)}
MOVE_BY = 12  # units of the map


class StepForm(FormWithoutNul, ProposalForm):
    """One page of the submission: these questions of the whole, as they were answered so far."""

    asks: tuple[str, ...] = ()

    def __init__(self, data: Any = None, *, cycle: Cycle, proposal: Proposal | None = None) -> None:
        super().__init__(data, cycle=cycle, proposal=proposal)
        for name in [name for name in self.fields if name not in self.asks]:
            del self.fields[name]
        for name, field in self.fields.items():
            if isinstance(field, forms.CharField) and field.max_length:
                field.error_messages["max_length"] = _too_long(field.max_length)
            if name == "title":
                field.widget.attrs["autocomplete"] = "off"


def _too_long(most: int) -> Any:
    return gettext_lazy("Write at most {most} letters. You have %(show_value)d.").format(most=most)


class IdeaForm(StepForm):
    """What, and why."""

    asks = ("heading", "title", "summary", "text", "category")


class CostForm(StepForm):
    """What it might cost."""

    asks = ("cost_guess",)

    @property
    def written(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class WhereForm(StepForm):
    """One spot, a whole district, or the whole town. The pin is a point of the map, in the map's units."""

    asks = ("where", "pin", "place", "district")
    SPOT, DISTRICT, TOWN = "spot", "district", "town"

    where = forms.ChoiceField(
        label=gettext_lazy("How much of the town is it about?"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Say how much of the town it is about.")},
    )
    pin = forms.CharField(required=False, widget=forms.HiddenInput, validators=[RegexValidator(r"^\d{1,4},\d{1,4}$")])

    def __init__(self, data: Any = None, *, cycle: Cycle, proposal: Proposal) -> None:
        super().__init__(data, cycle=cycle, proposal=proposal)
        self.map = map_of(cycle.assembly)
        place = self.fields["place"]
        needed_at_times(place).label = _("Address")
        place.help_text = _("A street and a number, a square or a building.")
        choices = [(self.SPOT, _("One spot")), (self.TOWN, _("The whole town"))]
        if "district" in self.fields:
            district = needed_at_times(field_of(self, "district", forms.ModelChoiceField))
            district.label, district.empty_label = _("Which district?"), _("Choose")
            choices.insert(1, (self.DISTRICT, _("A whole district")))
        field_of(self, "where", forms.ChoiceField).choices = choices
        self.order_fields(["where", "district", "place", "pin"])
        self.initial.update(where=self._answered(proposal), pin=self._pinned(proposal))

    def _answered(self, proposal: Proposal) -> str:
        if proposal.place or proposal.latitude is not None:
            return self.SPOT
        return self.DISTRICT if proposal.district_id else ""

    def _pinned(self, proposal: Proposal) -> str:
        if self.map is None or proposal.latitude is None or proposal.longitude is None:
            return ""
        return "{},{}".format(*self.map.on_paper(proposal.longitude, proposal.latitude))

    @property
    def point(self) -> tuple[int, int] | None:
        """Where the pin stands on the map now, whatever else is wrong on the page."""
        found = re.fullmatch(r"(\d{1,4}),(\d{1,4})", str(self["pin"].value() or ""))
        if not found or self.map is None:
            return None
        point = int(found[1]), int(found[2])
        return point if self.map.holds(*point) else None

    @property
    def pinned_district(self) -> District | None:
        return self.map.district_at(*self.point) if self.map and self.point else None

    def clean(self) -> None:
        super().clean()
        where = self.cleaned_data.get("where")
        if where == self.DISTRICT and not self.cleaned_data.get("district"):
            self.add_error("district", _("Choose the district."))
        if where == self.SPOT and not self.cleaned_data.get("place") and not self.point and "place" not in self.errors:
            self.add_error(
                "place",
                _("Write the address, or put a pin on the map.") if self.map else _("Write the address of the spot."),
            )

    @property
    def written(self) -> dict[str, Any]:
        answers = self.cleaned_data
        longitude: Decimal | None = None
        latitude: Decimal | None = None
        if answers["where"] == self.SPOT and self.map and self.point:
            longitude, latitude = self.map.on_earth(*self.point)
        district = None
        if answers["where"] == self.SPOT:
            district = self.pinned_district
        elif answers["where"] == self.DISTRICT:
            district = answers["district"]
        return {
            "place": answers["place"] if answers["where"] == self.SPOT else "",
            "district": district,
            "longitude": longitude,
            "latitude": latitude,
        }


def moved_pin(typed: Any, town: TownMap) -> str | None:
    """Where the pin stands after a press on the map or on an arrow, or None when neither was pressed."""
    pin = re.fullmatch(r"(\d{1,4}),(\d{1,4})", typed.get("pin", ""))
    x, y = (int(pin[1]), int(pin[2])) if pin else (town.width // 2, town.height // 2)
    if "map.x" in typed and "map.y" in typed:
        pressed = [int(one) if re.fullmatch(r"\d{1,4}", one) else 0 for one in (typed["map.x"], typed["map.y"])]
        if pressed != [
            0,
            0,
        ]:  # so says a browser in which the map was pressed by a key: the pin stays, or is in the middle
            x, y = (one * town.width // PLAIN_WIDTH for one in pressed)
    elif typed.get("move") in MOVES:
        if pin:  # the first press on an arrow puts it in the middle
            x, y = (place + MOVE_BY * step for place, step in zip((x, y), MOVES[typed["move"]], strict=True))
    elif typed.get("move") == "away":
        return ""
    else:
        return None
    return f"{min(max(x, 0), town.width)},{min(max(y, 0), town.height)}"


class PhotoForm(FormWithoutNul):
    """One photo, in words too. The key was made with the form, so that sending it again adds no second photo."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput, validators=[RegexValidator(r"^[A-Za-z0-9_-]+$")])
    file = forms.FileField(
        label=gettext_lazy("Photo"),
        error_messages={
            "required": gettext_lazy("Choose a photo."),
            "empty": gettext_lazy("This file is empty. Choose another one."),
        },
        help_text=gettext_lazy(
            "JPEG, PNG or WebP, at most 12 megabytes. Where and when it was taken is removed. No faces of people "
            "who did not agree, please."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPTED}),
    )
    alt = forms.CharField(
        label=gettext_lazy("What does one see on it?"),
        max_length=LONGEST_ALT,
        error_messages={"required": gettext_lazy("Say in a few words what one sees on the photo.")},
        help_text=gettext_lazy("For people who cannot see it. Example: The bus stop, with nowhere to sit"),
    )

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, initial={"key": uuid4().hex})
        self.fields["alt"].error_messages["max_length"] = _too_long(LONGEST_ALT)

    def clean_file(self) -> "UploadedFile[Any]":
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST:
            raise forms.ValidationError(too_large())
        return file

    def clean_alt(self) -> str:
        alt = plain(self.cleaned_data["alt"])
        if not alt:
            raise forms.ValidationError(str(self.fields["alt"].error_messages["required"]))
        return alt


class ContactForm(FormWithoutNul):
    """The name that stands with the proposal."""

    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("Everybody can read it. Leave it empty to be “a resident”."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def clean_name(self) -> str:
        return plain(self.cleaned_data["name"])


class HidePhotoForm(forms.Form):
    """Why moderators hide a photo."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500)
