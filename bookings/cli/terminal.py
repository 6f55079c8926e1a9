"""What the commands share at the terminal: files in, answers and complaints out."""

import contextlib
import io
import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn, TextIO

import typer
from rich.box import ASCII, HEAVY_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text
from typer.core import TyperGroup
from typer.exceptions import TyperException

from bookings.json_objects import UnreadableFile

NOTHING, FOUND, WRONG = 0, 1, 2
"""Exit statuses."""
MOST_SIGNS = 300
"""Of one message."""
NARROWEST = 16
"""Signs that a column keeps where it has as many; longer words keep more."""
LONGEST_WORD = 32
"""Signs that stay on one line of a table: every number does, a path may be broken."""
SIGNS_BETWEEN = 3
"""A line and a space on either side of a column."""
ANY_WIDTH = 1_000_000
"""Signs of a line in a file."""


class Format(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    JSONL = "jsonl"


Output = Annotated[
    Format | None,
    typer.Option("--format", help="table on a terminal and jsonl elsewhere, unless said."),
]


class Commands(TyperGroup):
    """Commands that say in one line how they are misused, as they do of bad input."""

    def make_context(self, *arguments: Any, **more: Any) -> Any:
        """Reads what stands before the name of a command."""
        with _misuse():
            return super().make_context(*arguments, **more)

    def invoke(self, ctx: Any) -> Any:
        """Finds the command, reads its options and runs it."""
        with _misuse():
            return super().invoke(ctx)


@contextlib.contextmanager
def _misuse() -> Iterator[None]:
    try:
        yield
    except TyperException as error:
        # Without arguments the help is shown, which Typer takes for an error of this name.
        if type(error).__name__ == "NoArgsIsHelpError":
            raise
        fail(error.format_message())


@contextlib.contextmanager
def bad_input(file: str) -> Iterator[None]:
    """Turns what is wrong with a file into one line and exit status 2."""
    try:
        yield
    except UnreadableFile as error:
        fail(f"{name_of(file)}: {error}")


def read_file(file: str) -> str:
    """The text of a file, - being standard input; ends the command where there is none."""
    return _content(file).decode("utf-8", "replace")


def read_utf8(file: str) -> str:
    """The same; ends the command where the file is not UTF-8, with or without a byte order mark."""
    content = _content(file)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        fail(f"{name_of(file)}: it is not UTF-8 text")
    # UTF-16 of English letters is UTF-8 too, with a NUL behind each letter.
    if "\0" in text:
        fail(f"{name_of(file)}: it is not UTF-8 text")
    return text


def _content(file: str) -> bytes:
    try:
        return _standard_input() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        fail(f"{name_of(file)}: {error.strerror or 'it cannot be read'}")


def _standard_input() -> bytes:
    if sys.stdin is None:
        fail("standard input is closed")
    return sys.stdin.buffer.read()


def one_standard_input(*files: str | None) -> None:
    """Ends the command where more than one file is standard input: it can be read once."""
    if files.count("-") > 1:
        fail("only one FILE can be -")


def name_of(file: str) -> str:
    """What a file is called in a message."""
    return "standard input" if file == "-" else file


def write(
    items: Sequence[Mapping[str, Any]], output: Format | None, narrow: Sequence[str] = ()
) -> None:
    """Writes an answer, an item a line; the keys of the first are the columns of a table.

    A table leaves out columns that are empty. Where it does not fit the width of the terminal,
    or COLUMNS, it has those of `narrow` alone, or is a line a value instead.
    """
    if not in_terminal(output):
        say("\n".join(json.dumps(item) for item in items))
    elif items:
        spelled = [{key: spell(value) for key, value in item.items()} for item in items]
        filled = [key for key in spelled[0] if any(row[key] for row in spelled)] or [*spelled[0]]
        rows = [{key: row[key] for key in filled} for row in spelled]
        width = shutil.get_terminal_size((ANY_WIDTH, 0)).columns
        fewer = [{key: row[key] for key in narrow if key in row} for row in rows]
        narrower = _side_by_side(fewer, width) if fewer[0] else ""
        say(_side_by_side(rows, width) or narrower or _stacked(rows))
    else:
        tell("nothing to show")


def in_terminal(output: Format | None) -> bool:
    """Whether the answer is a table: as asked for, else wherever a person looks at it."""
    return is_terminal(sys.stdout) if output is None else output is Format.TABLE


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person is at the other end; a stream that was closed is None."""
    return stream is not None and stream.isatty()


def spell(value: Any) -> str:
    """A value as one line of a terminal."""
    if isinstance(value, (list, tuple)):
        return ", ".join(spell(each) for each in value)
    text = "" if value is None else str(value)
    # A terminal obeys control signs, and names come from elsewhere.
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def say(text: str) -> None:
    """Writes to standard output; ends the command where that cannot be written.

    A reader that went away has read enough, and is no failure.
    """
    if not text:
        return
    if sys.stdout is None:
        fail("standard output is closed")
    try:
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
        typer.echo(text)
    except OSError as error:
        # What is still buffered would be written, and fail, once more when the process ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            fail(f"standard output: {error.strerror or 'it cannot be written'}")


def tell(message: str) -> None:
    """One line on standard error."""
    typer.echo(spell(message)[:MOST_SIGNS], err=True)


def fail(message: str) -> NoReturn:
    """One line on standard error, and exit status 2."""
    tell(f"error: {message}")
    raise typer.Exit(WRONG)


# --- tables ---------------------------------------------------------------------------------


def _side_by_side(rows: Sequence[Mapping[str, str]], width: int) -> str:
    """A table of at most this width; "" where it would break up or cut off what it shows."""
    titles = {key: key.replace("_", " ") for key in rows[0]}
    columns = {key: [title, *(row[key] for row in rows)] for key, title in titles.items()}
    whole = {key: max(map(cell_len, cells)) for key, cells in columns.items()}
    least = {key: min(whole[key], _least(cells)) for key, cells in columns.items()}
    spare = width - sum(least.values()) - len(columns) * SIGNS_BETWEEN - 1
    if spare < 0:
        return ""
    wanted = sum(whole.values()) - sum(least.values())
    part = min(1.0, spare / wanted) if wanted else 1.0
    unicode = sys.stdout is not None and sys.stdout.encoding.lower().startswith("utf")
    table = Table(box=HEAVY_HEAD if unicode else ASCII)
    for key, title in titles.items():
        given = least[key] + int((whole[key] - least[key]) * part)
        table.add_column(title, width=given, overflow="fold")
    for row in rows:
        table.add_row(*(Text(text) for text in row.values()))
    out = io.StringIO()
    Console(file=out, width=width).print(table)
    return out.getvalue().rstrip("\n")


def _least(cells: Sequence[str]) -> int:
    """The width below which a column's words would be broken up, or stand one below another."""
    longest = max(cell_len(word) for cell in cells for word in cell.split() or [""])
    return max(NARROWEST, min(LONGEST_WORD, longest))


def _stacked(rows: Sequence[Mapping[str, str]]) -> str:
    """A line a value, and an empty line between items."""
    wide = max(map(len, rows[0]))
    return "\n\n".join(
        "\n".join(f"{key:<{wide}}  {text}" for key, text in row.items() if text) for row in rows
    )
