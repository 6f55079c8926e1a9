"""Partitions as lines of slurm.conf that slurmctld accepts.

What it accepts was observed on slurmctld 22.05.8 and 25.11.7: amounts of memory as plain MB,
times in minutes up to 35791393, bindings as words; a negative number or a second partition of a
name keeps it from starting. A value that it would refuse or read as "not set" is left out, and a
comment says so. Waldur's texts are never trusted: a name is written only where it is one word.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from bookings.slurm.cluster.values import (
    BINDINGS,
    COMPARED,
    INFINITE,
    LARGEST_TIER,
    PER_NODE_WINS,
    UNLIMITED_MEMORY,
    VERBOSE,
    in_effect,
)
from bookings.slurm.limits import (
    CPU_BIND_BITS,
    MOST_MINUTES,
    MOST_UNREAD,
    UNLIMITED,
    Limit,
    Unit,
    limit_of,
)
from bookings.waldur.models import Partition

__all__ = ["NotWritable", "lines", "name_trouble", "one_line", "partition_line", "word"]

LONGEST_NAME = 1000
"""Bytes of a name. Older releases of SLURM cut lines at 4096 (BUFFER_SIZE of parse_config.c)."""

_HEADER = (
    "# Partitions as Waldur records them. Waldur does not record nodes: add Nodes= to each line.",
    "# Without it slurmctld starts too, but the partition has no nodes.",
)
_TEMPLATE_NAME = "DEFAULT"
_SIGNS_OF_CONF = frozenset("#,\"'\\")
# The two largest numbers are SLURM's marks for "unlimited" and "not set". An amount of memory
# by CPU has them one bit lower: `scontrol update` takes 2**63 - 2 as no change (observed).
_LARGEST_NUMBER = INFINITE - 2
_LARGEST_AMOUNT = UNLIMITED_MEMORY - 2
_SINCE = {"max_cpus_per_socket": "23.02", "exclusive_topo": "24.05"}


class NotWritable(Exception):
    """SLURM takes no such value; the text says why, as the end of a sentence."""


def lines(partitions: Sequence[Partition]) -> str:
    """The partitions of one cluster as lines of slurm.conf, with comments on what is left out.

    One that has no usable name, or whose name came before, is left out as a whole.
    """
    written = [*_HEADER, *_remarks(partitions), ""]
    names: set[str] = set()
    for partition in partitions:
        name = partition.partition_name
        trouble = name_trouble(name) or ("its name came before" if name in names else "")
        if trouble:
            written.append(f"# The partition {one_line(name)} is left out: {trouble}.")
            continue
        names.add(name)
        written.extend(partition_line(partition))
    return "\n".join(written) + "\n"


def partition_line(partition: Partition) -> Iterator[str]:
    """Comments on what is left out of a partition, then its line. Its name must be usable."""
    name = partition.partition_name
    words = [f"PartitionName={name}"]
    for limit in COMPARED:
        if limit.field in partition.unread:
            shown = one_line(partition.unread[limit.field])
            yield f"# {name}: {limit.slurm} is left out: {shown} cannot be read."
            continue
        value = limit.value(partition)
        # ExclusiveTopo=NO goes without saying, and SLURM before 24.05 does not start with it.
        if value is None or (limit.field == "exclusive_topo" and value is False):
            continue
        try:
            words.append(f"{limit.slurm}={word(limit, value)}")
        except NotWritable as reason:
            yield f"# {name}: {limit.slurm} is left out: {one_line(value)} {reason}."
    yield from _ignored(partition)
    yield " ".join(words)


def word(limit: Limit, value: Any) -> str:
    """A recorded value as slurm.conf and `scontrol update` take it. Raises NotWritable."""
    if limit.unit is Unit.FLAG:
        return "YES" if value else "NO"
    if limit.unit is Unit.NAME:
        if in_effect(limit, value) is None:
            raise NotWritable("means none")
        if trouble := _text_trouble(value):
            raise NotWritable(f"cannot be written: {trouble}")
        return str(value)
    if limit.unit is Unit.MINUTES and value == UNLIMITED:
        return "UNLIMITED"
    if value < 0:
        raise NotWritable("is less than zero")
    if in_effect(limit, value) is None:
        raise NotWritable("means not set")
    if limit.unit is Unit.MASK:
        return _binding(value)
    if value > (most := _largest(limit)):
        raise NotWritable(f"is above {most}, the most SLURM takes")
    return str(value)


def name_trouble(name: str) -> str:
    """Why a text cannot be the name of a partition in slurm.conf; "" where it can."""
    if not name:
        return "it has no name"
    if name.upper() == _TEMPLATE_NAME:
        return "DEFAULT is a template for other lines"
    return _text_trouble(name)


def one_line(value: Any, most: int = MOST_UNREAD) -> str:
    """Any value as a text of so many signs that stays on its line, for comments."""
    text = value if isinstance(value, str) else str(value)
    shown = repr(text[:most]) if isinstance(value, str) else text[:most]
    return shown if shown.isprintable() else ascii(shown)


def _text_trouble(text: str) -> str:
    if not text.isprintable() or " " in text:
        return "a name cannot hold spaces or control characters"
    if found := sorted(_SIGNS_OF_CONF.intersection(text)):
        return f"a name cannot hold {' '.join(found)}"
    is_long = len(text.encode()) > LONGEST_NAME
    return f"a name has at most {LONGEST_NAME} bytes" if is_long else ""


def _largest(limit: Limit) -> int:
    if limit.unit is Unit.MINUTES:
        return MOST_MINUTES
    if limit.unit is Unit.TIER:
        return LARGEST_TIER
    wide = limit.unit is Unit.MEGABYTES or limit.field == "def_cpu_per_gpu"
    return _LARGEST_AMOUNT if wide else _LARGEST_NUMBER


def _binding(mask: int) -> str:
    binding = mask & ~VERBOSE
    if binding not in (0, *BINDINGS):
        raise NotWritable("is no binding that a partition can have")
    words = [CPU_BIND_BITS[binding].removesuffix("s")] if binding else []
    return ",".join([*words, "verbose"] if mask & VERBOSE else words)


def _remarks(partitions: Sequence[Partition]) -> Iterator[str]:
    for field, release in _SINCE.items():
        if any(getattr(partition, field) for partition in partitions):
            yield f"# {limit_of(field).slurm} needs SLURM {release} or later."
    if any(partition.qos for partition in partitions):
        yield "# A QOS must be known to slurmdbd, or slurmctld does not start (seen on 25.11)."


def _ignored(partition: Partition) -> Iterator[str]:
    for loser, winner in PER_NODE_WINS.items():
        if all(in_effect(limit_of(each), getattr(partition, each)) for each in (loser, winner)):
            yield (
                f"# {partition.partition_name}: SLURM ignores {limit_of(loser).slurm} beside "
                f"{limit_of(winner).slurm}, and logs an error."
            )
