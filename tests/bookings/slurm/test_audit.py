"""What is wrong with partitions."""

import json
import math
import pickle
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.slurm.audit import (
    RULES,
    Finding,
    Severity,
    as_item,
    audit,
    audit_all,
    counts,
    rule_of,
    worst,
)
from bookings.slurm.hardware import Hardware, Nodes
from bookings.slurm.limits import CPU_BIND_BITS, LIMITS, Unit, limit_of
from bookings.slurm.records import Record, read_records
from bookings.waldur.models import Partition
from demo.partitions import CENTRES, HARDWARE, MISTAKES, centre_partitions, mistaken_partitions

# A busy machine may take long over one example.

RECORDED = Path(__file__).parents[4] / "shared" / "slurm"
recorded = pytest.mark.skipif(not RECORDED.is_dir(), reason="no recorded answers of slurmctld")

SOUND = {"partition_name": "t", "def_mem_per_cpu": 2000, "default_time": 60, "max_time": 1440}
NUMBERS = [limit.field for limit in LIMITS if limit.unit not in (Unit.FLAG, Unit.NAME)]
NOT_MASKS = [limit.field for limit in LIMITS if limit.field in NUMBERS and limit.unit != Unit.MASK]
FLAGS = [limit.field for limit in LIMITS if limit.unit is Unit.FLAG]
NAMES = [limit.field for limit in LIMITS if limit.unit is Unit.NAME]
READABLE = {"partition_name", *(limit.field for limit in LIMITS)}

# 16 nodes like those the answers of slurmctld were recorded on, one kind, and two kinds.
NODES = Hardware((Nodes(16, 64, 2, 256_000, 4),))
MIXED = Hardware((Nodes(16, 64, 2, 256_000, 4), Nodes(4, 128, 2, 1_024_000)))

E, W, INFO = Severity


def partition(**limits: Any) -> Partition:
    """A sound partition but for these limits."""
    return Partition.model_validate(SOUND | limits)


def rules(findings: Iterable[Finding], *severities: Severity) -> list[str]:
    """The ids of the rules that were broken."""
    wanted = severities or tuple(Severity)
    return [each.rule.id for each in findings if each.severity in wanted]


def only(findings: Iterable[Finding], rule: str) -> Finding:
    """The one finding of a rule."""
    [found] = [each for each in findings if each.rule.id == rule]
    return found


