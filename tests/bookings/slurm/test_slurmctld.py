"""The checks of slurmctld: odd cases it was seen to answer, and what must hold for any job."""

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bookings.slurm.fit import (
    HARDWARE_UNKNOWN,
    Enforce,
    Reason,
    Verdict,
    bare,
    judge,
    largest,
    truth_line,
)
from bookings.slurm.hardware import Hardware, Nodes
from bookings.slurm.jobs import Job, read_job
from bookings.waldur.models import Partition

RECORDED = Path(__file__).parents[4] / "shared" / "slurm"
SIXTEEN = Hardware((Nodes(16, 64, 2, 256000),))
WITH_GPUS = Hardware((Nodes(8, 64, 2, 256000, 4),))

# A busy machine may take long over one example.


def a_partition(**limits: Any) -> Partition:
    """A partition with the limits given, and no others."""
    return Partition.model_validate({"partition_name": "batch", **limits})


def code_of(verdict: Verdict) -> str:
    """The reason code, checked against whether the job is accepted."""
    expected = {"ACCEPT": True, "UNKNOWN": None}.get(verdict.reason_code, False)
    assert expected is verdict.accepted

    return verdict.reason_code


# What slurmctld answered


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded data is not there")
def test_recorded_answers() -> None:
    """Every recorded answer of a slurmctld 25.11.7 comes out: verdict, reason and message."""
    hardware = Hardware.from_item(json.loads((RECORDED / "nodes.json").read_text()))
    cases = [json.loads(line) for line in (RECORDED / "truth.jsonl").read_text().splitlines()]
    expected, actual = [], []
    for case in cases:
        partition = Partition.model_validate(case["partition"])
        actual.append(truth_line(judge(partition, read_job(case["job"]), hardware)))
        message = "" if case["accepted"] else case["message"]
        expected.append({**{key: case[key] for key in actual[-1]}, "message": message})

    assert expected == actual
    assert len(actual) > 400


# Answers of slurmctlds 24.11.5 and 26.05.5 on 16 nodes of 64 CPUs with EnforcePartLimits=ALL.
ANSWERS: list[tuple[dict[str, Any], Job, str]] = [
    # MaxCPUsPerNode cuts a node's CPUs without rounding to whole tasks: 3 tasks of 5 are 15.
    ({"max_cpus_per_node": 16}, Job(5, 16, 5, mem_per_node=1000), "ACCEPT"),
    ({"max_cpus_per_node": 16}, Job(5, 17, 5, mem_per_node=1000), "NODECFG"),
    ({"max_cpus_per_node": 16}, Job(None, 51, 5, mem_per_node=1000), "ACCEPT"),
    ({"max_cpus_per_node": 16}, Job(None, 52, 5, mem_per_node=1000), "CPUS"),
    ({"max_cpus_per_node": 16}, Job(1, 17, mem_per_node=1000), "NODECFG"),
    ({"max_cpus_per_socket": 8}, Job(1, 16, mem_per_node=1), "ACCEPT"),
    ({"max_cpus_per_socket": 8}, Job(1, 17, mem_per_node=1), "NODECFG"),
    ({"max_cpus_per_node": 0}, Job(), "CPUS"),
    ({"max_cpus_per_socket": 0}, Job(), "NODECFG"),
    # Memory above MaxMemPerCPU takes CPUs, with a number of tasks past MaxCPUsPerNode as well.
    ({"max_mem_per_cpu": 1000, "max_cpus_per_node": 16}, Job(6, 108, mem_per_node=18000), "ACCEPT"),
    ({"max_mem_per_cpu": 1000, "max_cpus_per_node": 16}, Job(6, 96, mem_per_node=18000), "ACCEPT"),
    ({"max_mem_per_cpu": 1000, "max_cpus_per_node": 16}, Job(6, mem_per_node=18000), "NODECFG"),
    ({"max_mem_per_cpu": 1000, "max_cpus_per_node": 16}, Job(6, mem_per_node=16000), "ACCEPT"),
    # More memory makes this one fit: the CPUs are spread over the tasks anew, 12 in place of 32.
    ({"max_mem_per_cpu": 2000}, Job(2, 8, 32, mem_per_node=96000), "ACCEPT"),
    ({"max_mem_per_cpu": 2000}, Job(2, 8, 32, mem_per_node=64000), "NODECFG"),
    ({"max_mem_per_cpu": 2000, "def_mem_per_node": 4000}, Job(ntasks=64), "ACCEPT"),
    ({"max_mem_per_cpu": 2000, "def_mem_per_node": 4000}, Job(ntasks=65), "NODECFG"),
    ({"max_mem_per_cpu": 2000}, Job(cpus_per_task=32, mem_per_cpu=4000), "ACCEPT"),
    ({"max_mem_per_cpu": 2000}, Job(cpus_per_task=33, mem_per_cpu=4000), "NODECFG"),
    ({"max_mem_per_cpu": 1}, Job(mem_per_node=65535), "NODECFG"),
    ({"max_mem_per_cpu": 1}, Job(mem_per_node=65536), "MEM"),
    ({"max_mem_per_cpu": 1}, Job(), "PARTCFG"),
    # All memory of a node, asked for in two ways and not asked for.
    ({"max_mem_per_node": 64000}, Job(mem_per_node=0), "MEM"),
    ({"max_mem_per_node": 64000}, Job(mem_per_cpu=0), "PARTCFG"),
    ({"max_mem_per_node": 64000}, Job(), "PARTCFG"),
    ({"max_mem_per_node": 256000}, Job(), "ACCEPT"),
    # The node of a job without --nodes is held against MaxNodes after its time.
    ({"max_nodes": 0, "max_time": 60}, Job(time=61), "TIME"),
    ({"max_nodes": 0, "max_time": 60}, Job(1, time=61), "NODES"),
    ({"max_nodes": 0}, Job(), "NODES"),
    # Of a range the larger number is held against MaxNodes, the smaller against MinNodes.
    ({"max_nodes": 3}, Job(2, max_nodes=4), "NODES"),
    ({"max_nodes": 4}, Job(2, max_nodes=4), "ACCEPT"),
    ({"min_nodes": 3}, Job(2, max_nodes=4), "NODES"),
    # Fewer tasks than nodes are spread over fewer nodes; tasks per node say how many nodes.
    ({"max_nodes": 4}, Job(8, 4), "ACCEPT"),
    ({"min_nodes": 3}, Job(ntasks=8, ntasks_per_node=3), "ACCEPT"),
    ({"min_nodes": 4}, Job(ntasks=8, ntasks_per_node=3), "NODES"),
    ({"min_nodes": 2}, Job(), "NODES"),
    ({"min_nodes": 8, "max_nodes": 4}, Job(6), "NODES"),
    ({"default_time": 0}, Job(), "TIME"),
    ({"default_time": 0}, Job(time=1), "ACCEPT"),
    ({"default_time": 90, "max_time": 60}, Job(), "ACCEPT"),
    ({"max_time": 0}, Job(), "ACCEPT"),
    ({"max_time": 0}, Job(time=1), "TIME"),
    ({"max_time": 60}, Job(time=0), "TIME"),
    ({"max_time": -1}, Job(time=0), "ACCEPT"),
    ({"req_resv": True}, Job(17), "ACCESS"),
    ({"req_resv": True}, Job(17, reservation=True), "NODES"),
]


