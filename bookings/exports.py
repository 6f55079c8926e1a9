"""Tables as files that a spreadsheet opens without running anything in them.

A spreadsheet takes a text cell that begins with = + - or @ for a formula. In CSV such a text gets
an apostrophe in front, which spreadsheets hide or show but never run. In Excel files every text
is stored as text, and nothing is added to it.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import xlsxwriter

from bookings.frames import Column

__all__ = ["MOST_SIGNS", "SHORTENED", "harmless", "to_csv", "to_excel"]

MOST_SIGNS = 32_767
"""The most that a cell of Excel holds, counted in UTF-16: a sign outside the BMP is two.

Excel lets the rest of a longer CSV cell spill into the next row, where it could be a formula.
"""
MOST_ROWS = 1_048_575
"""The most that a sheet of Excel holds below its header."""
SHORTENED = " … (shortened)"
_FORMULA = re.compile(
    r"[\t\r\n]|[\s'\"\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]*"
    r"[=+\-@|%\uff1d\uff0b\uff0d\uff20\u2212]"
)
"""Leading blanks do not stop a spreadsheet, and some read full-width signs as plain ones."""
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Signs that XML cannot hold."""
_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")
_NARROW, _WIDE = 10, 60
MOST_EXACT = 10**15
"""Excel keeps 15 digits; a number beyond is stored as text, so that none is lost."""


def to_csv(frame: pd.DataFrame, columns: Sequence[Column] | None = None) -> bytes:
    """The declared columns of `frame` in UTF-8 with a byte order mark, labels in the first line.

    Missing cells are empty, lists are joined by "; ", times are ISO 8601 in UTC. Without
    `columns` it is all of the frame's, under their keys.
    """
    shown = _shown(frame, columns)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([harmless(column.label) for column in shown])
    for row in _rows(frame, shown):
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return out.getvalue().encode("utf-8-sig", "replace")


def to_excel(
    frame: pd.DataFrame,
    columns: Sequence[Column] | None = None,
    *,
    sheet: str = "",
    note: str = "",
) -> bytes:
    """The same as a workbook. A second sheet holds `note`: what the rows are, and as of when.

    Numbers and truth values stay what they are, times are texts (ISO 8601, UTC).
    """
    shown = _shown(frame, columns)
    out = io.BytesIO()
    # Nothing may become a formula, a link or a number because of how it looks.
    settings = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, settings) as book:
        bold = book.add_format({"bold": True})
        table = book.add_worksheet(_sheet_name(sheet))
        widths = [len(column.label) for column in shown]
        for position, column in enumerate(shown):
            table.write_string(0, position, _storable(column.label), bold)
        for line, row in enumerate(_rows(frame.iloc[:MOST_ROWS], shown), start=1):
            for position, cell in enumerate(row):
                if isinstance(cell, str):
                    text = _storable(cell)
                    table.write_string(line, position, text)
                    widths[position] = max(widths[position], len(text))
                elif isinstance(cell, bool):
                    table.write_boolean(line, position, cell)
                elif cell is not None and abs(cell) <= MOST_EXACT:
                    table.write_number(line, position, cell)
                elif cell is not None:
                    table.write_string(line, position, str(cell))
        for position, width in enumerate(widths):
            table.set_column(position, position, min(max(width + 2, _NARROW), _WIDE))
        table.freeze_panes(1, 1)
        if shown:
            last = min(max(len(frame), 1), MOST_ROWS)
            table.autofilter(0, 0, last, len(shown) - 1)
        about = book.add_worksheet("About")
        about.set_column(0, 0, 120)
        about.write_string(0, 0, _storable(note))
        stamp = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
        about.write_string(1, 0, f"Exported {stamp} from Waldur Booking Desk")
        if len(frame) > MOST_ROWS:
            about.write_string(2, 0, f"A sheet holds {MOST_ROWS:,} rows; {len(frame):,} were shown")
    return out.getvalue()


def harmless(text: str) -> str:
    """`text` for a CSV cell: with an apostrophe where a spreadsheet could read a formula."""
    clean = _ILLEGAL.sub("", text)
    return _shortened(f"'{clean}" if _FORMULA.match(clean) else clean)


def _storable(text: str) -> str:
    """`text` for a cell of Excel, which knows one kind of line end and shows others as signs."""
    return _shortened(_ILLEGAL.sub("", text).replace("\r\n", "\n").replace("\r", "\n"))


def _shortened(text: str) -> str:
    if len(text) <= MOST_SIGNS // 2:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= MOST_SIGNS * 2:
        return text
    kept = units[: (MOST_SIGNS - len(SHORTENED)) * 2]
    # Half of a sign that was cut through is left out.
    return kept.decode("utf-16-le", "ignore") + SHORTENED


def _sheet_name(name: str) -> str:
    """A name that Excel takes: without its reserved signs, not too long, and not one in use."""
    allowed = " ".join(_SHEET_NAME.sub(" ", _ILLEGAL.sub("", name)).split())[:31].strip()
    return "Data" if allowed.lower() in ("", "about", "history") else allowed


def _shown(frame: pd.DataFrame, columns: Sequence[Column] | None) -> list[Column]:
    if columns is None:
        columns = [Column(str(key), str(key)) for key in frame.columns]
    return [column for column in columns if not column.internal]


def _rows(frame: pd.DataFrame, columns: Sequence[Column]) -> Iterable[tuple[Any, ...]]:
    cells = [[_plain(value) for value in frame[column.key].tolist()] for column in columns]
    return zip(*cells, strict=True)


def _plain(value: Any) -> str | int | float | bool | None:
    """A cell as text, number or truth value; None where nothing is recorded."""
    if isinstance(value, (list, tuple)):
        return "; ".join(str(each) for each in value)
    if value is None or pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    if isinstance(value, (bool, int, float)):
        return value
    return str(value)