BROKEN: list[tuple[str, dict[str, Any], Hardware | None, Severity, str]] = [
    ("A01", {"default_time": 2880}, None, E, "Default time 2 d is above max time 1 d."),
    ("A01", {"default_time": -1}, None, E, "Default time unlimited is above max time 1 d."),
    ("A01", {"max_time": 0}, None, E, "Default time 1 h is above max time 0 min."),
    ("A02", {"default_time": 0}, None, E, "Default time is 0."),
    ("A03", {"max_time": 0}, None, E, "Max time is 0."),
    (
        "A04",
        {"max_time": 35_791_394},
        None,
        E,
        "Max time 24855 d 3 h 14 min is more than SLURM can count.",
    ),
    (
        "A04",
        {"max_time": 2**62, "default_time": 2**61},
        None,
        E,
        "Max time 3202559735019019 d 9 h 4 min and default time 1601279867509509 d 16 h 32 min "
        "are more than SLURM can count.",
    ),
    (
        "A05",
        {"max_time": None, "default_time": None},
        None,
        W,
        "Neither max time nor default time sets an end to a job.",
    ),
    (
        "A05",
        {"max_time": -1, "default_time": None},
        None,
        W,
        "Neither max time nor default time sets an end to a job.",
    ),
    (
        "A06",
        {"max_time": 1441, "default_time": None},
        None,
        INFO,
        "No default time is recorded, so a job that asks for no time gets 1 d 1 min.",
    ),
    ("A07", {"min_nodes": 8, "max_nodes": 4}, None, E, "Min nodes 8 is above max nodes 4."),
    ("A07", {"min_nodes": 8, "max_nodes": 0}, None, E, "Min nodes 8 is above max nodes 0."),
    ("A08", {"max_nodes": 0}, None, E, "Max nodes is 0."),
    ("A09", {"min_nodes": 17}, NODES, E, "Min nodes 17 is above the 16 nodes of the partition."),
    ("A09", {"min_nodes": 21}, MIXED, E, "Min nodes 21 is above the 20 nodes of the partition."),
    ("A10", {"max_nodes": 17}, NODES, INFO, "Max nodes 17 is above the 16 nodes of the partition."),
    (
        "A11",
        {"min_nodes": 2},
        None,
        W,
        "Min nodes is 2, and a job that does not ask for nodes counts as 1 node.",
    ),
    (
        "A12",
        {"def_mem_per_node": 64_000},
        None,
        E,
        "Default memory per CPU 2 GB is ignored, because default memory per node 64 GB is set.",
    ),
    (
        "A13",
        {"max_mem_per_cpu": 4000, "max_mem_per_node": 128_000},
        None,
        E,
        "Max memory per CPU 4 GB is ignored, because max memory per node 128 GB is set.",
    ),
    (
        "A14",
        {"def_mem_per_gpu": 60_000},
        None,
        INFO,
        "Default memory per GPU 60 GB stands beside default memory per CPU 2 GB.",
    ),
    (
        "A15",
        {"def_mem_per_cpu": 8001, "max_mem_per_cpu": 4000},
        None,
        W,
        "Default memory per CPU 8001 MB is above max memory per CPU 4 GB: a task of 1 CPU that "
        "asks for no memory gets 3 CPUs.",
    ),
    (
        "A16",
        {"def_mem_per_cpu": None, "def_mem_per_node": 65_000, "max_mem_per_node": 64_000},
        None,
        E,
        "Default memory per node 65 GB is above max memory per node 64 GB.",
    ),
    (
        "A17",
        {"def_mem_per_cpu": None, "max_mem_per_node": 190_000},
        NODES,
        E,
        "A job that asks for no memory asks for all of a node, 256 GB, above max memory per node "
        "190 GB.",
    ),
    (
        "A17",
        {"def_mem_per_cpu": 0, "def_mem_per_gpu": 4000, "max_mem_per_node": 64_000},
        MIXED,
        E,
        "A job that asks for no memory asks for all of a node, 256 GB to 1024 GB, above max memory "
        "per node 64 GB.",
    ),
    (
        "A17",
        {"def_mem_per_cpu": None, "max_mem_per_node": 256_000},
        MIXED,
        W,
        "A job that asks for no memory asks for all of a node, 1024 GB on some nodes, above max "
        "memory per node 256 GB.",
    ),
    (
        "A18",
        {"def_mem_per_cpu": None, "max_mem_per_cpu": 3900},
        NODES,
        E,
        "A job that asks for no memory asks for all of a node, 256 GB, which takes 66 CPUs at max "
        "memory per CPU 3900 MB, and 64 CPUs can be used.",
    ),
    (
        "A18",
        {"def_mem_per_cpu": None, "max_mem_per_cpu": 4000},
        NODES,
        W,
        "A job that asks for no memory asks for all of a node, 256 GB, which takes 64 CPUs at max "
        "memory per CPU 4 GB, even for a task of 1 CPU.",
    ),
    (
        "A18",
        {"def_mem_per_cpu": None, "max_mem_per_cpu": 4000, "max_cpus_per_socket": 31},
        NODES,
        E,
        "A job that asks for no memory asks for all of a node, 256 GB, which takes 64 CPUs at max "
        "memory per CPU 4 GB, and 62 CPUs can be used.",
    ),
    (
        "A18",
        {"def_mem_per_cpu": None, "max_mem_per_cpu": 4000},
        MIXED,
        W,
        "A job that asks for no memory asks for all of a node, 1024 GB, which takes 256 CPUs at "
        "max memory per CPU 4 GB, and 128 CPUs can be used.",
    ),
    (
        "A19",
        {"def_mem_per_cpu": 4000, "max_mem_per_node": 64_000},
        NODES,
        W,
        "Default memory per CPU 4 GB on 64 CPUs is 256 GB, above max memory per node 64 GB: a job "
        "that asks for no memory gets at most 16 CPUs of a node.",
    ),
    (
        "A19",
        {"def_mem_per_cpu": 4000, "max_mem_per_node": 64_000, "max_cpus_per_node": 17},
        None,
        W,
        "Default memory per CPU 4 GB on 17 CPUs is 68 GB, above max memory per node 64 GB: a job "
        "that asks for no memory gets at most 16 CPUs of a node.",
    ),
    (
        "A19",
        {"def_mem_per_cpu": 8000, "max_mem_per_node": 4000},
        None,
        E,
        "Default memory per CPU 8 GB is above max memory per node 4 GB, even for 1 CPU.",
    ),
    (
        "A20",
        {"def_mem_per_cpu": 8000},
        NODES,
        W,
        "Default memory per CPU 8 GB on 64 CPUs is 512 GB, above the 256 GB of a node: a job that "
        "asks for no memory gets at most 32 CPUs of it.",
    ),
    (
        "A21",
        {"def_mem_per_cpu": None, "def_mem_per_node": 64_000, "max_mem_per_cpu": 4000},
        None,
        W,
        "Default memory per node 64 GB takes 16 CPUs of a node at max memory per CPU 4 GB, even "
        "for a task of 1 CPU.",
    ),
    (
        "A21",
        {
            "def_mem_per_cpu": None,
            "def_mem_per_node": 64_000,
            "max_mem_per_cpu": 4000,
            "max_cpus_per_node": 15,
        },
        None,
        E,
        "Default memory per node 64 GB takes 16 CPUs of a node at max memory per CPU 4 GB, and 15 "
        "CPUs can be used.",
    ),
    (
        "A21",
        {"def_mem_per_cpu": None, "def_mem_per_node": 64_001, "max_mem_per_cpu": 1000},
        NODES,
        E,
        "Default memory per node 64001 MB takes 65 CPUs of a node at max memory per CPU 1 GB, and "
        "64 CPUs can be used.",
    ),
    (
        "A21",
        {"def_mem_per_cpu": None, "def_mem_per_node": 64_001, "max_mem_per_cpu": 1000},
        MIXED,
        W,
        "Default memory per node 64001 MB takes 65 CPUs of a node at max memory per CPU 1 GB, even "
        "for a task of 1 CPU.",
    ),
    (
        "A22",
        {"def_mem_per_cpu": 0},
        None,
        W,
        "No default memory is recorded, so a job that asks for no memory asks for all of a node.",
    ),
    (
        "A23",
        {"def_mem_per_cpu": 300_000},
        NODES,
        E,
        "Default memory per CPU 300 GB is above the memory of a node, 256 GB.",
    ),
    (
        "A23",
        {"def_mem_per_cpu": None, "def_mem_per_node": 300_000},
        MIXED,
        W,
        "Default memory per node 300 GB is above the memory of some nodes, 256 GB.",
    ),
    (
        "A23",
        {"def_mem_per_gpu": 300_000},
        MIXED,
        E,
        "Default memory per GPU 300 GB is above the memory of a node, 256 GB.",
    ),
    (
        "A24",
        {"max_mem_per_node": 256_001},
        NODES,
        INFO,
        "Max memory per node 256001 MB is above the 256 GB of a node.",
    ),
    (
        "A25",
        {"def_mem_per_gpu": 0, "max_mem_per_node": 0},
        None,
        INFO,
        "Default memory per GPU and max memory per node are 0, which to SLURM is not set.",
    ),
    ("A26", {"max_cpus_per_node": 0}, None, E, "Max CPUs per node is 0."),
    (
        "A26",
        {"max_cpus_per_node": 0, "max_cpus_per_socket": 0},
        None,
        E,
        "Max CPUs per node and max CPUs per socket are 0.",
    ),
    (
        "A27",
        {"max_cpus_per_node": 65, "max_cpus_per_socket": 33},
        NODES,
        INFO,
        "Max CPUs per node 65 is above the 64 CPUs of a node and max CPUs per socket 33 is above "
        "the 32 CPUs of a socket.",
    ),
    (
        "A28",
        {"max_cpus_per_socket": 8, "max_cpus_per_node": 32},
        NODES,
        W,
        "Max CPUs per socket 8 on 2 sockets is 16, below max CPUs per node 32.",
    ),
    ("A29", {"cpu_bind": 64}, None, E, "CPU binding 64 (rank) is none that a partition can hold."),
    (
        "A29",
        {"cpu_bind": 12},
        None,
        E,
        "CPU binding 12 (cores, sockets) is none that a partition can hold.",
    ),
    (
        "A30",
        {"grace_time": 300},
        None,
        INFO,
        "Grace time is 5 min; only preemption by partition priority uses it.",
    ),
    (
        "A31",
        {"grace_time": 86_400},
        None,
        W,
        "Grace time 1 d is not shorter than max time 1 d.",
    ),
    (
        "A32",
        {"priority_tier": 65_534},
        None,
        E,
        "Priority tier 65534 is above 65533: slurm.conf may hold it, but scontrol update refuses "
        "it.",
    ),
    (
        "A32",
        {"priority_tier": 65_536},
        None,
        E,
        "Priority tier 65536 is above 65533: slurmctld does not start with it.",
    ),
    ("A33", {"qos": "normal"}, None, INFO, 'QOS is "normal", which must exist in slurmdbd.'),
    (
        "A34",
        {"def_cpu_per_gpu": 20},
        NODES,
        W,
        "Default CPUs per GPU 20 on 4 GPUs is 80, above the 64 CPUs of a node that can be used.",
    ),
    ("A35", {"req_resv": True}, None, INFO, "A job must name a reservation."),
    ("A36", {"exclusive_user": True}, None, INFO, "A node runs jobs of one user at a time."),
    (
        "A37",
        {"max_cpus_per_socket": 4, "exclusive_topo": True},
        None,
        W,
        "Max CPUs per socket needs SLURM 23.02 or newer and exclusive topology needs SLURM 24.05 "
        "or newer.",
    ),
    (
        "A38",
        {"partition_name": "Default"},
        None,
        E,
        '"Default" is SLURM\'s word for a template.',
    ),
    (
        "A39",
        {"max_nodes": -1, "max_time": -2},
        None,
        E,
        "Max time -2 min and max nodes -1 are below zero.",
    ),
    (
        "A00",
        {"max_mem_per_cpu": "4G"},
        None,
        E,
        'Max memory per CPU "4G" cannot be read.',
    ),
    ("A00", {"cpu_arch": [64]}, None, W, 'CPU architecture "[64]" cannot be read.'),
    (
        "A00",
        {"cpu_arch": [64], "max_nodes": "many"},
        None,
        E,
        'Max nodes "many" and CPU architecture "[64]" cannot be read.',
    ),
]


