# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a visitor asks of the list of proposals. All of it stands in the address, so that it can be sent to others."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assemblies.models import District

from .browse_map import MapArea
from .forms import MoneyField, field_of
from .models import Category, Cycle, Heading
from .standing import FILTERS
from .widgets import PlainSelect


class BrowseForm(forms.Form):
    """What to show of the list, and how; anything that is not understood is left out."""

    class Sort:
        MIXED, NEWEST, SUPPORTED = "mixed", "newest", "supported"

    class View:
        LIST, MAP, TABLE = "list", "map", "table"

    q = forms.CharField(
        label=gettext_lazy("Search"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"type": "search", "enterkeyhint": "search"}),
    )
    heading = forms.ModelChoiceField(
        Heading.objects.none(),
        label=gettext_lazy("Pot of money"),
        required=False,
        empty_label=gettext_lazy("All"),
        widget=PlainSelect,
    )
    category = forms.ChoiceField(label=gettext_lazy("What it is about"), required=False, widget=PlainSelect)
    district = forms.ModelChoiceField(
        District.objects.none(),
        label=gettext_lazy("District"),
        required=False,
        empty_label=gettext_lazy("All"),
        widget=PlainSelect,
    )
    status = forms.ChoiceField(label=gettext_lazy("State"), required=False, widget=PlainSelect)
    cost = MoneyField(label=gettext_lazy("Costs at most"), required=False)
    sort = forms.ChoiceField(
        label=gettext_lazy("Order"),
        required=False,
        choices=[
            (Sort.MIXED, gettext_lazy("Mixed, so that nobody is always first")),
            (Sort.NEWEST, gettext_lazy("Newest first")),
            (Sort.SUPPORTED, gettext_lazy("Most supported first")),
        ],
        widget=PlainSelect,
    )
    view = forms.ChoiceField(
        required=False,
        choices=[
            (View.LIST, gettext_lazy("List")),
            (View.MAP, gettext_lazy("Map")),
            (View.TABLE, gettext_lazy("Table")),
        ],
        widget=forms.HiddenInput,
    )

    area = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, cycle: Cycle) -> None:
        super().__init__(data)
        self.cycle = cycle
        field_of(self, "category", forms.ChoiceField).choices = [("", _("All")), *Category.choices]
        statuses = [(name, one.word) for name, (one, _condition) in FILTERS.items()]
        field_of(self, "status", forms.ChoiceField).choices = [("", _("All")), *statuses]
        field_of(self, "cost", MoneyField).currency = cycle.currency
        if len(cycle.headings.all()) > 1:
            field_of(self, "heading", forms.ModelChoiceField).queryset = Heading.objects.filter(cycle=cycle)
        else:
            del self.fields["heading"]
        districts = District.objects.filter(assembly=cycle.assembly)
        field_of(self, "district", forms.ModelChoiceField).queryset = districts

    def clean_area(self) -> MapArea | None:
        return MapArea.read(self.cleaned_data["area"])

    @property
    def chosen(self) -> dict[str, Any]:
        """The answers that make sense; the others are as if not given."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @staticmethod
    def cost_words(amount: str) -> str:
        return _("at most %(amount)s") % {"amount": amount}