@pytest.mark.parametrize(("limits", "job", "code"), ANSWERS)
def test_observed_answers(limits: dict[str, Any], job: Job, code: str) -> None:
    """Odd combinations of options and limits come out as slurmctld answers them."""
    assert code == code_of(judge(a_partition(**limits), job, SIXTEEN))


# The same with EnforcePartLimits=NO: what the job waits for, or why it is refused all the same.
WAITS: list[tuple[dict[str, Any], Job, str, str]] = [
    ({"max_nodes": 4}, Job(5), "ACCEPT", "PartitionNodeLimit"),
    ({"max_nodes": 4}, Job(17), "ACCEPT", "PartitionNodeLimit"),
    ({"min_nodes": 4}, Job(), "ACCEPT", ""),
    ({"min_nodes": 4}, Job(3), "ACCEPT", "PartitionNodeLimit"),
    ({"min_nodes": 6, "max_nodes": 4}, Job(), "ACCEPT", "PartitionNodeLimit"),
    ({"max_time": 60}, Job(time=61), "ACCEPT", "PartitionTimeLimit"),
    ({"max_mem_per_node": 64000}, Job(mem_per_node=64001), "ACCEPT", "MaxMemPerLimit"),
    ({"max_mem_per_node": 64000}, Job(), "ACCEPT", "MaxMemPerLimit"),
    ({"max_mem_per_node": 64000}, Job(mem_per_node=256001), "NODECFG", ""),
    ({"max_cpus_per_node": 4}, Job(1, 5), "NODECFG", ""),
    ({"default_time": 0}, Job(), "TIME", ""),
    ({"req_resv": True}, Job(), "ACCESS", ""),
]


@pytest.mark.parametrize(("limits", "job", "code", "waits"), WAITS)
def test_not_enforced(limits: dict[str, Any], job: Job, code: str, waits: str) -> None:
    """With EnforcePartLimits=NO a job that breaks a limit waits for ever instead."""
    verdict = judge(a_partition(**limits), job, SIXTEEN, Enforce.NO)

    assert code == code_of(verdict)
    assert waits == verdict.pends
    assert (verdict.gets is None) == (bool(waits) or code != "ACCEPT")