@pytest.mark.parametrize(("rule", "limits", "hardware", "severity", "message"), BROKEN)
def test_broken(
    rule: str,
    limits: dict[str, Any],
    hardware: Hardware | None,
    severity: Severity,
    message: str,
) -> None:
    """A broken rule is found, with its severity and the values of the partition in words."""
    finding = only(audit(partition(**limits), hardware), rule)

    assert (severity, message) == (finding.severity, finding.message)


def test_every_rule_is_tried() -> None:
    """There is an example for every rule in the table, which is in order."""
    assert sorted({each[0] for each in BROKEN}) == [rule.id for rule in RULES]
    assert ["A00", *(f"A{number:02}" for number in range(1, 40))] == [rule.id for rule in RULES]


@pytest.mark.parametrize(
    ("rule", "limits", "hardware"),
    [
        ("A01", {"default_time": 1440}, None),
        ("A01", {"default_time": 2880, "max_time": None}, None),
        ("A01", {"default_time": 2880, "max_time": -1}, None),
        ("A01", {"default_time": -1, "max_time": -1}, None),
        ("A01", {"default_time": -2}, None),
        ("A02", {"default_time": None}, None),
        ("A03", {"max_time": 1}, None),
        ("A04", {"max_time": 35_791_393, "default_time": 35_791_393}, None),
        ("A05", {"max_time": None}, None),
        ("A05", {"default_time": None}, None),
        ("A05", {"max_time": None, "default_time": "soon"}, None),
        ("A06", {"max_time": 1440, "default_time": None}, None),
        ("A06", {"max_time": None, "default_time": None}, None),
        ("A06", {"max_time": 10_080, "default_time": "soon"}, None),
        ("A07", {"min_nodes": 4, "max_nodes": 4}, None),
        ("A07", {"min_nodes": 4, "max_nodes": None}, None),
        ("A07", {"min_nodes": 4, "max_nodes": -1}, None),
        ("A08", {"max_nodes": 1}, None),
        ("A09", {"min_nodes": 16}, NODES),
        ("A09", {"min_nodes": 17}, MIXED),
        ("A10", {"max_nodes": 16}, NODES),
        ("A11", {"min_nodes": 1}, None),
        ("A12", {"def_mem_per_node": 0}, None),
        ("A13", {"max_mem_per_cpu": 0, "max_mem_per_node": 1}, None),
        ("A14", {"def_mem_per_cpu": None, "def_mem_per_gpu": 1}, None),
        ("A15", {"max_mem_per_cpu": 2000}, None),
        # The maximum per CPU is ignored, so that it enlarges nothing.
        ("A15", {"max_mem_per_cpu": 1000, "max_mem_per_node": 64_000}, None),
        ("A16", {"def_mem_per_node": 64_000, "max_mem_per_node": 64_000}, None),
        ("A17", {"max_mem_per_node": 190_000}, NODES),
        ("A17", {"def_mem_per_cpu": None, "max_mem_per_node": 256_000}, NODES),
        ("A17", {"def_mem_per_cpu": None, "max_mem_per_node": 190_000}, None),
        ("A17", {"def_mem_per_cpu": "1G", "max_mem_per_node": 190_000}, NODES),
        ("A17", {"def_mem_per_cpu": -1, "max_mem_per_node": 190_000}, NODES),
        ("A18", {"max_mem_per_cpu": 4000}, NODES),
        ("A18", {"def_mem_per_cpu": None, "max_mem_per_cpu": 256_000}, NODES),
        ("A18", {"def_mem_per_cpu": None, "max_mem_per_cpu": 4000}, None),
        ("A19", {"def_mem_per_cpu": 4000, "max_mem_per_node": 256_000}, NODES),
        ("A19", {"def_mem_per_cpu": 4000, "max_mem_per_node": 64_000}, None),
        (
            "A19",
            {"def_mem_per_cpu": 4000, "max_mem_per_node": 64_000, "max_cpus_per_node": 16},
            NODES,
        ),
        ("A20", {"def_mem_per_cpu": 4000}, NODES),
        ("A20", {"def_mem_per_cpu": 8000, "max_cpus_per_socket": 16}, NODES),
        ("A20", {"def_mem_per_cpu": 300_000}, NODES),
        ("A20", {"def_mem_per_cpu": 8000, "def_mem_per_node": 8000}, NODES),
        ("A21", {"def_mem_per_node": 4000, "max_mem_per_cpu": 4000}, NODES),
        ("A22", {"def_mem_per_cpu": None, "def_mem_per_gpu": 1}, None),
        ("A22", {"def_mem_per_cpu": -1}, None),
        ("A22", {"def_mem_per_cpu": "2G"}, None),
        ("A23", {"def_mem_per_cpu": 256_000}, NODES),
        ("A23", {"def_mem_per_cpu": 300_000}, Hardware((Nodes(16, 64),))),
        ("A24", {"max_mem_per_node": 256_000}, NODES),
        ("A24", {"max_mem_per_node": 300_000}, MIXED),
        ("A24", {"max_mem_per_node": 300_000}, Hardware((Nodes(16, 64),))),
        ("A25", {"max_mem_per_node": None}, None),
        ("A26", {"max_cpus_per_node": 1, "max_cpus_per_socket": -1}, None),
        ("A27", {"max_cpus_per_node": 64, "max_cpus_per_socket": 32}, NODES),
        ("A27", {"max_cpus_per_node": 65, "max_cpus_per_socket": 33}, MIXED),
        ("A28", {"max_cpus_per_socket": 16, "max_cpus_per_node": 32}, NODES),
        ("A28", {"max_cpus_per_socket": 0, "max_cpus_per_node": 32}, NODES),
        # The node has no more than its sockets give.
        ("A28", {"max_cpus_per_socket": 32, "max_cpus_per_node": 128}, NODES),
        ("A30", {"grace_time": 0}, None),
        ("A31", {"grace_time": 86_399}, None),
        ("A31", {"grace_time": 86_400, "max_time": None}, None),
        ("A31", {"grace_time": 0, "max_time": 0}, None),
        ("A32", {"priority_tier": 65_533}, None),
        ("A33", {"qos": ""}, None),
        ("A33", {"qos": "  "}, None),
        ("A34", {"def_cpu_per_gpu": 16}, NODES),
        ("A34", {"def_cpu_per_gpu": 2**40}, Hardware((Nodes(1, 1),))),
        ("A35", {"req_resv": False}, None),
        ("A36", {"exclusive_user": False}, None),
        ("A37", {"max_cpus_per_socket": -1, "exclusive_topo": False}, None),
        ("A38", {"partition_name": "defaults"}, None),
        ("A39", {"max_time": -1, "default_time": -1}, None),
        ("A00", {"qos_options": "?"}, None),
        ("A00", {"uuid": 5}, None),
    ],
)
def test_hardly(rule: str, limits: dict[str, Any], hardware: Hardware | None) -> None:
    """A limit at the edge, unset, unreadable, or without effect breaks no rule."""
    assert rule not in rules(audit(partition(**limits), hardware))


