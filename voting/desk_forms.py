# SPDX-License-Identifier: AGPL-3.0-or-later
"""What people type on the pages where polls are run, after the poll is made. Forms check shape; services check rules."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from assemblies.models import Assembly, Membership

from .models import RegisterLine


class VoidForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason, for everybody to read"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Say why this vote is void. Everybody can read the reason.")},
    )


class RemovalForm(forms.Form):
    """Whose ballot is taken out, and why."""

    line = forms.ModelChoiceField(
        queryset=RegisterLine.objects.none(),
        label=gettext_lazy("Voter"),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={
            "required": gettext_lazy("Choose the voter whose ballot is taken out."),
            "invalid_choice": gettext_lazy("Choose the voter whose ballot is taken out."),
        },
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason, for everybody to read"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Write no name here: everybody who may see this vote reads it."),
        error_messages={"required": gettext_lazy("Say why this ballot is taken out. Everybody can read the reason.")},
    )


class MemberForm(forms.Form):
    """A member of the assembly, by the address with which they sign in."""

    email = forms.EmailField(label=gettext_lazy("E-mail address of a member"))

    def __init__(self, *args: Any, assembly: Assembly, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.assembly = assembly
        self.membership: Membership | None = None

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        found = Membership.objects.current().filter(assembly=self.assembly, user__email=email)
        self.membership = found.select_related("user").first()
        if self.membership is None:
            raise forms.ValidationError(_("No member of this assembly has this address. Invite the person first."))
        return email


class KeyForm(forms.Form):
    """A trustee's key, as it stands on their paper."""

    key = forms.CharField(
        label=gettext_lazy("Your key"),
        max_length=200,
        help_text=gettext_lazy("52 letters and figures, with or without hyphens. Small letters will do."),
        error_messages={"required": gettext_lazy("Type the key from your paper.")},
        widget=forms.Textarea(
            attrs={
                "rows": 3,
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "class": "key",
            }
        ),
    )


def names_and_count(names: list[str], needed: int) -> str:
    """Who has agreed, and how many more must."""
    if not names:
        return _("Nobody has agreed yet. Two people must.")
    missing = needed - len(names)
    more = ngettext("%(count)d more person must agree.", "%(count)d more people must agree.", missing)
    return _("Agreed by %(names)s;") % {"names": ", ".join(names)} + " " + more % {"count": missing}