# The same with GPUs, on 8 nodes of 64 CPUs and 4 GPUs.
GPUS: list[tuple[dict[str, Any], Job, str]] = [
    ({}, Job(gpus=32), "ACCEPT"),
    ({}, Job(gpus=33), "NODECFG"),
    ({}, Job(gpus_per_node=4), "ACCEPT"),
    ({}, Job(gpus_per_node=5), "NODECFG"),
    ({}, Job(2, gpus=8), "ACCEPT"),
    ({}, Job(2, gpus=9), "NODECFG"),
    ({}, Job(2, gpus=1), "NODECFG"),
    ({}, Job(mem_per_gpu=1), "NODECFG"),
    ({}, Job(gpus=8, gpus_per_node=4), "ACCEPT"),
    ({"max_nodes": 1}, Job(gpus=8, gpus_per_node=4), "NODES"),
    ({}, Job(gpus=6, gpus_per_node=4), "NODECFG"),
    ({}, Job(3, gpus=8, gpus_per_node=4), "NODECFG"),
    ({"def_cpu_per_gpu": 16}, Job(gpus_per_node=4), "ACCEPT"),
    ({"def_cpu_per_gpu": 20}, Job(gpus_per_node=4), "NODECFG"),
    ({"def_cpu_per_gpu": 20}, Job(cpus_per_task=1, gpus_per_node=4), "ACCEPT"),
    ({"def_cpu_per_gpu": 20}, Job(gpus=24), "ACCEPT"),
    ({"def_cpu_per_gpu": 20}, Job(gpus=25), "NODECFG"),
    ({"def_cpu_per_gpu": 8, "max_cpus_per_node": 16}, Job(gpus_per_node=2), "ACCEPT"),
    ({"def_cpu_per_gpu": 8, "max_cpus_per_node": 16}, Job(gpus_per_node=3), "NODECFG"),
    ({"def_mem_per_gpu": 64000}, Job(gpus_per_node=4), "ACCEPT"),
    ({"def_mem_per_gpu": 64001}, Job(gpus_per_node=4), "NODECFG"),
    ({}, Job(gpus_per_node=4, mem_per_gpu=64001), "NODECFG"),
    # The maximum is held against the default by node or CPU, whatever comes with a GPU.
    ({"def_mem_per_gpu": 1000, "max_mem_per_node": 64000}, Job(gpus=1), "PARTCFG"),
    (
        {"def_mem_per_gpu": 64000, "max_mem_per_node": 64000, "def_mem_per_node": 1},
        Job(gpus_per_node=4),
        "ACCEPT",
    ),
]


@pytest.mark.parametrize(("limits", "job", "code"), GPUS)
def test_gpus(limits: dict[str, Any], job: Job, code: str) -> None:
    """GPUs are counted on nodes and in all, with the CPUs and memory that come with them."""
    verdict = judge(a_partition(**limits), job, WITH_GPUS)

    assert code == code_of(verdict)
    assert "GPUs are counted" in verdict.caveat or job.mem_per_gpu


def test_gpus_and_tasks() -> None:
    """Where tasks need more CPUs than come with their GPUs it cannot be told."""
    verdict = judge(a_partition(def_cpu_per_gpu=1), Job(1, 16, gpus_per_node=2), WITH_GPUS)

    assert verdict.accepted is None
    assert "it depends on where GPUs and cores are on a node" in verdict.caveat


def test_messages() -> None:
    """The message is SLURM's, the check and the amount are in words."""
    verdict = judge(a_partition(max_nodes=12), Job(13), SIXTEEN)

    assert (verdict.message, verdict.check, verdict.by) == (
        "Node count specification invalid",
        "Maximum of nodes (MaxNodes)",
        "13 nodes asked for, 12 allowed: 1 too many",
    )


@pytest.mark.parametrize(
    ("job", "lines"),
    [
        (
            Job(cpus_per_task=65),
            [
                "sbatch: error: CPU count per node can not be satisfied",
                "sbatch: error: Batch job submission failed: "
                "Requested node configuration is not available",
            ],
        ),
        (
            Job(mem_per_node=256001),
            [
                "sbatch: error: Memory specification can not be satisfied",
                "sbatch: error: Batch job submission failed: "
                "Requested node configuration is not available",
            ],
        ),
        (
            Job(2, gpus=1),
            ["sbatch: error: Invalid generic resource (gres) specification"],
        ),
        (Job(), [""]),
    ],
)
def test_printed_lines(job: Job, lines: list[str]) -> None:
    """The command line prints what sbatch does, and nothing for an accepted job."""
    assert lines == truth_line(judge(a_partition(), job, SIXTEEN))["message"].split("\n")


# What a job gets


