"""What a cluster says, read from each form of text."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookings.slurm.cluster import (
    SCONTROL,
    SCONTROL_JSON,
    SLURM_CONF,
    ClusterPartition,
    ClusterText,
    read_cluster,
)

RECORDED = Path(__file__).parents[4] / "shared" / "slurm"
recorded = pytest.mark.skipif(not RECORDED.exists(), reason="no recorded data")
# Records take long to draw, and others wait for the machine.
fewer = settings(max_examples=50)

LARGE = {
    "max_time": 60, "default_time": 30, "grace_time": 600, "max_nodes": None,
    "max_cpus_per_node": 16, "max_cpus_per_socket": None, "def_cpu_per_gpu": 8,
    "def_mem_per_cpu": 2000, "def_mem_per_gpu": None, "def_mem_per_node": None,
    "max_mem_per_node": 64000, "cpu_bind": 5, "priority_tier": 100, "qos": None,
}  # fmt: skip

BLOCKS = """PartitionName=debug
   AllowGroups=ALL AllowAccounts=ALL AllowQos=ALL
   AllocNodes=ALL Default=NO CpuBind=verbose,cores  QoS=gold
   DefaultTime=01:30:00 DisableRootJobs=NO ExclusiveUser=YES GraceTime=9 Hidden=NO
   MaxNodes=3 MaxTime=2-00:00:00 MinNodes=2 LLN=NO MaxCPUsPerNode=4
   Nodes=n01
   PriorityJobFactor=1 PriorityTier=50 RootOnly=NO ReqResv=YES OverSubscribe=NO
   OverTimeLimit=NONE PreemptMode=OFF
   State=UP TotalCPUs=64 TotalNodes=1 SelectTypeParameters=NONE
   JobDefaults=DefCpuPerGPU=4,DefMemPerGPU=100
   DefMemPerNode=300 MaxMemPerCPU=200
   TRES=cpu=64,mem=250G,node=1,billing=64

PartitionName=nothing
   AllowGroups=ALL AllowAccounts=ALL AllowQos=ALL
   AllocNodes=ALL Default=NO QoS=
   DefaultTime=UNLIMITED DisableRootJobs=NO ExclusiveUser=NO GraceTime=0 Hidden=NO
   MaxNodes=UNLIMITED MaxTime=UNLIMITED MinNodes=0 LLN=NO MaxCPUsPerNode=UNLIMITED
   Nodes=(null)
   PriorityJobFactor=1 PriorityTier=1 RootOnly=NO ReqResv=NO OverSubscribe=NO
   OverTimeLimit=NONE PreemptMode=OFF
   State=UP TotalCPUs=0 TotalNodes=0 SelectTypeParameters=NONE
   JobDefaults=(null)
   DefMemPerCPU=9223372036854775807 MaxMemPerNode=UNLIMITED
   TRES=(null)

"""
"""Blocks as scontrol 22.05.8 prints them."""


def read_one(text: str) -> ClusterPartition:
    """The only partition of a text that is read as a whole."""
    found = read_cluster(text)
    assert (found.unread, len(found.partitions)) == ((), 1)

    return found.partitions[0]


def conf(setting: str) -> ClusterText:
    """What is read of one parameter in slurm.conf."""
    return read_cluster(f"PartitionName=t Nodes=n01 {setting}")


def printed(setting: str) -> ClusterText:
    """What is read of one parameter that scontrol prints."""
    return read_cluster(f"PartitionName=t TotalNodes=1 {setting}")


def limit(number: int | None, *, infinite: bool = False) -> dict[str, Any]:
    """A number as SLURM's JSON writes it."""
    return {"set": number is not None, "infinite": infinite, "number": number or 0}


