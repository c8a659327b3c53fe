# SPDX-License-Identifier: AGPL-3.0-or-later
from typing import Any

from django import forms
from django.core.validators import validate_slug
from django.utils.translation import gettext_lazy as _

from accounts.forms import own_names

from . import first_run, money
from .models import Assembly, Role

CURRENCIES = tuple(sorted({*money.SIGNS, "CHF", "RON", "BGN"}))


class SetUpForm(forms.Form):
    """The first page of a new installation."""

    code = forms.CharField(
        label=_("Set-up code"),
        help_text=_("It stands on the terminal where Folkmoot was started, and in the file var/setup_code."),
        error_messages={"required": _("Type the code from the terminal.")},
        widget=forms.TextInput(
            attrs={"class": "code-input", "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    name = forms.CharField(
        label=_("Name of your town or group"),
        max_length=120,
        error_messages={"required": _("Type a name, for example Riverside.")},
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    slug = forms.CharField(
        label=_("Short address"),
        max_length=50,
        help_text=_("Small letters, digits and dashes. It stands in the web address: /a/riverside/"),
        error_messages={"required": _("Type a short address, for example riverside.")},
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}),
    )
    person = forms.CharField(
        label=_("Your name"),
        max_length=80,
        error_messages={"required": _("Type your name.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        help_text=_("You sign in with it. You become the administrator."),
        error_messages={
            "required": _("Type your e-mail address."),
            "invalid": _("Type the whole address, for example amina@example.org."),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    language = forms.ChoiceField(label=_("Language"))
    currency = forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in CURRENCIES], initial="EUR")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = own_names()  # type: ignore[attr-defined]

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        if not first_run.is_setup_code(code):
            raise forms.ValidationError(_("This is not the code on the terminal."))
        return code

    def clean_slug(self) -> str:
        slug = str(self.cleaned_data["slug"]).lower()
        try:
            validate_slug(slug)
        except forms.ValidationError:
            raise forms.ValidationError(
                _("Use small letters, digits and dashes only, for example riverside.")
            ) from None
        return slug


class AssemblyForm(forms.ModelForm):  # type: ignore[type-arg]
    """What an administrator may change about the assembly itself."""

    language = forms.ChoiceField(label=_("Language"), help_text=_("Of its mails and of the screen in the hall."))

    class Meta:
        model = Assembly
        fields = ["name", "about", "language", "is_public"]
        labels = {"about": _("What others should know about you"), "is_public": _("Everyone may read our pages")}
        help_texts = {
            "about": _("It stands on your first page."),
            "is_public": _("Without it, only members can see that this assembly exists."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = own_names()  # type: ignore[attr-defined]


class InvitationForm(forms.Form):
    """Somebody to invite, and what waits for them."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        error_messages={
            "required": _("Type the address of the person."),
            "invalid": _("Type the whole address, for example amina@example.org."),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=Role.choices,
        required=False,
        help_text=_("Leave all empty for a resident without a task."),
        widget=forms.CheckboxSelectMultiple,
    )
    is_verified = forms.BooleanField(
        label=_("I know that this person lives here or belongs to us. They may vote."), required=False
    )


class RoleForm(forms.Form):
    """One role to give or to take."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)

    def chosen(self) -> Role:
        return Role(self.cleaned_data["role"])


class MemberSearch(forms.Form):
    """Which members to list; everything that cannot be read is left out."""

    ROLE_CHOICES = [("", _("Everybody")), ("unverified", _("Not verified yet")), *Role.choices]

    search = forms.CharField(
        label=_("Name or e-mail address"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=_("Show"), choices=ROLE_CHOICES, required=False)


class MapFileForm(forms.Form):
    """A file with the outlines of the districts."""

    file = forms.FileField(
        label=_("GeoJSON file"),
        help_text=_("At most 4 megabytes. You see the map before anything changes."),
        error_messages={"required": _("Choose a file."), "empty": _("This file is empty. Choose another one.")},
        widget=forms.ClearableFileInput(attrs={"accept": ".geojson,.json,application/geo+json,application/json"}),
    )
