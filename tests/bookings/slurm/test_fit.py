"""What slurmctld answers, held against recorded answers and against what must hold for all."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.slurm.fit import Enforce, Verdict, bare, judge, largest, truth_line
from bookings.slurm.hardware import Hardware, Nodes
from bookings.slurm.jobs import Job, read_job
from bookings.waldur.models import Partition

RECORDED = Path(__file__).parents[4] / "shared" / "slurm"
NODES = Nodes(count=16, cpus=64, sockets=2, memory_mb=256_000)
HARDWARE = Hardware((NODES,))
# A busy machine may take long over one example.


def partition(**limits: Any) -> Partition:
    """A partition with these limits."""
    return Partition.model_validate({"partition_name": "batch", **limits})


def code(
    limits: dict[str, Any],
    job: dict[str, Any],
    hardware: Hardware | None = HARDWARE,
    enforce: Enforce = Enforce.ALL,
) -> str:
    """The reason code of the answer."""
    return judge(partition(**limits), Job(**job), hardware, enforce).reason_code


# --- recorded answers -----------------------------------------------------------------------


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded answers are not here")
def test_every_recorded_answer_is_reproduced() -> None:
    """Verdict and reason of a real slurmctld 25.11.7, case by case."""
    hardware = Hardware.from_item(json.loads((RECORDED / "nodes.json").read_text()))
    wrong = []
    lines = (RECORDED / "truth.jsonl").read_text().splitlines()
    for line in lines:
        case = json.loads(line)
        asked = Partition.model_validate(case["partition"])
        verdict = judge(asked, read_job(case["job"]), hardware)
        if (verdict.accepted, verdict.reason_code) != (case["accepted"], case["reason_code"]):
            wrong.append(case)
        elif not verdict.accepted:
            assert verdict.message.splitlines()[-1] in case["message"]

    assert len(lines) > 400
    assert wrong == []


# --- the checks, one by one -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "job", "expected"),
    [
        ({}, {}, "ACCEPT"),
        ({"req_resv": True}, {}, "ACCESS"),
        ({"req_resv": True}, {"reservation": True}, "ACCEPT"),
        ({"req_resv": True, "max_nodes": 0}, {}, "ACCESS"),
        # CPUs
        ({}, {"ntasks": 1024}, "ACCEPT"),
        ({}, {"ntasks": 1025}, "CPUS"),
        ({"max_cpus_per_node": 8}, {"ntasks": 128}, "ACCEPT"),
        ({"max_cpus_per_node": 8}, {"ntasks": 129}, "CPUS"),
        ({"max_cpus_per_node": 0}, {}, "CPUS"),
        ({"max_cpus_per_socket": 4}, {"ntasks": 129}, "NODECFG"),
        ({"max_cpus_per_socket": 0}, {}, "NODECFG"),
        # nodes
        ({}, {"nodes": 16}, "ACCEPT"),
        ({}, {"nodes": 17}, "NODES"),
        ({"max_nodes": 12}, {"nodes": 12}, "ACCEPT"),
        ({"max_nodes": 12}, {"nodes": 13}, "NODES"),
        ({"max_nodes": 0}, {}, "NODES"),
        ({"min_nodes": 2}, {}, "NODES"),
        ({"min_nodes": 2}, {"nodes": 2}, "ACCEPT"),
        ({"min_nodes": 8, "max_nodes": 4}, {"nodes": 8}, "NODES"),
        # time
        ({"max_time": 60}, {"time": 60}, "ACCEPT"),
        ({"max_time": 60}, {"time": 61}, "TIME"),
        ({"max_time": 60}, {"time": 0}, "TIME"),
        ({"max_time": -1}, {"time": 0}, "ACCEPT"),
        ({"max_time": 0}, {}, "ACCEPT"),
        ({"max_time": 0}, {"time": 1}, "TIME"),
        ({"default_time": 0}, {}, "TIME"),
        ({"default_time": 0}, {"time": 5}, "ACCEPT"),
        ({"default_time": 120, "max_time": 60}, {}, "ACCEPT"),
        # memory that is asked for
        ({"max_mem_per_node": 64000}, {"mem_per_node": 64000}, "ACCEPT"),
        ({"max_mem_per_node": 64000}, {"mem_per_node": 64001}, "MEM"),
        ({"max_mem_per_node": 64000}, {"mem_per_node": 0}, "MEM"),
        ({"max_mem_per_node": 64000}, {"mem_per_cpu": 4000, "ntasks_per_node": 16}, "ACCEPT"),
        ({"max_mem_per_node": 64000}, {"mem_per_cpu": 4000, "ntasks_per_node": 17}, "MEM"),
        ({"max_mem_per_cpu": 2000}, {"mem_per_cpu": 4000, "ntasks": 1}, "ACCEPT"),
        ({"max_mem_per_cpu": 2000}, {"mem_per_cpu": 200_000, "ntasks": 1}, "NODECFG"),
        ({"max_mem_per_cpu": 10, "max_mem_per_node": 64000}, {"mem_per_cpu": 4000}, "ACCEPT"),
        # memory that is not
        ({"max_mem_per_node": 64000}, {}, "PARTCFG"),
        ({"max_mem_per_node": 64000, "def_mem_per_cpu": 4000}, {}, "ACCEPT"),
        ({"def_mem_per_node": 128_000, "max_mem_per_node": 64000}, {}, "PARTCFG"),
        ({"max_mem_per_cpu": 4000}, {}, "ACCEPT"),
        ({"max_mem_per_cpu": 3900}, {}, "NODECFG"),
        ({"def_mem_per_cpu": 300_000}, {}, "NODECFG"),
        ({"def_mem_per_cpu": 0, "max_mem_per_node": 0}, {}, "ACCEPT"),
        # nodes that cannot hold it
        ({}, {"cpus_per_task": 65}, "NODECFG"),
        ({}, {"mem_per_node": 256_001}, "NODECFG"),
        ({"def_mem_per_cpu": 8000}, {"nodes": 1, "ntasks": 33}, "NODECFG"),
        ({"def_mem_per_cpu": 8000}, {"nodes": 1, "ntasks": 32}, "ACCEPT"),
        # what brings no verdict
        ({"exclusive_user": True, "priority_tier": 0, "cpu_bind": 64}, {}, "ACCEPT"),
    ],
)  # fmt: skip
def test_the_first_failing_check_gives_the_answer(
    limits: dict[str, Any], job: dict[str, Any], expected: str
) -> None:
    """Equal is fine, one more is not."""
    assert code(limits, job) == expected


@pytest.mark.parametrize(
    ("limits", "job", "pends"),
    [
        ({"max_nodes": 2}, {"nodes": 3}, "PartitionNodeLimit"),
        ({"min_nodes": 8, "max_nodes": 4}, {}, "PartitionNodeLimit"),
        ({"max_time": 60}, {"time": 61}, "PartitionTimeLimit"),
        ({"max_cpus_per_node": 8}, {"nodes": 1, "ntasks": 8, "time": 1}, ""),
        ({"max_mem_per_node": 64000}, {}, "MaxMemPerLimit"),
        ({"max_mem_per_node": 64000}, {"mem_per_node": 64001}, "MaxMemPerLimit"),
    ],
)
def test_without_enforcement_a_job_waits(
    limits: dict[str, Any], job: dict[str, Any], pends: str
) -> None:
    """It is accepted, and the reason it waits for is told."""
    verdict = judge(partition(**limits), Job(**job), HARDWARE, Enforce.NO)

    assert (verdict.accepted, verdict.pends) == (True, pends)


@pytest.mark.parametrize(
    ("limits", "job", "expected"),
    [
        ({"req_resv": True}, {}, "ACCESS"),
        ({"default_time": 0}, {}, "TIME"),
        ({}, {"cpus_per_task": 65}, "NODECFG"),
        ({"def_mem_per_cpu": 300_000}, {}, "NODECFG"),
    ],
)
def test_some_checks_refuse_without_enforcement_too(
    limits: dict[str, Any], job: dict[str, Any], expected: str
) -> None:
    """A reservation, a default time of 0, and what no node can hold."""
    assert code(limits, job, enforce=Enforce.NO) == expected


def test_a_refusal_says_by_how_much() -> None:
    """In human units, beside SLURM's own words."""
    many = judge(partition(max_nodes=12), Job(nodes=13), HARDWARE)
    long = judge(partition(max_time=1440), Job(time=2880), HARDWARE)

    assert (many.check, many.message) == (
        "Maximum of nodes (MaxNodes)",
        "Node count specification invalid",
    )
    assert many.by.startswith("13 nodes asked for, 12 allowed")
    assert "2 d" in long.by
    assert dict(truth_line(many)) == {
        "accepted": False,
        "reason_code": "NODES",
        "message": "sbatch: error: Batch job submission failed: Node count specification invalid",
    }