def described(**changes: Any) -> dict[str, Any]:
    """A partition in the shape of the JSON of SLURM 25.11, changed by path ("maximums_time")."""
    item: dict[str, Any] = {
        "name": "long",
        "nodes": {"configured": "n[01-16]", "total": 16},
        "qos": {"allowed": "", "deny": "", "assigned": ""},
        "cpus": {"task_binding": 0, "total": 1024},
        "defaults": {
            "memory_per_cpu": 0,
            "partition_memory_per_cpu": limit(None),
            "partition_memory_per_node": limit(0),
            "time": limit(None),
            "job": "",
        },
        "grace_time": 0,
        "maximums": {
            "cpus_per_node": limit(None, infinite=True),
            "cpus_per_socket": limit(None, infinite=True),
            "memory_per_cpu": 0,
            "partition_memory_per_cpu": limit(None),
            "partition_memory_per_node": limit(0),
            "nodes": limit(None, infinite=True),
            "time": limit(None, infinite=True),
        },
        "minimums": {"nodes": 0},
        "priority": {"job_factor": 1, "tier": 1},
    }
    for path, value in changes.items():
        part, _, key = path.partition("__")
        if key:
            item[part][key] = value
        else:
            item[part] = value
    return item


def read_json(item: Any) -> ClusterText:
    """What is read of one partition in the JSON of scontrol."""
    return read_cluster(json.dumps({"partitions": [item], "errors": []}, indent=1))


@recorded
def test_recorded_lines_of_scontrol() -> None:
    """Every recorded line of scontrol is read, with its totals and its line."""
    found = read_cluster((RECORDED / "scontrol-show-partition.txt").read_text())
    large = found.partitions[2]

    assert (
        found.form,
        len(found.partitions),
        found.unread,
        found.notes,
    ) == (SCONTROL, 19, (), ())
    assert (
        large.name,
        large.line,
        large.total_nodes,
        large.total_cpus,
    ) == ("large", 3, 16, 1024)
    assert {field: large.values[field] for field in LARGE} == LARGE


@recorded
def test_the_loser_of_two_settings_is_not_said_by_scontrol() -> None:
    """Beside a maximum by node, scontrol shows none by CPU, so nothing is said of it."""
    large = read_cluster((RECORDED / "scontrol-show-partition.txt").read_text()).partitions[2]

    assert "max_mem_per_cpu" not in large.values
    assert "max_mem_per_cpu" not in large.written


@recorded
def test_recorded_lines_of_slurm_conf() -> None:
    """Every recorded line of slurm.conf is read, both of two exclusive settings as well."""
    found = read_cluster((RECORDED / "slurm-partitions.conf").read_text())
    large = found.partitions[2]

    assert (
        found.form,
        len(found.partitions),
        found.unread,
        found.notes,
    ) == (SLURM_CONF, 19, (), ())
    assert {field: large.values[field] for field in LARGE} == LARGE
    assert large.values["max_mem_per_cpu"] == 4000


@recorded
def test_blocks_say_what_lines_say() -> None:
    """A text broken into blocks is read as the same text in lines."""
    lines = (RECORDED / "scontrol-show-partition.txt").read_text()
    blocks = lines.replace("\n", "\n\n").replace(" AllowGroups", "\n   AllowGroups")
    blocks = blocks.replace(" Nodes=", "\n   Nodes=").replace(" JobDefaults", "\n   JobDefaults")

    one, other = read_cluster(lines).partitions, read_cluster(blocks).partitions

    assert [(each.name, each.values, each.written) for each in one] == [
        (each.name, each.values, each.written) for each in other
    ]


@recorded
def test_odd_lines_that_slurmctld_was_started_with() -> None:
    """A line is read without complaint where slurmctld started, and listed where it did not."""
    probes = [
        json.loads(line) for line in (RECORDED / "startup-probes.jsonl").read_text().splitlines()
    ]
    # Which QOS exist, and which parameters an old release knows, is not in the text.
    known = [
        probe
        for probe in probes
        if not any(
            sign in " ".join(probe["log"])
            for sign in ("invalid qos", "key: Ex", "key: MaxCPUsPerS")
        )
    ]
    fatal = {
        probe["id"]: any(
            "does not start" in each.reason for each in read_cluster(probe["line"]).unread
        )
        for probe in known
    }

    assert {probe["id"]: not probe["started"] for probe in known} == fatal
    assert len(known) > 50


