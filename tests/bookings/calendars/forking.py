"""Runs `python -m bookings …` in processes forked from one that has imported everything.

A process that imports pandas takes a second to start, and the tests that kill them need many.
It reads a JSON object a line: {"run": […], "env": {…}, "folder": …} starts one and prints its
number, {"wait": number} prints how it ended. Pauses between reads are short here.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

MOST_SECONDS = 40
"""A command that hangs is killed."""


def main() -> None:
    """Until standard input ends."""
    import bookings.calendar_receipt
    import bookings.calendar_tables
    import bookings.portfolio
    import bookings.waldur.client  # noqa: F401 loaded once, for all
    from bookings.calendars import runner, runs
    from bookings.cli import app

    runner.PAUSES = (0.1,)
    (runner.Runner.__init__.__kwdefaults__ or {})["settle"] = 0.05
    (runs.Runs.__init__.__kwdefaults__ or {})["settling"] = 0.05
    _say("ready")
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            status = os.waitpid(order["wait"], 0)[1]
            _say(os.waitstatus_to_exitcode(status))
            continue
        pid = os.fork()
        if pid == 0:
            _become(order)
            app(order["run"])  # exits
        _say(pid)


def _say(word: object) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def _become(order: dict[str, Any]) -> None:
    signal.alarm(MOST_SECONDS)
    folder = Path(order["folder"])
    os.chdir(folder)
    os.environ.update(order["env"])
    for number, name in ((0, "in"), (1, "out"), (2, "err")):
        mode = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        path = os.devnull if number == 0 else str(folder / name)
        os.dup2(os.open(path, mode), number)


if __name__ == "__main__":
    main()