@pytest.mark.parametrize(
    ("limits", "job", "nodes", "cpus", "per_node", "memory_from", "time"),
    [
        ({}, Job(), 1, 1, 256000, "all of the node", None),
        ({"max_time": 60}, Job(), 1, 1, 256000, "all of the node", 60),
        ({"max_time": 60, "default_time": 30}, Job(), 1, 1, 256000, "all of the node", 30),
        ({"max_time": 60, "default_time": 90}, Job(), 1, 1, 256000, "all of the node", 60),
        ({"def_mem_per_cpu": 2000}, Job(2, 8, time=5), 2, 8, 8000, "default per CPU", 5),
        ({"def_mem_per_node": 4000}, Job(2), 2, 2, 4000, "default per node", None),
        ({}, Job(3, ntasks_per_node=4, mem_per_cpu=100), 3, 12, 400, "asked for", None),
        ({}, Job(ntasks=130, mem_per_node=7, time=0), 3, 130, 7, "asked for", None),
        ({"max_mem_per_cpu": 4000}, Job(mem_per_cpu=8000), 1, 2, 8000, "asked for", None),
        ({"max_mem_per_cpu": 4000}, Job(mem_per_node=64000), 1, 16, 64000, "asked for", None),
        # Observed to run with 18 CPUs on each of 6 nodes, above MaxCPUsPerNode=16.
        (
            {"max_mem_per_cpu": 1000, "max_cpus_per_node": 16},
            Job(6, 108, mem_per_node=18000), 6, 108, 18000, "asked for", None,
        ),
        ({}, Job(2, max_nodes=4, mem_per_node=1), 4, 4, 1, "asked for", None),
    ],
)  # fmt: skip
def test_gets(
    limits: dict[str, Any],
    job: Job,
    nodes: int,
    cpus: int,
    per_node: int,
    memory_from: str,
    time: int | None,
) -> None:
    """An accepted job gets nodes, CPUs, memory and time, from itself or from defaults."""
    gets = judge(a_partition(**limits), job, SIXTEEN).gets
    assert gets is not None

    assert (nodes, cpus) == (gets.nodes, gets.cpus)
    assert (per_node, memory_from) == (gets.memory_per_node, gets.memory_from)
    assert time == gets.time


def test_gets_notes() -> None:
    """What a job gets without having asked for it is said."""
    partition = a_partition(max_mem_per_cpu=1000, max_cpus_per_node=16, default_time=9, max_time=5)
    gets = judge(partition, Job(6, 108, mem_per_node=18000), SIXTEEN).gets
    assert gets is not None

    assert gets.notes == (
        "18 GB per node at no more than 1 GB per CPU (MaxMemPerCPU) takes at least 18 CPUs on "
        "each node.",
        "18 CPUs per node are above MaxCPUsPerNode=16; SLURM gives them to a job that its memory "
        "enlarges.",
        "SLURM drops the default time of 9 min, as it is above the max time.",
    )


@pytest.mark.parametrize(
    ("job", "memory_from", "per_node"),
    [
        (Job(gpus_per_node=2), "default per GPU", 2000),
        (Job(gpus_per_node=2, mem_per_gpu=500), "asked for per GPU", 1000),
        (Job(gpus_per_node=2, mem_per_node=500), "asked for", 500),
        (Job(), "default per node", 70),
    ],
)
def test_memory_of_gpus(job: Job, memory_from: str, per_node: int) -> None:
    """A GPU job gets memory by GPU, another one by node."""
    partition = a_partition(def_mem_per_gpu=1000, def_mem_per_node=70)
    gets = judge(partition, job, WITH_GPUS).gets
    assert gets is not None

    assert (memory_from, per_node) == (gets.memory_from, gets.memory_per_node)


def test_bare() -> None:
    """sbatch without options asks for one task on one node."""
    assert bare(a_partition(max_time=60), SIXTEEN) == judge(
        a_partition(max_time=60), Job(), SIXTEEN
    )


# Without hardware


@pytest.mark.parametrize(
    ("limits", "job", "accepted"),
    [
        ({}, Job(), True),
        ({}, Job(10**6, cpus_per_task=10**6, mem_per_node=10**12, gpus=10**7), True),
        ({"max_nodes": 12}, Job(13), False),
        ({"max_time": 60}, Job(time=61), False),
        ({"max_cpus_per_node": 16}, Job(1, 17), False),
        ({"max_cpus_per_node": 16, "max_nodes": 2}, Job(ntasks=33, mem_per_node=1), False),
        ({"max_cpus_per_node": 16}, Job(2, 32), True),
        ({"max_cpus_per_socket": 0}, Job(), False),
        ({"max_mem_per_node": 64000}, Job(mem_per_node=64001), False),
        ({"max_mem_per_node": 64000}, Job(mem_per_node=0), None),
        ({"max_mem_per_node": 64000}, Job(), None),
        ({"max_mem_per_node": 64000, "def_mem_per_node": 1}, Job(), True),
        ({"max_mem_per_node": 64000, "max_cpus_per_node": 4}, Job(1, 5), False),
        ({"max_mem_per_cpu": 4000}, Job(), None),
        ({"max_mem_per_cpu": 4000, "max_nodes": 0}, Job(), False),
        ({"max_mem_per_cpu": 4000, "max_cpus_per_node": 4}, Job(mem_per_node=20000), False),
        ({"def_cpu_per_gpu": 8, "max_cpus_per_node": 16}, Job(gpus_per_node=3), False),
    ],
)
def test_without_hardware(limits: dict[str, Any], job: Job, accepted: bool | None) -> None:
    """Without hardware the record decides what it can; what it does not refuse is in doubt."""
    verdict = judge(a_partition(**limits), job)

    assert accepted is verdict.accepted
    assert verdict.caveat.startswith(HARDWARE_UNKNOWN) is (accepted is not False)