# --- what the job gets ----------------------------------------------------------------------


def test_memory_above_the_maximum_by_cpu_brings_cpus() -> None:
    """4000 MB against 2000 gives each task two CPUs."""
    gets = judge(partition(max_mem_per_cpu=2000), Job(ntasks=4, mem_per_cpu=4000), HARDWARE).gets

    assert gets is not None
    assert (gets.cpus_per_task, gets.cpus, gets.memory_per_cpu) == (2, 8, 2000)
    assert "2 CPUs" in gets.notes[0]


def test_a_bare_sbatch_may_get_a_whole_node() -> None:
    """Without a default it takes all memory, and with a maximum by CPU all CPUs as well."""
    plain = bare(partition(max_time=60), HARDWARE).gets
    capped = bare(partition(max_mem_per_cpu=4000), HARDWARE).gets

    assert plain is not None
    assert (plain.cpus, plain.memory_per_node, plain.time) == (1, 256_000, 60)
    assert plain.time_from == "max time, as there is no default"
    assert capped is not None
    assert capped.cpus == 64


@pytest.mark.parametrize(
    ("limits", "time", "origin"),
    [
        ({}, None, "no limit recorded"),
        ({"max_time": -1}, None, "max time, as there is no default"),
        ({"default_time": 30}, 30, "default time"),
        ({"default_time": 120, "max_time": 60}, 60, "max time, as there is no default"),
        ({"default_time": -1}, None, "default time"),
    ],
)
def test_a_job_without_a_time_gets_one(
    limits: dict[str, Any], time: int | None, origin: str
) -> None:
    """A default above the maximum is dropped."""
    gets = bare(partition(**limits), HARDWARE).gets

    assert gets is not None
    assert (gets.time, gets.time_from) == (time, origin)


