"""The nodes of a partition or of a whole cluster, and how they are read from what people paste.

Read are the lines of `sinfo -o "%P|%D|%c|%X|%Y|%m|%G"` with or without their header, what
`scontrol show node` prints in both of its forms, and JSON. CPUs are what SLURM counts and
schedules as CPUs (`CPUTot`), memory is `RealMemory`. A node that is down or drained counts:
slurmctld measures a job against every node of the partition, whatever its state.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from bookings.json_objects import why_unread
from bookings.slurm.limits import spell_megabytes

__all__ = [
    "WHOLE_CLUSTER",
    "Hardware",
    "Nodes",
    "Pasted",
    "Unread",
    "hardware_of",
    "read_nodes",
]

WHOLE_CLUSTER = ""
"""The name under which nodes stand that the text gives no partition."""

MOST_TEXT = 200
"""Signs kept of a line that cannot be read."""

LARGEST = 2**63 - 1
"""Of any count; what is beyond it is no hardware."""

_COLUMNS = ("PARTITION", "NODES", "CPUS", "SOCKETS", "CORES", "MEMORY", "GRES")
_NEEDED = ("PARTITION", "NODES", "CPUS")
# sinfo shortens a number that 1024 divides ("2K" nodes) and marks the least of several with "+".
_COUNT = re.compile(r"(\d{1,18})(?:\.(\d{1,3}))?([KMG]?)(\+?)", re.ASCII)
_SIZES = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3}
_KEY = re.compile(r"(?:^|(?<=\s))([A-Za-z][A-Za-z]{1,40})=")
_BRACKETS = re.compile(r"\([^()]*\)")


@dataclass(frozen=True, slots=True)
class Nodes:
    """Nodes of one kind."""

    count: int
    cpus: int
    """Of one node, as SLURM counts them: hardware threads where it schedules those."""
    sockets: int = 1
    memory_mb: int = 0
    """RealMemory of one node in MB; 0 where it is not known."""
    gpus: int = 0
    """Of one node."""

    @property
    def cpus_per_socket(self) -> int:
        """CPUs of one socket, rounded down."""
        return self.cpus // max(self.sockets, 1)

    def describe(self) -> str:
        """In words: "16 nodes of 64 CPUs (2 sockets), 256 GB, 4 GPUs"."""
        parts = [
            f"{_counted(self.count, 'node')} of {_counted(self.cpus, 'CPU')} "
            f"({_counted(self.sockets, 'socket')})",
            spell_megabytes(self.memory_mb) if self.memory_mb else "memory unknown",
        ]
        if self.gpus:
            parts.append(_counted(self.gpus, "GPU"))
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Hardware:
    """All nodes of a partition."""

    kinds: tuple[Nodes, ...]

    @property
    def total_nodes(self) -> int:
        """Nodes of all kinds."""
        return sum(kind.count for kind in self.kinds)

    @property
    def total_cpus(self) -> int:
        """CPUs of all nodes."""
        return sum(kind.count * kind.cpus for kind in self.kinds)

    def describe(self) -> str:
        """In words, the kinds one after the other: "16 nodes of 64 CPUs (2 sockets), 256 GB"."""
        return "; ".join(kind.describe() for kind in self.kinds) or "no nodes"

    def as_item(self) -> list[dict[str, int]]:
        """As plain data, which `from_item` reads back."""
        return [
            {
                "count": kind.count,
                "cpus": kind.cpus,
                "sockets": kind.sockets,
                "memory_mb": kind.memory_mb,
                "gpus": kind.gpus,
            }
            for kind in self.kinds
        ]

    @classmethod
    def from_item(cls, item: Any) -> Self:
        """From one mapping, or a list with one for each kind of node.

        A mapping has `count` and either `cpus` or `sockets`, `cores_per_socket` and perhaps
        `threads_per_core`; `memory_mb` and `gpus` may be missing. Raises ValueError with one
        sentence.
        """
        kinds = item if isinstance(item, Sequence) and not isinstance(item, str) else [item]
        if not kinds:
            raise ValueError("There are no nodes in the list.")
        return cls(_added_up(_nodes_of(kind) for kind in kinds))


@dataclass(frozen=True, slots=True)
class Unread:
    """A line that cannot be read, and why."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Pasted:
    """What a text says about nodes."""

    hardware: Mapping[str, Hardware]
    """By name of partition; WHOLE_CLUSTER holds nodes that have none in the text."""
    unread: tuple[Unread, ...] = ()
    notes: tuple[str, ...] = ()
    """What was read with less certainty than the text has, a sentence each."""


