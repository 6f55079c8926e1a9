"""What rules are made of: how bad a mistake is, what a judge sees, and the words it says it in.

For memory 0 is SLURM's word for not set. A negative number is one mistake of its own and a value
that cannot be read another; neither counts as "not set" here, so that one cause is told once.
"""

import reprlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bookings.slurm.hardware import Hardware, Nodes
from bookings.slurm.limits import (
    LIMITS,
    UNLIMITED,
    Unit,
    inside_a_sentence,
    limit_of,
    spell_megabytes,
    spell_minutes,
)
from bookings.waldur.models import Partition

MOST_TEXT = 60
"""Signs shown of a name, or of a value that cannot be read."""

SILENT = "Starts, and says nothing."
STOPS = (
    "With it in slurm.conf slurmctld does not start again. One that runs keeps its old limits, and "
    "scontrol reconfigure fails."
)

TIMES = ("max_time", "default_time")
CPU_CAPS = ("max_cpus_per_node", "max_cpus_per_socket")
NODE_DEFAULTS = ("def_mem_per_cpu", "def_mem_per_node")
"""Of jobs without GPUs."""
DEFAULTS = ("def_mem_per_cpu", "def_mem_per_gpu", "def_mem_per_node")
MEMORY_CAPS = ("max_mem_per_cpu", "max_mem_per_node")


class Severity(StrEnum):
    """How bad a finding is; the worst stands first."""

    ERROR = "error"
    """Jobs are rejected, a limit is dropped, or slurmctld does not start."""
    WARNING = "warning"
    """Some jobs are rejected, or get what nobody asked for."""
    INFO = "info"
    """Good to know; nothing breaks."""

    @property
    def rank(self) -> int:
        """0 is the worst."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Hit:
    """What a judge saw in one partition."""

    message: str
    """One sentence with the values of the partition."""
    fields: tuple[str, ...]
    """The fields whose values decided."""
    advice: str = ""
    """What to set instead; empty where the rule says all there is to say."""
    severity: Severity | None = None
    """Where it is not that of the rule."""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    """What decided besides the record: figures of the nodes."""


Judge = Callable[[Partition, Hardware | None], Hit | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of mistake, and all there is to say about it without a partition."""

    id: str
    title: str
    severity: Severity
    """Of most findings; some weigh more or less."""
    fields: tuple[str, ...]
    """Every field, by Waldur's name, that may decide."""
    test: Judge
    why: str
    """What users meet."""
    fix: str
    """What to set instead."""
    ctld: str
    """What slurmctld does with it."""
    hardware: bool = False
    """Cannot be judged without the nodes."""


# What is recorded, as SLURM takes it


def megabytes(value: int | None) -> int:
    """An amount of memory; 0 where SLURM takes it as not set, and for a negative number."""
    return value if value is not None and value > 0 else 0


def cap(value: int | None) -> int:
    """A limit of CPUs; 0 where there is none, and where it is 0 or negative, which others judge."""
    return value if value is not None and value > 0 else 0


def is_unset(partition: Partition, name: str) -> bool:
    """Nothing is recorded. What came unreadable may be anything, and is not unset."""
    return getattr(partition, name) is None and name not in partition.unread


def is_unset_memory(partition: Partition, name: str) -> bool:
    """As is_unset, and 0 is SLURM's way to write it."""
    return getattr(partition, name) == 0 or is_unset(partition, name)


def default_per_cpu(partition: Partition) -> int:
    """The default memory per CPU that counts: beside one per node SLURM ignores it."""
    if megabytes(partition.def_mem_per_node):
        return 0
    return megabytes(partition.def_mem_per_cpu)


def cap_per_cpu(partition: Partition) -> int:
    """The max memory per CPU that counts: beside one per node SLURM ignores it."""
    if megabytes(partition.max_mem_per_node):
        return 0
    return megabytes(partition.max_mem_per_cpu)


def has_no_node_default(partition: Partition) -> bool:
    """A job without GPUs that asks for no memory asks for a whole node."""
    return all(is_unset_memory(partition, name) for name in NODE_DEFAULTS)


# The nodes


def kinds_of(hardware: Hardware | None) -> tuple[Nodes, ...]:
    """The kinds of nodes that say something; empty where the hardware is unknown."""
    if hardware is None:
        return ()
    return tuple(kind for kind in hardware.kinds if kind.count > 0 and kind.cpus > 0)


