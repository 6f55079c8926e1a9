"""Waldur's partitions beside those of a cluster: where they agree, and how to make them agree.

A limit that is not recorded in Waldur, or not set in the cluster, is the same as SLURM's default:
no grace time, 0 or 1 nodes, tier 1, NO, UNLIMITED, NONE, N/A. Otherwise, where one side has no
value, that of the other is only there; where both have one, a number or YES and NO, they differ.
`cpu_arch`, `gpu_arch` and `qos_options` have no counterpart in SLURM and are left out.

Of a maximum or default of memory by CPU and one by node, SLURM keeps that by node and shows no
other. Where Waldur records both, and the cluster has one by node, the other is a match.
"""

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bookings.slurm.cluster import SCONTROL_JSON, ClusterPartition, ClusterText
from bookings.slurm.cluster.values import COMPARED, PER_NODE_WINS, in_effect
from bookings.slurm.limits import MOST_UNREAD, UNLIMITED, Limit, Unit, limit_of
from bookings.slurm.slurm_conf import NotWritable, name_trouble, one_line, partition_line, word
from bookings.waldur.models import Partition

__all__ = [
    "PARTITION_NAME",
    "Comparison",
    "Status",
    "as_item",
    "reconcile",
    "slurm_conf_changes",
    "update_commands",
]

PARTITION_NAME = "partition_name"
"""The field of the row that says a partition is on one side only."""


class Status(StrEnum):
    """How Waldur's value and the cluster's stand to each other."""

    MATCH = "match"
    DIFFERS = "differs"
    ONLY_IN_WALDUR = "only_in_waldur"
    ONLY_IN_CLUSTER = "only_in_cluster"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One field of one partition, as Waldur records it and as the cluster says it."""

    partition: str
    field: str
    waldur: Any
    """In Waldur's units; None where nothing is recorded. As it came where it cannot be read."""
    cluster: Any
    """In Waldur's units; None where it is not set. As written where it cannot be read."""
    status: Status
    note: str = ""
    """A sentence on what the status does not tell."""
    written: str = ""
    """As the cluster wrote it."""


def reconcile(partitions: Sequence[Partition], cluster: ClusterText) -> list[Comparison]:
    """Every field of every partition, matches included.

    They come in Waldur's order, then the partitions that are in the cluster only. A field that
    the JSON of scontrol does not carry cannot be compared and has no row.
    """
    theirs = {each.name: each for each in cluster.partitions}
    rows: list[Comparison] = []
    for ours in partitions:
        found = theirs.get(ours.partition_name)
        if found is None:
            rows.extend(_only_in_waldur(ours))
        else:
            rows.extend(_compare(ours, found, cluster.form))
    names = {ours.partition_name for ours in partitions}
    for name, each in theirs.items():
        if name not in names:
            rows.extend(_only_in_cluster(each))
    return rows


def as_item(comparison: Comparison) -> dict[str, Any]:
    """The comparison as a JSON object, values in Waldur's units."""
    return {
        "partition": comparison.partition,
        "field": comparison.field,
        "waldur": comparison.waldur,
        "cluster": comparison.cluster,
        "status": str(comparison.status),
    }


# Values that do what SLURM does where nothing is set. 0 and 1 nodes are the same (observed).
_DEFAULTS: Mapping[str, tuple[int, ...]] = {
    "grace_time": (0,),
    "min_nodes": (0, 1),
    "priority_tier": (1,),
}


def _compare(ours: Partition, theirs: ClusterPartition, form: str) -> Iterator[Comparison]:
    for limit in COMPARED:
        field = limit.field
        is_said = field in theirs.values
        said = theirs.values.get(field)
        if field in ours.unread:
            status, note = Status.DIFFERS, "Waldur's value cannot be read."
        elif not is_said and field in theirs.written:
            said = theirs.written[field]
            status, note = Status.DIFFERS, "The cluster's value cannot be read."
        elif _has_lost(field, theirs):
            status = _status_of_loser(limit, ours, said)
            note = _note_on_loser(limit, ours, said)
        elif not is_said and form == SCONTROL_JSON:
            continue
        else:
            status = _status(limit, limit.value(ours), said)
            note = _note(limit, ours, theirs, status)
        yield Comparison(
            ours.partition_name,
            field,
            _recorded(limit, ours),
            said,
            status,
            note,
            theirs.written.get(field, ""),
        )


def _recorded(limit: Limit, partition: Partition) -> Any:
    """Waldur's value; one that cannot be read is given as it came, in a few signs."""
    if limit.field not in partition.unread:
        return limit.value(partition)
    return str(partition.unread[limit.field])[:MOST_UNREAD]


def _is_default(limit: Limit, value: Any) -> bool:
    """Whether a value says no more than what SLURM does where nothing is set."""
    if limit.unit is Unit.FLAG:
        return not value
    return in_effect(limit, value) is None or value in _DEFAULTS.get(limit.field, ())