def hardware_of(nodes: Pasted | Mapping[str, Hardware], partition_name: str) -> Hardware | None:
    """The nodes of a partition: its own, else those of the whole cluster, else None."""
    by_name = nodes.hardware if isinstance(nodes, Pasted) else nodes
    own = by_name.get(partition_name)
    return own if own is not None else by_name.get(WHOLE_CLUSTER)


def read_nodes(text: str) -> Pasted:
    """The nodes in a pasted text or a file, by partition. Never raises.

    A line that cannot be read is listed in `unread`, and the others count.
    """
    plain = text.lstrip("\ufeff")
    if plain.lstrip()[:1] in ("{", "["):
        return _read_json(plain)
    lines = plain.splitlines()
    if any("NodeName=" in line for line in lines):
        return _read_scontrol(lines)
    return _read_sinfo(lines)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _unread(line: int, text: str, reason: str) -> Unread:
    return Unread(line, text.strip()[:MOST_TEXT], reason)


def _added_up(kinds: Iterable[Nodes]) -> tuple[Nodes, ...]:
    counts: dict[Nodes, int] = {}
    for kind in kinds:
        like = replace(kind, count=1)
        counts[like] = counts.get(like, 0) + kind.count
    return tuple(replace(like, count=count) for like, count in counts.items())


def _grouped(nodes: Iterable[tuple[str, Nodes]]) -> dict[str, Hardware]:
    by_name: dict[str, list[Nodes]] = {}
    for name, kind in nodes:
        by_name.setdefault(name, []).append(kind)
    return {name: Hardware(_added_up(kinds)) for name, kinds in by_name.items()}


# JSON


def _nodes_of(item: Any) -> Nodes:
    if not isinstance(item, Mapping):
        raise ValueError(f"Nodes are {type(item).__name__}, not an object.")
    sockets = _whole(item, "sockets", default=1, least=1)
    if item.get("cpus") is None and item.get("cores_per_socket") is not None:
        cores = _whole(item, "cores_per_socket", least=1)
        cpus = sockets * cores * _whole(item, "threads_per_core", default=1, least=1)
    else:
        cpus = _whole(item, "cpus", least=1)
    return Nodes(
        count=_whole(item, "count", least=1),
        cpus=cpus,
        sockets=sockets,
        memory_mb=_whole(item, "memory_mb", default=0, least=0),
        gpus=_whole(item, "gpus", default=0, least=0),
    )


def _whole(item: Mapping[Any, Any], key: str, *, least: int = 0, default: int | None = None) -> int:
    value = item.get(key)
    if value is None:
        if default is None:
            raise ValueError(f"The nodes have no {key}.")
        return default
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{key} of the nodes is not a whole number.")
    if not least <= value <= LARGEST:
        raise ValueError(f"{key} of the nodes is not between {least} and {LARGEST}.")
    return value


def _read_json(text: str) -> Pasted:
    try:
        whole = json.loads(text)
    except RecursionError:
        return Pasted({}, (_unread(1, text, "it is nested too deeply"),))
    except ValueError as error:
        return Pasted({}, (_unread(getattr(error, "lineno", 1), text, why_unread(error)),))
    # A mapping whose values are numbers describes one kind of node, any other names partitions.
    named = isinstance(whole, Mapping) and any(
        isinstance(value, Mapping | list) for value in whole.values()
    )
    by_name: Mapping[str, Any] = whole if named else {WHOLE_CLUSTER: whole}
    hardware: dict[str, Hardware] = {}
    unread: list[Unread] = []
    for name, item in by_name.items():
        try:
            hardware[name] = Hardware.from_item(item)
        except ValueError as error:
            unread.append(_unread(1, name or text, str(error)))
    return Pasted(hardware, tuple(unread))


# sinfo


def _read_sinfo(lines: Iterable[str]) -> Pasted:
    columns: Sequence[str] = _COLUMNS
    found: list[tuple[str, Nodes]] = []
    unread: list[Unread] = []
    notes: list[str] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.split("|")]
        if cells[0] == "PARTITION":
            columns = cells
            continue
        try:
            name, nodes, shortened = _sinfo_row(cells, columns)
        except ValueError as error:
            unread.append(_unread(number, line, str(error)))
            continue
        found.append((name, nodes))
        notes.extend(
            f"Line {number}: {column} is the least of several kinds of node."
            for column in shortened
        )
    return Pasted(_grouped(found), tuple(unread), tuple(notes))