def test_blocks_of_an_older_release() -> None:
    """Blocks of 22.05 are read; what it does not have is not said."""
    found = read_cluster(BLOCKS)
    debug, nothing = found.partitions

    assert (found.unread, found.notes, found.form) == ((), (), SCONTROL)
    assert debug.values == {
        "max_time": 2880, "default_time": 90, "grace_time": 9, "min_nodes": 2, "max_nodes": 3,
        "max_cpus_per_node": 4, "def_cpu_per_gpu": 4, "def_mem_per_gpu": 100,
        "def_mem_per_node": 300, "max_mem_per_cpu": 200, "max_mem_per_node": None,
        "cpu_bind": 5, "priority_tier": 50, "exclusive_user": True, "req_resv": True,
        "qos": "gold",
    }  # fmt: skip
    assert debug.written["max_time"] == "2-00:00:00"
    assert (debug.line, nothing.line) == (1, 14)
    assert nothing.values == {
        "max_time": None, "default_time": -1, "grace_time": 0, "min_nodes": 0, "max_nodes": None,
        "max_cpus_per_node": None, "def_cpu_per_gpu": None, "def_mem_per_gpu": None,
        "def_mem_per_cpu": None, "def_mem_per_node": None, "max_mem_per_cpu": None,
        "max_mem_per_node": None, "cpu_bind": None, "priority_tier": 1, "exclusive_user": False,
        "req_resv": False, "qos": None,
    }  # fmt: skip


@pytest.mark.parametrize("ending", ["\r\n", "\n\n"])
def test_line_endings(ending: str) -> None:
    """A byte order mark, CRLF and lines pasted with gaps change nothing."""
    text = "\ufeff" + BLOCKS.replace("\n", ending)

    assert [each.values for each in read_cluster(BLOCKS).partitions] == [
        each.values for each in read_cluster(text).partitions
    ]


def test_what_is_pasted_around_the_text_of_scontrol() -> None:
    """A prompt, a message and a stray word are listed with their lines; the rest is read."""
    found = read_cluster(
        "$ scontrol show partition -o\n"
        "scontrol: error: MaxMemPerCPU ignored\n"
        "PartitionName=t stray words MaxTime=01:00:00 TotalNodes=4\n"
    )

    assert [(each.line, each.text, each.reason) for each in found.unread] == [
        (1, "$ scontrol show partition -o", "it is not of a partition"),
        (2, "scontrol: error: MaxMemPerCPU ignored", "it is not of a partition"),
        (3, "stray words", "it is not Name=value"),
    ]
    assert found.partitions[0].values == {"max_time": 60, "cpu_bind": None}


@pytest.mark.parametrize(
    ("word", "minutes"),
    [
        ("90", 90),
        ("010", 10),
        ("90:30", 91),
        ("0:10", 1),
        ("2:00:00", 120),
        ("01:30:01", 91),
        ("7-00:00:00", 10080),
        ("1-12", 2160),
        ("2-0:30", 2910),
        ("5-", 7200),
        ("365-0", 525600),
        ("0", 0),
        ("35791393", 35791393),
        ("UNLIMITED", None),
        ("infinite", None),
        ("-1", None),
    ],
)
def test_times(word: str, minutes: int | None) -> None:
    """A time is read in every form SLURM takes; seconds round up; no limit is none."""
    assert minutes == read_one(f"PartitionName=t MaxTime={word}").values["max_time"]


@pytest.mark.parametrize(
    "word",
    ["1:2:3:4", "-5", "x", "1-2-3", "1h", "", "36500-0", "35791394", "35791393:09", "1:", "٣"],
)
def test_times_that_are_none(word: str) -> None:
    """A time that keeps slurmctld from starting is listed, and no value."""
    found = conf(f'MaxTime="{word}"')

    assert "slurmctld does not start" in found.unread[0].reason
    assert found.partitions[0].values.get("max_time") is None


