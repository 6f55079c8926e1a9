"""Commands as a person types them, and files for them."""

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from bookings.cli import app


def run(*arguments: str, stdin: str = "") -> tuple[int, list[Any], str]:
    """Exit status, the JSON lines printed, and what went to standard error."""
    result = CliRunner().invoke(app, list(arguments), input=stdin)
    return (
        result.exit_code,
        [json.loads(line) for line in result.stdout.splitlines()],
        result.stderr,
    )


def write(folder: Path, name: str, text: str) -> str:
    """A file with this text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)
