"""Waldur's partitions beside the cluster's."""

import json
import shlex
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookings.slurm.cluster import ClusterPartition, ClusterText, read_cluster
from bookings.slurm.limits import LIMITS
from bookings.slurm.reconcile import (
    PARTITION_NAME,
    Comparison,
    Status,
    as_item,
    reconcile,
    slurm_conf_changes,
    update_commands,
)
from bookings.waldur.models import Partition

RECORDED = Path(__file__).parents[4] / "shared" / "slurm"
recorded = pytest.mark.skipif(not RECORDED.exists(), reason="no recorded data")
# Records take long to draw, and others wait for the machine.
fewer = settings(max_examples=50)

NOTHING_SET = (
    "PartitionName=t QoS=N/A DefaultTime=NONE ExclusiveUser=NO ExclusiveTopo=NO GraceTime=0 "
    "MaxNodes=UNLIMITED MaxTime=UNLIMITED MinNodes=0 MaxCPUsPerNode=UNLIMITED "
    "MaxCPUsPerSocket=UNLIMITED PriorityTier=1 ReqResv=NO TotalNodes=16 JobDefaults=(null) "
    "DefMemPerNode=UNLIMITED MaxMemPerNode=UNLIMITED"
)
MATCH, DIFFERS = Status.MATCH, Status.DIFFERS
HERE, THERE = Status.ONLY_IN_WALDUR, Status.ONLY_IN_CLUSTER
KEPT = "SLURM keeps only MaxMemPerNode of the two; MaxMemPerCPU has no effect."


def recorded_partitions() -> list[Partition]:
    """The recorded partitions as Waldur would hold them."""
    lines = (RECORDED / "truth.jsonl").read_text().splitlines()
    items = [json.loads(line)["partition"] for line in lines]
    by_name = {item["partition_name"]: item for item in items}
    return [Partition.model_validate(item) for item in by_name.values()]


def printed(*settings: str) -> ClusterText:
    """A partition as scontrol prints it, with some settings."""
    text = NOTHING_SET
    for setting in settings:
        name = setting.split("=")[0]
        words = [word for word in text.split(" ") if word.split("=")[0] != name]
        text = " ".join([*words, setting])
    return read_cluster(text)


def conf(*settings: str) -> ClusterText:
    """A partition of slurm.conf with some settings."""
    return read_cluster(" ".join(["PartitionName=t", *settings]))


def rows_of(limits: dict[str, Any], cluster: ClusterText) -> dict[str, Comparison]:
    """The rows of one partition by field."""
    partition = Partition.model_validate({"partition_name": "t", **limits})
    return {row.field: row for row in reconcile([partition], cluster)}


def differing(limits: dict[str, Any], cluster: ClusterText) -> dict[str, Status]:
    """The fields of one partition that do not match."""
    rows = rows_of(limits, cluster).values()
    return {row.field: row.status for row in rows if row.status is not MATCH}


@recorded
@pytest.mark.parametrize("file", ["scontrol-show-partition.txt", "slurm-partitions.conf"])
def test_recorded_partitions_match(file: str) -> None:
    """What slurmctld was given and what it prints match the records, the losers included."""
    rows = reconcile(recorded_partitions(), read_cluster((RECORDED / file).read_text()))
    noted = [(row.partition, row.field) for row in rows if row.note and row.status is MATCH]

    assert Counter(row.status for row in rows) == {MATCH: 18 * 19, THERE: 1}
    assert (rows[-1].partition, rows[-1].field) == ("plain", PARTITION_NAME)
    assert noted == [(name, "max_mem_per_cpu") for name in ("large", "capability", "dev")]