# --- hardware that is unknown, or of several kinds ------------------------------------------


@pytest.mark.parametrize(
    ("limits", "job", "accepted"),
    [
        ({}, {"nodes": 9999}, True),
        ({"max_nodes": 4}, {"nodes": 5}, False),
        ({"max_time": 60}, {"time": 61}, False),
        ({"max_mem_per_node": 64000}, {}, None),
        ({"max_mem_per_node": 64000}, {"mem_per_node": 0}, None),
        ({"max_mem_per_node": 64000, "max_nodes": 0}, {}, False),
        ({"max_mem_per_node": 64000}, {"mem_per_node": 64001}, False),
        ({"max_cpus_per_node": 16}, {"cpus_per_task": 17}, False),
        ({"max_cpus_per_socket": 0}, {}, False),
    ],
)
def test_without_hardware_only_the_record_decides(
    limits: dict[str, Any], job: dict[str, Any], accepted: bool | None
) -> None:
    """And every answer says so, unless a limit refuses the job: then the nodes do not matter."""
    verdict = judge(partition(**limits), Job(**job), None)
    within = verdict.caveat.startswith("within the recorded limits; hardware unknown")

    assert verdict.accepted is accepted
    assert within is (accepted is not False)
    assert verdict.limits_only is (accepted is True)


def test_a_job_that_waits_is_not_within_the_limits() -> None:
    """EnforcePartLimits=NO lets it in although it breaks one."""
    verdict = judge(partition(max_nodes=6), Job(nodes=8), None, Enforce.NO)

    assert (verdict.accepted, verdict.pends) == (True, "PartitionNodeLimit")
    assert verdict.caveat == "hardware unknown"


SMALL = Nodes(count=4, cpus=32, sockets=2, memory_mb=64_000)
MIXED = Hardware((SMALL, NODES))


@pytest.mark.parametrize(
    ("job", "accepted"),
    [
        ({"nodes": 1, "ntasks": 64}, True),
        ({"nodes": 18, "ntasks": 18}, True),
        ({"nodes": 21}, False),
        ({"cpus_per_task": 65}, False),
        ({"mem_per_node": 256_001}, False),
    ],
)
def test_nodes_of_several_kinds(job: dict[str, Any], accepted: bool | None) -> None:
    """Accepted where one kind holds the job, rejected where the best of all could not."""
    assert judge(partition(), Job(**job), MIXED).accepted is accepted


@pytest.mark.parametrize(
    ("job", "expected"),
    [
        ({"gpus_per_node": 4}, "ACCEPT"),
        ({"gpus_per_node": 5}, "NODECFG"),
        ({"gpus": 32}, "ACCEPT"),
        ({"gpus": 33}, "NODECFG"),
        ({"nodes": 2, "gpus": 1}, "NODECFG"),
        ({"gpus_per_node": 4, "mem_per_gpu": 64_001}, "NODECFG"),
    ],
)
def test_gpus(job: dict[str, Any], expected: str) -> None:
    """Against a node and against all of them."""
    hardware = Hardware((Nodes(8, 64, 2, 256_000, 4),))

    assert judge(partition(), Job(**job), hardware).reason_code == expected