def _sinfo_row(cells: list[str], columns: Sequence[str]) -> tuple[str, Nodes, list[str]]:
    """Name of the partition, its nodes, and the columns that give only the least value."""
    if len(cells) < 2:
        raise ValueError("no columns with | between them")
    row = dict(zip(columns, cells, strict=False))
    for column in _NEEDED:
        if not row.get(column):
            raise ValueError(f"no column {column}")
    # %z prints sockets, cores and threads together.
    if "SOCKETS" not in row and "S:C:T" in row:
        row["SOCKETS"] = row["S:C:T"].split(":")[0]
    shortened = [
        column for column in ("CPUS", "SOCKETS", "MEMORY") if row.get(column, "").endswith("+")
    ]
    name = row["PARTITION"].removesuffix("*")
    if not name:
        raise ValueError("no name of a partition")
    nodes = Nodes(
        count=_count(row, "NODES", least=1),
        cpus=_count(row, "CPUS", least=1),
        sockets=_count(row, "SOCKETS", least=1, default=1),
        memory_mb=_count(row, "MEMORY", default=0),
        gpus=_gpus(row.get("GRES", "")),
    )
    return name, nodes, shortened


def _count(
    row: Mapping[str, str], column: str, *, least: int = 0, default: int | None = None
) -> int:
    cell = row.get(column)
    if not cell and default is not None:
        return default
    match = _COUNT.fullmatch(cell or "")
    if match is None:
        raise ValueError(f"{column} is not a number")
    size = _SIZES[match[3]]
    fraction = match[2] or ""
    number = int(match[1]) * size + (int(fraction) * size // 10 ** len(fraction) if fraction else 0)
    if number < least:
        raise ValueError(f"{column} is less than {least}")
    if number > LARGEST:
        raise ValueError(f"{column} is beyond any hardware")
    return number


def _gpus(gres: str) -> int:
    """GPUs in a list such as `gpu:a100:4(S:0-1),gpu:1,shard:8`; a name without a count is one."""
    total = 0
    for each in _BRACKETS.sub("", gres).split(","):
        parts = each.strip().split(":")
        if parts[0] != "gpu":
            continue
        match = _COUNT.fullmatch(parts[-1])
        total += int(match[1]) * _SIZES[match[3]] if match else 1
    return min(total, LARGEST)


# scontrol


@dataclass(frozen=True, slots=True)
class _Node:
    line: int
    text: str
    values: Mapping[str, str]


def _read_scontrol(lines: Iterable[str]) -> Pasted:
    found: list[tuple[str, Nodes]] = []
    unread: list[Unread] = []
    seen: set[str] = set()
    homeless = 0
    for node in _scontrol_nodes(lines, unread):
        name = node.values["NodeName"]
        if name in seen:
            unread.append(_unread(node.line, node.text, f"node {name} was there before"))
            continue
        seen.add(name)
        try:
            kind = Nodes(
                count=1,
                cpus=_count(node.values, "CPUTot", least=1),
                sockets=_count(node.values, "Sockets", least=1, default=1),
                memory_mb=_count(node.values, "RealMemory", default=0),
                gpus=_gpus(node.values.get("Gres", "")),
            )
        except ValueError as error:
            unread.append(_unread(node.line, node.text, f"node {name}: {error}"))
            continue
        names = [each.strip() for each in node.values.get("Partitions", "").split(",")]
        partitions = list(dict.fromkeys(each for each in names if each)) or [WHOLE_CLUSTER]
        homeless += partitions == [WHOLE_CLUSTER]
        found.extend((partition, kind) for partition in partitions)
    hardware = _grouped(found)
    notes: tuple[str, ...] = ()
    if homeless and len(hardware) > 1:
        notes = (
            f"{_counted(homeless, 'node')} without a partition stand for every partition that "
            "the text does not name.",
        )
    return Pasted(hardware, tuple(sorted(unread, key=lambda each: each.line)), notes)


def _scontrol_nodes(lines: Iterable[str], unread: list[Unread]) -> Iterator[_Node]:
    values: dict[str, str] = {}
    start, first = 0, ""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        if line.lstrip().startswith("NodeName="):
            if values:
                yield _Node(start, first, values)
            values, start, first = {}, number, line
        elif not values or not _KEY.search(line):
            # A second line of a reason or comment has no key; it says nothing about hardware.
            unread.append(_unread(number, line, "not a line of a node"))
            continue
        _take_values(line, values)
    if values:
        yield _Node(start, first, values)


def _take_values(line: str, values: dict[str, str]) -> None:
    """Add the `key=value` pairs of a line; values may hold spaces, the first of a key counts.

    Free text such as a reason stands behind the keys of the hardware and cannot replace them.
    """
    matches = list(_KEY.finditer(line))
    for match, following in zip(matches, [*matches[1:], None], strict=True):
        end = following.start() if following else len(line)
        values.setdefault(match[1], line[match.end() : end].strip())
