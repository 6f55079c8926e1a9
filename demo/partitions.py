"""SLURM partitions that a computing centre would have, and some that are wrong on purpose."""

from __future__ import annotations

from random import Random
from typing import Any, NamedTuple

from demo.links import fresh_uuid

MINUTES_PER_DAY = 1440


class Nodes(NamedTuple):
    """The hardware a partition's limits are derived from; the API does not show it."""

    cpus: int
    memory: int
    """Megabytes."""
    gpus: int
    total: int
    cpu_arch: str
    gpu_arch: str


HARDWARE = {
    "thin": Nodes(128, 256_000, 0, 96, "x86_64/amd/zen3", ""),
    "arm": Nodes(72, 480_000, 0, 40, "aarch64/nvidia/grace", ""),
    "fat": Nodes(128, 4_000_000, 0, 4, "x86_64/intel/icelake", ""),
    "a100": Nodes(64, 512_000, 4, 24, "x86_64/amd/zen3", "nvidia/cc80"),
    "h100": Nodes(96, 1_536_000, 4, 16, "x86_64/intel/sapphirerapids", "nvidia/cc90"),
    "mi250": Nodes(64, 512_000, 8, 32, "x86_64/amd/zen3", "amd/gfx90a"),
}

CENTRES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "university": (
        ("main", "batch", "thin"),
        ("long", "long", "thin"),
        ("debug", "debug", "thin"),
        ("gpu", "gpu", "a100"),
        ("bigmem", "bigmem", "fat"),
    ),
    "national": (
        ("small", "shared", "thin"),
        ("standard", "whole_nodes", "thin"),
        ("largemem", "bigmem", "fat"),
        ("small-g", "gpu", "mi250"),
        ("standard-g", "whole_gpu_nodes", "mi250"),
        ("dev-g", "gpu_debug", "mi250"),
        ("debug", "debug", "thin"),
        ("interactive", "interactive", "thin"),
    ),
    "ai": (
        ("gpu", "gpu", "h100"),
        ("gpu-long", "gpu_long", "h100"),
        ("gpu-preempt", "preemptible", "h100"),
        ("notebook", "interactive", "a100"),
    ),
    "department": (("batch", "batch", "thin"), ("short", "debug", "thin"), ("gpu", "gpu", "a100")),
    "arm": (("grace", "batch", "arm"), ("grace-long", "long", "arm"), ("test", "debug", "arm")),
    "industry": (
        ("shared", "shared", "thin"),
        ("dedicated", "dedicated", "thin"),
        ("reserved", "reserved", "h100"),
    ),
}
"""Kinds of centres: partition name, its role, its nodes."""


