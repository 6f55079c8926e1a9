"""The limits of a SLURM partition: their units, and their values in words.

Waldur records them for information and enforces nothing. A limit that is not recorded (None) is
spelled "": it is neither 0 nor unlimited. A recorded 0 is spelled as 0, because SLURM gives 0 a
meaning of its own for most limits (with `MaxNodes=0` every job is rejected; observed on a
slurmctld 25.11.7). Bit values are those of `enum cpu_bind_type` in slurm.h of SLURM 25.11.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bookings.waldur.models import Partition

__all__ = [
    "CPU_BIND_BITS",
    "LIMITS",
    "MEMORY_CONVENTION",
    "NOT_RECORDED",
    "Family",
    "Limit",
    "Unit",
    "inside_a_sentence",
    "limit_of",
    "qos_names",
    "spell_cpu_bind",
    "spell_flag",
    "spell_megabytes",
    "spell_minutes",
    "spell_number",
    "spell_seconds",
]

MEMORY_CONVENTION = (
    "Recorded in SLURM's MB. 1 GB stands for 1000 of them and 1 GiB for 1024; GB is used where it "
    "comes out even, else GiB, else MB, so nothing is rounded. SLURM's own commands count by 1024 "
    "and show 256000 MB as 250G."
)
"""How amounts of memory are spelled; the help of every memory column."""

NOT_RECORDED = "not recorded"
"""The word for a limit that Waldur has no value of, which is neither 0 nor unlimited."""

UNLIMITED = -1
"""What SLURM reads as no limit, in times only."""
MOST_MINUTES = 35_791_393
"""SLURM counts seconds in 31 bits: with one minute more slurmctld does not start.

Observed on slurmctld 25.11.7 and 22.05.8.
"""
MOST_UNREAD = 40
"""Signs that are shown of a value that cannot be read."""

_MINUTES = (("d", 1440), ("h", 60), ("min", 1))
_SECONDS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
_MEMORY = (
    ("TB", 1000**2),
    ("GB", 1000),
    ("TiB", 1024**2),
    ("GiB", 1024),
    ("MB", 1),
)

CPU_BIND_BITS: dict[int, str] = {
    0x1: "verbose",
    0x2: "threads",
    0x4: "cores",
    0x8: "sockets",
    0x10: "ldoms",
    0x20: "none",
    0x40: "rank",
    0x80: "map_cpu",
    0x100: "mask_cpu",
    0x200: "rank_ldom",
    0x400: "map_ldom",
    0x800: "mask_ldom",
    0x2000: "one_thread",
    0x4000: "autobind threads",
    0x10000: "autobind cores",
    0x20000: "autobind sockets",
    0x80000: "off",
}
"""Bit of `cpu_bind` -> SLURM's word. `rank` (0x40) is gone from SLURM 24.11 on."""


def spell_minutes(minutes: int | None) -> str:
    """A duration in days, hours and minutes: "7 d", "1 d 12 h", "45 min"; -1 is "unlimited".

    SLURM takes -1 for UNLIMITED in a time limit (observed on slurmctld 25.11.7), and no other
    negative number.
    """
    return "unlimited" if minutes == UNLIMITED else _spell_parts(minutes, _MINUTES)


def spell_seconds(seconds: int | None) -> str:
    """A duration in days down to seconds: "5 min", "1 h 30 s"."""
    return _spell_parts(seconds, _SECONDS)


def spell_megabytes(megabytes: int | None) -> str:
    """An amount of memory, exact, in the largest unit that comes out even.

    See MEMORY_CONVENTION: 256000 is "256 GB", 196608 is "192 GiB", 1800 is "1800 MB".
    """
    if megabytes is None:
        return ""
    if megabytes == 0:
        return "0 MB"
    name, size = next(each for each in _MEMORY if megabytes % each[1] == 0)
    return f"{megabytes // size} {name}"