def test_default_cpus_per_gpu_may_be_too_many() -> None:
    """Four GPUs with 20 CPUs each do not fit a node of 64, unless the job says otherwise."""
    hardware = Hardware((Nodes(8, 64, 2, 256_000, 4),))
    limits = {"def_cpu_per_gpu": 20}

    assert code(limits, {"gpus_per_node": 4}, hardware) == "NODECFG"
    assert code(limits, {"gpus_per_node": 3}, hardware) == "ACCEPT"
    assert code(limits, {"gpus_per_node": 4, "cpus_per_task": 1}, hardware) == "ACCEPT"


# --- records that are wrong -----------------------------------------------------------------


@pytest.mark.parametrize(
    "limits",
    [{"max_nodes": -1}, {"max_mem_per_node": -5}, {"max_time": -2}, {"max_time": 35_791_394}],
)
def test_what_keeps_slurmctld_from_starting_cannot_be_told(limits: dict[str, Any]) -> None:
    """The field is named."""
    verdict = judge(partition(**limits), Job(), HARDWARE)

    assert (verdict.accepted, verdict.reason_code) == (None, "UNKNOWN")
    assert "does not start" in verdict.caveat


def test_a_limit_that_cannot_be_read_leaves_it_open() -> None:
    """But one that decides nothing may be anything."""
    assert judge(partition(max_nodes="many"), Job(), HARDWARE).accepted is None
    assert judge(partition(priority_tier="high"), Job(), HARDWARE).accepted is True


# --- the largest job ------------------------------------------------------------------------


def test_the_largest_job() -> None:
    """Each maximum by itself; what is not limited is not known."""
    most = largest(partition(max_nodes=4, max_cpus_per_node=32, max_mem_per_cpu=1000), HARDWARE)
    free = largest(partition())

    assert (most.nodes, most.cpus, most.cpus_per_node) == (4, 128, 32)
    assert (most.memory_per_node, most.time) == (32_000, None)
    assert (free.nodes, free.cpus, free.memory_per_node, free.time) == (None, None, None, None)
    assert "hardware unknown" in free.notes[0]
    assert largest(partition(max_cpus_per_node=0), HARDWARE).cpus == 0


# --- what holds for all ---------------------------------------------------------------------

LIMITS: dict[str, st.SearchStrategy[Any]] = {
    "max_time": st.none() | st.sampled_from([-1, 0, 1, 30, 60, 1440]),
    "default_time": st.none() | st.sampled_from([-1, 0, 1, 30, 60, 1440]),
    "min_nodes": st.none() | st.integers(0, 18),
    "max_nodes": st.none() | st.integers(0, 18),
    "max_cpus_per_node": st.none() | st.integers(0, 66),
    "max_cpus_per_socket": st.none() | st.integers(0, 34),
    "def_mem_per_cpu": st.none() | st.integers(0, 9000),
    "def_mem_per_node": st.none() | st.integers(0, 300_000),
    "max_mem_per_cpu": st.none() | st.integers(0, 9000),
    "max_mem_per_node": st.none() | st.integers(0, 300_000),
    "def_cpu_per_gpu": st.none() | st.integers(0, 20),
    "def_mem_per_gpu": st.none() | st.integers(0, 100_000),
    "req_resv": st.none() | st.booleans(),
}
partitions = st.fixed_dictionaries({}, optional=LIMITS).map(lambda limits: partition(**limits))
counts = st.none() | st.integers(1, 20)
jobs = st.builds(
    Job,
    nodes=counts,
    ntasks=st.none() | st.integers(1, 1100),
    cpus_per_task=st.none() | st.integers(1, 70),
    ntasks_per_node=st.none() | st.integers(1, 70),
    mem_per_node=st.none() | st.integers(0, 300_000),
    mem_per_cpu=st.none() | st.integers(0, 9000),
    time=st.none() | st.sampled_from([0, 1, 30, 31, 60, 61, 1440, 1441]),
    reservation=st.booleans(),
)
hardware = st.builds(
    lambda *kinds: Hardware(kinds),
    *[
        st.builds(
            Nodes,
            count=st.integers(1, 20),
            cpus=st.integers(1, 128),
            sockets=st.integers(1, 4),
            memory_mb=st.integers(0, 300_000),
            gpus=st.integers(0, 8),
        )
    ]
    * 1,
)
enforcing = st.sampled_from(list(Enforce))