@pytest.mark.parametrize("mask", [0, 1, 2, 3, 4, 5, 8, 9, 16, 17, 32, 33, 524_288, 524_289])
def test_legal_bindings(mask: int) -> None:
    """One binding, verbose or not, is what a partition can hold."""
    assert audit(partition(cpu_bind=mask)) == []


@pytest.mark.parametrize(
    "mask", sorted({1 << bit for bit in range(63)} - {1, 2, 4, 8, 16, 32, 524_288})
)
def test_illegal_bindings(mask: int) -> None:
    """Any other bit, verbose or not, is ignored by SLURM, and so is a mask below zero."""
    assert rules(audit(partition(cpu_bind=-mask))) == ["A29"]
    assert rules(audit(partition(cpu_bind=mask))) == ["A29"]
    assert rules(audit(partition(cpu_bind=mask + 1))) == ["A29"]


@pytest.mark.parametrize("field", NOT_MASKS)
@pytest.mark.parametrize("hardware", [None, NODES, MIXED])
def test_negative_is_told_once(field: str, hardware: Hardware | None) -> None:
    """A negative number is nothing but negative, and neither 0 nor unset nor a low limit."""
    findings = audit(partition(**{field: -5}), hardware)

    assert rules(findings) == ["A39"]
    assert {field: -5} == findings[0].values