@pytest.mark.parametrize(
    ("setting", "field", "value"),
    [
        ("DefaultTime=UNLIMITED", "default_time", -1),
        ("DefaultTime=0", "default_time", 0),
        ("MaxNodes=010", "max_nodes", 8),
        ("MaxNodes=0x10", "max_nodes", 16),
        ("MaxNodes=+3", "max_nodes", 3),
        ("MaxNodes=0", "max_nodes", 0),
        ("MaxNodes=4294967295", "max_nodes", None),
        ("MaxNodes=UNLIMITED", "max_nodes", None),
        ("MinNodes=INFINITE", "min_nodes", 4294967295),
        ("GraceTime=1k", "grace_time", 1024),
        ("GraceTime=UNLIMITED", "grace_time", 4294967295),
        ("PriorityTier=UNLIMITED", "priority_tier", 65535),
        ("Priority=7 PriorityTier=9", "priority_tier", 7),
        ("MaxMemPerCPU=4K", "max_mem_per_cpu", 4096),
        ("MaxMemPerCPU=0", "max_mem_per_cpu", None),
        ("MaxMemPerCPU=UNLIMITED", "max_mem_per_cpu", None),
        ("MaxMemPerNode=9223372036854775807", "max_mem_per_node", None),
        ("DefCpuPerGPU=0", "def_cpu_per_gpu", None),
        ("defcpupergpu=8", "def_cpu_per_gpu", 8),
        ("EXCLUSIVEUSER=true", "exclusive_user", True),
        ("ExclusiveUser=1", "exclusive_user", True),
        ("ReqResv=down", "req_resv", False),
        ("CpuBind=core,verbose", "cpu_bind", 5),
        ("CpuBind=cores;v", "cpu_bind", 5),
        ("CpuBind=verbose", "cpu_bind", 1),
        ("CpuBind=none", "cpu_bind", 32),
        ("CpuBind=off", "cpu_bind", 524288),
        ("CpuBind=ldoms", "cpu_bind", 16),
        ("QOS=none", "qos", "none"),
        ('QOS=""', "qos", None),
        ("QOS=N/A", "qos", None),
        ("MaxTime = 5", "max_time", 5),
        ("MaxTime+=5", "max_time", 5),
        ('MaxTime="2:00:00"', "max_time", 120),
        ("PowerDownOnIdle=NO", "max_time", None),
    ],
)
def test_parameters_of_slurm_conf(setting: str, field: str, value: Any) -> None:
    """A parameter is read as slurmctld reads it, in small or capital letters."""
    found = conf(setting)

    assert ((), value) == (found.unread, found.partitions[0].values[field])


@pytest.mark.parametrize(
    ("setting", "text", "reason"),
    [
        ("MaxMemPerCPU=4G", "MaxMemPerCPU=4G", "it is not a plain number of MB; slurmctld does "),
        ("MaxNodes=-1", "MaxNodes=-1", "it is less than zero; slurmctld does not start"),
        ("MaxNodes=09", "MaxNodes=09", "it is not a number; slurmctld"),
        ("MaxNodes=4294967296", "MaxNodes=4294967296", "it is out of range; slurmctld"),
        ("PriorityTier=65536", "PriorityTier=65536", "it is out of range; slurmctld"),
        ("PriorityTier=1k", "PriorityTier=1k", "it is not a number; slurmctld"),
        ("MaxNodes=" + "9" * 5000, "MaxNodes=9999", "it is not a number; slurmctld"),
        ("ReqResv=maybe", "ReqResv=maybe", "it is neither YES nor NO; slurmctld"),
    ],
)
def test_parameters_that_are_fatal(setting: str, text: str, reason: str) -> None:
    """What keeps slurmctld from starting is listed with its line and is no value."""
    found = conf(setting)
    (unread,) = found.unread

    assert (
        unread.line,
        unread.text.startswith(text),
        unread.reason.startswith(reason),
    ) == (1, True, True)
    assert set(found.partitions[0].written) - set(found.partitions[0].values)