def test_nodes_not_known() -> None:
    """How many nodes a job is given is open where the nodes are not known."""
    gets = judge(a_partition(), Job(ntasks=100)).gets
    assert gets is not None

    assert (gets.nodes, gets.cpus, gets.cpus_per_node) == (None, 100, None)
    assert (gets.memory_per_node, gets.memory_from) == (None, "all of the node")


def test_memory_not_known() -> None:
    """Nodes without their memory decide what memory has no part in."""
    nodes = Hardware((Nodes(16, 64, 2, 0),))

    assert judge(a_partition(), Job(17), nodes).accepted is False
    assert judge(a_partition(max_mem_per_node=64000), Job(), nodes).accepted is None
    verdict = judge(a_partition(), Job(mem_per_node=10**9), nodes)
    assert (verdict.accepted, verdict.caveat) == (True, "the memory of the nodes is not known")
    assert verdict.limits_only


# Nodes that differ

BIG, SMALL = Nodes(4, 128, 2, 512000), Nodes(8, 64, 2, 128000)


@pytest.mark.parametrize(
    ("job", "accepted"),
    [
        (Job(), True),
        (Job(4, ntasks_per_node=128), True),
        (Job(5, ntasks_per_node=128), None),
        (Job(12, ntasks_per_node=64), True),
        (Job(12, ntasks_per_node=65), None),
        (Job(1, 129), False),
        (Job(13), False),
        (Job(4, mem_per_node=512000), True),
        (Job(5, mem_per_node=512000), None),
        (Job(12, mem_per_node=128000), True),
        (Job(1, mem_per_node=512001), False),
        (Job(ntasks=4 * 128 + 8 * 64), None),
        (Job(ntasks=4 * 128 + 8 * 64 + 1), False),
    ],
)
@pytest.mark.parametrize("kinds", [(BIG, SMALL), (SMALL, BIG)])
def test_nodes_that_differ(kinds: tuple[Nodes, ...], job: Job, accepted: bool | None) -> None:
    """A job is accepted where some nodes suffice, rejected where not even the best would."""
    verdict = judge(a_partition(), job, Hardware(kinds))

    assert accepted is verdict.accepted
    assert verdict.caveat.startswith("the nodes differ")


def test_all_memory_of_nodes_that_differ() -> None:
    """The default of all memory is that of a node that is not known, so all are tried."""
    hardware = Hardware((BIG, SMALL))

    assert judge(a_partition(max_mem_per_node=100000), Job(), hardware).accepted is False
    assert judge(a_partition(max_mem_per_node=200000), Job(), hardware).accepted is None
    assert judge(a_partition(max_mem_per_node=512000), Job(), hardware).accepted is True


def test_the_same_kind_twice() -> None:
    """A kind of node that is listed twice is one kind."""
    hardware = Hardware((Nodes(8, 64, 2, 256000), Nodes(8, 64, 2, 256000)))

    assert judge(a_partition(), Job(16), SIXTEEN) == judge(a_partition(), Job(16), hardware)


def test_many_kinds() -> None:
    """Of very many kinds only the least and the best are looked at."""
    kinds = Hardware(tuple(Nodes(1, 2 * cpus, 2, 1000 * cpus) for cpus in range(1, 200)))

    assert judge(a_partition(), Job(199, mem_per_node=1000), kinds).accepted is True
    assert judge(a_partition(), Job(1, 398), kinds).accepted is None
    assert judge(a_partition(), Job(1, 399), kinds).accepted is False


# What cannot be judged


@pytest.mark.parametrize(
    "limits",
    [
        {"max_nodes": -1},
        {"max_time": -2},
        {"default_time": 35791394},
        {"max_mem_per_node": -1},
        {"max_cpus_per_node": 2**32},
        {"priority_tier": 65536},
        {"priority_tier": -1},
        {"grace_time": -1},
        {"def_cpu_per_gpu": -1},
    ],
)
def test_not_started(limits: dict[str, Any]) -> None:
    """Where slurmctld does not start it answers no job, and the field is named."""
    field, value = next(iter(limits.items()))
    verdict = judge(a_partition(**limits), Job(), SIXTEEN)

    assert (verdict.accepted, verdict.reason_code) == (None, Reason.UNKNOWN)
    assert f"slurmctld does not start with {field}={value}" == verdict.caveat
    assert largest(a_partition(**limits), SIXTEEN).nodes == 0


@pytest.mark.parametrize(
    "limits",
    [{"max_time": 35791393}, {"default_time": -1}, {"priority_tier": 65535}, {"cpu_bind": -1}],
)
def test_started(limits: dict[str, Any]) -> None:
    """Values at the edge, and a mask that is ignored, stop nothing."""
    assert judge(a_partition(**limits), Job(), SIXTEEN).accepted is True