def spell_cpu_bind(mask: int | None) -> str:
    """The words of SLURM for a `cpu_bind` mask: 5 is "verbose, cores"; 0 is "0 (not bound)".

    Bits without a word are given together in hexadecimal.
    """
    if mask is None:
        return ""
    if mask == 0:
        return "0 (not bound)"
    if mask < 0:
        return f"{mask}, not a mask"
    words = [word for bit, word in CPU_BIND_BITS.items() if mask & bit]
    rest = mask & ~sum(CPU_BIND_BITS)
    return ", ".join([*words, hex(rest)] if rest else words)


def spell_unread(value: Any) -> str:
    """A value that is no limit, as it came and cut short."""
    try:
        return str(value)[:MOST_UNREAD]
    except ValueError:  # Python spells no integer of thousands of digits
        return "a number of thousands of digits"


def spell_number(number: int | None) -> str:
    """A plain count, "" where none is recorded."""
    return "" if number is None else str(number)


def spell_flag(flag: bool | None) -> str:
    """The words yes and no; "" where nothing is recorded."""
    return "" if flag is None else "yes" if flag else "no"


def spell_name(name: str | None) -> str:
    """A name as it came."""
    return name or ""


def qos_names(partition: Partition) -> list[str]:
    """Every QOS that can be used in the partition: its own first, then those of `qos_options`.

    `qos_options` is a list of objects with `qos_name` in newer releases; plain names and a
    mapping by name are read too, anything else is left out.
    """
    names = [partition.qos or "", *_option_names(partition.qos_options)]
    return list(dict.fromkeys(name for name in names if name.strip()))


class Unit(StrEnum):
    """What a recorded limit counts."""

    MINUTES = "min"
    SECONDS = "s"
    MEGABYTES = "MB"
    CPUS = "CPUs"
    NODES = "nodes"
    TIER = "tier"
    MASK = "bit mask"
    FLAG = "yes or no"
    NAME = "name"


class Family(StrEnum):
    """What limits are about; reviewers look at one family at a time."""

    TIME = "Time"
    NODES = "Nodes"
    CPU = "CPU"
    MEMORY = "Memory"
    SCHEDULING = "Scheduling"
    ACCESS = "Access"


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit: Waldur's field, and how people, tables and slurm.conf call and spell it."""

    field: str
    label: str
    unit: Unit
    family: Family
    slurm: str
    """The parameter of slurm.conf, "" where SLURM has none."""
    does: str
    """What it does, as the beginning of a sentence."""
    unset: str
    """What SLURM does where slurm.conf does not set it; continues "if it is unset: "."""
    zero: str = ""
    """What 0 means; continues "0: ". Empty where there is no 0."""
    shown_as: str = ""
    """How `scontrol show partition` names it, where that is not the parameter of slurm.conf."""

    @property
    def help(self) -> str:
        """One sentence: what it does, its unit, what unset and 0 mean, and SLURM's names."""
        parts = [f"{self.does}{_UNIT_WORDS[self.unit]}"]
        if self.slurm:
            # That Waldur records nothing says nothing about the cluster.
            parts.append(f"if it is unset in slurm.conf too: {self.unset}")
        if self.zero:
            parts.append(f"0: {self.zero}")
        if not self.slurm:
            parts.append("SLURM has no such parameter")
        elif self.shown_as:
            parts.append(f"{self.slurm} in slurm.conf, {self.shown_as} in scontrol")
        else:
            parts.append(f"{self.slurm} in slurm.conf and scontrol")
        return "; ".join(parts) + "."

    @property
    def dtype(self) -> str:
        """Of the column with the exact value."""
        return {Unit.FLAG: "boolean", Unit.NAME: "str"}.get(self.unit, "Int64")

    def value(self, partition: Partition) -> Any:
        """The recorded value: int, bool, str or None. An empty name counts as not recorded."""
        recorded = getattr(partition, self.field)
        return None if recorded == "" else recorded

    def spell(self, value: Any) -> str:
        """A value of this limit in words; "" for None."""
        return _SPELL[self.unit](value)

    def text(self, partition: Partition) -> str:
        """What is recorded, in words; "" where nothing is. What cannot be read says so."""
        if self.field in partition.unread:
            return f"{spell_unread(partition.unread[self.field])} (not readable)"
        return self.spell(self.value(partition))