@pytest.mark.parametrize("field", NUMBERS)
@pytest.mark.parametrize("value", ["4G", 1.5, [], {"set": True}, 2**63, True])
def test_unreadable_is_told_once(field: str, value: Any) -> None:
    """What cannot be read is not taken for unset, and says what came."""
    findings = audit(partition(**{field: value}), NODES)

    assert rules(findings) == ["A00"]
    assert (field,) == findings[0].fields
    assert str(value) in findings[0].message


def test_unreadable_at_its_worst() -> None:
    """A value of any size and depth can be told and remembered."""
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    found = partition(max_time=10**5000, min_nodes=deep, qos=["x" * 10**6], max_nodes="9\n" * 10**6)
    finding = only(audit(found), "A00")

    assert len(finding.message) < 1000
    assert finding.message.isprintable()
    assert finding.fingerprint() == only(audit(found), "A00").fingerprint()


@pytest.mark.parametrize(
    ("rule", "limits", "hardware", "advice"),
    [
        (
            "A01",
            {"default_time": 2880},
            None,
            "Lower default time to 1 d or less, or raise max time to 2 d or more.",
        ),
        ("A01", {"max_time": 0}, None, "Raise max time to 1 h or more."),
        (
            "A01",
            {"default_time": -1},
            None,
            "Lower default time to 1 d or less, or leave max time empty.",
        ),
        ("A01", {"default_time": 2**40}, None, "Lower default time to 1 d or less."),
        ("A01", {"default_time": 2**40, "max_time": 0}, None, rule_of("A01").fix),
        ("A02", {"default_time": 0}, None, "Record a default time from 1 min to 1 d."),
        ("A02", {"default_time": 0, "max_time": None}, None, rule_of("A02").fix),
        (
            "A07",
            {"min_nodes": 8, "max_nodes": 4},
            None,
            "Lower min nodes to 4 or less, or set max nodes to 8 or more.",
        ),
        ("A07", {"min_nodes": 8, "max_nodes": 0}, None, "Set max nodes to 8 or more."),
        (
            "A08",
            {"min_nodes": 8, "max_nodes": 0},
            None,
            "Leave max nodes empty for no limit, or set it to 8 or more.",
        ),
        (
            "A15",
            {"max_mem_per_cpu": 1000},
            None,
            "Lower default memory per CPU to 1000 MB or less.",
        ),
        (
            "A19",
            {"def_mem_per_cpu": 4000, "max_mem_per_node": 64_000},
            NODES,
            "Lower default memory per CPU to 1000 MB or less, or raise max memory per node to "
            "256000 MB or more.",
        ),
        (
            "A19",
            {"def_mem_per_cpu": 10, "max_mem_per_node": 20},
            NODES,
            "Raise max memory per node to 640 MB or more.",
        ),
        (
            "A20",
            {"def_mem_per_cpu": 8000},
            MIXED,
            "Lower default memory per CPU to 4000 MB or less.",
        ),
        (
            "A28",
            {"max_cpus_per_socket": 8, "max_cpus_per_node": 33},
            NODES,
            "Lower max CPUs per node to 16, or raise max CPUs per socket to 17.",
        ),
        ("A34", {"def_cpu_per_gpu": 20}, NODES, "Lower default CPUs per GPU to 16 or less."),
        (
            "A34",
            {"def_cpu_per_gpu": 20, "max_cpus_per_node": 3},
            NODES,
            "Leave default CPUs per GPU empty.",
        ),
    ],
)
def test_advice(rule: str, limits: dict[str, Any], hardware: Hardware | None, advice: str) -> None:
    """The advice names a number that mends the finding, or else what the rule says."""
    assert advice == only(audit(partition(**limits), hardware), rule).advice


def test_what_needs_nodes_waits_for_them() -> None:
    """Rules that need the nodes are silent without any, as if none were known."""
    limits = {"min_nodes": 99, "def_mem_per_cpu": 999_999}
    without = audit(partition(**limits))

    assert without == audit(partition(**limits), Hardware(()))
    assert without == audit(partition(**limits), Hardware((Nodes(0, 64), Nodes(4, 0))))
    assert {"A09", "A23"} <= set(rules(audit(partition(**limits), NODES)))


# Findings


def test_order() -> None:
    """Findings come by severity, then by rule."""
    found = audit(partition(max_nodes=0, min_nodes=2, cpu_bind=64, qos="q", grace_time=1))

    assert rules(found) == ["A07", "A08", "A29", "A11", "A30", "A33"]


