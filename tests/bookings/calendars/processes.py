"""Processes that run `python -m bookings …`, started in no time; see forking.py."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.bookings.calendars.counting_server import TOKEN

ROOT = Path(__file__).parents[3]


def environment(url: str, database: Path, patience: int = 5) -> dict[str, str]:
    """What a command is told of server, person and database."""
    return {
        "WALDUR_API_URL": url,
        "WALDUR_API_TOKEN": TOKEN,
        "DATABASE_URL": f"sqlite:///{database}",
        "CALENDAR_PATIENCE_SECONDS": str(patience),
    }


class Commands:
    """Starts commands and waits for them. What they write goes into files of `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._root = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("forking.py"))],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._root.stdout is not None
        assert self._root.stdout.readline() == "ready\n"

    def close(self) -> None:
        """Ends the process that forks."""
        self._root.communicate(timeout=30)

    def start(self, *arguments: str, url: str, database: Path, patience: int = 5) -> int:
        """Begins a command; gives its number."""
        env = environment(url, database, patience)
        return self._ask({"run": arguments, "env": env, "folder": str(self._folder)})

    def status(self, pid: int) -> int:
        """How it ended; negative for a signal."""
        return self._ask({"wait": pid})

    @property
    def items(self) -> list[dict[str, Any]]:
        """What the last one wrote."""
        text = (self._folder / "out").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    @property
    def words(self) -> str:
        """What it said."""
        return (self._folder / "err").read_text(encoding="utf-8")

    def _ask(self, order: dict[str, Any]) -> int:
        assert self._root.stdin is not None
        assert self._root.stdout is not None
        self._root.stdin.write(json.dumps(order) + "\n")
        self._root.stdin.flush()
        return int(self._root.stdout.readline())