_SPELL: Mapping[Unit, Callable[[Any], str]] = {
    Unit.MINUTES: spell_minutes,
    Unit.SECONDS: spell_seconds,
    Unit.MEGABYTES: spell_megabytes,
    Unit.CPUS: spell_number,
    Unit.NODES: spell_number,
    Unit.TIER: spell_number,
    Unit.MASK: spell_cpu_bind,
    Unit.FLAG: spell_flag,
    Unit.NAME: spell_name,
}

_UNIT_WORDS: Mapping[Unit, str] = {
    Unit.MINUTES: ", in minutes",
    Unit.SECONDS: ", in seconds",
    Unit.MEGABYTES: ", in MB",
    Unit.CPUS: ", a count",
    Unit.NODES: ", a count",
    Unit.TIER: ", a number up to 65533",
    Unit.MASK: ", a mask of bits",
    Unit.FLAG: "",
    Unit.NAME: "",
}

_CLUSTER_MEMORY = "the default of the whole cluster, else all memory of a node"

LIMITS: tuple[Limit, ...] = (
    Limit(
        "max_time", "Max time", Unit.MINUTES, Family.TIME, "MaxTime",
        "The longest run time of a job", "unlimited",
        "a job that asks for any time is rejected",
    ),
    Limit(
        "default_time", "Default time", Unit.MINUTES, Family.TIME, "DefaultTime",
        "The run time of a job that asks for none", "it gets the max time",
        "every job that asks for none is rejected",
    ),
    Limit(
        "grace_time", "Grace time", Unit.SECONDS, Family.TIME, "GraceTime",
        "What a preempted job gets before it is stopped, only with PreemptType=partition_prio",
        "none", "none",
    ),
    Limit(
        "min_nodes", "Min nodes", Unit.NODES, Family.NODES, "MinNodes",
        "The fewest nodes of a job", "one", "one",
    ),
    Limit(
        "max_nodes", "Max nodes", Unit.NODES, Family.NODES, "MaxNodes",
        "The most nodes of a job", "unlimited", "every job is rejected",
    ),
    Limit(
        "max_cpus_per_node", "Max CPUs per node", Unit.CPUS, Family.CPU, "MaxCPUsPerNode",
        "The CPUs of a node that all jobs of the partition share", "unlimited",
        "every job is rejected",
    ),
    Limit(
        "max_cpus_per_socket", "Max CPUs per socket", Unit.CPUS, Family.CPU, "MaxCPUsPerSocket",
        "The CPUs of a socket that all jobs of the partition share, from SLURM 23.02 on",
        "unlimited", "every job is rejected",
    ),
    Limit(
        "def_cpu_per_gpu", "Default CPUs per GPU", Unit.CPUS, Family.CPU, "DefCpuPerGPU",
        "The CPUs that come with a GPU where a job does not say",
        "the job gets the CPUs it asks for", "as unset", "JobDefaults=DefCpuPerGPU",
    ),
    Limit(
        "def_mem_per_cpu", "Default memory per CPU", Unit.MEGABYTES, Family.MEMORY, "DefMemPerCPU",
        "The memory by CPU of a job that asks for none, ignored beside a default per node",
        _CLUSTER_MEMORY, "as unset",
    ),
    Limit(
        "def_mem_per_gpu", "Default memory per GPU", Unit.MEGABYTES, Family.MEMORY, "DefMemPerGPU",
        "The memory by GPU of a GPU job that asks for none",
        "it gets the default by CPU or node", "as unset", "JobDefaults=DefMemPerGPU",
    ),
    Limit(
        "def_mem_per_node", "Default memory per node", Unit.MEGABYTES, Family.MEMORY,
        "DefMemPerNode", "The memory by node of a job that asks for none", _CLUSTER_MEMORY,
        "as unset",
    ),
    Limit(
        "max_mem_per_cpu", "Max memory per CPU", Unit.MEGABYTES, Family.MEMORY, "MaxMemPerCPU",
        "The most memory by CPU, above which a job gets more CPUs; ignored beside a maximum per "
        "node", "unlimited", "as unset",
    ),
    Limit(
        "max_mem_per_node", "Max memory per node", Unit.MEGABYTES, Family.MEMORY, "MaxMemPerNode",
        "The most memory of a job by node", "unlimited", "as unset",
    ),
    Limit(
        "cpu_bind", "CPU binding", Unit.MASK, Family.CPU, "CpuBind",
        "How tasks are bound to CPUs where a job does not say", "not bound", "not bound",
    ),
    Limit(
        "priority_tier", "Priority tier", Unit.TIER, Family.SCHEDULING, "PriorityTier",
        "Jobs of a higher tier are considered first and may preempt lower ones", "1", "the lowest",
    ),
    Limit(
        "exclusive_user", "Exclusive user", Unit.FLAG, Family.SCHEDULING, "ExclusiveUser",
        "A node runs jobs of one user at a time", "no",
    ),
    Limit(
        "exclusive_topo", "Exclusive topology", Unit.FLAG, Family.SCHEDULING, "ExclusiveTopo",
        "A segment of the topology runs one job at a time, from SLURM 24.05 on", "no",
    ),
    Limit(
        "req_resv", "Reservation required", Unit.FLAG, Family.ACCESS, "ReqResv",
        "A job must name a reservation", "no",
    ),
    Limit(
        "qos", "QOS", Unit.NAME, Family.ACCESS, "QOS",
        "The quality of service whose limits apply to every job of the partition", "none",
        shown_as="QoS",
    ),
    Limit(
        "cpu_arch", "CPU architecture", Unit.NAME, Family.ACCESS, "",
        "The kind of CPU, recorded in Waldur only", "",
    ),
    Limit(
        "gpu_arch", "GPU architecture", Unit.NAME, Family.ACCESS, "",
        "The kind of GPU, recorded in Waldur only", "",
    ),
)  # fmt: skip
"""Every limit of a partition, in the order in which people read them."""