@recorded
@pytest.mark.parametrize(
    ("old", "new", "field", "waldur", "cluster"),
    [
        ("MaxTime=7-00:00:00", "MaxTime=3-12:00:00", "max_time", 10080, 5040),
        ("DefaultTime=02:00:00", "DefaultTime=00:30:00", "default_time", 120, 30),
        ("CpuBind=sockets", "CpuBind=cores", "cpu_bind", 8, 4),
        ("JobDefaults=DefCpuPerGPU=8", "JobDefaults=DefCpuPerGPU=9", "def_cpu_per_gpu", 8, 9),
        ("MaxMemPerNode=190000", "MaxMemPerNode=180000", "max_mem_per_node", 190000, 180000),
        ("MaxNodes=1 ", "MaxNodes=2 ", "max_nodes", 1, 2),
        ("MaxCPUsPerSocket=30", "MaxCPUsPerSocket=16", "max_cpus_per_socket", 30, 16),
    ],
)
def test_one_change_is_one_row(old: str, new: str, field: str, waldur: int, cluster: int) -> None:
    """A single setting that is changed in the cluster differs, and nothing else."""
    text = (RECORDED / "scontrol-show-partition.txt").read_text()
    rows = reconcile(recorded_partitions(), read_cluster(text.replace(old, new, 1)))
    found = [row for row in rows if row.status not in (MATCH, THERE)]

    assert [(field, waldur, cluster, DIFFERS)] == [
        (row.field, row.waldur, row.cluster, row.status) for row in found
    ]


@pytest.mark.parametrize(
    "limits",
    [
        {},
        {"min_nodes": 0, "grace_time": 0, "priority_tier": 1, "max_time": -1},
        {"min_nodes": 1, "cpu_bind": 0, "def_cpu_per_gpu": 0, "qos": ""},
        {"exclusive_user": False, "exclusive_topo": False, "req_resv": False, "qos": "N/A"},
        {"def_mem_per_cpu": 0, "def_mem_per_node": 0, "def_mem_per_gpu": 0},
        {"max_mem_per_cpu": 2**63 - 1, "max_mem_per_node": 0},
        {"cpu_arch": "x86_64", "gpu_arch": "sm_90", "qos_options": [{"qos_name": "x"}]},
    ],
)
@pytest.mark.parametrize("cluster", [printed(), conf()])
def test_nothing_recorded_and_nothing_set_agree(
    limits: dict[str, Any], cluster: ClusterText
) -> None:
    """Null, and whatever says no more, agrees with SLURM's default, printed or left out."""
    assert differing(limits, cluster) == {}


@pytest.mark.parametrize(
    ("limits", "settings", "field", "status"),
    [
        ({"max_time": 60}, "MaxTime=01:00:00", "max_time", MATCH),
        ({"max_time": 60}, "MaxTime=02:00:00", "max_time", DIFFERS),
        ({"max_time": 60}, "MaxTime=UNLIMITED", "max_time", HERE),
        ({}, "MaxTime=01:00:00", "max_time", THERE),
        ({"max_time": -1}, "MaxTime=01:00:00", "max_time", THERE),
        ({"max_time": 0}, "MaxTime=UNLIMITED", "max_time", HERE),
        ({"default_time": -1}, "DefaultTime=UNLIMITED", "default_time", MATCH),
        ({}, "DefaultTime=UNLIMITED", "default_time", THERE),
        ({"max_nodes": 0}, "MaxNodes=UNLIMITED", "max_nodes", HERE),
        ({"max_nodes": 0}, "MaxNodes=0", "max_nodes", MATCH),
        ({"min_nodes": 4}, "MinNodes=0", "min_nodes", DIFFERS),
        ({"min_nodes": 1}, "MinNodes=4", "min_nodes", DIFFERS),
        ({"priority_tier": 50}, "PriorityTier=1", "priority_tier", DIFFERS),
        ({"priority_tier": 50}, "PriorityTier=10", "priority_tier", DIFFERS),
        ({"grace_time": 0}, "GraceTime=600", "grace_time", DIFFERS),
        ({"exclusive_user": True}, "ExclusiveUser=NO", "exclusive_user", DIFFERS),
        ({"exclusive_user": True}, "ExclusiveUser=YES", "exclusive_user", MATCH),
        ({"req_resv": False}, "ReqResv=YES", "req_resv", DIFFERS),
        ({}, "ReqResv=YES", "req_resv", THERE),
        ({}, "MinNodes=4", "min_nodes", THERE),
        ({"qos": "gold"}, "QoS=N/A", "qos", HERE),
        ({"qos": "gold"}, "QoS=silver", "qos", DIFFERS),
        ({"cpu_bind": 32}, "CpuBind=none", "cpu_bind", MATCH),
        ({"cpu_bind": 4}, "CpuBind=verbose,cores", "cpu_bind", DIFFERS),
        ({"def_mem_per_node": 4000}, "DefMemPerNode=UNLIMITED", "def_mem_per_node", HERE),
        ({"def_mem_per_gpu": 5}, "JobDefaults=DefMemPerGPU=5", "def_mem_per_gpu", MATCH),
        ({}, "JobDefaults=DefMemPerGPU=5", "def_mem_per_gpu", THERE),
    ],
)
def test_status(limits: dict[str, Any], settings: str, field: str, status: Status) -> None:
    """Two values match or differ; where one side has none, the value is only on the other."""
    found = differing(limits, printed(settings))

    assert ({} if status is MATCH else {field: status}) == found


