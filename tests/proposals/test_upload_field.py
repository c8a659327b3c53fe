"""One field for every upload: how large a file may be stands beside it, and in the refusal, from one number."""

from typing import Any

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from django.utils.functional import Promise

from proposals.forms import UploadField
from proposals.rule_forms import FileForm as PastFile
from proposals.views.budget_files import BudgetFileForm
from proposals.views.importing import FileForm as TableFile


def refusal(field: UploadField, data: bytes | None) -> str:
    file = None if data is None else SimpleUploadedFile("a.pb", data)
    try:
        field.clean(file)
    except forms.ValidationError as error:
        return str(error.messages[0])
    return ""


def test_the_size_is_said_from_the_number() -> None:
    field = UploadField(label="File", largest=3_000_000, accept=".pb", help_text="Only one.")
    assert str(field.help_text) == "3 MB at most. Only one."
    assert field.widget.attrs == {"accept": ".pb"}
    assert refusal(field, None) == "Choose a file."
    assert refusal(field, b"") == "The file is empty."
    assert refusal(field, b"x" * 3_000_001) == "The file is too large. Choose one of 3 MB at most."
    assert refusal(field, b"x" * 3_000_000) == ""


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (PastFile, "2 MB at most. It is counted here and not kept."),
        (TableFile, "5 MB at most. CSV or XLSX. The first row names the columns: title, summary, text."),
        (BudgetFileForm, "5 MB at most."),
    ],
)
def test_every_upload_says_its_own_size(form: Any, words: str) -> None:
    field = form().fields["file"]
    assert str(field.help_text) == words
    assert isinstance(field, UploadField)
    assert f"Choose one of {words[0]} MB at most." in refusal(field, b"x" * (field.largest + 1))


def test_the_sentence_is_in_the_language_of_the_reader() -> None:
    assert isinstance(UploadField(largest=1_000_000, accept="").help_text, Promise)
    with translation.override("es"):
        assert refusal(UploadField(largest=1_000_000, accept=""), None) != "Choose a file."