def test_fingerprint_follows_what_decides() -> None:
    """A fingerprint changes with a deciding value or figure of the nodes, and with no other."""
    limits = {"def_mem_per_cpu": 4000, "max_mem_per_node": 64_000}

    def print_of(hardware: Hardware, **changed: Any) -> str:
        return only(audit(partition(**limits | changed), hardware), "A19").fingerprint()

    first = print_of(NODES)
    same_cpus = Hardware((Nodes(99, 64, 2, 512_000, 8),))
    more_cpus = Hardware((Nodes(16, 128, 2, 256_000, 4),))

    assert first.startswith("A19 warning ")
    assert first == print_of(NODES, qos="long", partition_name="other", max_time=2000)
    assert first == print_of(same_cpus)
    others = [
        print_of(NODES, def_mem_per_cpu=4001),
        print_of(NODES, max_mem_per_node=64_001),
        print_of(NODES, max_cpus_per_node=40),
        print_of(more_cpus),
    ]
    assert len({first, *others}) == 5


def test_values_are_those_of_the_record() -> None:
    """A finding keeps the deciding values as recorded, be it nothing."""
    finding = only(audit(partition(max_time=10_080, default_time=None)), "A06")

    assert finding.values == {"max_time": 10_080, "default_time": None}
    assert finding.partition_name == "t"


def test_findings_can_be_kept() -> None:
    """A finding can be pickled and put in a set."""
    found = audit(partition(max_nodes=0, qos="q"), NODES)

    assert found == pickle.loads(pickle.dumps(found))  # noqa: S301
    assert len(found) == len(set(found))


def test_worst_and_counts() -> None:
    """Findings can be summed up, even where there are none."""
    found = audit(partition(max_nodes=0, qos="q", req_resv=True))

    assert Severity.ERROR is worst(found)
    assert counts(found) == {E: 1, W: 0, INFO: 2}
    assert list(counts([])) == [E, W, INFO]
    assert worst([]) is None


def test_item() -> None:
    """A finding for a line of JSON has its keys in order."""
    record = Record(partition(max_nodes=0))
    [finding] = audit(record.partition)

    assert json.dumps(as_item(record, finding)) == (
        '{"partition": "t", "rule": "A08", "severity": "error", "fields": ["max_nodes"], '
        '"message": "Max nodes is 0."}'
    )


# Several partitions


def named(*names: str, uuid: str = "", offering: str = "") -> list[Record]:
    """Sound partitions with these names."""
    return [Record(partition(partition_name=name), offering, uuid) for name in names]


@pytest.mark.parametrize(
    ("records", "places"),
    [
        (named("a", "b", "c"), []),
        (named("a", "b", "a"), [2]),
        (named("a", "a", "a", "b", "b"), [1, 4]),
        (named("a", " a "), [1]),
        # Unlike the word DEFAULT, names differ by case.
        (named("a", "A"), []),
        (named("", ""), []),
        (named("a", uuid="1") + named("a", uuid="2"), []),
        (named("a", uuid="1") + named("b", "a", uuid="2") + named("a", uuid="1"), [3]),
        (named("a", uuid="1", offering="x") + named("a", uuid="1", offering="y"), [1]),
        (named("a", offering="x") + named("a", offering="y"), []),
        (named("a", offering="x") + named("a"), []),
    ],
)
def test_duplicates(records: list[Record], places: list[int]) -> None:
    """A name that occurs again in one cluster is told once, at its second place."""
    found = audit_all(records)

    assert ["A38"] * len(places) == rules(finding for _, finding in found)
    assert [records[place] for place in places] == [record for record, _ in found]


def test_duplicate_in_words() -> None:
    """A duplicate says how often the name is there, and returns when that changes."""
    [(_, twice)] = audit_all(named("a", "a"))
    [(_, thrice)] = audit_all(named("a", "a", "a"))

    assert twice.message == 'The name "a" is there 2 times.'
    assert twice.values == {"partition_name": "a"}
    assert twice.fingerprint() != thrice.fingerprint()


def test_templates_may_occur_often() -> None:
    """Every DEFAULT is told as a template, and none as a duplicate."""
    found = audit_all(named("DEFAULT", "default", "DEFAULT"))

    assert rules(finding for _, finding in found) == ["A38"] * 3
    assert {'"DEFAULT" is SLURM\'s word for a template.'} == {
        finding.message for record, finding in found if record.name == "DEFAULT"
    }


def test_hardware_is_asked_for_each() -> None:
    """Each partition is held against nodes of its own, and findings keep the order of records."""
    records = [
        Record(partition(partition_name=name, min_nodes=17, qos="q")) for name in ("a", "b", "c")
    ]
    found = audit_all(records, lambda record: {"a": NODES, "b": MIXED}.get(record.name))

    assert [(record.name, finding.rule.id) for record, finding in found] == [
        ("a", "A09"), ("a", "A11"), ("a", "A33"),
        ("b", "A11"), ("b", "A33"),
        ("c", "A11"), ("c", "A33"),
    ]  # fmt: skip


def test_nothing_to_audit() -> None:
    """No partitions, no findings; and nothing recorded is judged as what it is."""
    assert audit_all([]) == []
    assert rules(audit(Partition())) == ["A05", "A22"]
    assert rules(audit(Partition(), NODES)) == ["A05", "A22"]


def test_a_file_is_audited() -> None:
    """Partitions from a file are one cluster."""
    records = read_records('\ufeff{"partition_name": "a"}\r\n{"partition_name": "a"}\r\n')

    assert rules(finding for _, finding in audit_all(records)) == [
        "A05",
        "A22",
        "A38",
        "A05",
        "A22",
    ]


# Texts


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_texts(rule: Any) -> None:
    """Every text of a rule is there, ends as a sentence does, and has no placeholder left."""
    for text in (rule.why, rule.fix, rule.ctld):
        assert re.fullmatch(r"[^{}\n]{8,}\.", text)
        assert text == text.strip()
        assert "  " not in text
    assert re.fullmatch(r"[A-Z][^.{}\n]{6,59}", rule.title)
    assert rule.fields
    assert set(rule.fields) <= READABLE


