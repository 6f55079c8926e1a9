"""The nodes of partitions, as people paste them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.slurm.hardware import (
    LARGEST,
    WHOLE_CLUSTER,
    Hardware,
    Nodes,
    Pasted,
    hardware_of,
    read_nodes,
)

RECORDED = Path(__file__).parents[4] / "shared" / "slurm" / "nodes.json"
HEADER = "PARTITION|NODES|CPUS|SOCKETS|CORES|MEMORY|GRES\n"
SIXTEEN = Nodes(16, 64, 2, 256000)

# A busy machine may take long over one example.

a_count = st.integers(1, LARGEST)
some_nodes = st.builds(
    Nodes, a_count, a_count, a_count, st.integers(0, LARGEST), st.integers(0, LARGEST)
)


def only(pasted: Pasted, name: str = WHOLE_CLUSTER) -> tuple[Nodes, ...]:
    """The kinds of the one partition that a text is about."""
    assert [name] == list(pasted.hardware)
    assert pasted.unread == ()

    return pasted.hardware[name].kinds


# sinfo


@pytest.mark.parametrize("header", ["", HEADER])
def test_sinfo(header: str) -> None:
    """A row of sinfo is a kind of node, with its header or without; the star marks a default."""
    pasted = read_nodes(header + "batch*|16|64|2|32|256000|(null)\n")

    assert only(pasted, "batch") == (SIXTEEN,)


def test_sinfo_kinds_add_up() -> None:
    """Rows of one partition are its kinds of nodes, and equal kinds are one."""
    pasted = read_nodes(
        "a|16|64|2|32|256000|(null)\n"
        "a|4|128|2|64|512000|gpu:a100:4(S:0-1)\n"
        "b|1|8|1|8|1000|\n"
        "a|2|64|2|32|256000|(null)\n"
    )

    assert (Nodes(18, 64, 2, 256000), Nodes(4, 128, 2, 512000, 4)) == pasted.hardware["a"].kinds
    assert (Nodes(1, 8, 1, 1000),) == pasted.hardware["b"].kinds


@pytest.mark.parametrize(
    ("gres", "gpus"),
    [
        ("(null)", 0),
        ("", 0),
        ("gpu:4", 4),
        ("gpu", 1),
        ("gpu:a100", 1),
        ("gpu:a100:4(S:0-1)", 4),
        ("gpu:a100:4(S:0,1),gpu:2(S:1)", 6),
        ("gpu:a100:no_consume:2,shard:8,fpga:1", 2),
        ("gpux:4", 0),
        ("gpu:(", 1),
    ],
)
def test_gpus(gres: str, gpus: int) -> None:
    """GPUs of every type are added up, and other resources are not."""
    kind = only(read_nodes(f"a|1|8|1|8|1000|{gres}"), "a")[0]

    assert gpus == kind.gpus


def test_sinfo_with_other_columns() -> None:
    """The header says which column is which, and sockets may stand in S:C:T."""
    pasted = read_nodes(
        "PARTITION|AVAIL|NODES|CPUS|S:C:T|MEMORY|NODELIST\nbatch*|up|16|64|2:32:1|256000|n[01-16]\n"
    )

    assert only(pasted, "batch") == (SIXTEEN,)


def test_least_of_several() -> None:
    """A plus marks the least of several kinds, which is read and said."""
    pasted = read_nodes(HEADER + "a|4|32+|2|16+|128000+|(null)\n")

    assert (Nodes(4, 32, 2, 128000),) == pasted.hardware["a"].kinds
    assert pasted.notes == (
        "Line 2: CPUS is the least of several kinds of node.",
        "Line 2: MEMORY is the least of several kinds of node.",
    )


@pytest.mark.parametrize(
    ("cell", "count"), [("2K", 2048), ("1.5K", 1536), ("1M", 1048576), ("12", 12)]
)
def test_shortened_counts(cell: str, count: int) -> None:
    """SLURM shortens numbers by 1024."""
    assert count == only(read_nodes(f"a|{cell}|8|1|8|1000|"), "a")[0].count


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("hello", "no columns with | between them"),
        ("a|0|0|0|0|0|(null)", "NODES is less than 1"),
        ("a|16", "no column CPUS"),
        ("a|x|64|2|32|256000|", "NODES is not a number"),
        ("a|-1|64|2|32|256000|", "NODES is not a number"),
        ("*|1|64|2|32|256000|", "no name of a partition"),
        ("|1|64|2|32|256000|", "no column PARTITION"),
        ("a|1|999999999999999999G|2|32|256000|", "CPUS is beyond any hardware"),
        ("a|1|" + "9" * 5000 + "|2|32|256000|", "CPUS is not a number"),
    ],
)
def test_unreadable_row(line: str, reason: str) -> None:
    """A row that cannot be read is listed with its number, and the others count."""
    pasted = read_nodes(f"{HEADER}a|16|64|2|32|256000|\n{line}\n")

    assert pasted.hardware["a"].kinds == (SIXTEEN,)
    assert [(3, line[:200], reason)] == [
        (each.line, each.text, each.reason) for each in pasted.unread
    ]


# scontrol

ONE_LINE = (
    "NodeName={name} Arch=x86_64 CoresPerSocket=32  CPUAlloc=0 CPUEfctv=64 CPUTot=64 CPULoad=0.01 "
    "AvailableFeatures=(null) Gres={gres} NodeAddr={name} Version=25.11.7 "
    "OS=Linux 5.10.0 #1 SMP Debian 5.10 (x=1)  RealMemory=256000 AllocMem=0 FreeMem=N/A Sockets=2 "
    "Boards=1 State={state} ThreadsPerCore=1 {partitions} BootTime=None "
    "Reason=CPUTot=1 Sockets=9 is a lie [root@2026-01-01]\n"
)
BLOCK = """\
NodeName=n01 Arch=x86_64 CoresPerSocket=32
   CPUAlloc=0 CPUTot=64 CPULoad=0.01
   Gres=gpu:a100:4(S:0-1)
   OS=Linux 5.10.0 #1 SMP Debian
   RealMemory=256000 AllocMem=0 Sockets=2 Boards=1
   State=IDLE ThreadsPerCore=1
   Partitions=batch,debug

