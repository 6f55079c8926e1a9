"""Partitions as files of slurm.conf."""

from typing import Any

import pytest

from bookings.partition_files import cluster_count, to_slurm_conf
from bookings.slurm.records import Record
from bookings.slurm.slurm_conf import lines
from bookings.waldur.models import Partition

ONE, TWO = "1" * 32, "2" * 32


def record(name: str, offering: str = "", uuid: str = "", **limits: Any) -> Record:
    """A partition of an offering."""
    return Record(Partition(partition_name=name, **limits), offering, uuid, "Centre")


def settings_of(text: str) -> list[str]:
    """The lines that are no comments."""
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_a_name_may_return_in_another_cluster() -> None:
    """Each offering has a section of its own, and only within it a name is there once."""
    records = [
        record("batch", "Alpha", ONE, max_time=60),
        record("batch", "Beta", TWO, max_time=120),
        record("batch", "Alpha", ONE, max_time=180),
    ]
    text = to_slurm_conf(records)
    alpha, beta = text.index("offering 'Alpha'"), text.index("offering 'Beta'")

    assert settings_of(text) == [
        "PartitionName=batch MaxTime=60",
        "PartitionName=batch MaxTime=120",
    ]
    assert alpha < text.index("MaxTime=60") < text.index("its name came before") < beta
    assert text.startswith("# One section a cluster: 2 sections")
    assert cluster_count(records) == 2


def test_a_section_is_what_its_cluster_takes() -> None:
    """Below the name of its offering it is as if the others were not there."""
    partitions = [record("batch", "Alpha", ONE, qos="gold"), record("gpu", "Alpha", ONE)]
    heading, section = to_slurm_conf(partitions).split("\n", 1)

    assert heading == f"# Cluster of offering 'Alpha', provider 'Centre', UUID '{ONE}'"
    assert section == lines([each.partition for each in partitions])


@pytest.mark.parametrize("end", ["\n", "\r", "\u2028", "\x85", "\\"])
def test_the_name_of_an_offering_stays_in_its_comment(end: str) -> None:
    """A line feed would begin a setting, and a backslash at the end would swallow one."""
    text = to_slurm_conf([record("batch", f"a{end}PartitionName=evil{end}", ONE)])

    assert settings_of(text) == ["PartitionName=batch"]
    assert not any(line.endswith("\\") for line in text.splitlines())


def test_partitions_of_no_offering_are_one_cluster() -> None:
    """As a file brings them that has partitions alone; nothing is named."""
    alone = Record(Partition(partition_name="batch"))

    assert to_slurm_conf([alone]) == lines([alone.partition])
    assert to_slurm_conf([]) == lines([])