def test_rule_of() -> None:
    """A rule is found by its id, and by nothing else."""
    assert rule_of("A17").id == "A17"
    with pytest.raises(KeyError):
        rule_of("a17")


# Demo data


@pytest.mark.parametrize("rule", list(MISTAKES))
@pytest.mark.parametrize("hardware", [None, Hardware((Nodes(96, 128, 2, 256_000),))])
def test_planted_mistakes(rule: str, hardware: Hardware | None) -> None:
    """A partition that is wrong on purpose breaks the rule it was made for."""
    [item] = mistaken_partitions(Random(1), (rule,))
    found = audit(Partition.model_validate(item), hardware)
    serious = rules(found, E, W)
    # Max nodes of 0 is below min nodes too, and 8 is more than 1. With the nodes known, some
    # defaults turn out to be too high for all their CPUs.
    beside = {"A08": ["A07"], "A07": ["A11"]}
    if hardware:
        beside |= {"A13": ["A19"], "A14": ["A20"], "A15": ["A20"]}

    assert rule in rules(found)
    assert set(serious) <= {rule, *beside.get(rule, [])}


@pytest.mark.parametrize("centre", list(CENTRES))
def test_sound_partitions(centre: str) -> None:
    """Nothing in the partitions of a demo centre is an error, with their nodes or without."""
    items = centre_partitions(Random(1), centre, newer=True)
    for item, (_, _, kind) in zip(items, CENTRES[centre], strict=True):
        nodes = HARDWARE[kind]
        hardware = Hardware((Nodes(nodes.total, nodes.cpus, 2, nodes.memory, nodes.gpus),))
        found = Partition.model_validate(item)

        assert rules(audit(found), E) == []
        assert rules(audit(found, hardware), E) == []


# Recorded answers of slurmctld


def lines_of(name: str) -> list[dict[str, Any]]:
    """What is recorded in a file of lines; nothing where it is missing."""
    path = RECORDED / name
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def minutes_of(text: str) -> int | None:
    """Minutes of a time in slurm.conf: M, D-H, D-H:M or M:S, seconds rounded up."""
    if text == "UNLIMITED":
        return None
    days, dash, rest = text.rpartition("-") if "-" in text[1:] else ("", "", text)
    parts = [int(part) for part in rest.split(":")]
    if dash:
        hours, below = [*parts, 0][:2]
        return int(days) * 1440 + hours * 60 + below
    return parts[0] + math.ceil(parts[1] / 60) if len(parts) == 2 else parts[0]


WORDS = {word.rstrip("s"): bit for bit, word in CPU_BIND_BITS.items()}


def limits_of(line: str) -> dict[str, Any]:
    """What would be recorded of a line of slurm.conf."""
    by_parameter = {limit.slurm: limit.field for limit in LIMITS if limit.slurm}
    by_parameter["DefCpuPerGPU"] = "def_cpu_per_gpu"
    limits: dict[str, Any] = {}
    for pair in line.split():
        key, _, value = pair.partition("=")
        field = by_parameter.get(key)
        if field is None:
            continue
        unit = limit_of(field).unit
        if unit is Unit.MINUTES:
            limits[field] = minutes_of(value)
        elif unit is Unit.MASK:
            limits[field] = sum(WORDS[word] for word in value.split(","))
        elif unit is Unit.FLAG:
            limits[field] = value in ("YES", "true", "1")
        else:
            limits[field] = None if value == "UNLIMITED" else value
    return limits


def refused(probe: Mapping[str, Any]) -> bool:
    """Whether slurmctld did not start, or found fault with the line."""
    return not probe["started"] or bool(probe["log"])


# The number 4 stands for "cores", and is written as a word.
REFUSED = [
    each
    for each in lines_of("startup-probes.jsonl")
    if refused(each) and each["id"] != "cpubind-int"
]
# What the release, or slurmdbd, decides is no error of the record.
MILDER = {
    ("2205", "excl-topo"): Severity.WARNING,
    ("2205", "maxcpusocket-gt"): Severity.WARNING,
    ("2511", "qos-unknown"): Severity.INFO,
}


@recorded
@pytest.mark.parametrize("probe", REFUSED, ids=lambda each: f"{each['ver']}-{each['id']}")
def test_what_slurmctld_finds_fault_with(probe: dict[str, Any]) -> None:
    """A line that slurmctld refuses, or complains of, is a finding about one of its limits."""
    limits = limits_of(probe["line"])
    about = [
        finding
        for finding in audit(Partition.model_validate({"partition_name": "t"} | limits))
        if any(limits.get(field) is not None for field in finding.fields)
    ]

    assert MILDER.get((probe["ver"], probe["id"]), Severity.ERROR) is worst(about)


TRUTH: dict[str, list[dict[str, Any]]] = {}
for each in lines_of("truth.jsonl"):
    TRUTH.setdefault(each["partition"]["partition_name"], []).append(each)


def recorded_findings(cases: list[dict[str, Any]]) -> list[Finding]:
    """What is wrong with the partition of recorded answers, on the nodes they came from."""
    nodes = Hardware.from_item(json.loads((RECORDED / "nodes.json").read_text()))
    return audit(Partition.model_validate(cases[0]["partition"]), nodes)


def answers(cases: list[dict[str, Any]], *unasked: str) -> list[bool]:
    """The verdicts on jobs that do not ask for these."""
    return [
        case["accepted"] for case in cases if all(case["job"].get(name) is None for name in unasked)
    ]


WITHOUT_MEMORY = {"A16", "A17", "A18", "A19", "A21", "A23"}
WITHOUT_NODES = {"A07", "A08", "A09", "A11"}
NO_JOB = {"A07", "A08", "A09", "A26"}