@pytest.mark.parametrize("word", ["rank", "core,socket", "4", "map_cpu:0", "(null"])
def test_bindings_that_slurm_ignores(word: str) -> None:
    """A binding that no partition can have is listed, and counts as none, as in SLURM."""
    found = conf(f"CpuBind={word}")

    assert (
        found.unread[0].reason.rpartition("; ")[2],
        found.partitions[0].values["cpu_bind"],
    ) == ("SLURM ignores it", None)


@pytest.mark.parametrize("setting", ["Foo=1", "MaxMemPerGPU=1", "Exclusive=USER"])
def test_parameters_that_are_not_known(setting: str) -> None:
    """A parameter that is not known here is listed."""
    (unread,) = conf(setting).unread

    assert (setting, "it is no parameter that is known here") == (unread.text, unread.reason)


def test_a_parameter_that_is_there_twice() -> None:
    """The last of two is taken, as SLURM does, and listed."""
    found = conf("MaxTime=1 MaxTime=2")

    assert (found.partitions[0].values["max_time"], found.unread[0].text) == (2, "MaxTime=2")


def test_a_printed_parameter_that_is_there_twice() -> None:
    """The last of two is taken, and the one before it listed with its line."""
    found = read_cluster("PartitionName=a MaxTime=garbage\n   MaxTime=6 TotalNodes=1\n")

    assert found.partitions[0].values["max_time"] == 6
    assert [(each.line, each.text.lower(), each.reason) for each in found.unread] == [
        (1, "maxtime=garbage", "given again")
    ]


def test_what_slurm_conf_does_not_say_is_not_set() -> None:
    """Every limit that SLURM has is there, None where the line is silent."""
    partition = read_one("PartitionName=t Nodes=ALL")

    assert (19, {None}) == (len(partition.values), set(partition.values.values()))


def test_templates() -> None:
    """A DEFAULT line holds for the lines below it, and a further one adds to it."""
    found = read_cluster(
        "PartitionName=before\n"
        "PartitionName=DEFAULT MaxTime=60 MaxNodes=4\n"
        "PartitionName=one MaxNodes=5\n"
        "partitionname=default MaxNodes=6 DefMemPerNode=100\n"
        "PartitionName=two DefMemPerCPU=10\n"
    )
    fields = ("max_time", "max_nodes", "def_mem_per_cpu", "def_mem_per_node")

    assert found.unread == ()
    assert {each.name: tuple(map(each.values.get, fields)) for each in found.partitions} == {
        "before": (None, None, None, None),
        "one": (60, 5, None, None),
        "two": (60, 6, 10, 100),
    }


def test_what_templates_cannot_say() -> None:
    """ExclusiveUser of a DEFAULT line is not inherited in SLURM, and a note says so."""
    found = read_cluster("PartitionName=DEFAULT ExclusiveUser=YES ReqResv=YES\nPartitionName=t")

    assert found.notes == ("ExclusiveUser of a DEFAULT line has no effect in SLURM.",)
    assert tuple(map(found.partitions[0].values.get, ("exclusive_user", "req_resv"))) == (
        None,
        True,
    )


def test_other_lines_of_slurm_conf() -> None:
    """Comments are skipped, other settings and included files noted, the rest is listed."""
    found = read_cluster(
        "# partitions\n"
        "ClusterName=x  # a comment\n"
        "NodeName=n[01-16] CPUs=64\n"
        "Include /etc/slurm/more.conf\n"
        "what is this\n"
        "PartitionName=t MaxTime=5 # MaxTime=6\n"
    )

    assert (found.partitions[0].name, found.partitions[0].values["max_time"]) == ("t", 5)
    assert [(each.line, each.text, each.reason) for each in found.unread] == [
        (5, "what is this", "it is not Name=value")
    ]
    assert found.notes == (
        "Included files are not read here: /etc/slurm/more.conf (line 4).",
        "2 other lines are not about partitions, and left aside.",
    )