def usable_cpus(partition: Partition, kind: Nodes) -> int:
    """The CPUs of a node that jobs of the partition can have."""
    usable = kind.cpus
    if per_node := cap(partition.max_cpus_per_node):
        usable = min(usable, per_node)
    if per_socket := cap(partition.max_cpus_per_socket):
        usable = min(usable, per_socket * max(kind.sockets, 1))
    return usable


def most_usable_cpus(partition: Partition, kinds: Sequence[Nodes]) -> int | None:
    """The CPUs a job can have on the best node, as far as nodes or record tell; else None."""
    if kinds:
        return max(usable_cpus(partition, kind) for kind in kinds)
    return cap(partition.max_cpus_per_node) or None


def cpu_caps(partition: Partition, kinds: Sequence[Nodes]) -> tuple[str, ...]:
    """The limits that usable CPUs depend on. How many sockets there are only the nodes tell."""
    names = CPU_CAPS if kinds else CPU_CAPS[:1]
    return tuple(name for name in names if cap(getattr(partition, name)))


def figures(kinds: Iterable[Nodes], *names: str) -> dict[str, Any]:
    """Figures of the nodes that decided, each once and in order; empty without nodes."""
    found = {name: sorted({getattr(kind, name) for kind in kinds}) for name in names}
    return {name: values for name, values in found.items() if values}


def divided_up(amount: int, by: int) -> int:
    """Division that rounds up."""
    return -(-amount // by)


# Words


_LABELS = {"partition_name": "partition name"} | {
    limit.field: inside_a_sentence(limit.label) for limit in LIMITS
}


def label(name: str) -> str:
    """The label of a field as a sentence has it: "max nodes", "CPU binding"."""
    return _LABELS[name]


def labels(names: Iterable[str]) -> str:
    """Several labels: "max memory per CPU and max memory per node"."""
    return listed(label(name) for name in names)


def said(partition: Partition, *names: str) -> str:
    """Limits with their values: "max memory per node 128 GB"."""
    return listed(f"{label(name)} {_value(name, getattr(partition, name))}" for name in names)


def _value(name: str, value: int) -> str:
    limit = limit_of(name)
    if limit.unit is Unit.MINUTES:
        return minutes(value)
    return str(value) if limit.unit is Unit.MASK else limit.spell(value)


def minutes(value: int) -> str:
    """A time in words; -1 is unlimited."""
    return "unlimited" if value == UNLIMITED else spell_minutes(value)


def counted(number: int, noun: str) -> str:
    """A number with its noun: "1 CPU", "16 CPUs"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def span(amounts: Sequence[int]) -> str:
    """Memory of nodes: "256 GB", or "192 GB to 256 GB"."""
    least, most = min(amounts), max(amounts)
    if least == most:
        return spell_megabytes(least)
    return f"{spell_megabytes(least)} to {spell_megabytes(most)}"


def be(names: Sequence[str]) -> str:
    """The verb after so many names."""
    return "is" if len(names) == 1 else "are"


def them(names: Sequence[str]) -> str:
    """The word that stands for so many names."""
    return "it" if len(names) == 1 else "them"


def listed(parts: Iterable[str]) -> str:
    """Parts of a sentence: "a", "a and b", "a, b and c"."""
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last


def sentence(text: str) -> str:
    """With a capital letter and a full stop."""
    return f"{text[:1].upper()}{text[1:]}."


def shortened(value: Any) -> Any:
    """A value that cannot be read, made small and plain enough to be kept."""
    if value is None or isinstance(value, bool | float | str):
        return value
    try:
        return reprlib.repr(value)
    except (ValueError, RecursionError):
        # Python does not spell integers of more than some thousand digits.
        return f"{type(value).__name__}, too large to show"


def one_line(value: Any) -> str:
    """A foreign value, short and on one line."""
    # A text may be of any length; only its beginning is looked at.
    text = str(shortened(value))[: MOST_TEXT * 4]
    plain = "".join(sign if sign.isprintable() else "\ufffd" for sign in " ".join(text.split()))
    return plain if len(plain) <= MOST_TEXT else f"{plain[:MOST_TEXT]}…"