@pytest.mark.parametrize(
    ("field", "job", "accepted"),
    [
        ("max_nodes", Job(), None),
        ("default_time", Job(), None),
        ("default_time", Job(time=1), True),
        ("def_mem_per_cpu", Job(), None),
        ("def_mem_per_cpu", Job(mem_per_node=1), True),
        ("req_resv", Job(reservation=True), True),
        ("def_cpu_per_gpu", Job(), True),
        ("def_cpu_per_gpu", Job(gpus=1), None),
        ("grace_time", Job(), True),
    ],
)
def test_unread_limits(field: str, job: Job, accepted: bool | None) -> None:
    """A limit that cannot be read leaves open what depends on it."""
    verdict = judge(a_partition(**{field: "lots"}), job, WITH_GPUS)

    assert accepted is verdict.accepted
    assert (f"{field} cannot be read" in verdict.caveat) == (accepted is None)


@pytest.mark.parametrize(
    "job",
    [Job(0), Job(-1), Job(ntasks=0), Job(cpus_per_task=0), Job(time=-1), Job(3, max_nodes=2)],
)
def test_no_such_job(job: Job) -> None:
    """Numbers that sbatch does not take are no job."""
    verdict = judge(a_partition(), job, SIXTEEN)

    assert verdict.accepted is None
    assert verdict.caveat.startswith("sbatch does not take ")


def test_qos() -> None:
    """Limits of a QOS are not known here, which is said."""
    assert "QOS" in judge(a_partition(qos="normal"), Job(), SIXTEEN).caveat


@pytest.mark.parametrize(
    ("limits", "job", "accepted"),
    [
        ({"max_mem_per_node": 0, "max_mem_per_cpu": 0}, Job(), True),
        ({"max_mem_per_node": 0, "max_mem_per_cpu": 1000}, Job(mem_per_node=65000), False),
        ({"def_mem_per_node": 0, "def_mem_per_cpu": 8000}, Job(1, 33), False),
        ({"max_mem_per_node": 1000, "max_mem_per_cpu": 100}, Job(1, 64, mem_per_cpu=10), True),
        ({"def_mem_per_node": 1000, "def_mem_per_cpu": 8000}, Job(1, 33), True),
    ],
)
def test_memory_settings(limits: dict[str, Any], job: Job, accepted: bool) -> None:
    """Memory of 0 is not set, and of two that exclude each other the one per node counts."""
    assert accepted is judge(a_partition(**limits), job, SIXTEEN).accepted


# What must hold for any partition, job and hardware

LIMITS: dict[str, st.SearchStrategy[Any]] = {
    "max_nodes": st.integers(0, 8),
    "min_nodes": st.integers(0, 3),
    "max_cpus_per_node": st.integers(0, 24),
    "max_cpus_per_socket": st.integers(0, 12),
    "def_mem_per_cpu": st.integers(1, 8),
    "def_mem_per_node": st.integers(1, 40),
    "max_mem_per_cpu": st.integers(1, 16),
    "max_mem_per_node": st.integers(1, 60),
    "default_time": st.integers(0, 9),
    "max_time": st.integers(0, 9),
    "req_resv": st.booleans(),
}


@st.composite
def partitions(draw: st.DrawFn) -> dict[str, Any]:
    """A few limits, of a size that jobs and nodes below meet; the others are not set."""
    names = draw(st.lists(st.sampled_from(list(LIMITS)), max_size=4, unique=True))
    return {name: draw(LIMITS[name]) if name in names else None for name in LIMITS}


@st.composite
def jobs(draw: st.DrawFn) -> Job:
    """Jobs of a size that the limits above meet, without GPUs."""
    nodes = draw(st.none() | st.integers(1, 6))
    per_node = draw(st.none() | st.integers(0, 50))
    return Job(
        nodes=nodes,
        ntasks=draw(st.none() | st.integers(1, 16)),
        cpus_per_task=draw(st.none() | st.integers(1, 6)),
        ntasks_per_node=draw(st.none() | st.integers(1, 6)),
        mem_per_node=per_node,
        mem_per_cpu=draw(st.none() | st.integers(0, 10)) if per_node is None else None,
        time=draw(st.none() | st.integers(0, 9)),
        reservation=draw(st.booleans()),
        max_nodes=nodes + draw(st.integers(1, 4)) if nodes and draw(st.booleans()) else None,
    )


kinds = st.builds(
    Nodes, st.integers(1, 12), st.integers(1, 24), st.integers(1, 3), st.integers(20, 60)
)
hardware_of_one = kinds.map(lambda kind: Hardware((kind,)))
hardware = st.lists(kinds, min_size=1, max_size=3).map(lambda each: Hardware(tuple(each)))

RAISED = ["max_nodes", "max_cpus_per_node", "max_cpus_per_socket", "max_time", "max_mem_per_node"]


@given(
    partitions(), jobs(), hardware_of_one, st.sampled_from(RAISED), st.none() | st.integers(0, 9)
)
def test_raising_a_limit(
    limits: dict[str, Any], job: Job, nodes: Hardware, field: str, more: int | None
) -> None:
    """Raising a limit, or taking it away, never rejects a job that was accepted.

    Not among them: `max_mem_per_cpu`, because what is above it enlarges a job and thereby
    changes how its CPUs are counted; `min_nodes`, a limit from below; `def_mem_*`, which are no
    limits. Without a maximum per node the one per CPU comes to count, so then there is none.
    """
    if limits[field] is None:
        limits[field] = 6
    if field == "max_mem_per_node" and more is None:
        limits["max_mem_per_cpu"] = None
    raised = {**limits, field: None if more is None else limits[field] + more}
    before = judge(a_partition(**limits), job, nodes)
    after = judge(a_partition(**raised), job, nodes)

    assert not (before.accepted is True and after.accepted is not True)