@pytest.mark.parametrize(
    ("limits", "cluster", "found", "note"),
    [
        # Both recorded, the one by node printed: the other cannot be seen, and has no effect.
        (
            {"max_mem_per_cpu": 4000, "max_mem_per_node": 64000},
            printed("MaxMemPerNode=64000"),
            {},
            KEPT,
        ),
        (
            {"max_mem_per_cpu": 4000, "max_mem_per_node": 64000},
            printed("MaxMemPerNode=96000"),
            {"max_mem_per_node": DIFFERS},
            KEPT,
        ),
        ({"max_mem_per_node": 64000}, printed("MaxMemPerNode=64000"), {}, ""),
        (
            {"max_mem_per_cpu": 4000},
            printed("MaxMemPerNode=64000"),
            {"max_mem_per_cpu": HERE, "max_mem_per_node": THERE},
            KEPT,
        ),
        (
            {"max_mem_per_cpu": 4000, "max_mem_per_node": 64000},
            conf("MaxMemPerCPU=4000 MaxMemPerNode=64000"),
            {},
            KEPT,
        ),
        (
            {"max_mem_per_cpu": 5000, "max_mem_per_node": 64000},
            conf("MaxMemPerCPU=4000 MaxMemPerNode=64000"),
            {"max_mem_per_cpu": DIFFERS},
            KEPT,
        ),
        (
            {"max_mem_per_cpu": 4000, "max_mem_per_node": 64000},
            conf("MaxMemPerNode=64000"),
            {},
            KEPT,
        ),
        (
            {"max_mem_per_node": 64000},
            conf("MaxMemPerCPU=4000 MaxMemPerNode=64000"),
            {},
            KEPT,
        ),
        (
            {"max_mem_per_cpu": 4000, "max_mem_per_node": 64000},
            read_cluster(NOTHING_SET.replace("MaxMemPerNode=UNLIMITED", "MaxMemPerCPU=4000")),
            {"max_mem_per_node": HERE},
            "",
        ),
        (
            {"max_mem_per_cpu": 4000, "max_mem_per_node": 64000},
            printed(),
            {"max_mem_per_cpu": HERE, "max_mem_per_node": HERE},
            "",
        ),
    ],
)
def test_the_loser_of_two_settings(
    limits: dict[str, Any], cluster: ClusterText, found: dict[str, Status], note: str
) -> None:
    """A setting that SLURM drops beside another is no false alarm, and a note says so."""
    assert found == differing(limits, cluster)
    assert note == rows_of(limits, cluster)["max_mem_per_cpu"].note


def test_a_default_time_that_slurm_drops() -> None:
    """A default above the maximum is dropped by SLURM, and the row says so."""
    limits = {"default_time": 120, "max_time": 60}
    row = rows_of(limits, printed("MaxTime=01:00:00"))["default_time"]
    same = rows_of(limits, conf("MaxTime=60 DefaultTime=120"))["default_time"]
    note = "SLURM drops a DefaultTime above MaxTime."

    assert (HERE, note) == (row.status, row.note)
    assert (MATCH, note) == (same.status, same.note)


