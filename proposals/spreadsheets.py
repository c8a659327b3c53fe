# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tables as CSV and XLSX files, out and in. No cell that we write is ever a formula; of what we read only values count."""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.exceptions import InvalidFileException

Cell = str | int | Decimal | date | None

STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - wide ones count too
NOT_IN_A_CELL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
LARGEST_FILE = 5_000_000  # bytes
LARGEST_UNPACKED = 50_000_000
MOST_ROWS = 1000
MOST_COLUMNS = 50
LONGEST_CELL = 32_000
BYTE_ORDER_MARK = "\ufeff"  # makes spreadsheets read a CSV file as UTF-8


class FileRefused(Exception):
    """The file cannot be read; the message says why and is fit for people."""


@dataclass(frozen=True)
class Table:
    """Rows under the names of their columns."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Row:
    """One row that was read: its number as the spreadsheet shows it, and its cells by the name of the column."""

    number: int
    cells: dict[str, str]


def as_csv(table: Table) -> str:
    """The table in the form that every program reads; text that looks like a formula has an apostrophe before it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(table.columns)
    writer.writerows([_in_csv(cell) for cell in row] for row in table.rows)
    return BYTE_ORDER_MARK + out.getvalue()


def as_xlsx(table: Table) -> bytes:
    """The table as a workbook with one sheet. Text is stored as text, so nothing in it is ever worked out."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\\/*?:\[\]]", " ", table.title)[:31])
    sheet.freeze_panes = "A2"
    for row in [table.columns, *table.rows]:
        sheet.append([_in_xlsx(sheet, cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(name: str, data: bytes) -> list[Row]:
    """Every row of a CSV or XLSX file below its first one, which names the columns."""
    if len(data) > LARGEST_FILE:
        raise FileRefused(_("The file is larger than 5 MB. Split it into several files."))
    if data[:4] == b"PK\x03\x04":
        lines = _xlsx_lines(data)
    elif name.lower().endswith((".xlsx", ".xls", ".ods")):
        raise FileRefused(_("The file is not an XLSX file. Save it as XLSX or CSV and try again."))
    else:
        lines = _csv_lines(data)
    if not lines:
        raise FileRefused(_("The file is empty."))
    names = [cell.strip().lower() for cell in lines[0][1]]
    if len(set(filter(None, names))) != len(list(filter(None, names))):
        raise FileRefused(_("Two columns have the same name."))
    rows = [
        Row(number, {name: cell for name, cell in zip(names, cells, strict=False) if name})
        for number, cells in lines[1:]
        if any(cell.strip() for cell in cells)
    ]
    if len(rows) > MOST_ROWS:
        raise FileRefused(_("The file has more than 1,000 rows. Split it into several files."))
    return rows


def _in_csv(cell: Cell) -> object:
    if isinstance(cell, str):
        text = NOT_IN_A_CELL.sub("", cell)
        return "'" + text if text.lstrip(" ").startswith(STARTS_A_FORMULA) else text
    return "" if cell is None else cell


def _in_xlsx(sheet: object, cell: Cell) -> object:
    if not isinstance(cell, str):
        return cell
    made = WriteOnlyCell(sheet, value=NOT_IN_A_CELL.sub("", cell)[:LONGEST_CELL])  # type: ignore[arg-type]
    made.data_type = "s"  # or text that begins with = would be a formula
    return made


def _csv_lines(data: bytes) -> list[tuple[int, list[str]]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileRefused(_("The file is not text in UTF-8. Save it as “CSV UTF-8” or XLSX and try again.")) from None
    if "\0" in text:
        raise FileRefused(_("The file is not a text file. Save it as CSV or XLSX and try again."))
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    lines: list[tuple[int, list[str]]] = []
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            lines.append((len(lines) + 1, [_as_typed(cell) for cell in cells[:MOST_COLUMNS]]))
    except csv.Error:
        raise FileRefused(_("Line %(line)s of the file cannot be read.") % {"line": len(lines) + 1}) from None
    return lines


def _as_typed(cell: str) -> str:
    """The cell without the apostrophe that protects it from being a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:].lstrip(" ").startswith(STARTS_A_FORMULA) else cell


def _xlsx_lines(data: bytes) -> list[tuple[int, list[str]]]:
    """The cells of the first sheet as text; of a formula the value that was last worked out, if there is one."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > LARGEST_UNPACKED:
                raise FileRefused(_("The file is too large when it is unpacked."))
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        rows = sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS, values_only=True)
        return [(number, [_as_text(cell) for cell in cells]) for number, cells in enumerate(rows, start=1)]
    except FileRefused:
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        RuntimeError,  # it is encrypted, or packed in a way that is not known here
        EOFError,
        AttributeError,
        ArithmeticError,
        InvalidFileException,
        KeyError,
        ValueError,
        IndexError,
        TypeError,
        SyntaxError,
        OSError,
    ):
        raise FileRefused(_("The file is not an XLSX file. Save it as XLSX or CSV and try again.")) from None


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
