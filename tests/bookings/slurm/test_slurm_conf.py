"""Partitions as lines of slurm.conf."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookings.slurm.cluster import read_cluster
from bookings.slurm.limits import LIMITS, Unit, limit_of
from bookings.slurm.reconcile import Status, reconcile
from bookings.slurm.slurm_conf import NotWritable, lines, name_trouble, one_line, word
from bookings.waldur.models import Partition

RECORDED = Path(__file__).parents[4] / "shared" / "slurm"
recorded = pytest.mark.skipif(not RECORDED.exists(), reason="no recorded data")
# Records take long to draw, and others wait for the machine.
fewer = settings(max_examples=50)

BINDINGS = [b + v for b in (0, 0x2, 0x4, 0x8, 0x10, 0x20, 0x80000) for v in (0, 1)]
LEGAL: dict[Unit, st.SearchStrategy[Any]] = {
    Unit.MINUTES: st.integers(-1, 35_791_393),
    Unit.SECONDS: st.integers(0, 2**32 - 3),
    Unit.NODES: st.integers(0, 2**32 - 3),
    Unit.CPUS: st.integers(0, 2**32 - 3),
    Unit.MEGABYTES: st.integers(0, 2**63 - 3) | st.just(2**63 - 1),
    Unit.TIER: st.integers(0, 65_535),
    Unit.MASK: st.sampled_from(BINDINGS),
    Unit.FLAG: st.booleans(),
    Unit.NAME: st.from_regex(r"[A-Za-z0-9_.-]+", fullmatch=True) | st.sampled_from(["", "N/A"]),
}
numbers = st.integers(-(2**63), 2**63 - 1)
ABSURD = {
    **dict.fromkeys(LEGAL, numbers | st.text(max_size=20)),
    Unit.FLAG: st.booleans() | st.text(max_size=5),
    Unit.NAME: st.text(max_size=20),
}
hostile_names = st.text("aDEFAULT =,#\\\"'\n\r\t\x00\x85\u2028é[]", max_size=12) | st.text()


def records(
    values: dict[Unit, st.SearchStrategy[Any]], names: st.SearchStrategy[str]
) -> st.SearchStrategy[Partition]:
    """Partitions with any of the limits."""
    limits = {limit.field: values[limit.unit] for limit in LIMITS}
    names_and_limits = st.fixed_dictionaries({"partition_name": names}, optional=limits)
    return names_and_limits.map(Partition.model_validate)


legal_records = records(LEGAL, st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True))
absurd_records = records(ABSURD, hostile_names)


def settings_of(text: str) -> list[str]:
    """The lines of a text that are no comments."""
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def comments_of(text: str) -> list[str]:
    """The comments below the header."""
    return [line for line in text.splitlines()[2:] if line.startswith("#")]


def one(**limits: Any) -> str:
    """The text of one partition."""
    return lines([Partition(partition_name="t", **limits)])


def test_a_partition_with_every_limit() -> None:
    """Limits are written in SLURM's words and units, in the order in which people read them."""
    text = one(
        max_time=10080, default_time=-1, grace_time=600, min_nodes=2, max_nodes=12,
        max_cpus_per_node=8, max_cpus_per_socket=4, def_cpu_per_gpu=8, def_mem_per_cpu=2000,
        def_mem_per_gpu=100, max_mem_per_node=64000, cpu_bind=5, priority_tier=50,
        exclusive_user=True, exclusive_topo=True, req_resv=False, qos="gold", cpu_arch="x86_64",
    )  # fmt: skip

    assert settings_of(text) == [
        "PartitionName=t MaxTime=10080 DefaultTime=UNLIMITED GraceTime=600 MinNodes=2 MaxNodes=12 "
        "MaxCPUsPerNode=8 MaxCPUsPerSocket=4 DefCpuPerGPU=8 DefMemPerCPU=2000 DefMemPerGPU=100 "
        "MaxMemPerNode=64000 CpuBind=core,verbose PriorityTier=50 ExclusiveUser=YES "
        "ExclusiveTopo=YES ReqResv=NO QOS=gold"
    ]


