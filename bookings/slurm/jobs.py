"""What a job asks for: as plain values, as a batch script or command line, and back.

The options are those of sbatch, srun and salloc that a partition's limits are measured against.
How they are spelled and combined follows the man page of sbatch 25.11: options of a command line
beat `#SBATCH` lines, a later option beats an earlier one, and `#SBATCH` lines below the first
command are not read.
"""

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from itertools import islice
from typing import Any

from bookings.slurm.hardware import LARGEST, Unread

__all__ = [
    "KNOWN_KEYS",
    "Job",
    "Parsed",
    "read_job",
    "read_memory",
    "read_sbatch",
    "read_time",
    "sbatch_header",
]

MOST_TEXT = 200
"""Signs kept of something that cannot be read."""

MOST_LINE = 20_000
"""Signs of a line that is read; splitting a longer one into words takes too long."""

UNLIMITED = 0
"""Minutes of a job that asks for no end: sbatch takes `--time=0` for UNLIMITED."""

_COUNTS = ("nodes", "max_nodes", "ntasks", "cpus_per_task", "ntasks_per_node")
_GPUS = ("gpus", "gpus_per_node")
_MEMORY = ("mem_per_node", "mem_per_cpu", "mem_per_gpu")
_MEMORY_EXCLUDES = "--mem, --mem-per-cpu and --mem-per-gpu exclude each other"

_DIGITS = re.compile(r"\d{1,18}", re.ASCII)
_RANGE = re.compile(r"(\d{1,18})-(\d{1,18})", re.ASCII)
_TIME = re.compile(
    r"(?:(?P<days>\d{1,12})-(?P<hours>\d{1,12})(?::(?P<minutes>\d{1,12})(?::(?P<seconds>\d{1,12}))?)?"
    r"|(?P<first>\d{1,12})(?::(?P<second>\d{1,12})(?::(?P<third>\d{1,12}))?)?)",
    re.ASCII,
)
_AMOUNT = re.compile(r"(\d{1,18})(?:([KMGTP])B?)?", re.ASCII | re.IGNORECASE)
_KILOBYTES = {"K": 1, "": 1024, "M": 1024, "G": 1024**2, "T": 1024**3, "P": 1024**4}


@dataclass(frozen=True, slots=True)
class Job:
    """What a job asks for; None where it does not say."""

    nodes: int | None = None
    ntasks: int | None = None
    cpus_per_task: int | None = None
    """SLURM takes 1 where the job does not say, but then gives a GPU job its DefCpuPerGPU."""
    ntasks_per_node: int | None = None
    mem_per_node: int | None = None
    """MB; 0 is all of the node."""
    mem_per_cpu: int | None = None
    """MB."""
    mem_per_gpu: int | None = None
    """MB."""
    time: int | None = None
    """Minutes; 0 is unlimited."""
    gpus: int | None = None
    """Of the whole job."""
    gpus_per_node: int | None = None
    reservation: bool = False
    """Whether the job names a reservation."""
    max_nodes: int | None = None
    """The larger number of a range such as `--nodes=2-4`; None where `nodes` is exact."""


KNOWN_KEYS = frozenset(each.name for each in fields(Job))
"""What `read_job` reads."""


def read_job(item: Mapping[str, Any]) -> Job:
    """A job from a mapping with the fields of Job. Other keys are left alone.

    Times and amounts of memory may be spelled as sbatch takes them ("1-00:00:00", "4G"); the
    name of a reservation counts as true. Raises ValueError with one sentence.
    """
    if not isinstance(item, Mapping):
        raise ValueError(f"The job is {type(item).__name__}, not an object.")
    values: dict[str, Any] = {}
    for name in _COUNTS:
        values[name] = _whole(item, name, least=1)
    for name in _GPUS:
        values[name] = _whole(item, name)
    for name in _MEMORY:
        values[name] = _whole(item, name, spelled=read_memory)
    values["time"] = _whole(item, "time", spelled=read_time)
    values["reservation"] = _flag(item, "reservation")
    if sum(values[name] is not None for name in _MEMORY) > 1:
        raise ValueError(f"{_MEMORY_EXCLUDES}.")
    if values["max_nodes"] is not None and values["max_nodes"] < (values["nodes"] or 1):
        raise ValueError("max_nodes is less than nodes.")
    return Job(**values)


