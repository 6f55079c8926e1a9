"""What the commands share at the terminal: files in, answers and complaints out."""

import contextlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bookings.json_objects import UnreadableFile

NOTHING, FOUND, WRONG = 0, 1, 2
"""Exit statuses."""
MOST_SIGNS = 300
"""Of one message."""


class Format(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    JSONL = "jsonl"


Output = Annotated[
    Format | None,
    typer.Option("--format", help="table on a terminal and jsonl elsewhere, unless said."),
]


@contextlib.contextmanager
def bad_input(file: str) -> Iterator[None]:
    """Turns what is wrong with a file into one line and exit status 2."""
    try:
        yield
    except UnreadableFile as error:
        fail(f"{name_of(file)}: {error}")


def read_file(file: str) -> str:
    """The text of a file, - being standard input; ends the command where there is none."""
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        fail(f"{name_of(file)}: {error.strerror or 'it cannot be read'}")
    return content.decode("utf-8", "replace")


def name_of(file: str) -> str:
    """What a file is called in a message."""
    return "standard input" if file == "-" else file


def write(items: Sequence[Mapping[str, Any]], output: Format | None) -> None:
    """Writes an answer, an item a line; the keys of the first are the columns of a table."""
    if not in_terminal(output):
        say("\n".join(json.dumps(item) for item in items))
    elif items:
        table = Table(*items[0])
        for item in items:
            table.add_row(*(Text(spell(value)) for value in item.values()))
        Console(soft_wrap=not sys.stdout.isatty()).print(table)
    else:
        tell("nothing to show")


def in_terminal(output: Format | None) -> bool:
    """Whether the answer is a table: as asked for, else wherever a person looks at it."""
    return sys.stdout.isatty() if output is None else output is Format.TABLE


def spell(value: Any) -> str:
    """A value as one line of a terminal."""
    if isinstance(value, (list, tuple)):
        return ", ".join(spell(each) for each in value)
    text = "" if value is None else str(value)
    # A terminal obeys control signs, and names come from elsewhere.
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def say(text: str) -> None:
    """Writes to standard output."""
    if text:
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
        typer.echo(text)


def tell(message: str) -> None:
    """One line on standard error."""
    typer.echo(spell(message)[:MOST_SIGNS], err=True)


def fail(message: str) -> NoReturn:
    """One line on standard error, and exit status 2."""
    tell(f"error: {message}")
    raise typer.Exit(WRONG)