def test_the_header() -> None:
    """The header says that nodes are missing, and what needs a newer SLURM or slurmdbd."""
    text = lines([Partition(partition_name="t", max_cpus_per_socket=4, qos="gold")])

    assert "add Nodes= to each line" in text.splitlines()[0]
    assert comments_of(text) == [
        "# MaxCPUsPerSocket needs SLURM 23.02 or later.",
        "# A QOS must be known to slurmdbd, or slurmctld does not start (seen on 25.11).",
    ]


def test_nothing_to_write() -> None:
    """Without partitions there is only the header."""
    assert settings_of(lines([])) == []


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("max_time", 35_791_394, "35791394 is above 35791393, the most SLURM takes"),
        ("max_time", -5, "-5 is less than zero"),
        ("max_time", -1, ""),
        ("default_time", -2, "-2 is less than zero"),
        ("max_nodes", -1, "-1 is less than zero"),
        ("grace_time", 2**32 - 1, "4294967295 is above 4294967293, the most SLURM takes"),
        ("priority_tier", 65_536, "65536 is above 65535, the most SLURM takes"),
        ("priority_tier", 65_535, ""),
        ("def_mem_per_cpu", 0, "0 means not set"),
        ("max_mem_per_cpu", 2**63 - 1, "9223372036854775807 means not set"),
        ("cpu_bind", 0, "0 means not set"),
        ("cpu_bind", 6, "6 is no binding that a partition can have"),
        ("cpu_bind", 64, "64 is no binding that a partition can have"),
        ("cpu_bind", -4, "-4 is less than zero"),
        ("cpu_bind", 33, ""),
        ("def_cpu_per_gpu", 0, "0 means not set"),
        ("max_cpus_per_node", 0, ""),
        ("qos", "N/A", "'N/A' means none"),
        ("qos", "a b", "'a b' cannot be written: a name cannot hold spaces or control characters"),
        ("qos", "a#b", "'a#b' cannot be written: a name cannot hold #"),
        ("qos", "default", ""),
    ],
)
def test_values_that_slurm_would_refuse(field: str, value: Any, reason: str) -> None:
    """A value that SLURM refuses or ignores is left out, and a comment says why."""
    text = one(**{field: value})
    name = limit_of(field).slurm
    expected = [f"# t: {name} is left out: {reason}."] if reason else []

    assert expected == [line for line in comments_of(text) if "left out" in line]
    assert (not reason) == (f"{name}=" in settings_of(text)[0])


def test_a_limit_that_cannot_be_read() -> None:
    """A limit that came unreadable is left out with a comment."""
    text = lines([Partition.model_validate({"partition_name": "t", "max_time": "soon\nish"})])

    assert "# t: MaxTime is left out: 'soon\\nish' cannot be read." in comments_of(text)
    assert settings_of(text) == ["PartitionName=t"]


def test_two_settings_that_exclude_each_other() -> None:
    """Both are written, as recorded; a comment says which one SLURM ignores."""
    text = one(max_mem_per_cpu=4000, max_mem_per_node=64000)

    assert settings_of(text) == ["PartitionName=t MaxMemPerCPU=4000 MaxMemPerNode=64000"]
    assert "# t: SLURM ignores MaxMemPerCPU beside MaxMemPerNode, and logs an error." in text


def test_exclusive_topology_is_written_only_where_it_is_on() -> None:
    """Releases before 24.05 do not start with ExclusiveTopo=NO, and it goes without saying."""
    assert settings_of(one(exclusive_topo=False, exclusive_user=False)) == [
        "PartitionName=t ExclusiveUser=NO"
    ]


