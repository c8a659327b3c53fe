# SPDX-License-Identifier: AGPL-3.0-or-later
"""What facilitators give an item: a file or the address of a page to read, and a sentence of what came of it."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from meetings import documents
from meetings.documents import File

LONGEST_OUTCOME = 300
MEGABYTE = 1024 * 1024


class DocumentForm(forms.Form):
    title = forms.CharField(
        label=gettext_lazy("Title"), max_length=120, help_text=gettext_lazy("For example: Plan of the square.")
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        help_text=gettext_lazy("A PDF file or a picture, at most 10 megabytes."),
        widget=forms.FileInput(attrs={"accept": documents.ACCEPTED}),
        error_messages={"empty": gettext_lazy("This file is empty. Choose another one.")},
    )
    link = forms.URLField(
        label=gettext_lazy("Or the address of a page"),
        required=False,
        max_length=200,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )

    def clean_file(self) -> File | None:
        uploaded: UploadedFile[Any] | None = self.cleaned_data["file"]
        if uploaded is None:
            return None
        if (uploaded.size or 0) > documents.LARGEST:
            raise forms.ValidationError(
                _(
                    "This file is larger than %(n)d megabytes. Make it smaller, or put it on a page and give its address."
                )
                % {"n": documents.LARGEST // MEGABYTE}
            )
        file = documents.read(uploaded.name or "", uploaded.read())
        if file is None:
            raise forms.ValidationError(
                _("We take PDF files and pictures (PNG, JPEG, WebP, GIF) only. Save it as a PDF file, then try again.")
            )
        return file

    def clean_link(self) -> str:
        link: str = self.cleaned_data["link"]
        if link and not link.startswith(("https://", "http://")):
            raise forms.ValidationError(_("Write an address that begins with https://."))
        return link

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and bool(data.get("file")) == bool(data.get("link")):
            self.add_error(None, _("Choose a file, or write the address of a page: one of the two."))
        return data


class OutcomeForm(forms.Form):
    outcome = forms.CharField(
        label=gettext_lazy("Outcome"),
        required=False,
        max_length=LONGEST_OUTCOME,
        error_messages={"max_length": gettext_lazy("Write at most %(limit_value)d characters.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