def test_lines_that_go_on() -> None:
    """A backslash at the end joins the next line, also after a comment was cut off."""
    found = read_cluster(
        "PartitionName=t \\\r\n  MaxTime=5 \\ # why\r\n  MaxNodes=3\r\nPartitionName=u \\"
    )
    one, other = found.partitions

    assert (
        found.unread,
        one.values["max_time"],
        one.values["max_nodes"],
        one.line,
    ) == ((), 5, 3, 1)
    assert (other.name, other.line) == ("u", 4)


def test_escaped_signs() -> None:
    """A sign after a backslash is itself: no comment begins, no line goes on."""
    found = read_cluster("PartitionName=a\\#b MaxTime=1\nPartitionName=c MaxTime=2 \\\\\n")

    assert [each.name for each in found.partitions] == ["a#b", "c"]


@pytest.mark.parametrize(
    "text",
    [
        "PartitionName=t MaxTime=1\nPartitionName=t MaxTime=2",
        "PartitionName=t TotalNodes=1 MaxTime=1\nPartitionName=t TotalNodes=1 MaxTime=2",
    ],
)
def test_two_partitions_of_a_name(text: str) -> None:
    """The first counts, the second is listed with its line."""
    found = read_cluster(text)

    assert [each.values["max_time"] for each in found.partitions] == [1]
    assert [(each.line, each.text) for each in found.unread] == [(2, "PartitionName=t")]


def test_names_are_told_apart_by_capitals() -> None:
    """Two names that differ in capitals are two partitions, as in SLURM."""
    found = read_cluster("PartitionName=t\nPartitionName=T\nPartitionName=t,u")

    assert [each.name for each in found.partitions] == ["t", "T", "t,u"]


@pytest.mark.parametrize(
    ("setting", "text"),
    [
        ("MaxTime=INVALID", "MaxTime=INVALID"),
        ("MaxNodes=0x10", "MaxNodes=0x10"),
        ("JobDefaults=DefCpuPerGPU=x", "DefCpuPerGPU=x"),
        ("JobDefaults=DefCpuPerGPU=1,Other=2", "JobDefaults=Other=2"),
    ],
)
def test_what_scontrol_prints_and_cannot_be_read(setting: str, text: str) -> None:
    """A printed value that cannot be read is listed with its line."""
    (unread,) = printed(setting).unread

    assert (1, text) == (unread.line, unread.text)


def test_numbers_that_scontrol_prints_are_decimal() -> None:
    """A leading 0 is no octal number in what is printed."""
    assert printed("MaxNodes=010").partitions[0].values["max_nodes"] == 10


def test_json_of_a_recent_release() -> None:
    """The JSON of scontrol is read with its marks for not set and infinite."""
    found = read_json(
        described(
            maximums__time=limit(10080),
            defaults__time=limit(120),
            maximums__nodes=limit(12),
            minimums__nodes=2,
            maximums__cpus_per_node=limit(8),
            maximums__cpus_per_socket=limit(4),
            cpus__task_binding=5,
            cpus__total=1024,
            qos__assigned="gold",
            priority__tier=50,
            grace_time=600,
            maximums__partition_memory_per_node=limit(64000),
        )
    )
    (partition,) = found.partitions

    assert (found.unread, found.form) == ((), SCONTROL_JSON)
    assert (
        partition.name,
        partition.line,
        partition.total_nodes,
        partition.total_cpus,
    ) == ("long", 4, 16, 1024)
    assert partition.values == {
        "max_time": 10080, "default_time": 120, "grace_time": 600, "min_nodes": 2,
        "max_nodes": 12, "max_cpus_per_node": 8, "max_cpus_per_socket": 4,
        "def_mem_per_cpu": None, "def_mem_per_node": None, "max_mem_per_node": 64000,
        "cpu_bind": 5, "priority_tier": 50, "qos": "gold",
    }  # fmt: skip


def test_json_without_limits() -> None:
    """Nothing set in the JSON is None, and what it does not carry is noted."""
    found = read_json(described())
    values = found.partitions[0].values

    assert {0, 1, None} == set(values.values())
    assert found.notes == (
        "This JSON does not always say DefCpuPerGPU, DefMemPerGPU, ExclusiveUser, ExclusiveTopo, "
        "ReqResv; what is not said is not compared.",
    )