@pytest.mark.parametrize(
    ("name", "trouble"),
    [
        ("", "it has no name"),
        ("Default", "DEFAULT is a template for other lines"),
        ("a b", "a name cannot hold spaces or control characters"),
        ("a\nPartitionName=b", "a name cannot hold spaces or control characters"),
        ("a\u2028b", "a name cannot hold spaces or control characters"),
        ("a\xa0b", "a name cannot hold spaces or control characters"),
        ("\ud800", "a name cannot hold spaces or control characters"),
        ('a"b,c#d\\e', 'a name cannot hold " # , \\'),
        ("é" * 501, "a name has at most 1000 bytes"),
        ("é" * 500, ""),
        ("a=b", ""),
    ],
)
def test_names(name: str, trouble: str) -> None:
    """A name that could mean anything else in slurm.conf cannot be written."""
    assert trouble == name_trouble(name)


def test_partitions_that_are_left_out() -> None:
    """A partition without a usable name, or with one that came before, is named in a comment."""
    text = lines(
        [Partition(partition_name=name) for name in ("t", "a\nMaxTime=1", "t", "DEFAULT", "")]
    )

    assert settings_of(text) == ["PartitionName=t"]
    assert comments_of(text) == [
        "# The partition 'a\\nMaxTime=1' is left out: a name cannot hold spaces or control "
        "characters.",
        "# The partition 't' is left out: its name came before.",
        "# The partition 'DEFAULT' is left out: DEFAULT is a template for other lines.",
        "# The partition '' is left out: it has no name.",
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (5, "5"),
        ("a\nb", "'a\\nb'"),
        (["x\n"], "['x\\n']"),
        ("x" * 99, f"'{'x' * 40}'"),
        (None, "None"),
    ],
)
def test_values_in_comments(value: Any, shown: str) -> None:
    """A value in a comment is short and stays on its line."""
    assert shown == one_line(value)


def test_a_word_that_slurm_refuses() -> None:
    """A value without a word is refused with the reason."""
    with pytest.raises(NotWritable, match="less than zero"):
        word(limit_of("max_nodes"), -1)


@recorded
def test_recorded_partitions() -> None:
    """The recorded partitions are written with the parameters that slurmctld was started with."""
    items = [json.loads(line) for line in (RECORDED / "truth.jsonl").read_text().splitlines()]
    partitions = {item["partition"]["partition_name"]: item["partition"] for item in items}
    text = lines([Partition.model_validate(each) for each in partitions.values()])
    conf = (RECORDED / "slurm-partitions.conf").read_text().splitlines()
    theirs = {line.split()[0]: set(line.split()) for line in conf}
    ours = {line.split()[0]: set(line.split()) for line in settings_of(text)}
    left_aside = {"State=UP", "Nodes=n[01-16]", "ExclusiveUser=NO", "ReqResv=NO"}

    assert len(partitions) == 18
    assert {name: theirs[name] - left_aside for name in ours} == {
        name: words - left_aside for name, words in ours.items()
    }


@fewer
@given(st.lists(legal_records, max_size=4, unique_by=lambda each: each.partition_name))
def test_what_is_written_is_what_is_recorded(partitions: list[Partition]) -> None:
    """Read again, the lines of legal partitions match what Waldur records."""
    partitions = [each for each in partitions if each.partition_name != "default"]
    found = read_cluster(lines(partitions))
    rows = reconcile(partitions, found)

    assert found.unread == ()
    assert [row for row in rows if row.status is not Status.MATCH] == []


@fewer
@given(st.lists(absurd_records, max_size=4))
def test_whatever_is_recorded(partitions: list[Partition]) -> None:
    """No record raises, or yields anything but comments and one readable line for itself."""
    text = lines(partitions)
    found = read_cluster(text)
    names = [each.partition_name for each in partitions]
    parameters = {limit.slurm for limit in LIMITS if limit.slurm}

    assert found.unread == ()
    assert {each.name for each in found.partitions} <= set(names)
    assert len(settings_of(text)) == len(found.partitions)
    assert all(
        setting.split("=")[0] in parameters
        for line in settings_of(text)
        for setting in line.split(" ")[1:]
    )
    assert all(len(line) < 4096 for line in text.splitlines())
