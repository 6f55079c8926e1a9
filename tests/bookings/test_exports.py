"""Files that a spreadsheet opens without running anything in them."""

import csv
import io
import zipfile
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from bookings import exports
from bookings.exports import MOST_SIGNS, SHORTENED, harmless, to_csv, to_excel
from bookings.frames import OFFERING_COLUMNS, SEARCH, Column, offerings_frame
from bookings.portfolio import Snapshot
from bookings.waldur.models import Offering

DANGEROUS = "=+-@\uff1d\uff0b\uff0d\uff20"
BLANKS = " \t\r\n\v\f\xa0\u2003\u200b\u2028\u3000\ufeff\u2060\u00ad"
FORMULAS = [
    "=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "  =1", "\xa0=1", "\u200b=1",
    "\ufeff@x", "\x00=1", "\x07+1", "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff201",
    '=HYPERLINK("http://evil.example","x")', "=cmd|' /C calc'!A0", "\tx", "\rx", "\nx",
]  # fmt: skip
formulas = st.builds(
    lambda blanks, sign, rest: blanks + sign + rest,
    st.text(st.sampled_from(BLANKS + "\x00\x1f"), max_size=4),
    st.sampled_from(DANGEROUS),
    st.text(max_size=8),
)
texts = st.text(max_size=20) | formulas

COLUMNS = (
    Column("name", "Name"),
    Column("count", "Count", "Int64"),
    Column("price", "Price", "Float64"),
    Column("shared", "Shared", "boolean"),
    Column("created", "Created", "datetime64[us, UTC]"),
    Column("tags", "Tags", "object"),
    Column(SEARCH, "Search text"),
)

# A busy machine may take long over one example.


def table(**cells: list[Any]) -> pd.DataFrame:
    """A frame of COLUMNS; what is not given is missing."""
    length = max((len(each) for each in cells.values()), default=0)
    return pd.DataFrame(
        {
            column.key: pd.Series(cells.get(column.key, [None] * length), dtype=column.dtype)
            for column in COLUMNS
        }
    )