@pytest.mark.parametrize(
    ("limits", "status", "note"),
    [
        ({}, MATCH, ""),
        ({"max_cpus_per_socket": 4}, HERE, "The text does not say MaxCPUsPerSocket."),
    ],
)
def test_a_release_without_the_parameter(limits: dict[str, Any], status: Status, note: str) -> None:
    """What an older SLURM does not print is not set there."""
    older = read_cluster(NOTHING_SET.replace("MaxCPUsPerSocket=UNLIMITED ", ""))
    row = rows_of(limits, older)["max_cpus_per_socket"]

    assert (status, note) == (row.status, row.note)


def test_what_the_json_does_not_say_is_not_compared() -> None:
    """A field that the JSON does not carry has no row; one that it carries has."""
    item = {"name": "t", "maximums": {"time": {"set": True, "infinite": False, "number": 60}}}
    rows = rows_of({"max_time": 60, "exclusive_user": True}, read_cluster(json.dumps([item])))

    assert [(row.field, row.status) for row in rows.values()] == [("max_time", MATCH)]


@pytest.mark.parametrize(
    ("limits", "cluster", "waldur", "theirs", "note"),
    [
        ({"max_nodes": "many"}, conf(), "many", None, "Waldur's value cannot be read."),
        ({"max_nodes": [1]}, printed("MaxNodes=1"), "[1]", 1, "Waldur's value cannot be read."),
        ({"max_nodes": 4}, conf("MaxNodes=4G"), 4, "4G", "The cluster's value cannot be read."),
        ({}, conf("MaxNodes=-1"), None, "-1", "The cluster's value cannot be read."),
    ],
)
def test_values_that_cannot_be_read(
    limits: dict[str, Any], cluster: ClusterText, waldur: Any, theirs: Any, note: str
) -> None:
    """A value that cannot be read differs, is shown as it came, and a note says whose it is."""
    row = rows_of(limits, cluster)["max_nodes"]

    assert (DIFFERS, waldur, theirs, note) == (row.status, row.waldur, row.cluster, row.note)


def test_values_that_slurm_takes_in_no_way() -> None:
    """A recorded value that SLURM would refuse carries the reason."""
    rows = rows_of({"cpu_bind": 6, "max_nodes": -1}, printed())

    assert {field: row.note for field, row in rows.items() if row.note} == {
        "cpu_bind": "SLURM takes no such value: 6 is no binding that a partition can have.",
        "max_nodes": "SLURM takes no such value: -1 is less than zero.",
    }


def test_a_partition_that_is_only_in_waldur() -> None:
    """A partition that the cluster does not have has a row for itself and for each limit."""
    partition = Partition(partition_name="new", max_time=60, exclusive_user=False, cpu_arch="x")
    rows = reconcile([partition, Partition(partition_name="bare")], ClusterText())

    assert [(row.partition, row.field, row.waldur, row.cluster) for row in rows] == [
        ("new", PARTITION_NAME, "new", None),
        ("new", "max_time", 60, None),
        ("new", "exclusive_user", False, None),
        ("bare", PARTITION_NAME, "bare", None),
    ]
    assert {HERE} == {row.status for row in rows}


def test_a_partition_that_is_only_in_the_cluster() -> None:
    """A partition that Waldur does not have has a row for itself and for what is set."""
    rows = reconcile([], printed("MaxTime=1-00:00:00", "PriorityTier=5"))

    assert [(row.field, row.waldur, row.cluster, row.written) for row in rows] == [
        (PARTITION_NAME, None, "t", "t"),
        ("max_time", None, 1440, "1-00:00:00"),
        ("priority_tier", None, 5, "5"),
    ]
    assert {THERE} == {row.status for row in rows}