def _status(limit: Limit, ours: Any, theirs: Any) -> Status:
    if ours == theirs or (_is_default(limit, ours) and _is_default(limit, theirs)):
        return Status.MATCH
    if _says_nothing(limit, theirs):
        return Status.ONLY_IN_WALDUR
    return Status.ONLY_IN_CLUSTER if _says_nothing(limit, ours) else Status.DIFFERS


def _says_nothing(limit: Limit, value: Any) -> bool:
    """Whether a side has no value at all: none, UNLIMITED, N/A, or a memory of 0.

    A number, or NO, is a value also where it is SLURM's default.
    """
    return value is None if limit.unit is Unit.FLAG else in_effect(limit, value) is None


def _note(limit: Limit, ours: Partition, theirs: ClusterPartition, status: Status) -> str:
    value = limit.value(ours)
    if limit.field == "default_time" and _is_dropped(value, theirs.values.get("max_time")):
        return "SLURM drops a DefaultTime above MaxTime."
    if status is Status.MATCH:
        return ""
    if limit.field not in theirs.values:
        return f"The text does not say {limit.slurm}."
    if in_effect(limit, value) is not None:
        try:
            word(limit, value)
        except NotWritable as reason:
            return f"SLURM takes no such value: {one_line(value)} {reason}."
    return ""


def _is_dropped(default_time: int | None, max_time: int | None) -> bool:
    if default_time is None or max_time is None:
        return False
    return default_time == UNLIMITED or default_time > max_time


def _has_lost(field: str, theirs: ClusterPartition) -> bool:
    """Whether the cluster has the setting that wins over a field."""
    winner = PER_NODE_WINS.get(field)
    return winner is not None and theirs.values.get(winner) is not None


def _status_of_loser(limit: Limit, ours: Partition, theirs: Any) -> Status:
    value = in_effect(limit, limit.value(ours))
    if value is None or value == theirs:
        return Status.MATCH
    if theirs is not None:
        return Status.DIFFERS
    return Status.MATCH if _winner_in_waldur(limit, ours) else Status.ONLY_IN_WALDUR


def _note_on_loser(limit: Limit, ours: Partition, theirs: Any) -> str:
    if in_effect(limit, limit.value(ours)) is None and theirs is None:
        return ""
    winner = limit_of(PER_NODE_WINS[limit.field])
    return f"SLURM keeps only {winner.slurm} of the two; {limit.slurm} has no effect."


def _winner_in_waldur(limit: Limit, ours: Partition) -> bool:
    winner = limit_of(PER_NODE_WINS[limit.field])
    return winner.field in ours.unread or in_effect(winner, winner.value(ours)) is not None


def _only_in_waldur(ours: Partition) -> Iterator[Comparison]:
    name = ours.partition_name
    note = "The cluster has no such partition."
    yield Comparison(name, PARTITION_NAME, name, None, Status.ONLY_IN_WALDUR, note)
    for limit in COMPARED:
        value = _recorded(limit, ours)
        if value is not None:
            yield Comparison(name, limit.field, value, None, Status.ONLY_IN_WALDUR, note)


def _only_in_cluster(theirs: ClusterPartition) -> Iterator[Comparison]:
    note, status = "Waldur has no such partition.", Status.ONLY_IN_CLUSTER
    yield Comparison(theirs.name, PARTITION_NAME, None, theirs.name, status, note, theirs.name)
    for limit in COMPARED:
        written = theirs.written.get(limit.field, "")
        value = theirs.values.get(limit.field, written or None)
        # scontrol prints every default; only what somebody set is of interest.
        if value is not None and not _is_default(limit, value):
            yield Comparison(theirs.name, limit.field, None, value, status, note, written)


# What would bring the cluster to Waldur's values. Every word below was tried on slurmctld 22.05.8.

_RESET = {
    "max_time": "UNLIMITED",
    "grace_time": "0",
    "min_nodes": "0",
    "max_nodes": "UNLIMITED",
    "max_cpus_per_node": "UNLIMITED",
    "max_cpus_per_socket": "UNLIMITED",
    # "none" is a binding of its own; "off" takes the binding away.
    "cpu_bind": "off",
    "priority_tier": "1",
    "exclusive_user": "NO",
    "exclusive_topo": "NO",
    "req_resv": "NO",
    "qos": "",
    "def_mem_per_node": "0",
    "max_mem_per_node": "0",
}
"""What `scontrol update` takes for "not set"."""
_JOB_DEFAULTS = ("def_cpu_per_gpu", "def_mem_per_gpu")
_LARGEST_UPDATED = {"priority_tier": 65_533, "min_nodes": 2**31 - 1, "max_nodes": 2**31 - 1}
"""The largest numbers `scontrol update` takes, where slurm.conf takes more."""
_OFF = 0x80000
_NOTHING = "# Nothing differs."


def update_commands(partitions: Sequence[Partition], comparisons: Sequence[Comparison]) -> str:
    """Commands of scontrol that would bring the cluster to Waldur's values, one per partition.

    They are for people to read and run; nothing here runs them. What `scontrol update` cannot do
    is said in comments. Every word is quoted for the shell.
    """
    text = ["# For SLURM's administrator. It lasts until slurmctld reads slurm.conf again."]
    return _changes(partitions, comparisons, text, _update)