def whole(verdict: Verdict) -> bool:
    """Whether an answer has all its parts, and only those."""
    if verdict.accepted:
        return verdict.reason_code == "ACCEPT" and bool(verdict.gets or verdict.pends)
    if verdict.accepted is None:
        return verdict.reason_code == "UNKNOWN" and bool(verdict.caveat)
    return bool(verdict.message and verdict.check and verdict.by) and verdict.gets is None


@given(partitions, jobs, st.none() | hardware, enforcing)
def test_every_answer_is_whole(
    asked: Partition, job: Job, nodes: Hardware | None, enforce: Enforce
) -> None:
    """A verdict, its reason and its words, whatever is asked."""
    assert whole(judge(asked, job, nodes, enforce))


any_number = st.none() | st.integers(-(2**63), 2**63 - 1)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            **dict.fromkeys([name for name in LIMITS if name != "req_resv"], any_number),
            "req_resv": st.none() | st.booleans(),
        },
    ),
    st.builds(
        Job,
        **dict.fromkeys(
            ["nodes", "ntasks", "cpus_per_task", "ntasks_per_node", "gpus", "gpus_per_node"],
            st.none() | st.integers(1, 2**63),
        ),
        **dict.fromkeys(
            ["mem_per_node", "mem_per_cpu", "mem_per_gpu", "time"],
            st.none() | st.integers(0, 2**63),
        ),
    ),
    st.none() | hardware,
    enforcing,
)
def test_no_number_breaks_it(
    limits: dict[str, Any], job: Job, nodes: Hardware | None, enforce: Enforce
) -> None:
    """Absurd values have an answer too, and the largest job is told."""
    asked = partition(**limits)

    assert whole(judge(asked, job, nodes, enforce))
    assert largest(asked, nodes).notes is not None


@given(partitions, jobs, hardware)
def test_what_the_record_rejects_is_rejected_on_any_nodes(
    asked: Partition, job: Job, nodes: Hardware
) -> None:
    """An answer without hardware is never the opposite of one with it."""
    if judge(asked, job, None).accepted is False:
        assert judge(asked, job, nodes).accepted is False


# Raising any of these can only admit more. Not among them: defaults and min_nodes, which are
# no maxima, and max_mem_per_cpu. It decides how many CPUs a job is given for its memory, and
# with `--ntasks` these can be spread in a way that no longer fits.
MAXIMA = {
    "max_time": st.integers(0, 1440),
    "max_nodes": st.integers(0, 18),
    "max_cpus_per_node": st.integers(0, 66),
    "max_cpus_per_socket": st.integers(0, 34),
    "max_mem_per_node": st.integers(1, 300_000),
}


@st.composite
def limited(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """The name of a maximum, and the limits of a partition that has it."""
    name = draw(st.sampled_from(list(MAXIMA)))
    others = {key: values for key, values in LIMITS.items() if key != name}
    # A default time that is dropped beside a lower maximum comes to life beside a higher one.
    others["default_time"] = st.none() | st.sampled_from([1, 30, 60, 1440])
    return name, draw(st.fixed_dictionaries({name: MAXIMA[name]}, optional=others))


@given(limited(), jobs, hardware, st.none() | st.integers(1, 300_000))
def test_raising_a_maximum_never_rejects_an_accepted_job(
    given_limits: tuple[str, dict[str, Any]], job: Job, nodes: Hardware, more: int | None
) -> None:
    """Nor does taking it away; where the maximum by node goes, that by CPU must not come in."""
    name, limits = given_limits
    raised: dict[str, Any] = {name: None if more is None else limits[name] + more}
    if name == "max_mem_per_node" and more is None:
        raised["max_mem_per_cpu"] = None

    if judge(partition(**limits), job, nodes).accepted:
        assert judge(partition(**{**limits, **raised}), job, nodes).accepted


@given(partitions, jobs, hardware, st.integers(1, 10))
def test_more_nodes_never_reject_an_accepted_job(
    asked: Partition, job: Job, nodes: Hardware, more: int
) -> None:
    """Of the same kind."""
    [kind] = nodes.kinds
    wider = Hardware(
        (Nodes(kind.count + more, kind.cpus, kind.sockets, kind.memory_mb, kind.gpus),)
    )

    if judge(asked, job, nodes).accepted:
        assert judge(asked, job, wider).accepted


@given(partitions, jobs, hardware)
def test_without_enforcement_no_more_is_rejected(
    asked: Partition, job: Job, nodes: Hardware
) -> None:
    """What ALL accepts, NO accepts, and it does not wait for a limit."""
    if judge(asked, job, nodes).accepted:
        verdict = judge(asked, job, nodes, Enforce.NO)
        assert (verdict.accepted, verdict.pends) == (True, "")