def test_the_raw_number_of_the_json_is_not_trusted() -> None:
    """An amount by CPU is taken from its own field, not from the number with a mark in it."""
    found = read_json(
        described(
            defaults__memory_per_cpu=-9223372036854774008,
            defaults__partition_memory_per_cpu=limit(1800),
            defaults__partition_memory_per_node=limit(None),
        )
    )
    values = found.partitions[0].values

    assert (values["def_mem_per_cpu"], values["def_mem_per_node"]) == (1800, None)


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"defaults__time": limit(None, infinite=True)}, "default_time", -1),
        ({"maximums__time": 60}, "max_time", 60),
        ({"maximums__time": -1}, "max_time", None),
        ({"maximums__time": 60.0}, "max_time", 60),
        ({"maximums__nodes": 4294967295}, "max_nodes", None),
        ({"maximums__nodes": 4294967294}, "max_nodes", None),
        ({"maximums__nodes": limit(0) | {"set": True}}, "max_nodes", 0),
        ({"maximums__nodes": None}, "max_nodes", None),
        ({"maximums__time": "1-00:00:00"}, "max_time", 1440),
        ({"cpus__task_binding": 0}, "cpu_bind", None),
        ({"qos__assigned": None}, "qos", None),
        ({"defaults__job": "DefCpuPerGPU=8"}, "def_cpu_per_gpu", 8),
        ({"flags": ["EXCLUSIVE_USER"]}, "exclusive_user", True),
        ({"flags": []}, "req_resv", False),
        ({"flags": ["exclusive_topo"]}, "exclusive_topo", True),
    ],
)
def test_values_of_the_json(changes: dict[str, Any], field: str, value: Any) -> None:
    """Plain numbers and numbers with marks are read, in every release's way."""
    found = read_json(described(**changes))

    assert ((), value) == (found.unread, found.partitions[0].values[field])


@pytest.mark.parametrize(
    "value", [True, [], {}, {"set": True}, -7, 2**70, 1.5, {"number": "x"}, "soon"]
)
def test_values_of_the_json_that_cannot_be_read(value: Any) -> None:
    """A value that is none is listed with the line of its partition."""
    found = read_json(described(maximums__nodes=value))

    assert [each.line for each in found.unread] == [4]
    assert "max_nodes" not in found.partitions[0].values
    assert "max_nodes" in found.partitions[0].written


def test_the_flat_json_of_slurmrestd() -> None:
    """The flat shape of 22.05 is read; the time it writes wrongly is not said."""
    item = {
        "name": "t",
        "default_memory_per_cpu": -9223372036854774008,
        "default_time_limit": -9223372036854774008,
        "maximum_memory_per_node": 64000,
        "max_time_limit": -1,
        "maximum_nodes_per_job": 12,
        "min nodes per job": 2,
        "maximum_cpus_per_node": -1,
        "preemption_grace_time": 60,
        "priority_tier": 5,
        "qos": "",
        "flags": ["default", "reservation_required"],
        "total_cpus": 64,
        "total_nodes": 2,
    }
    found = read_json(item)
    (partition,) = found.partitions

    assert (found.unread, partition.total_nodes, partition.total_cpus) == ((), 2, 64)
    assert partition.values == {
        "max_time": None, "grace_time": 60, "min_nodes": 2, "max_nodes": 12,
        "max_cpus_per_node": None, "def_mem_per_cpu": 1800, "def_mem_per_node": None,
        "max_mem_per_node": 64000, "priority_tier": 5, "qos": None, "exclusive_user": False,
        "req_resv": True,
    }  # fmt: skip