NodeName=n02 CPUTot=64
   RealMemory=256000 Sockets=2
"""


def a_line(name: str, **values: str) -> str:
    """A node as `scontrol show node -o` prints it."""
    wanted = {"gres": "(null)", "state": "IDLE", "partitions": "Partitions=batch"} | values
    return ONE_LINE.format(name=name, **wanted)


def test_scontrol_lines() -> None:
    """Nodes of one line each add up, whatever their state; a reason says nothing of hardware."""
    pasted = read_nodes(a_line("n01") + a_line("n02", state="DOWN*+DRAIN"))

    assert (Nodes(2, 64, 2, 256000),) == only(pasted, "batch")


def test_scontrol_block() -> None:
    """The form of several lines is read, and a node belongs to each of its partitions."""
    pasted = read_nodes(BLOCK)
    with_gpus = (Nodes(1, 64, 2, 256000, 4),)

    assert with_gpus == pasted.hardware["batch"].kinds == pasted.hardware["debug"].kinds
    assert (Nodes(1, 64, 2, 256000),) == pasted.hardware[WHOLE_CLUSTER].kinds
    assert pasted.notes == (
        "1 node without a partition stand for every partition that the text does not name.",
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("NodeName=n09 Sockets=2\n", "node n09: CPUTot is not a number"),
        ("NodeName=n09 CPUTot=many\n", "node n09: CPUTot is not a number"),
        (a_line("n01"), "node n01 was there before"),
        ("NodeName=n09 CPUTot=64\n   a reason goes on\n", "not a line of a node"),
    ],
)
def test_unreadable_node(text: str, reason: str) -> None:
    """A node that cannot be read, or a second time, is listed and not counted."""
    pasted = read_nodes(a_line("n01") + text)

    assert pasted.hardware["batch"].total_nodes == 1
    assert [reason] == [each.reason for each in pasted.unread]


def test_line_ends_and_mark() -> None:
    """Line ends of Windows and a mark of the byte order are no part of the text."""
    pasted = read_nodes("\ufeff" + (HEADER + "a|16|64|2|32|256000|(null)\n").replace("\n", "\r\n"))

    assert only(pasted, "a") == (SIXTEEN,)


# JSON


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded data is not there")
def test_recorded_nodes() -> None:
    """The recorded hardware is read as that of a whole cluster."""
    assert only(read_nodes(RECORDED.read_text())) == (SIXTEEN,)


@pytest.mark.parametrize(
    "text",
    [
        '{"count": 16, "cpus": 64, "sockets": 2, "memory_mb": 256000}',
        '[{"count": 16, "cpus": 64, "sockets": 2, "memory_mb": 256000, "gpus": null, "x": []}]',
        '{"count": 16, "sockets": 2, "cores_per_socket": 16, "threads_per_core": 2,'
        ' "memory_mb": 256000}',
    ],
)
def test_json_of_a_cluster(text: str) -> None:
    """A mapping or a list of mappings is a whole cluster; CPUs may be said by cores."""
    assert only(read_nodes(text)) == (SIXTEEN,)


def test_json_by_partition() -> None:
    """A mapping of names is hardware by partition, and what is wrong in it is listed."""
    pasted = read_nodes(
        json.dumps({"a": {"count": 1, "cpus": 2}, "b": [{"count": 2, "cpus": 4}], "c": {}, "d": 1})
    )

    assert {"a": (Nodes(1, 2),), "b": (Nodes(2, 4),)} == {
        name: hardware.kinds for name, hardware in pasted.hardware.items()
    }
    assert [(each.text, each.reason) for each in pasted.unread] == [
        ("c", "The nodes have no cpus."),
        ("d", "Nodes are int, not an object."),
    ]


@pytest.mark.parametrize("text", ["{", "[1", '{"a": ', "[" * 100_000, "[]", "{}", "[[]]", "[null]"])
def test_bad_json(text: str) -> None:
    """JSON that is broken or no hardware is listed as a whole."""
    pasted = read_nodes(text)

    assert pasted.hardware == {}
    assert len(pasted.unread) == 1


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (None, "Nodes are NoneType, not an object."),
        ("nodes", "Nodes are str, not an object."),
        ([], "There are no nodes in the list."),
        ({"count": 1}, "The nodes have no cpus."),
        ({"cpus": 1}, "The nodes have no count."),
        ({"count": True, "cpus": 1}, "count of the nodes is not a whole number."),
        ({"count": "1", "cpus": 1}, "count of the nodes is not a whole number."),
        ({"count": 0, "cpus": 1}, f"count of the nodes is not between 1 and {LARGEST}."),
        ({"count": 1, "cpus": 2**63}, f"cpus of the nodes is not between 1 and {LARGEST}."),
        (
            {"count": 1, "cpus": 1, "memory_mb": -1},
            f"memory_mb of the nodes is not between 0 and {LARGEST}.",
        ),
    ],
)
def test_bad_item(item: Any, reason: str) -> None:
    """What is no hardware is refused with one sentence."""
    with pytest.raises(ValueError, match=f"^{re.escape(reason)}$"):
        Hardware.from_item(item)


# Values


@given(st.lists(some_nodes, min_size=1, max_size=4, unique_by=lambda kind: (kind.cpus, kind.gpus)))
def test_item_comes_back(kinds: list[Nodes]) -> None:
    """Hardware as plain data is read back as it was."""
    hardware = Hardware(tuple(kinds))

    assert hardware == Hardware.from_item(json.loads(json.dumps(hardware.as_item())))


def test_totals_and_words() -> None:
    """All kinds count in the totals and stand in the words."""
    hardware = Hardware((SIXTEEN, Nodes(1, 8, 1, 0, 4)))

    assert (hardware.total_nodes, hardware.total_cpus) == (17, 1032)
    assert hardware.describe() == (
        "16 nodes of 64 CPUs (2 sockets), 256 GB; "
        "1 node of 8 CPUs (1 socket), memory unknown, 4 GPUs"
    )
    assert Hardware(()).describe() == "no nodes"
    assert (SIXTEEN.cpus_per_socket, Nodes(1, 1, 2).cpus_per_socket) == (32, 0)


def test_hardware_of_a_partition() -> None:
    """A partition without nodes of its own has those of the whole cluster, if any are known."""
    own, cluster = Hardware((SIXTEEN,)), Hardware((Nodes(1, 1),))

    assert own == hardware_of(Pasted({"a": own, WHOLE_CLUSTER: cluster}), "a")
    assert cluster == hardware_of({"a": own, WHOLE_CLUSTER: cluster}, "b")
    assert None is hardware_of({"a": own}, "b")


@given(
    st.text() | st.lists(st.sampled_from([HEADER, BLOCK, "|", "=", "NodeName=", "{"])).map("".join)
)
def test_any_text(text: str) -> None:
    """Whatever is pasted, nothing is raised."""
    pasted = read_nodes(text)

    assert all(each.line >= 1 for each in pasted.unread)
    assert all(hardware.total_nodes >= 1 for hardware in pasted.hardware.values())
