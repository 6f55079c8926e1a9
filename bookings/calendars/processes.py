"""Which process wrote a record, and whether it still runs."""

import os
import socket
from pathlib import Path


def this_process() -> str:
    """`host:pid:instance`; the instance tells processes apart that got the same pid in turn."""
    pid = os.getpid()
    return f"{socket.gethostname()}:{pid}:{_start_of(pid) or ''}"


def is_gone(holder: str) -> bool:
    """Is it certain that the holder was a process of this host, and runs no more?"""
    host, _, process = holder.partition(":")
    pid, _, instance = process.partition(":")
    if host != socket.gethostname() or not pid.isdecimal():
        return False
    start = _start_of(int(pid))
    return start is None or start != instance


def _start_of(pid: int) -> str | None:
    """When a process was started, in the system's own count; None if there is no such process.

    "" where the system does not tell (other than Linux). Then a pid that is in use again
    looks like the process that had it before, until its lease runs out.
    """
    if not Path("/proc/self/stat").exists():
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return None
        except OSError:
            return ""
        return ""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The second field is the program's name in brackets, and may hold spaces and brackets.
    fields = stat.rpartition(")")[2].split()
    # A zombie has ended although its parent has not asked yet.
    return None if fields[0] in {"Z", "X"} else fields[19]


__all__ = ["is_gone", "this_process"]