def slurm_conf_changes(partitions: Sequence[Partition], comparisons: Sequence[Comparison]) -> str:
    """Lines of slurm.conf with nothing but the parameters that differ, at Waldur's values.

    They are to be merged into the lines that are there. What must go away is said in comments.
    """
    text = [
        "# Change these on the lines that are in slurm.conf: slurmctld does not start with two",
        "# lines of a name.",
    ]
    return _changes(partitions, comparisons, text, _conf_line)


_Write = Callable[[Partition, Sequence[str]], Iterator[str]]


def _changes(
    partitions: Sequence[Partition],
    comparisons: Sequence[Comparison],
    text: list[str],
    write: _Write,
) -> str:
    fields: dict[str, dict[str, Status]] = {}
    for row in comparisons:
        if row.status is not Status.MATCH:
            fields.setdefault(row.partition, {})[row.field] = row.status
    records: dict[str, list[Partition]] = {}
    for partition in partitions:
        records.setdefault(partition.partition_name, []).append(partition)
    for name, differing in fields.items():
        shown = one_line(name)
        ours = records.get(name, [])
        if not ours:
            text.append(f"# {shown} is only in the cluster.")
        elif trouble := name_trouble(name):
            text.append(f"# {shown} is left out: {trouble}.")
        else:
            if len(ours) > 1:
                text.append(f"# {shown} is recorded {len(ours)} times; this is the first record.")
            text.extend(write(ours[0], list(differing)))
    return "\n".join([*text, *([] if fields else [_NOTHING])]) + "\n"


def _update(ours: Partition, fields: Sequence[str]) -> Iterator[str]:
    name = ours.partition_name
    if PARTITION_NAME in fields:
        yield f"# {name} is not in the cluster. A new partition needs nodes, see slurm.conf."
        return
    words: list[str] = []
    for group in dict.fromkeys(map(_group, fields)):
        try:
            words.append(_update_word(ours, group))
        except NotWritable as reason:
            yield f"# {name}: {reason}."
    if words:
        command = ["scontrol", "update", f"PartitionName={name}", *words]
        yield " ".join(map(shlex.quote, command))


def _group(field: str) -> tuple[str, ...]:
    """The fields that are set together with one, itself among them."""
    for pair in (_JOB_DEFAULTS, *PER_NODE_WINS.items()):
        if field in pair:
            return pair
    return (field,)


def _update_word(ours: Partition, group: tuple[str, ...]) -> str:
    for field in group:
        if field in ours.unread:
            raise NotWritable(f"{limit_of(field).slurm} of Waldur cannot be read")
    recorded = [field for field in group if _value(ours, field) is not None]
    if group == _JOB_DEFAULTS:
        return "JobDefaults=" + ",".join(_setting(ours, field) for field in recorded)
    if recorded:
        # SLURM holds one of a pair: setting it takes the other away. The last is that by node.
        return _setting(ours, recorded[-1])
    name = limit_of(group[-1]).slurm
    if group[-1] not in _RESET:
        raise NotWritable(f"{name} cannot be taken away by scontrol; take it from slurm.conf")
    return f"{name}={_RESET[group[-1]]}"


def _setting(ours: Partition, field: str) -> str:
    limit, value = limit_of(field), _value(ours, field)
    if field == "cpu_bind" and value == _OFF:
        raise NotWritable("CpuBind=off takes a binding away in scontrol; set it in slurm.conf")
    if field in _LARGEST_UPDATED and value > _LARGEST_UPDATED[field]:
        most = _LARGEST_UPDATED[field]
        raise NotWritable(f"{limit.slurm} {value} is above {most}, the most scontrol takes")
    if field == "default_time" and _is_dropped(value, _value(ours, "max_time")):
        raise NotWritable("DefaultTime is above MaxTime, and SLURM would not take it")
    try:
        return f"{limit.slurm}={word(limit, value)}"
    except NotWritable as reason:
        raise NotWritable(f"{limit.slurm} {one_line(value)} {reason}") from None


def _value(ours: Partition, field: str) -> Any:
    limit = limit_of(field)
    return in_effect(limit, limit.value(ours))


def _conf_line(ours: Partition, fields: Sequence[str]) -> Iterator[str]:
    name = ours.partition_name
    if PARTITION_NAME in fields:
        yield f"# {name} is not in the cluster. It needs Nodes=."
        yield from partition_line(ours)
        return
    words: list[str] = []
    for field in fields:
        limit, value = limit_of(field), _value(ours, field)
        if field in ours.unread:
            yield f"# {name}: {limit.slurm} of Waldur cannot be read."
        elif value is None:
            yield f"# {name}: take {limit.slurm} away."
        else:
            try:
                words.append(f"{limit.slurm}={word(limit, value)}")
            except NotWritable as reason:
                yield f"# {name}: {limit.slurm} is left out: {one_line(value)} {reason}."
    if words:
        yield " ".join([f"PartitionName={name}", *words])
