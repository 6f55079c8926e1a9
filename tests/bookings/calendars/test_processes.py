"""Of a process it is said that it is gone only where that is certain."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from bookings.calendars.processes import is_gone, this_process

ROOT = Path(__file__).resolve().parents[3]
HOST = socket.gethostname()
PLACE, PID, INSTANCE = this_process().split(":")
NO_PID = "999999999"
"""More than a system counts to."""
SAYS_WHO_IT_IS = """
import sys
from bookings.calendars.processes import this_process
print(this_process(), flush=True)
sys.stdin.read()
"""
CONTAINER = ("unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc")
"""Begins a command in a place of its own under the same host name."""


@contextmanager
def running(before: Sequence[str] = ()) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A process that lives while the context lasts, and its name."""
    process = subprocess.Popen(
        [*before, sys.executable, "-c", SAYS_WHO_IT_IS],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
    finally:
        process.communicate(timeout=60)


def test_a_process_is_gone_when_it_has_ended() -> None:
    """At once, although its parent has not asked yet; and not before."""
    with running() as (process, name):
        assert not is_gone(name)
        process.send_signal(signal.SIGKILL)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)

        assert is_gone(name)
    assert is_gone(name)
    assert not is_gone(this_process())


def test_a_pid_that_is_in_use_again_is_another_process() -> None:
    """A restarted service can get the same one."""
    if not INSTANCE:
        pytest.skip("this system does not tell when a process was started")

    assert is_gone(f"{PLACE}:{PID}:1")
    assert not is_gone(f"{PLACE}:{PID}:")


def test_the_living_of_another_container_are_not_gone() -> None:
    """It has the same host name, and its pids are other processes here, or none."""
    if shutil.which(CONTAINER[0]) is None or subprocess.run([*CONTAINER, "true"]).returncode:
        pytest.skip("this system lets nobody begin a namespace")
    with running(CONTAINER) as (_, name):
        assert name.startswith(HOST)
        assert ":1:" in name
        assert not is_gone(name)


@pytest.mark.parametrize(
    "holder",
    [
        f"elsewhere:{NO_PID}:1",
        f"{HOST}/00000000-0000-0000-0000-000000000000/4026531836:{NO_PID}:1",
        f"{PLACE}1:{NO_PID}:1",
        f"{PLACE}::1",
        f"{PLACE}:x:1",
        PLACE,
        "",
    ],
    ids=["host", "boot", "namespace", "no pid", "no number", "no process", "nothing"],
)
def test_nothing_is_certain_of_what_was_elsewhere(holder: str) -> None:
    """Its lease alone counts."""
    assert not is_gone(holder)


def test_nothing_is_certain_of_what_an_earlier_version_wrote() -> None:
    """The name of a host tells no container from another, nor a boot from the next."""
    if PLACE == HOST:
        pytest.skip("this system tells no more than its name")

    assert not is_gone(f"{HOST}:{NO_PID}:1")