def test_order() -> None:
    """Rows come in Waldur's order, then what is in the cluster only."""
    cluster = read_cluster("PartitionName=a\nPartitionName=b\nPartitionName=c\n")
    rows = reconcile([Partition(partition_name=name) for name in ("c", "x", "b", "c")], cluster)
    names = [row.partition for row in rows]

    assert names == ["c"] * 19 + ["x"] + ["b"] * 19 + ["c"] * 19 + ["a"]


def test_items() -> None:
    """A row as JSON holds the five values in their order."""
    row = rows_of({"max_time": 60}, printed("MaxTime=02:00:00"))["max_time"]

    assert list(as_item(row).items()) == [
        ("partition", "t"),
        ("field", "max_time"),
        ("waldur", 60),
        ("cluster", 120),
        ("status", "differs"),
    ]
    assert json.loads(json.dumps(as_item(row))) == as_item(row)


def commands(limits: dict[str, Any], cluster: ClusterText) -> list[str]:
    """The commands for one partition, without the first line."""
    partition = Partition.model_validate({"partition_name": "t", **limits})
    rows = reconcile([partition], cluster)
    return update_commands([partition], rows).splitlines()[1:]


@pytest.mark.parametrize(
    ("limits", "settings", "words"),
    [
        ({"max_time": 60}, ["MaxTime=UNLIMITED"], "MaxTime=60"),
        ({}, ["MaxTime=60"], "MaxTime=UNLIMITED"),
        ({}, ["MaxNodes=6", "MinNodes=2"], "MinNodes=0 MaxNodes=UNLIMITED"),
        ({"exclusive_user": True}, [], "ExclusiveUser=YES"),
        ({"req_resv": False}, ["ReqResv=YES"], "ReqResv=NO"),
        ({}, ["GraceTime=5", "PriorityTier=9"], "GraceTime=0 PriorityTier=1"),
        ({"cpu_bind": 5}, [], "CpuBind=core,verbose"),
        ({}, ["CpuBind=cores"], "CpuBind=off"),
        ({"qos": "gold"}, [], "QOS=gold"),
        ({}, ["QoS=gold"], "QOS="),
        ({"def_cpu_per_gpu": 8}, [], "JobDefaults=DefCpuPerGPU=8"),
        (
            {"def_cpu_per_gpu": 8, "def_mem_per_gpu": 5},
            ["JobDefaults=DefCpuPerGPU=8"],
            "JobDefaults=DefCpuPerGPU=8,DefMemPerGPU=5",
        ),
        ({}, ["JobDefaults=DefCpuPerGPU=8"], "JobDefaults="),
        ({"def_mem_per_cpu": 100}, ["DefMemPerNode=5"], "DefMemPerCPU=100"),
        ({"def_mem_per_cpu": 1, "def_mem_per_node": 9}, [], "DefMemPerNode=9"),
        ({"max_mem_per_node": 0}, ["MaxMemPerNode=5"], "MaxMemPerNode=0"),
    ],
)
def test_commands(limits: dict[str, Any], settings: list[str], words: str) -> None:
    """A command sets what differs to Waldur's values, or takes it away."""
    assert [f"scontrol update PartitionName=t {words}"] == commands(limits, printed(*settings))


@pytest.mark.parametrize(
    ("limits", "settings", "comment"),
    [
        ({}, "DefaultTime=00:10:00", "DefaultTime cannot be taken away by scontrol; take it from "),
        ({"default_time": 9, "max_time": 5}, "MaxTime=5", "DefaultTime is above MaxTime, and"),
        ({"priority_tier": 65534}, "", "PriorityTier 65534 is above 65533, the most scontrol"),
        ({"cpu_bind": 0x80000}, "", "CpuBind=off takes a binding away in scontrol"),
        ({"max_nodes": -1}, "", "MaxNodes -1 is less than zero"),
        ({"max_nodes": 2**32 - 3}, "", "MaxNodes 4294967293 is above 2147483647"),
        ({"max_nodes": "x"}, "", "MaxNodes of Waldur cannot be read"),
        ({"qos": "a\nb"}, "", "QOS 'a\\nb' cannot be written"),
    ],
)
def test_what_commands_cannot_do(limits: dict[str, Any], settings: str, comment: str) -> None:
    """What scontrol update cannot set is said in a comment."""
    (line,) = commands(limits, printed(*filter(None, [settings])))

    assert line.startswith(f"# t: {comment}")