@recorded
@pytest.mark.parametrize("name", list(TRUTH))
def test_recorded_rejections(name: str) -> None:
    """Where all jobs of a sort were rejected there is a finding, where one ran there is no error.

    The sorts are jobs that ask for no memory, jobs that ask for no nodes, and any jobs.
    """
    cases = TRUTH[name]
    found = recorded_findings(cases)
    errors, serious = set(rules(found, E)), set(rules(found, E, W))

    if any(answers(cases, "mem_per_node", "mem_per_cpu")):
        assert not errors & WITHOUT_MEMORY
    else:
        assert errors & WITHOUT_MEMORY
    if all(case["reason_code"] == "NODES" for case in cases if case["job"]["nodes"] is None):
        assert serious & WITHOUT_NODES
    if any(answers(cases)):
        assert not errors & NO_JOB


def fits_a_node(case: dict[str, Any]) -> bool:
    """Whether a job asks for no more CPUs of a node than the partition lets it have."""
    job, limits = case["job"], case["partition"]
    nodes = job["nodes"] or 1
    tasks = job["ntasks"] or nodes * (job["ntasks_per_node"] or 1)
    most = min(limits["max_cpus_per_node"] or 64, 2 * (limits["max_cpus_per_socket"] or 32))
    return tasks * (job["cpus_per_task"] or 1) <= most * nodes


@recorded
def test_recorded_lack_of_memory() -> None:
    """A job rejected for nothing but memory that it did not ask for is foretold by a finding."""
    struck = {
        name
        for name, cases in TRUTH.items()
        if any(case["reason_code"] == "PARTCFG" and fits_a_node(case) for case in cases)
    }
    foretold = {
        name
        for name, cases in TRUTH.items()
        if set(rules(recorded_findings(cases), E, W)) & WITHOUT_MEMORY
    }

    assert struck
    assert struck <= foretold


# Whatever is recorded

any_number = st.none() | st.integers(-2, 70) | st.integers(-(2**63), 2**63 - 1)
any_name = st.text(max_size=80) | st.sampled_from(["None", "{}", "a\nb"])
any_limits = st.fixed_dictionaries(
    {},
    optional={
        "partition_name": any_name | st.sampled_from(["DEFAULT", "default "]),
        **dict.fromkeys(NUMBERS, any_number | st.sampled_from(["4G", [], 1.5, 2**80])),
        **dict.fromkeys(FLAGS, st.none() | st.booleans()),
        **dict.fromkeys(NAMES, st.none() | any_name),
    },
)
any_figure = st.integers(-1, 130) | st.integers(-(2**63), 2**63 - 1)
any_hardware = st.none() | st.lists(
    st.builds(Nodes, any_figure, any_figure, any_figure, any_figure, any_figure), max_size=3
).map(lambda kinds: Hardware(tuple(kinds)))


@given(any_limits, any_hardware)
def test_any_partition(limits: dict[str, Any], hardware: Hardware | None) -> None:
    """Whatever is recorded can be judged, in order, each rule once, in whole sentences."""
    found = audit(Partition.model_validate(limits), hardware)

    assert found == audit(Partition.model_validate(limits), hardware)
    assert found == sorted(found, key=lambda each: (each.severity.rank, each.rule.id))
    assert len(found) == len(set(rules(found)))
    for finding in found:
        assert finding.fields
        assert set(finding.fields) <= set(finding.rule.fields)
        for text in (finding.message, finding.advice):
            assert text.endswith(".")
            assert text.isprintable()
            # Foreign text stands in quotes, and may be anything.
            assert not re.search(r"[{}]|None|NaN", re.sub('".*"', "", text))
        assert finding.fingerprint() == finding.fingerprint()
        assert not (finding.rule.hardware and hardware is None)


@given(st.lists(st.tuples(any_limits, st.sampled_from(["", "1", "2"])), max_size=6))
def test_any_partitions(many: list[tuple[dict[str, Any], str]]) -> None:
    """Among others a partition breaks what it breaks alone, and perhaps has a taken name."""
    records = [Record(Partition.model_validate(limits), uuid, uuid) for limits, uuid in many]
    together = audit_all(records)
    alone = [(record, finding) for record in records for finding in audit(record.partition)]

    assert alone == [pair for pair in together if "times" not in pair[1].evidence]
    for record, finding in together:
        json.loads(json.dumps(as_item(record, finding)))


LOWER = re.compile(r"Lower ([a-zA-Z ]+) to (\d+)(?: MB)?(?: or less|, or)")
FIELDS = {limit.label.lower(): limit.field for limit in LIMITS}


sane = st.none() | st.integers(1, 300)


@given(
    st.fixed_dictionaries(
        dict.fromkeys(
            [name for name in NUMBERS if not name.endswith("time")],
            sane,
        )
    ),
    st.lists(
        st.builds(
            Nodes,
            st.integers(1, 50),
            st.integers(1, 200),
            st.integers(1, 4),
            st.integers(1, 400),
            st.integers(0, 8),
        ),
        min_size=1,
        max_size=2,
    ),
)
def test_advice_helps(limits: dict[str, Any], kinds: list[Nodes]) -> None:
    """Who lowers a limit to the number in the advice is rid of the finding."""
    hardware = Hardware(tuple(kinds))
    before = partition(**limits)
    for finding in audit(before, hardware):
        lower = LOWER.match(finding.advice)
        if lower:
            lowered = {FIELDS[lower[1].lower()]: int(lower[2])}

            assert finding.rule.id not in rules(audit(partition(**limits | lowered), hardware))