def _limits(role: str, nodes: Nodes) -> dict[str, Any]:
    per_cpu = nodes.memory // nodes.cpus // 100 * 100
    per_gpu = nodes.memory // nodes.gpus // 1000 * 1000 if nodes.gpus else 0
    gpu = {"def_cpu_per_gpu": nodes.cpus // max(nodes.gpus, 1), "def_mem_per_gpu": per_gpu}
    day = MINUTES_PER_DAY
    limits: dict[str, dict[str, Any]] = {
        "batch": {
            "def_mem_per_cpu": per_cpu, "default_time": 60, "max_time": 2 * day,
            "max_nodes": nodes.total // 2, "min_nodes": 1, "priority_tier": 10, "qos": "normal",
        },
        "long": {
            "def_mem_per_cpu": per_cpu, "default_time": day, "max_time": 14 * day,
            "max_nodes": 4, "priority_tier": 5, "qos": "long", "cpu_bind": 4,
        },
        "debug": {
            "def_mem_per_cpu": per_cpu, "default_time": 10, "max_time": 30, "max_nodes": 2,
            "min_nodes": 1, "priority_tier": 100, "qos": "debug",
        },
        "shared": {
            "def_mem_per_cpu": per_cpu, "max_mem_per_node": nodes.memory * 9 // 10,
            "default_time": 30, "max_time": 3 * day, "max_nodes": 4, "min_nodes": 0,
            "max_cpus_per_node": nodes.cpus - 8, "max_cpus_per_socket": nodes.cpus // 2 - 4,
            "priority_tier": 20, "cpu_bind": 2,
        },
        "whole_nodes": {
            "def_mem_per_node": nodes.memory * 7 // 8, "default_time": 60, "max_time": 2 * day,
            "max_nodes": nodes.total, "min_nodes": 1, "priority_tier": 10, "exclusive_user": True,
            "cpu_bind": 16,
        },
        "bigmem": {
            "def_mem_per_cpu": per_cpu, "max_mem_per_cpu": per_cpu * 4, "default_time": 120,
            "max_time": day, "max_nodes": 1, "priority_tier": 30, "qos": "bigmem",
        },
        "gpu": {
            **gpu, "default_time": 60, "max_time": day, "max_nodes": nodes.total // 2,
            "priority_tier": 40, "qos": "gpu",
        },
        "gpu_long": {
            **gpu, "default_time": 240, "max_time": 7 * day, "max_nodes": 2, "priority_tier": 20,
        },
        "gpu_debug": {
            **gpu, "default_time": 15, "max_time": 120, "max_nodes": 2, "priority_tier": 150,
        },
        "whole_gpu_nodes": {
            **gpu, "default_time": 60, "max_time": 2 * day, "max_nodes": nodes.total,
            "priority_tier": 40, "exclusive_user": True, "exclusive_topo": True,
        },
        "preemptible": {
            **gpu, "default_time": 120, "max_time": 3 * day, "grace_time": 300,
            "priority_tier": 1, "qos": "preemptible",
        },
        "interactive": {
            "def_mem_per_cpu": per_cpu, "max_mem_per_node": nodes.memory // 4,
            "default_time": 60, "max_time": 480, "max_nodes": 1, "max_cpus_per_node": 32,
            "priority_tier": 200, "cpu_bind": 32,
        },
        "dedicated": {
            "def_mem_per_node": nodes.memory * 7 // 8, "max_mem_per_node": nodes.memory,
            "default_time": day, "max_time": 30 * day, "max_nodes": 8, "min_nodes": 1,
            "exclusive_user": True, "priority_tier": 60, "qos": "contract", "cpu_bind": 8,
        },
        "reserved": {
            **gpu, "default_time": 60, "max_time": 2 * day, "max_nodes": 4, "req_resv": True,
            "priority_tier": 250, "qos": "reserved", "cpu_bind": 5,
        },
    }  # fmt: skip
    return limits[role]


MISTAKES: dict[str, tuple[str, dict[str, Any]]] = {
    "A01": ("short-default", {"default_time": 2880, "max_time": 1440}),
    "A02": ("zero-default", {"default_time": 0}),
    "A03": ("zero-max", {"max_time": 0, "default_time": None}),
    "A04": ("overflow", {"max_time": 35_791_394}),
    "A05": ("no-time", {"default_time": None, "max_time": None, "priority_tier": None}),
    "A06": ("week", {"default_time": None, "max_time": 10_080}),
    "A07": ("min-over-max", {"min_nodes": 8, "max_nodes": 4}),
    "A08": ("zero-nodes", {"max_nodes": 0}),
    "A11": ("multi-node", {"min_nodes": 2, "max_nodes": 16}),
    "A12": ("two-defaults", {"def_mem_per_cpu": 2000, "def_mem_per_node": 64_000}),
    "A13": ("two-caps", {"max_mem_per_cpu": 4000, "max_mem_per_node": 128_000}),
    "A14": ("mixed-gpu", {"def_mem_per_cpu": 3900, "def_mem_per_gpu": 120_000}),
    "A15": ("default-over-cap", {"def_mem_per_cpu": 8000, "max_mem_per_cpu": 4000}),
    "A16": (
        "node-over-cap",
        {"def_mem_per_cpu": None, "def_mem_per_node": 256_000, "max_mem_per_node": 128_000},
    ),
    "A21": (
        "node-and-cpu-cap",
        {"def_mem_per_cpu": None, "def_mem_per_node": 64_000, "max_mem_per_cpu": 4000},
    ),
    "A22": ("no-memory", {"def_mem_per_cpu": None}),
    "A25": ("zero-cap", {"max_mem_per_node": 0}),
    "A26": ("zero-cpus", {"max_cpus_per_node": 0}),
    "A29": ("rank-bound", {"cpu_bind": 64}),
    "A31": ("grace-minutes", {"grace_time": 7200, "max_time": 120, "default_time": 30}),
    "A32": ("top-priority", {"priority_tier": 70_000}),
    "A38": ("DEFAULT", {}),
}
"""Audit rule, the partition's name, and the limits that break the rule."""

PARTITION_FIELDS = (
    "cpu_bind", "def_cpu_per_gpu", "max_cpus_per_node", "max_cpus_per_socket", "def_mem_per_cpu",
    "def_mem_per_gpu", "def_mem_per_node", "max_mem_per_cpu", "max_mem_per_node", "default_time",
    "max_time", "grace_time", "max_nodes", "min_nodes",
)  # fmt: skip


def partition(rng: Random, name: str, limits: dict[str, Any]) -> dict[str, Any]:
    """One partition; what `limits` does not name is not recorded."""
    item: dict[str, Any] = {"uuid": fresh_uuid(rng), "partition_name": name}
    item.update(dict.fromkeys(PARTITION_FIELDS))
    item.update(exclusive_topo=False, exclusive_user=False, priority_tier=None, qos="")
    item["req_resv"] = False
    return item | limits


def centre_partitions(rng: Random, centre: str, *, newer: bool) -> list[dict[str, Any]]:
    """The partitions of one kind of centre; `newer` adds the members of later releases."""
    items = []
    for name, role, kind in CENTRES[centre]:
        nodes = HARDWARE[kind]
        item = partition(rng, name, _limits(role, nodes))
        if newer:
            item["cpu_arch"] = nodes.cpu_arch
            item["gpu_arch"] = nodes.gpu_arch
            item["qos_options"] = _qos_options(rng, item["qos"])
        items.append(item)
    return items


def mistaken_partitions(rng: Random, rules: tuple[str, ...]) -> list[dict[str, Any]]:
    """One partition a rule, each sound but for the rule it breaks."""
    sound = _limits("batch", HARDWARE["thin"])
    return [partition(rng, MISTAKES[rule][0], sound | MISTAKES[rule][1]) for rule in rules]


def _qos_options(rng: Random, qos: str) -> list[dict[str, Any]]:
    names = [qos, "high"] if qos else []
    return [
        {
            "uuid": fresh_uuid(rng),
            "qos": fresh_uuid(rng),
            "qos_name": name,
            "is_default": name == qos,
        }
        for name in names
    ]