def test_commands_for_partitions_on_one_side() -> None:
    """A partition on one side only is named in a comment."""
    ours = [Partition(partition_name="new", max_time=5), Partition(partition_name="$(x)")]
    cluster = read_cluster("PartitionName=old\nPartitionName=$(x) MaxTime=5")
    text = update_commands(ours, reconcile(ours, cluster)).splitlines()

    assert text[1:] == [
        "# new is not in the cluster. A new partition needs nodes, see slurm.conf.",
        "scontrol update 'PartitionName=$(x)' MaxTime=UNLIMITED",
        "# 'old' is only in the cluster.",
    ]


def test_a_partition_that_is_recorded_twice() -> None:
    """Of two records of a name the first counts, and a comment says so."""
    ours = [Partition(partition_name="t", max_time=time) for time in (5, 6)]
    text = update_commands(ours, reconcile(ours, printed())).splitlines()

    assert text[1:] == [
        "# 't' is recorded 2 times; this is the first record.",
        "scontrol update PartitionName=t MaxTime=5",
    ]


@pytest.mark.parametrize("write", [update_commands, slurm_conf_changes])
def test_nothing_to_change(write: Any) -> None:
    """Where everything matches, the text says so."""
    ours = [Partition(partition_name="t")]

    assert write(ours, reconcile(ours, printed())).splitlines()[-1] == "# Nothing differs."


def test_lines_of_slurm_conf_with_what_differs() -> None:
    """Only what differs is written; what must go away is said."""
    ours = [
        Partition(partition_name="t", max_time=60, max_nodes=4, cpu_bind=6),
        Partition(partition_name="new", max_time=5),
    ]
    rows = reconcile(ours, printed("MaxNodes=4", "MinNodes=2"))

    assert slurm_conf_changes(ours, rows).splitlines()[2:] == [
        "# t: take MinNodes away.",
        "# t: CpuBind is left out: 6 is no binding that a partition can have.",
        "PartitionName=t MaxTime=60",
        "# new is not in the cluster. It needs Nodes=.",
        "PartitionName=new MaxTime=5",
    ]


anything = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=6)
fields = st.sampled_from([limit.field for limit in LIMITS])
names = st.sampled_from(["t", "a b", "x\ny", "$(reboot)", "'; reboot #", "DEFAULT", ""]) | st.text()
some_records = st.builds(
    lambda name, limits: Partition.model_validate({**limits, "partition_name": name}),
    names,
    st.dictionaries(fields, anything),
)
some_clusters = st.builds(
    lambda partitions, form: ClusterText(tuple(partitions), form=form),
    st.lists(
        st.builds(
            ClusterPartition,
            names,
            st.dictionaries(fields, st.none() | st.integers(-1, 2**64) | st.just("x")),
            st.dictionaries(fields, st.text(max_size=5)),
        ),
        max_size=3,
    ),
    st.sampled_from(["scontrol", "scontrol JSON", "slurm.conf", ""]),
)


@fewer
@given(st.lists(some_records, max_size=3), some_clusters)
def test_any_two_sides(partitions: list[Partition], cluster: ClusterText) -> None:
    """No pair raises; every command is one line that a shell reads as words of scontrol."""
    rows = reconcile(partitions, cluster)
    commands = update_commands(partitions, rows).splitlines()
    changes = slurm_conf_changes(partitions, rows)

    assert all(json.dumps(as_item(row)) for row in rows)
    assert all(
        line.startswith("#") or shlex.split(line)[:2] == ["scontrol", "update"] for line in commands
    )
    assert read_cluster(changes).unread == ()
