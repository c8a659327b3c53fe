# SPDX-License-Identifier: AGPL-3.0-or-later
from typing import Any

from allauth.core.internal.cryptokit import compare_user_code
from django import forms
from django.conf import settings
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from .models import User


class AddressForm(forms.Form):
    """Which address to send the code to."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        error_messages={
            "required": _("Type your e-mail address."),
            "invalid": _("Type the whole address, for example amina@example.org."),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True}),
    )

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class CodeForm(forms.Form):
    """The six digits from the mail; spaces and dashes around them do no harm."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        error_messages={"required": _("Type the code from the mail.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True, "class": "code-input"}
        ),
    )

    def is_right(self, expected: str) -> bool:
        return bool(compare_user_code(actual=self.cleaned_data["code"], expected=expected))


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a person is called here, and in which language Folkmoot speaks to them."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=80,
        help_text=_("Others in your assembly see it. Your e-mail address stays hidden."),
        error_messages={"required": _("Type the name that others should see.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(label=_("Language"), widget=forms.Select(attrs={"autocomplete": "language"}))

    class Meta:
        model = User
        fields = ["name", "language"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = own_names()  # type: ignore[attr-defined]


def own_names() -> list[tuple[str, str]]:
    """Each language under the name that its speakers give it."""
    return [(code, str(get_language_info(code)["name_local"]).capitalize()) for code, _name in settings.LANGUAGES]