@given(partitions(), jobs(), hardware_of_one, st.integers(0, 6), st.integers(0, 6))
def test_lowering_a_minimum(
    limits: dict[str, Any], job: Job, nodes: Hardware, fewer: int, earlier: int
) -> None:
    """Asking for fewer nodes at least, or for no reservation, never rejects an accepted job."""
    least = limits["min_nodes"] or 0
    eased = {**limits, "min_nodes": max(0, least - fewer), "req_resv": False}
    before = judge(a_partition(**limits), job, nodes)
    after = judge(a_partition(**eased), job, nodes)

    assert not (before.accepted is True and after.accepted is not True)


@given(partitions(), jobs(), kinds, st.integers(0, 4), st.integers(0, 4), st.integers(0, 30))
def test_better_hardware(
    limits: dict[str, Any], job: Job, kind: Nodes, nodes: int, cores: int, megabytes: int
) -> None:
    """More nodes, CPUs or memory never reject a job that was accepted.

    Except one that takes all memory of a node where memory is limited: more of it is then more
    to be limited.
    """
    takes_all = 0 in (job.mem_per_node, job.mem_per_cpu) or (
        job.mem_per_node is None
        and job.mem_per_cpu is None
        and not limits["def_mem_per_node"]
        and not limits["def_mem_per_cpu"]
    )
    if takes_all and (limits["max_mem_per_node"] or limits["max_mem_per_cpu"]):
        megabytes = 0
    better = replace(
        kind,
        count=kind.count + nodes,
        cpus=kind.cpus + cores * kind.sockets,
        memory_mb=kind.memory_mb + megabytes,
    )
    before = judge(a_partition(**limits), job, Hardware((kind,)))
    after = judge(a_partition(**limits), job, Hardware((better,)))

    assert not (before.accepted is True and after.accepted is not True)


@given(partitions(), jobs(), hardware)
def test_hardware_never_contradicts(limits: dict[str, Any], job: Job, nodes: Hardware) -> None:
    """What the record alone rejects no hardware accepts."""
    without = judge(a_partition(**limits), job)
    known = judge(a_partition(**limits), job, nodes)

    assert not (without.accepted is False and known.accepted is not False)
    assert not (known.accepted is True and without.accepted is False)


@given(partitions(), jobs(), hardware)
def test_more_kinds_never_contradict(limits: dict[str, Any], job: Job, nodes: Hardware) -> None:
    """Nodes that differ reject no job that nodes of one of their kinds take.

    With a maximum of memory the default of all memory is that of a node of any kind, so a job
    may then be left open.
    """
    whole = judge(a_partition(**limits), job, nodes)
    alone = [judge(a_partition(**limits), job, Hardware((kind,))) for kind in nodes.kinds]

    if any(verdict.accepted for verdict in alone):
        assert whole.accepted is not False


@given(partitions(), jobs(), hardware)
def test_not_enforcing_is_milder(limits: dict[str, Any], job: Job, nodes: Hardware) -> None:
    """What is accepted with EnforcePartLimits=ALL is with NO as well, and does not wait."""
    strict = judge(a_partition(**limits), job, nodes)
    assume(strict.accepted)
    mild = judge(a_partition(**limits), job, nodes, Enforce.NO)

    assert (mild.accepted, mild.pends) == (True, "")


@given(partitions(), hardware_of_one)
def test_largest_is_accepted(limits: dict[str, Any], nodes: Hardware) -> None:
    """The largest job of a partition is accepted, and one larger in anything is not."""
    limits["req_resv"] = False
    partition = a_partition(**limits)
    most = largest(partition, nodes)
    count, cpus, megabytes = most.nodes or 0, most.cpus_per_node or 0, most.memory_per_node or 0
    assume(count and most.time != 0)
    job = Job(count, ntasks_per_node=cpus, mem_per_node=megabytes, time=most.time or 0)
    larger = [
        replace(job, nodes=count + 1),
        replace(job, ntasks_per_node=cpus + 1),
        replace(job, mem_per_node=megabytes + 1),
    ]
    if most.time is not None:
        larger.append(replace(job, time=most.time + 1))

    assert judge(partition, job, nodes).accepted is True
    assert [False] * len(larger) == [judge(partition, each, nodes).accepted for each in larger]
    assert count * cpus == most.cpus


# The largest job


def test_largest() -> None:
    """The largest job is what limits and nodes leave, each figure for itself."""
    partition = a_partition(max_nodes=8, max_cpus_per_node=48, max_mem_per_cpu=4000, max_time=60)
    most = largest(partition, SIXTEEN)

    assert (
        most.nodes, most.cpus, most.cpus_per_node, most.memory_per_node, most.time
    ) == (8, 384, 48, 192000, 60)  # fmt: skip
    assert most.notes == ()


