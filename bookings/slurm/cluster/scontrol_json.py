"""The JSON of `scontrol show partition --json` and of slurmrestd.

The shape is that of 23.02 and later; the flat one of slurmrestd 22.05 is read as well. Neither
says everything that scontrol prints, see `_unsaid`.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bookings.json_objects import why_unread
from bookings.slurm.cluster.scontrol import read_job_defaults
from bookings.slurm.cluster.texts import MOST_SHOWN, Gathering, Said, settle_pairs
from bookings.slurm.cluster.values import (
    COMPARED,
    INFINITE,
    NO_VALUE,
    PER_NODE_WINS,
    Refused,
    in_effect,
    largest,
    unlimited,
    word_value,
)
from bookings.slurm.limits import Limit, Unit, limit_of

MEM_PER_CPU = 2**63
"""The bit that tells an amount by CPU from one by node, in raw numbers (slurm.h)."""

_Paths = tuple[tuple[str, ...], ...]
_PATHS: Mapping[str, _Paths] = {
    "max_time": (("maximums", "time"), ("max_time_limit",)),
    "default_time": (("defaults", "time"), ("default_time_limit",)),
    "grace_time": (("grace_time",), ("preemption_grace_time",)),
    "min_nodes": (("minimums", "nodes"), ("min nodes per job",), ("min_nodes_per_job",)),
    "max_nodes": (("maximums", "nodes"), ("maximum_nodes_per_job",)),
    "max_cpus_per_node": (("maximums", "cpus_per_node"), ("maximum_cpus_per_node",)),
    "max_cpus_per_socket": (("maximums", "cpus_per_socket"),),
    "def_mem_per_cpu": (("defaults", "partition_memory_per_cpu"),),
    "def_mem_per_node": (("defaults", "partition_memory_per_node"),),
    "max_mem_per_cpu": (("maximums", "partition_memory_per_cpu"),),
    "max_mem_per_node": (("maximums", "partition_memory_per_node"),),
    "cpu_bind": (("cpus", "task_binding"),),
    "priority_tier": (("priority", "tier"), ("priority_tier",)),
    "qos": (("qos", "assigned"), ("qos",)),
}
"""Where a field stands: in the shape of 23.02 and later, then in the flat one."""
_RAW_MEMORY: Mapping[str, _Paths] = {
    "def_mem_per_cpu": (("defaults", "memory_per_cpu"), ("default_memory_per_cpu",)),
    "max_mem_per_cpu": (("maximums", "memory_per_cpu"), ("maximum_memory_per_node",)),
}
"""Where an amount stands that is by CPU or by node."""
_TOTAL_NODES: _Paths = (("nodes", "total"), ("total_nodes",))
_TOTAL_CPUS: _Paths = (("cpus", "total"), ("total_cpus",))
_FLAG_WORDS: Mapping[str, frozenset[str]] = {
    "exclusive_user": frozenset({"exclusive_user"}),
    "req_resv": frozenset({"reservation_required", "req_resv"}),
}
_NOWHERE = object()
_NAME = re.compile(r'"name"\s*:\s*("[^"\\]*(?:\\.[^"\\]*)*")')


def read_scontrol_json(text: str, gathering: Gathering) -> None:
    """Gather the partitions of a JSON text: an answer, a list of partitions, or one."""
    try:
        whole = json.loads(text)
    except RecursionError:
        gathering.leave(1, text.strip(), "it is nested too deeply")
        return
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        gathering.leave(line, text.split("\n")[line - 1].strip(), why_unread(error))
        return
    items = whole.get("partitions", whole) if isinstance(whole, dict) else whole
    lines = _lines_of_names(text)
    for item in items if isinstance(items, list) else [items]:
        name = item.get("name") if isinstance(item, dict) else None
        if isinstance(name, str) and name:
            line = lines.get(name, 1)
            totals = (_total(item, _TOTAL_NODES), _total(item, _TOTAL_CPUS))
            gathering.add(name, line, _said(item, line, gathering), totals=totals)
        else:
            gathering.leave(1, _compact(item), "it is not a partition with a name")
    gathering.notes.extend(_unsaid(gathering))


def _lines_of_names(text: str) -> dict[str, int]:
    """The line on which each name first stands."""
    lines: dict[str, int] = {}
    line, at = 1, 0
    for match in _NAME.finditer(text):
        line, at = line + text.count("\n", at, match.start()), match.start()
        lines.setdefault(json.loads(match[1]), line)
    return lines


def _unsaid(gathering: Gathering) -> Iterator[str]:
    partitions = gathering.partitions.values()
    silent = [
        limit.slurm
        for limit in COMPARED
        # The loser of two settings is not said in any form.
        if limit.field not in PER_NODE_WINS
        and any(limit.field not in {**each.values, **each.written} for each in partitions)
    ]
    if silent:
        names = ", ".join(silent)
        yield f"This JSON does not always say {names}; what is not said is not compared."


def _said(item: Mapping[str, Any], line: int, gathering: Gathering) -> dict[str, Said]:
    said = {
        field: _say(limit_of(field), raw, line, gathering)
        for field, raw in _raw_values(item).items()
        if raw is not _NOWHERE
    }
    settle_pairs(said)
    job = _look_up(item, (("defaults", "job"),))
    # It is empty where defaults are set, too: the field is there to set new ones.
    if isinstance(job, str) and job:
        said |= read_job_defaults(job, line, gathering)
    flags = item.get("flags")
    if isinstance(flags, list):
        words = {flag.lower() for flag in flags if isinstance(flag, str)}
        said |= {field: Said("", bool(words & names)) for field, names in _FLAG_WORDS.items()}
        if "exclusive_topo" in words:
            said["exclusive_topo"] = Said("", True)
    return said


def _raw_values(item: Mapping[str, Any]) -> dict[str, Any]:
    values = {field: _look_up(item, paths) for field, paths in _PATHS.items()}
    if isinstance(values["qos"], Mapping):
        values["qos"] = _NOWHERE
    # slurmrestd of 22.05 writes the memory there (partitions.c of its v0.0.37 and v0.0.38).
    time = item.get("default_time_limit")
    if time is not None and time == item.get("default_memory_per_cpu"):
        values["default_time"] = _NOWHERE
    for by_cpu, paths in _RAW_MEMORY.items():
        by_node = PER_NODE_WINS[by_cpu]
        raw = _look_up(item, paths)
        if isinstance(raw, int) and values[by_cpu] is _NOWHERE and values[by_node] is _NOWHERE:
            # The number has no sign; it is printed with one all the same.
            is_by_cpu, amount = divmod(raw % 2**64, MEM_PER_CPU)
            values[by_cpu], values[by_node] = (amount, None) if is_by_cpu else (None, amount)
    return values


def _look_up(item: Mapping[str, Any], paths: Iterable[tuple[str, ...]]) -> Any:
    for path in paths:
        value: Any = item
        for key in path:
            value = value.get(key, _NOWHERE) if isinstance(value, Mapping) else _NOWHERE
        if value is not _NOWHERE:
            return value
    return _NOWHERE


def _say(limit: Limit, raw: Any, line: int, gathering: Gathering) -> Said:
    word = _compact(raw)
    try:
        return Said(word, _value(limit, raw))
    except Refused as refused:
        gathering.leave(line, f"{limit.slurm}: {word}", str(refused))
        return Said(word, is_readable=refused.is_unset)


def _value(limit: Limit, raw: Any) -> Any:
    if isinstance(raw, Mapping):
        if raw.get("infinite") is True:
            return unlimited(limit)
        raw = None if raw.get("set") is False else raw.get("number", raw)
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    if raw is None:
        return None
    if isinstance(raw, str):
        return word_value(limit, raw, in_conf=False)
    if isinstance(raw, bool) or not isinstance(raw, int) or limit.unit is Unit.NAME:
        raise Refused("it is not a value of this limit")
    if limit.unit is not Unit.MEGABYTES and raw in (-1, INFINITE):
        return unlimited(limit)
    if limit.unit is not Unit.MEGABYTES and raw == NO_VALUE:
        return None
    if not 0 <= raw <= largest(limit):
        raise Refused("it is out of range")
    return in_effect(limit, raw)


def _total(item: Mapping[str, Any], paths: _Paths) -> int | None:
    raw = _look_up(item, paths)
    return raw if isinstance(raw, int) and not isinstance(raw, bool) and raw >= 0 else None


def _compact(value: Any) -> str:
    try:
        return json.dumps(value)[: MOST_SHOWN + 1]
    except RecursionError:
        return "…"
