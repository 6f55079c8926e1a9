"""What is written to a terminal, a file and a pipe, and what is said where that is not possible."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bookings.cli import app
from bookings.cli.terminal import Format, write
from tests.bookings.cli import commands

ROOT = Path(__file__).parents[3]
PARTITIONS = json.dumps(
    [{"partition_name": name, "max_nodes": 0} for name in ("batch", "käpp", "большой")]
)
PLAN = {"name": "Standard", "unit": "month", "prices": {"disk": "12345678.90"}}
OFFERING = {
    "uuid": "1" * 32,
    "name": "A cluster in the cellar of the library of the university",
    "components": [{"type": "disk", "billing_type": "limit"}],
    "plans": [PLAN],
}
AMOUNTS = ("12345678.90", "148148146.80", "Standard", "month")


def prices(tmp_path: Path, **env: str) -> str:
    """A table of prices."""
    offerings = commands.write(tmp_path, "offerings.json", json.dumps(OFFERING))
    result = CliRunner().invoke(
        app,
        ["prices", "--offerings", offerings, "--basket", "-", "--format", "table"],
        input="disk 1",
        env={"COLUMNS": "", **env},
    )
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 120, 160, 200, 300])
def test_no_amount_is_cut_off(tmp_path: Path, width: int) -> None:
    """However narrow the terminal is; then it is a line an amount instead of a table."""
    text = prices(tmp_path, COLUMNS=str(width))

    for amount in AMOUNTS:
        assert amount in text
    assert "…" not in text
    if "│" in text:
        assert max(map(len, text.splitlines())) <= width


def test_a_table_is_used_where_it_fits(tmp_path: Path) -> None:
    """Long names and sentences are given the rest of the width."""
    assert "│" in prices(tmp_path, COLUMNS="160")
    assert "offering                     A cluster in" in prices(tmp_path, COLUMNS="60")


def test_a_file_has_no_width(tmp_path: Path) -> None:
    """Each item is one line."""
    heading, names, line, row, end = prices(tmp_path).splitlines()

    assert (heading[0], line[0], end[0]) == ("┏", "┡", "└")
    assert "total at next months prices" in names
    assert OFFERING["name"] in row


def test_a_column_that_is_empty_is_left_out(tmp_path: Path) -> None:
    """The plan has neither obstacles nor remarks."""
    names = prices(tmp_path).splitlines()[1]

    assert "total" in names
    assert "obstacles" not in names
    assert "obstacles" not in prices(tmp_path, COLUMNS="60")


def test_a_table_of_nothing_but_empty_cells_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    """A row stays a row."""
    write([{"number": None, "name": ""}], Format.TABLE)

    assert "number" in capsys.readouterr().out


# --- a process and its streams --------------------------------------------------------------


def shell(line: str, **env: str) -> tuple[int, bytes, str]:
    """Status, output and complaints of a line that has `audit` for the command."""
    command = f"{sys.executable} -m bookings audit"
    done = subprocess.run(
        ["/bin/bash", "-c", line.replace("audit", command)],
        input=PARTITIONS.encode(),
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "", **env},
        check=False,
    )
    return done.returncode, done.stdout, done.stderr.decode()


@pytest.mark.parametrize(
    "env",
    [
        {"PYTHONIOENCODING": "latin-1"},
        {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=["latin-1", "ascii"],
)
def test_a_terminal_without_unicode_has_a_table_too(env: dict[str, str]) -> None:
    """Lines are drawn with what there is."""
    status, out, said = shell("audit --partitions - --format table", **env)

    assert (status, said) == (0, "")
    assert out.startswith(b"+--")
    assert b"| batch" in out


def test_a_sign_that_a_terminal_lacks_is_a_question_mark() -> None:
    """The others of the name stay."""
    _, out, _ = shell("audit --partitions - --format table", PYTHONIOENCODING="latin-1")

    assert "käpp".encode("latin-1") in out
    assert b"???????" in out


@pytest.mark.parametrize("form", ["table", "jsonl"])
@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("audit --partitions - --format {} > /dev/full", "standard output: No space left"),
        ("audit --partitions - --format {} >&-", "standard output is closed"),
        ("audit --partitions - --format {} <&-", "standard input is closed"),
    ],
)
def test_a_stream_that_cannot_be_used_is_one_line(line: str, words: str, form: str) -> None:
    """And exit status 2."""
    status, out, said = shell(line.format(form))

    assert (status, out) == (2, b"")
    assert said.startswith(f"error: {words}")
    assert said.count("\n") == 1


@pytest.mark.parametrize("form", ["table", "jsonl"])
@pytest.mark.parametrize(("more", "found"), [("", 0), ("--fail-on error", 1)])
def test_a_reader_that_goes_away_is_no_finding(form: str, more: str, found: int) -> None:
    """The status is that of the review."""
    line = f"set -o pipefail; audit --partitions - --format {form} {more} | true"
    status, _, said = shell(line)

    assert (status, said) == (found, "")


def test_without_any_stream_there_is_still_a_status() -> None:
    """Nothing can be said."""
    assert shell("audit --partitions - >&- 2>&-") == (2, b"", "")
