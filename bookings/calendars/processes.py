"""Which process wrote a record, and whether it still runs.

A process is named `place:pid:instance`. The place is where its pid is counted: containers may
share a name of the host, and each counts from 1. Only of what was in the same place can it be
told that it runs no more; what was elsewhere counts as alive for as long as it has a lease.
"""

import os
import socket
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_PIDS = Path("/proc/self/ns/pid")


def this_process() -> str:
    """Its name; the instance tells processes apart that got the same pid in turn."""
    pid = os.getpid()
    return f"{_place()}:{pid}:{_start_of(pid) or ''}"


def is_gone(holder: str) -> bool:
    """Is it certain that the holder was a process of this place, and runs no more?

    Never of what earlier versions wrote, to which the host's name was the place.
    """
    process, _, instance = holder.rpartition(":")
    place, _, pid = process.rpartition(":")
    if place != _place() or not pid.isdecimal():
        return False
    start = _start_of(int(pid))
    return start is None or ("" not in {start, instance} and start != instance)


def _place() -> str:
    """The host with its boot and the namespace of its pids; the host alone where it has none."""
    host = socket.gethostname()
    try:
        # The number of a namespace may come again after the next boot.
        return f"{host}/{_BOOT.read_text(encoding='ascii').strip()}/{_PIDS.stat().st_ino}"
    except OSError:
        return host  # not Linux


def _start_of(pid: int) -> str | None:
    """When a process was started, in the system's own count; None if there is no such process.

    "" where the system does not tell: it is not Linux, or hides what others run. Then a pid that
    is in use again looks like the process that had it before, until its lease runs out.
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except OSError:
        pass  # somebody else's
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    # The second field is the program's name in brackets, and may hold spaces and brackets.
    fields = stat.rpartition(")")[2].split()
    # A zombie has ended although its parent has not asked yet.
    return None if fields[0] in {"Z", "X"} else fields[19]


__all__ = ["is_gone", "this_process"]