def test_largest_without_hardware() -> None:
    """Without hardware what is not limited is open."""
    most = largest(a_partition(max_nodes=8))

    assert (
        most.nodes, most.cpus, most.cpus_per_node, most.memory_per_node, most.time
    ) == (8, None, None, None, None)  # fmt: skip
    assert most.notes == ("Within the recorded limits; hardware unknown.",)


def test_largest_of_nodes_that_differ() -> None:
    """The nodes with the most CPUs are taken first."""
    most = largest(a_partition(max_nodes=5), Hardware((SMALL, BIG)))

    assert (
        most.nodes, most.cpus, most.cpus_per_node, most.memory_per_node
    ) == (5, 4 * 128 + 64, 128, 512000)  # fmt: skip
    assert most.notes == ("The nodes differ, so not every figure can be had at once.",)


@pytest.mark.parametrize(
    ("limits", "note"),
    [
        ({"max_nodes": 0}, "No job is accepted: MaxNodes is 0."),
        ({"max_cpus_per_node": 0}, "No job is accepted: a job may have no CPU of a node."),
        ({"max_cpus_per_socket": 0}, "No job is accepted: a job may have no CPU of a node."),
        (
            {"min_nodes": 8, "max_nodes": 4},
            "No job is accepted: MinNodes is 8, and a job may have 4 nodes at most.",
        ),
        (
            {"min_nodes": 17},
            "No job is accepted: MinNodes is 17, and a job may have 16 nodes at most.",
        ),
    ],
)
def test_no_job_at_all(limits: dict[str, Any], note: str) -> None:
    """A partition that takes no job says why, and indeed takes none."""
    most = largest(a_partition(**limits), SIXTEEN)

    assert (
        most.nodes, most.cpus, most.cpus_per_node, most.memory_per_node, most.time
    ) == (0, 0, 0, 0, 0)  # fmt: skip
    assert note == most.notes[0]
    for nodes in (1, 4, 8, 16):
        assert judge(a_partition(**limits), Job(nodes), SIXTEEN).accepted is False


def test_largest_notes() -> None:
    """What else a job must do is said."""
    partition = a_partition(
        min_nodes=2, max_time=0, default_time=0, req_resv=True, max_mem_per_node="much"
    )

    assert largest(partition, SIXTEEN).notes == (
        "Left out, as it cannot be read: max_mem_per_node.",
        "A job must ask for at least 2 nodes (MinNodes).",
        "A job that asks for any time is rejected (MaxTime=0).",
        "A job that asks for no time is rejected (DefaultTime=0).",
        "A job must name a reservation (ReqResv).",
    )
    dropped = a_partition(max_time=60, default_time=-1)
    assert largest(dropped, SIXTEEN).notes == (
        "SLURM drops the default time of unlimited, as it is above the max time.",
    )


# Absurd values

anything = st.none() | st.integers(-(2**70), 2**70) | st.integers(-2, 3)
absurd_jobs = st.builds(
    Job,
    **dict.fromkeys([each.name for each in fields(Job) if each.name != "reservation"], anything),
    reservation=st.booleans(),
)
absurd_hardware = st.none() | st.lists(
    st.builds(Nodes, *[st.integers(-(2**70), 2**70) | st.integers(-1, 2)] * 5), max_size=3
).map(lambda each: Hardware(tuple(each)))
NUMBERS = [
    name
    for name, each in Partition.model_fields.items()
    if name not in ("uuid", "partition_name", "qos", "qos_options", "cpu_arch", "gpu_arch")
    and "bool" not in str(each.annotation)
]


@given(
    st.fixed_dictionaries({}, optional=dict.fromkeys(NUMBERS, anything | st.text())),
    absurd_jobs,
    absurd_hardware,
    st.sampled_from(list(Enforce)),
)
def test_never_raises(
    limits: dict[str, Any], job: Job, nodes: Hardware | None, enforce: Enforce
) -> None:
    """Whatever the numbers, there is an answer, and it can be written down."""
    partition = a_partition(**limits)
    verdict = judge(partition, job, nodes, enforce)

    assert json.dumps(truth_line(verdict))
    assert code_of(verdict)
    assert (verdict.caveat != "") >= (verdict.accepted is None)
    assert largest(partition, nodes).notes is not None
    assert code_of(bare(partition, nodes))


@given(partitions(), jobs(), hardware)
def test_every_rejection_is_explained(limits: dict[str, Any], job: Job, nodes: Hardware) -> None:
    """A rejection names its message, check and amount; an accepted job says what it gets."""
    verdict = judge(a_partition(**limits), job, nodes)

    if verdict.accepted is False:
        assert "" not in (verdict.message, verdict.check, verdict.by)
        assert "-" not in verdict.by
    if verdict.accepted:
        assert verdict.gets is not None
        assert verdict.gets.cpus >= (verdict.gets.nodes or 0)