def lines(content: bytes) -> list[list[str]]:
    """The cells of a CSV file."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def sheet(content: bytes, name: str = "Data") -> Any:
    """A sheet of an Excel file."""
    return load_workbook(io.BytesIO(content))[name]


FULL = table(
    name=["Room", None],
    count=[3, None],
    price=[-0.5, None],
    shared=[True, None],
    created=[pd.Timestamp("2026-11-24T11:07:23Z"), None],
    tags=[["a", "=b"], None],
    search=["room", "x"],
)


# --- CSV ------------------------------------------------------------------------------------


def test_csv() -> None:
    """Labels first, numbers plain, lists joined, missing cells empty, the search text left out."""
    content = to_csv(FULL, COLUMNS)

    assert content.startswith(b"\xef\xbb\xbfName,Count,Price,Shared,Created,Tags\r\n")
    assert lines(content)[1:] == [
        ["Room", "3", "-0.5", "True", "2026-11-24T11:07:23+00:00", "a; =b"],
        [""] * 6,
    ]


def test_csv_without_declared_columns() -> None:
    """All columns of the frame under their keys."""
    assert lines(to_csv(FULL))[0] == ["name", "count", "price", "shared", "created", "tags"]


def test_csv_of_nothing_has_a_header() -> None:
    """An empty table is a file with labels."""
    assert lines(to_csv(table(), COLUMNS)) == [[c.label for c in COLUMNS if not c.internal]]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_in_csv_gets_an_apostrophe(text: str) -> None:
    """What a spreadsheet could run begins with an apostrophe, after any blanks, in lists too."""
    content = to_csv(table(name=[text], tags=[[text]]), COLUMNS)

    (cells,) = lines(content)[1:]
    assert cells[0].startswith("'")
    assert cells[-1].startswith("'")


@pytest.mark.parametrize(
    "text", ["Room", "a=b", "3-way", "", "it's", "<b>=1</b>", "1+1", "e@mail", "ünï", "x\n=1"]
)
def test_harmless_text_is_left_alone(text: str) -> None:
    """A sign further on runs nothing."""
    assert harmless(text) == text


@given(st.lists(texts, min_size=1))
def test_no_text_begins_as_a_formula(names: list[str]) -> None:
    """Whatever the server calls things, no cell of a CSV file begins with a dangerous sign."""
    content = to_csv(table(name=names, tags=[[name] for name in names]), COLUMNS)

    rows = lines(content)[1:]
    assert len(rows) == len(names)
    for row in rows:
        for cell in (row[0], row[-1]):
            assert not cell.strip(BLANKS).startswith(tuple(DANGEROUS))
            assert not cell.startswith(("\t", "\r", "\n"))


@given(st.lists(st.text(max_size=20), min_size=1))
def test_csv_keeps_the_text(names: list[str]) -> None:
    """Apart from the apostrophe and signs that no file can hold, every text comes back."""
    rows = lines(to_csv(table(name=names), COLUMNS))[1:]

    assert [row[0] for row in rows] == [harmless(name) for name in names]
    for name in names:
        assert harmless(name).removeprefix("'") == exports._ILLEGAL.sub("", name).removeprefix("'")


def test_numbers_in_csv_stay_numbers() -> None:
    """A negative number gets no apostrophe; a text that looks like one does."""
    (cells,) = lines(to_csv(table(name=["-1"], count=[-1], price=[-1.5]), COLUMNS))[1:]

    assert cells[:3] == ["'-1", "-1", "-1.5"]


# --- Excel ----------------------------------------------------------------------------------


def test_excel() -> None:
    """Cells have their types; the first line is bold, frozen and filtered."""
    data = sheet(to_excel(FULL, COLUMNS, sheet="Offerings", note="2 offerings"), "Offerings")

    assert [cell.value for cell in data[1]] == [c.label for c in COLUMNS if not c.internal]
    assert all(cell.font.bold for cell in data[1])
    expected = ["Room", 3, -0.5, True, "2026-11-24T11:07:23+00:00", "a; =b"]
    assert [cell.value for cell in data[2]] == expected
    assert [cell.data_type for cell in data[2]] == ["s", "n", "n", "b", "s", "s"]
    assert data.max_row == 2
    assert data.freeze_panes == "B2"
    assert data.auto_filter.ref == "A1:F3"


def test_excel_says_what_it_holds() -> None:
    """The second sheet has the note, as text, and when the file was made."""
    content = to_excel(FULL, COLUMNS, sheet="X", note="=2 of 300 offerings")

    about = sheet(content, "About")
    assert (about["A1"].value, about["A1"].data_type) == ("=2 of 300 offerings", "s")
    assert about["A2"].value.startswith("Exported 2")


@pytest.mark.parametrize("frame", [table(), FULL.iloc[:0]])
def test_excel_of_nothing_has_a_header(frame: pd.DataFrame) -> None:
    """An empty table is a file that opens."""
    data = sheet(to_excel(frame, COLUMNS, sheet="", note=""))

    assert data["A1"].value == "Name"


@pytest.mark.parametrize("text", [*FORMULAS, "{=1+1}", "http://evil.example", "mailto:x", "12"])
def test_nothing_runs_in_excel(text: str) -> None:
    """A text is stored as text, unchanged, and is neither formula, link nor number."""
    content = to_excel(table(name=[text]), COLUMNS, sheet="X", note=text)

    for cell in (sheet(content, "X")["A2"], sheet(content, "About")["A1"]):
        assert cell.data_type == "s"
        assert cell.hyperlink is None
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        for part in parts.namelist():
            assert b"<f>" not in parts.read(part)
            assert b"hyperlink" not in parts.read(part)


@settings(max_examples=20)
@given(st.lists(texts, min_size=1, max_size=20))
def test_excel_texts_come_back_as_texts(names: list[str]) -> None:
    """Whatever the server calls things, the cell is a text with the same signs."""
    data = sheet(to_excel(table(name=names), COLUMNS))

    for line, name in enumerate(names, start=2):
        cell = data.cell(line, 1)
        clean = exports._ILLEGAL.sub("", name)
        if clean:
            assert cell.data_type == "s"
            assert cell.value == clean.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("number", [10**15, -(10**15), 10**15 + 1, 2**63 - 1, -(2**63)])
def test_long_numbers_lose_no_digit(number: int) -> None:
    """Excel keeps 15 digits; a longer number is a text."""
    cell = sheet(to_excel(table(count=[number]), COLUMNS))["B2"]

    assert int(cell.value) == number
    assert cell.data_type == ("n" if abs(number) <= 10**15 else "s")


def test_infinite_numbers_do_not_break_the_file() -> None:
    """Excel has no infinity; it is written in words."""
    assert sheet(to_excel(table(price=[float("inf")]), COLUMNS))["C2"].value == "inf"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Offerings", "Offerings"),
        ("", "Data"),
        ("about", "Data"),
        ("History", "Data"),
        ("a[b]:c*d?e/f\\g'h", "a b c d e f g h"),
        ("x" * 50, "x" * 31),
        ("\x00'", "Data"),
    ],
)
def test_sheet_names(name: str, expected: str) -> None:
    """Any name gives a sheet that Excel opens."""
    content = to_excel(FULL, COLUMNS, sheet=name, note="")

    assert load_workbook(io.BytesIO(content)).sheetnames == [expected, "About"]


# --- both -----------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", ["x", "é", "😀", "="])
def test_long_texts_are_cut_with_a_mark(sign: str) -> None:
    """A cell of Excel ends at 32,767 units of UTF-16; the rest would spill into the next row."""
    frame = table(name=[sign * 40_000])

    for text in (
        lines(to_csv(frame, COLUMNS))[1][0],
        sheet(to_excel(frame, COLUMNS))["A2"].value,
    ):
        units = len(text.encode("utf-16-le")) // 2
        assert MOST_SIGNS - 1 <= units <= MOST_SIGNS
        assert text.endswith(SHORTENED)


def test_a_text_that_just_fits_is_whole() -> None:
    """The limit itself is not cut."""
    frame = table(name=["x" * MOST_SIGNS])

    assert lines(to_csv(frame, COLUMNS))[1][0] == "x" * MOST_SIGNS


def test_rows_that_no_sheet_holds_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not fit is left out aloud."""
    monkeypatch.setattr(exports, "MOST_ROWS", 1)

    content = to_excel(FULL, COLUMNS, note="")

    assert sheet(content).max_row == 2
    assert sheet(content, "About")["A3"].value == "A sheet holds 1 rows; 2 were shown"


def test_an_offerings_table_can_be_exported() -> None:
    """Both files have a row an offering, and no column that is internal."""
    offering = Offering(uuid="a", name="=1", plans=(), created=None)
    frame = offerings_frame(Snapshot(offerings=(offering,)))

    rows = lines(to_csv(frame, OFFERING_COLUMNS))
    data = sheet(to_excel(frame, OFFERING_COLUMNS))

    assert rows[0] == [cell.value for cell in data[1]]
    assert rows[1][0] == "'=1"
    assert data["A2"].value == "=1"
    assert "Search text" not in rows[0]
