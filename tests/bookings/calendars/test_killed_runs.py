"""A command that is killed at each step of a run, and what is said of the run afterwards.

The server counts: no calendar is asked for twice by one request, none is lost from the receipt,
and none is said to be better than it is.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from bookings.calendars.actions import Action
from bookings.calendars.journal import Journal
from bookings.calendars.run_record import RunRecord
from tests.bookings.calendars.counting_server import CountingServer, Fault, Point, counting
from tests.bookings.calendars.processes import ROOT, Commands, environment
from tests.bookings.calendars.receipts import check

CALENDARS = 50
SHARE = ("calendar", "share", "--all-matching", "state=Active&calendar=private", "--yes", "--wait")
RECEIPT = ("calendar", "receipt", "--format", "jsonl")


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    """Where commands are run."""
    commands = Commands(tmp_path_factory.mktemp("commands"))
    yield commands
    commands.close()


@pytest.fixture
def waldur() -> Iterator[CountingServer]:
    """Fifty private calendars."""
    with counting(CALENDARS) as server:
        yield server


def passing(_point: Point, _count: int) -> bool:
    """Lets every request through."""
    return False


def killer(pid: int, point: Point, count: int) -> Callable[[Point, int], bool]:
    """Kills the process when a request gets there, and drops the request."""
    killed = threading.Event()

    def kill(reached: Point, counted: int) -> bool:
        if reached is not point or counted < count or killed.is_set():
            return False
        killed.set()
        os.kill(pid, signal.SIGKILL)
        return True

    return kill


def crash(
    commands: Commands,
    waldur: CountingServer,
    database: Path,
    point: Point,
    count: int,
    *,
    command: Sequence[str] = SHARE,
    patience: int = 5,
) -> None:
    """Runs a command and kills it when so many requests have got there."""
    pid = commands.start(*command, url=waldur.url, database=database, patience=patience)
    waldur.hook = killer(pid, point, count)
    assert commands.status(pid) == -signal.SIGKILL, commands.words
    waldur.hook = passing


def receipt(commands: Commands, waldur: CountingServer, database: Path) -> list[dict[str, Any]]:
    """The receipt as a new process gives it, after which nothing has been sent anew."""
    posts = waldur.posts
    pid = commands.start(*RECEIPT, url=waldur.url, database=database)
    assert commands.status(pid) in {0, 1}, commands.words
    assert waldur.posts == posts
    return commands.items


KILLS = [
    (Point.ARRIVED, 1),
    (Point.ARRIVED, 13),
    (Point.ARRIVED, 30),
    (Point.ARRIVED, 50),
    (Point.WORKED, 1),
    (Point.WORKED, 26),
    (Point.WORKED, 50),
    (Point.ANSWERED, 1),
    (Point.ANSWERED, 12),
    (Point.ANSWERED, 50),
    (Point.CONNECTED, 6),
    (Point.CONNECTED, 20),
    (Point.READ, 1),
    (Point.READ, 9),
    (Point.READ, 50),
]


@pytest.mark.parametrize(("point", "count"), KILLS)
def test_a_killed_run_is_told_as_it_is(
    commands: Commands, waldur: CountingServer, database: Path, point: Point, count: int
) -> None:
    """Killed there, started again: nothing twice, nothing lost, nothing better than it is."""
    for uuid in list(waldur.calendars)[3::10]:
        waldur.calendars[uuid].faults = [Fault.FAILS]
    crash(commands, waldur, database, point, count, patience=1)
    waldur.finish_work()

    check(receipt(commands, waldur, database), waldur, looked=True)


@pytest.mark.parametrize(
    ("point", "count"), [(Point.ARRIVED, 13), (Point.WORKED, 26), (Point.READ, 20)]
)
def test_a_second_request_sends_what_is_not_public_yet(
    commands: Commands, waldur: CountingServer, database: Path, point: Point, count: int
) -> None:
    """The person asks again after the crash, and this time gets it."""
    crash(commands, waldur, database, point, count)
    waldur.finish_work()

    public = waldur.public()
    posts = {uuid: each.posts for uuid, each in waldur.calendars.items()}
    again = commands.start(*SHARE, url=waldur.url, database=database)
    assert commands.status(again) == 0, commands.words
    sent = {uuid for uuid, each in waldur.calendars.items() if each.posts != posts[uuid]}
    assert sent == waldur.calendars.keys() - public
    assert all(waldur.calendars[uuid].posts == posts[uuid] + 1 for uuid in sent)
    assert waldur.public() == waldur.calendars.keys()


@pytest.mark.parametrize("point", [Point.LISTED, Point.ACCOUNTS])
def test_a_command_that_is_killed_while_it_plans_has_asked_for_nothing(
    commands: Commands, waldur: CountingServer, database: Path, point: Point
) -> None:
    """There is no run, and nothing was sent."""
    crash(commands, waldur, database, point, 1)
    asking = commands.start(*RECEIPT, url=waldur.url, database=database)

    assert commands.status(asking) == 2
    assert "you have had no run on this server" in commands.words
    assert waldur.posts == 0


def test_a_receipt_that_is_killed_leaves_the_next_one_as_true(
    commands: Commands, waldur: CountingServer, database: Path
) -> None:
    """Reading the state after a crash may crash too."""
    crash(commands, waldur, database, Point.ANSWERED, 12)
    waldur.finish_work()
    third = waldur.counts[Point.READ] + 3
    crash(commands, waldur, database, Point.READ, third, command=RECEIPT)

    check(receipt(commands, waldur, database), waldur, looked=True)


def test_an_interrupted_run_is_found_behind_those_of_others(
    commands: Commands, waldur: CountingServer, database: Path
) -> None:
    """However many they are."""
    crash(commands, waldur, database, Point.ANSWERED, 4)
    waldur.finish_work()
    journal = Journal(f"sqlite:///{database}")
    for number in range(60):
        RunRecord(journal).begin(
            request=f"other {number}", server=waldur.url, action=Action.SYNC,
            person_uuid="b" * 32, person_name="olivia", items=[],
        )  # fmt: skip
    journal.close()

    check(receipt(commands, waldur, database), waldur, looked=True)
    assert "run 1 was interrupted" in commands.words


def test_the_real_command_is_killed_and_started_again(
    waldur: CountingServer, database: Path, tmp_path: Path
) -> None:
    """As a person types it, with the pauses that it has."""
    command = [sys.executable, "-m", "bookings"]
    env = {**os.environ, **environment(waldur.url, database), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [*command, *SHARE], cwd=tmp_path, env=env, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    waldur.hook = killer(process.pid, Point.ANSWERED, 5)
    assert process.wait(60) == -signal.SIGKILL
    waldur.hook = passing
    waldur.finish_work()
    posts = waldur.posts
    told = subprocess.run(
        [*command, *RECEIPT], cwd=tmp_path, env=env, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert told.returncode == 1
    assert waldur.posts == posts
    items = [json.loads(line) for line in told.stdout.splitlines()]
    check(items, waldur, looked=True)
    # One whose calendar was being read before its POST may have been sent for all that is known.
    assert {each["state"] for each in items} - {"Outcome unknown"} == {"Confirmed", "Not sent"}


def test_two_requests_at_once_send_each_calendar_once(
    commands: Commands, waldur: CountingServer, database: Path
) -> None:
    """Each of two cron jobs finds what the other one has, or has done."""
    pids = [commands.start(*SHARE, url=waldur.url, database=database) for _ in range(2)]
    assert {commands.status(pid) for pid in pids} <= {0, 1}

    assert [each.posts for each in waldur.calendars.values()] == [1] * CALENDARS
    assert waldur.public() == waldur.calendars.keys()