_BY_FIELD = {limit.field: limit for limit in LIMITS}


def limit_of(field: str) -> Limit:
    """The limit with Waldur's field name; raises KeyError for any other name."""
    return _BY_FIELD[field]


def inside_a_sentence(text: str) -> str:
    """A label or title as the middle of a sentence has it: "max nodes", but "CPU binding"."""
    return text[0].lower() + text[1:] if text[1:2].islower() else text


def _spell_parts(amount: int | None, units: Iterable[tuple[str, int]]) -> str:
    if amount is None:
        return ""
    parts: list[str] = []
    rest = abs(amount)
    smallest = ""
    for name, size in units:
        count, rest = divmod(rest, size)
        smallest = name
        if count:
            parts.append(f"{count} {name}")
    if not parts:
        return f"0 {smallest}"
    # A negative duration means nothing to SLURM; it is shown so that someone corrects it.
    return ("-" if amount < 0 else "") + " ".join(parts)


def _option_names(options: Any) -> list[str]:
    if isinstance(options, Mapping):
        return [name for name in options if isinstance(name, str)]
    if not isinstance(options, list | tuple):
        return []
    names: list[str] = []
    for option in options:
        name = option
        if isinstance(option, Mapping):
            name = option.get("qos_name") or option.get("name")
        if isinstance(name, str):
            names.append(name)
    return names