def read_time(text: str) -> int:
    """Minutes of a time limit; 0 for UNLIMITED and INFINITE, as for `--time=0`.

    M, M:S, H:M:S, D-H, D-H:M and D-H:M:S are read, and seconds are rounded up to the next
    minute (sbatch(1), --time). Raises ValueError with one sentence.
    """
    plain = text.strip()
    if plain.upper() in ("UNLIMITED", "INFINITE", "-1"):
        return UNLIMITED
    match = _TIME.fullmatch(plain)
    if match is None:
        raise ValueError(f"{_shown(plain)} is not a time.")
    if match["days"] is not None:
        parts = [match["days"], match["hours"], match["minutes"], match["seconds"]]
    elif match["third"] is not None:
        parts = [None, match["first"], match["second"], match["third"]]
    else:
        # One number is minutes, two are minutes and seconds.
        parts = [None, None, match["first"], match["second"]]
    days, hours, minutes, seconds = (int(part or 0) for part in parts)
    return (days * 24 + hours) * 60 + minutes + -(-seconds // 60)


def read_memory(text: str) -> int:
    """MB of an amount such as 4000, 4G, 512K or 1T, by base 1024 and rounded up.

    A plain number is MB (sbatch(1), --mem). Raises ValueError with one sentence.
    """
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{_shown(text.strip())} is not an amount of memory.")
    return -(-int(match[1]) * _KILOBYTES[(match[2] or "").upper()] // 1024)


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a script or command line asks for."""

    job: Job
    partition: str = ""
    """The name as given, "" where there is none; several are separated by commas."""
    ignored: tuple[str, ...] = ()
    """Options that make no difference to a partition's limits, by name."""
    unread: tuple[Unread, ...] = ()
    """What cannot be read, and options that do matter but are not considered."""
    not_considered: tuple[str, ...] = ()
    """Those options alone, with their values: "--exclusive". `read_sbatch` reads them back."""


def read_sbatch(text: str) -> Parsed:
    """The job in a batch script, or in a command line of sbatch, srun or salloc. Never raises.

    Both may stand in one text, the command line first, behind the prompt of a shell or not.
    Options without a command are read too. A text with neither is listed as unread.
    """
    lines = text.lstrip("\ufeff").splitlines()
    command, rest = _command_line(lines)
    found = _Found()
    for number, line in _script_lines(lines, rest, found):
        words = _words(number, line, found, comments=True)
        left = _read_options(words, number, "sbatch", found)
        if left:
            found.cannot(number, left, "not an option")
    if command is not None:
        number, line = command
        _read_command(_words(number, line, found, comments=False), number, found)
    elif not any(line.lstrip().startswith("#SBATCH") for line in lines):
        for number, line in _first(lines):
            found.cannot(number, line, "no sbatch command and no #SBATCH line")
    return Parsed(
        found.job,
        found.partition,
        tuple(dict.fromkeys(found.ignored)),
        tuple(sorted(found.unread, key=lambda each: each.line)),
        tuple(dict.fromkeys(found.not_considered)),
    )


def sbatch_header(job: Job, partition: str) -> str:
    """The beginning of a batch script that asks for the job in the partition.

    The name is quoted where sbatch needs it. A name with signs that no line can hold, such as a
    line feed, is left out and said so in a comment.
    """
    lines = ["#!/bin/bash"]
    if partition and not partition.isprintable():
        lines.append(f"# No --partition: {partition!a} cannot be written in a script.")
    elif partition:
        lines.append(f"#SBATCH --partition={_quoted(partition)}")
    if job.nodes is not None or job.max_nodes is not None:
        upper = "" if job.max_nodes is None else f"-{job.max_nodes}"
        lines.append(f"#SBATCH --nodes={job.nodes or 1}{upper}")
    for name, option in _NUMBER_OPTIONS:
        value = getattr(job, name)
        if value is not None:
            lines.append(f"#SBATCH --{option}={value}")
    if job.time is not None:
        lines.append(f"#SBATCH --time={_spelled_time(job.time)}")
    if job.reservation:
        lines.append("# Add --reservation with the name of the reservation.")
    return "\n".join(lines) + "\n"


_NUMBER_OPTIONS = (
    ("ntasks", "ntasks"),
    ("ntasks_per_node", "ntasks-per-node"),
    ("cpus_per_task", "cpus-per-task"),
    ("mem_per_node", "mem"),
    ("mem_per_cpu", "mem-per-cpu"),
    ("mem_per_gpu", "mem-per-gpu"),
    ("gpus", "gpus"),
    ("gpus_per_node", "gpus-per-node"),
)


def _shown(text: str) -> str:
    return repr(text[:MOST_TEXT]) if text else "Nothing"


def _whole(
    item: Mapping[str, Any],
    name: str,
    *,
    least: int = 0,
    spelled: Callable[[str], int] | None = None,
) -> int | None:
    value = item.get(name)
    if value is None:
        return None
    if isinstance(value, str) and spelled is not None:
        value = spelled(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{name} of the job is not a whole number.")
    if not least <= value <= LARGEST:
        raise ValueError(f"{name} of the job is not between {least} and {LARGEST}.")
    return value


def _flag(item: Mapping[str, Any], name: str) -> bool:
    value = item.get(name)
    if value is None or isinstance(value, bool | str):
        return bool(value)
    raise ValueError(f"{name} of the job is neither true nor false.")


def _spelled_time(minutes: int) -> str:
    if minutes <= UNLIMITED:
        return "UNLIMITED"
    days, rest = divmod(minutes, 24 * 60)
    clock = f"{rest // 60:02}:{rest % 60:02}:00"
    return f"{days}-{clock}" if days else clock


def _quoted(name: str) -> str:
    if re.fullmatch(r"[\w.,:@%+-]+", name):
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


# Lines


def _first(lines: list[str]) -> Iterator[tuple[int, str]]:
    """The first line that holds anything, with its number."""
    return islice(((n, line) for n, line in enumerate(lines, start=1) if line.strip()), 1)


@dataclass(slots=True)
class _Found:
    job: Job = field(default_factory=Job)
    partition: str = ""
    ignored: list[str] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    not_considered: list[str] = field(default_factory=list)

    def cannot(self, line: int, text: str, reason: str) -> None:
        self.unread.append(Unread(line, text.strip()[:MOST_TEXT], reason))


_PLACE = r"(?:\([\w.-]+\)\s*)?(?:\[[^\]]*\]|[\w.@~/:-]+(?:\s[\w.@~/:-]+)?)\s?"
_PROMPT = rf"(?:(?:{_PLACE})?[$%>❯]|{_PLACE}#)\s+"
"""What a shell prints before a command, such as `[me@login ~]$`; `#` alone begins a comment."""

_PROGRAMS = ("sbatch", "srun", "salloc")
_COMMAND = re.compile(
    rf"(?:{_PROMPT})?(?:(?:sudo|time|nohup|env)\s+(?:-\S+\s+)*|\w+=\S*\s+)*"
    rf"(?:\S*/)?({'|'.join(_PROGRAMS)})(?:\s|$)"
)


def _command_line(lines: list[str]) -> tuple[tuple[int, str] | None, int]:
    """The command line with its number, and the index of the line after it.

    In a script only its first line can be one: those below are what the job runs.
    """
    script = any(line.lstrip().startswith(("#SBATCH", "#!")) for line in lines)
    for index, line in enumerate(lines):
        plain = line.strip()
        if not plain:
            continue
        if _COMMAND.match(plain) or plain.startswith("-"):
            joined, after = _joined(lines, index)
            return (index + 1, joined), after
        if script:
            break
    return None, 0


def _joined(lines: list[str], index: int) -> tuple[str, int]:
    """The line at the index with those that a backslash at its end continues it by."""
    parts: list[str] = []
    while index < len(lines):
        line = lines[index].rstrip()
        index += 1
        if not line.endswith("\\"):
            parts.append(line)
            break
        parts.append(line[:-1])
    return " ".join(parts).strip(), index


def _script_lines(lines: list[str], start: int, found: _Found) -> Iterator[tuple[int, str]]:
    """The options of each `#SBATCH` line that sbatch reads."""
    below = False
    for number, line in enumerate(lines[start:], start=start + 1):
        plain = line.lstrip()
        if not plain.startswith("#SBATCH"):
            below = below or (bool(plain) and not plain.startswith("#"))
        elif below:
            found.cannot(number, line, "below the first command, where sbatch does not read it")
        elif plain != line:
            found.cannot(number, line, "not at the start of its line, so sbatch does not read it")
        else:
            yield number, line.removeprefix("#SBATCH")


def _words(number: int, line: str, found: _Found, *, comments: bool) -> list[str]:
    if len(line) > MOST_LINE:
        found.cannot(number, line, f"longer than {MOST_LINE} signs")
        return []
    try:
        return shlex.split(line, comments=comments)
    except ValueError as error:
        found.cannot(number, line, f"the quotes do not close ({error})")
        return []


def _read_command(words: list[str], number: int, found: _Found) -> None:
    program = "sbatch"
    # Options without a command begin the line; those before a command are not its own.
    if words and not words[0].startswith("-"):
        names = [word.rsplit("/", 1)[-1] for word in words]
        index = next((at for at, name in enumerate(names) if name in _PROGRAMS), len(words) - 1)
        program, words = names[index], words[index + 1 :]
    _read_options(words, number, program, found)


# Options

_Setter = Callable[[_Found, str], None]


def _set_of(names: str) -> frozenset[str]:
    return frozenset(names.split())


_WITH_VALUE = _set_of(
    "account acctg-freq array batch bb bbf begin chdir cluster-constraint clusters comment "
    "constraint container container-id core-spec cores-per-socket cpu-bind cpu-freq cpus-per-gpu "
    "cpus-per-task deadline delay-boot dependency distribution epilog error exclude export "
    "export-file extra extra-node-info gid gpu-bind gpu-freq gpus gpus-per-node gpus-per-socket "
    "gpus-per-task gres gres-flags hint input job-name jobid licenses mail-type mail-user "
    "mcs-label mem mem-bind mem-per-cpu mem-per-gpu mincpus mpi multi-prog network nodefile "
    "nodelist nodes ntasks ntasks-per-core ntasks-per-gpu ntasks-per-node ntasks-per-socket "
    "open-mode output partition power prefer priority profile prolog qos relative reservation "
    "segment signal sockets-per-node switches task-epilog task-prolog thread-spec threads "
    "threads-per-core time time-min tmp tres-bind tres-per-task uid wait-all-nodes wait-for "
    "wckey wrap"
)
_WITHOUT_VALUE = _set_of(
    "contiguous disable-status exact help hold ignore-pbs label no-allocate no-bell no-requeue "
    "no-shell overcommit overlap oversubscribe parsable preserve-env pty quiet quit-on-interrupt "
    "reboot requeue spread-job stepmgr test-only unbuffered usage use-min-nodes verbose version "
    "wait whole"
)
_MAYBE_VALUE = _set_of(
    "bell exclusive get-user-env immediate kill-command kill-on-bad-exit nice no-kill "
    "oom-kill-step propagate resv-ports x11"
)
_NAMES = _WITH_VALUE | _WITHOUT_VALUE | _MAYBE_VALUE
_ALSO_CALLED = {"tasks-per-node": "ntasks-per-node", "cores": "cores-per-socket"}

_SHORT = {
    "A": "account", "B": "extra-node-info", "C": "constraint", "D": "chdir", "F": "nodefile",
    "G": "gpus", "H": "hold", "J": "job-name", "L": "licenses", "M": "clusters", "N": "nodes",
    "O": "overcommit", "Q": "quiet", "S": "core-spec", "V": "version", "W": "wait", "a": "array",
    "b": "begin", "c": "cpus-per-task", "d": "dependency", "e": "error", "h": "help",
    "i": "input", "k": "no-kill", "m": "distribution", "n": "ntasks", "o": "output",
    "p": "partition", "q": "qos", "s": "oversubscribe", "t": "time", "v": "verbose",
    "w": "nodelist", "x": "exclude",
}  # fmt: skip
_SHORT_OF = {
    "sbatch": _SHORT,
    "salloc": _SHORT | {"I": "immediate", "K": "kill-command"},
    "srun": _SHORT
    | {
        "I": "immediate", "K": "kill-on-bad-exit", "T": "threads", "W": "wait-for",
        "X": "disable-status", "Z": "no-allocate", "l": "label", "r": "relative",
        "u": "unbuffered",
    },
}  # fmt: skip

_CHANGES_RESULT = _set_of(
    "constraint core-spec cores-per-socket cpus-per-gpu exclude exclusive extra-node-info "
    "gpus-per-socket gpus-per-task hint mincpus nodefile nodelist ntasks-per-core "
    "ntasks-per-gpu ntasks-per-socket overcommit prefer qos sockets-per-node "
    "spread-job thread-spec threads-per-core time-min tmp tres-per-task use-min-nodes"
)
"""Options that can change whether a job fits, and are not considered here."""


def _read_options(words: list[str], number: int, program: str, found: _Found) -> str:
    """Read words as getopt does; the first word that is no option ends them and is returned."""
    queue = iter(words)
    for word in queue:
        if word == "--":
            return next(queue, "")
        if word.startswith("--"):
            _read_long(word, queue, number, found)
        elif word.startswith("-") and len(word) > 1:
            _read_short(word, queue, number, program, found)
        else:
            return word
    return ""


def _read_long(word: str, queue: Iterator[str], number: int, found: _Found) -> None:
    called, equals, value = word[2:].partition("=")
    name = _full_name(called)
    if not name:
        found.cannot(number, word, "not an option of sbatch")
    elif name in _WITH_VALUE and not equals:
        following = next(queue, None)
        if following is None:
            found.cannot(number, word, "its value is missing")
        else:
            _take(name, following, number, found)
    else:
        _take(name, value, number, found)


def _read_short(word: str, queue: Iterator[str], number: int, program: str, found: _Found) -> None:
    """One word of short options: `-n4`, `-n 4` and `-Qn4` are all possible."""
    letters = word[1:]
    for place, letter in enumerate(letters, start=1):
        name = _SHORT_OF[program].get(letter, "")
        if not name:
            found.cannot(number, word, f"-{letter[:1]} is not an option of {program}")
            return
        if name in _WITHOUT_VALUE:
            _take(name, "", number, found)
            continue
        value: str | None = letters[place:]
        if name in _WITH_VALUE and not value:
            value = next(queue, None)
        if value is None:
            found.cannot(number, word, "its value is missing")
        else:
            _take(name, value, number, found)
        return


def _full_name(called: str) -> str:
    """The option of that name, or the only one that begins so; "" where there is none."""
    called = _ALSO_CALLED.get(called, called)
    if called in _NAMES:
        return called
    longer = [name for name in _NAMES if name.startswith(called)] if called else []
    return longer[0] if len(longer) == 1 else ""


def _take(name: str, value: str, number: int, found: _Found) -> None:
    setter = _SETTERS.get(name)
    text = f"--{name}={value}" if value else f"--{name}"
    if name in _CHANGES_RESULT:
        found.cannot(number, text, "not considered here, though it can change the result")
        found.not_considered.append(text.strip()[:MOST_TEXT])
    elif setter is None:
        found.ignored.append(f"--{name}")
    else:
        try:
            setter(found, value)
        except ValueError as error:
            found.cannot(number, text, str(error))


def _number(value: str, least: int) -> int:
    if not _DIGITS.fullmatch(value.strip()):
        raise ValueError(f"{_shown(value)} is not a whole number.")
    number = int(value)
    if number < least:
        raise ValueError(f"{number} is less than {least}.")
    return number


def _count_setter(name: str) -> _Setter:
    def setter(found: _Found, value: str) -> None:
        number: dict[str, Any] = {name: _number(value, 1)}
        found.job = replace(found.job, **number)

    return setter


def _memory_setter(name: str) -> _Setter:
    def setter(found: _Found, value: str) -> None:
        amount = read_memory(value)
        clash = any(getattr(found.job, other) is not None for other in _MEMORY if other != name)
        memory: dict[str, Any] = {**dict.fromkeys(_MEMORY), name: amount}
        found.job = replace(found.job, **memory)
        if clash:
            raise ValueError(f"{_MEMORY_EXCLUDES}, so sbatch refuses; the last one counts here.")

    return setter


def _set_nodes(found: _Found, value: str) -> None:
    match = _RANGE.fullmatch(value.strip())
    if match is None:
        found.job = replace(found.job, nodes=_number(value, 1), max_nodes=None)
        return
    lower, upper = _number(match[1], 1), _number(match[2], 1)
    if lower > upper:
        raise ValueError(f"{lower} is more than {upper}.")
    # A range of one is an exact number to SLURM.
    found.job = replace(found.job, nodes=lower, max_nodes=None if lower == upper else upper)


def _set_time(found: _Found, value: str) -> None:
    found.job = replace(found.job, time=read_time(value))


def _set_reservation(found: _Found, value: str) -> None:
    found.job = replace(found.job, reservation=bool(value))


def _set_partition(found: _Found, value: str) -> None:
    found.partition = value


def _gpu_setter(name: str) -> _Setter:
    def setter(found: _Found, value: str) -> None:
        # The number may follow a type: "4", "a100:4", "a100:4,v100:2".
        numbers = [_number(part.rsplit(":", 1)[-1], 0) for part in value.split(",")]
        total: dict[str, Any] = {name: sum(numbers)}
        found.job = replace(found.job, **total)

    return setter


def _set_gres(found: _Found, value: str) -> None:
    gpus: list[int] = []
    others: list[str] = []
    for part in value.split(","):
        words = part.removeprefix("gres/").replace("=", ":").split(":")
        if words[0] != "gpu":
            others.append(part)
        elif _DIGITS.fullmatch(words[-1]):
            gpus.append(int(words[-1]))
        else:
            gpus.append(1)
    if value.lower() == "none":
        others = []
    found.job = replace(found.job, gpus_per_node=sum(gpus) if gpus else None)
    if others:
        found.not_considered.append(f"--gres={','.join(others)}"[:MOST_TEXT])
        raise ValueError("Only GPUs are considered here.")


_SETTERS: Mapping[str, _Setter] = {
    "nodes": _set_nodes,
    "ntasks": _count_setter("ntasks"),
    "cpus-per-task": _count_setter("cpus_per_task"),
    "ntasks-per-node": _count_setter("ntasks_per_node"),
    "mem": _memory_setter("mem_per_node"),
    "mem-per-cpu": _memory_setter("mem_per_cpu"),
    "mem-per-gpu": _memory_setter("mem_per_gpu"),
    "time": _set_time,
    "gpus": _gpu_setter("gpus"),
    "gpus-per-node": _gpu_setter("gpus_per_node"),
    "gres": _set_gres,
    "reservation": _set_reservation,
    "partition": _set_partition,
}