def test_the_flat_json_with_a_true_time() -> None:
    """A default time that is not the memory is read, and null is not set."""
    times = [
        read_json({"name": "t", "default_memory_per_cpu": 4000, "default_time_limit": time})
        for time in (30, None)
    ]

    assert [each.partitions[0].values["default_time"] for each in times] == [30, None]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ('{\n"partitions": [', 2, "it is not JSON"),
        ("[" * 100_000, 1, "it is nested too deeply"),
        ("[1" + "0" * 5000 + "]", 1, ""),
        ('{"partitions": 5}', 1, "it is not a partition with a name"),
        ('[{"name": ""}]', 1, "it is not a partition with a name"),
        ("[null]", 1, "it is not a partition with a name"),
    ],
)
def test_json_that_cannot_be_read(text: str, line: int, reason: str) -> None:
    """JSON that is none, or no partition, is listed with its line."""
    found = read_cluster(text)

    assert ((), line, True) == (
        found.partitions,
        found.unread[0].line,
        found.unread[0].reason.startswith(reason),
    )


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("PartitionName=t MaxTime=1", SLURM_CONF),
        ("PartitionName=t Nodes=n1 QOS=N/A", SLURM_CONF),
        ("PartitionName=t MaxTime=1 # TotalNodes=1", SLURM_CONF),
        ("PartitionName=t \\\n  MaxTime=1", SLURM_CONF),
        ("PartitionName=default MaxTime=1\nPartitionName=t JobDefaults=(null)", SLURM_CONF),
        ("hello", SLURM_CONF),
        ("PartitionName=t TotalNodes=1", SCONTROL),
        ("PartitionName=t QoS=N/A MaxTime=00:01:00", SCONTROL),
        ("PartitionName=t\n   MaxTime=00:01:00", SCONTROL),
        ('  [{"name": "t"}]', SCONTROL_JSON),
        ('\ufeff{"name": "t"}', SCONTROL_JSON),
    ],
)
def test_forms(text: str, form: str) -> None:
    """The form of a text is known by what only that form has."""
    assert form == read_cluster(text).form


@pytest.mark.parametrize("text", ["", " \n\r\n", "\ufeff"])
def test_an_empty_text(text: str) -> None:
    """An empty text is said to be empty."""
    assert ClusterText(notes=("The text is empty.",)) == read_cluster(text)


def test_a_text_without_partitions() -> None:
    """Where no partition is found, a note says so and every line is accounted for."""
    found = read_cluster("ClusterName=x\nhello world\n")

    assert (found.partitions, len(found.unread)) == ((), 1)
    assert "No partition was found." in found.notes


def test_long_pieces_are_cut() -> None:
    """What is listed is short, however long the text was."""
    found = read_cluster("PartitionName=t " + "word " * 100_000)
    (unread,) = found.unread

    assert (len(unread.text), unread.text.endswith("…")) == (201, True)


signs = st.text("PartionName=DEFAULTx0123456789-:,;\"'\\# \t\r\n{}[]./\x00\u2028é", max_size=80)
settings_ = st.sampled_from(
    ["MaxTime", "CpuBind", "QOS", "DefMemPerCPU", "JobDefaults", "TotalNodes", "Priority", "Foo"]
)
pieces = st.builds("{}={} ".format, settings_, signs) | signs
texts = st.lists(pieces, max_size=8).map("PartitionName=t ".join)


@fewer
@given(texts | st.text())
def test_any_text(text: str) -> None:
    """No text raises, and what is listed has a line of the text."""
    found = read_cluster(text)

    assert all(0 < each.line <= text.count("\n") + 1 for each in found.unread)
    assert all(0 < each.line <= text.count("\n") + 1 for each in found.partitions)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["set", "infinite", "number", "time"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@fewer
@given(
    st.dictionaries(
        st.sampled_from([*described(), "flags", "max_time_limit", "default_memory_per_cpu"]),
        json_values
        | st.dictionaries(
            st.sampled_from(
                ["time", "nodes", "tier", "task_binding", "partition_memory_per_cpu", "job"]
            ),
            json_values,
        ),
    )
)
def test_any_json(item: dict[str, Any]) -> None:
    """No JSON raises, and a named partition is kept with what of it can be read."""
    found = read_json({**item, "name": "t"})

    assert [each.name for each in found.partitions] == ["t"]
