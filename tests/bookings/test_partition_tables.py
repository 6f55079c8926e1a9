"""What reviewers look at as tables."""

from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from bookings.frames import partitions_frame
from bookings.partition_review import PartitionReview, review
from bookings.partition_tables import (
    CHANGE_COLUMNS,
    COMPARISON_COLUMNS,
    FINDING_COLUMNS,
    GROUPS,
    LARGEST_COLUMNS,
    OFFERING_FINDING_COLUMNS,
    REVIEWED_COLUMNS,
    VERDICT_COLUMNS,
    changes_frame,
    changes_words,
    comparisons_frame,
    counts_frame,
    findings_frame,
    findings_words,
    group_columns,
    grouped,
    largest_frame,
    ordered,
    verdict_words,
    verdicts_frame,
    with_findings,
)
from bookings.portfolio import Snapshot
from bookings.reviews import Acknowledgement
from bookings.slurm.audit import Severity
from bookings.slurm.changes import Change, How
from bookings.slurm.cluster import read_cluster
from bookings.slurm.fit import Enforce, bare, judge, largest
from bookings.slurm.hardware import Hardware, Nodes
from bookings.slurm.jobs import Job
from bookings.slurm.limits import limit_of
from bookings.slurm.reconcile import reconcile
from bookings.slurm.records import Record
from bookings.waldur.models import Offering, Partition

ONE, TWO = "1" * 32, "2" * 32
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def snapshot(**partitions: list[dict[str, Any]]) -> Snapshot:
    """Offerings by name, each with its partitions."""
    return Snapshot(
        offerings=tuple(
            Offering.model_validate(
                {
                    "uuid": str(number) * 32,
                    "name": name,
                    "customer_name": "Centre",
                    "partitions": [{"partition_name": "batch", **each} for each in items],
                }
            )
            for number, (name, items) in enumerate(partitions.items(), start=1)
        )
    )


TWO_CLUSTERS = snapshot(
    alpha=[{"max_time": 60}, {"partition_name": "gpu", "max_nodes": 0, "max_time": 60}],
    beta=[{"max_time": 10080, "def_mem_per_cpu": 2000}, {"partition_name": "only"}],
)
REVIEW = review(TWO_CLUSTERS.offerings, {}, {})
EVERYTHING = with_findings(partitions_frame(TWO_CLUSTERS), REVIEW)


# --- tables of nothing ----------------------------------------------------------------------


def nothing() -> dict[str, tuple[pd.DataFrame, tuple[Any, ...]]]:
    """Each table without a row, and its columns."""
    none = PartitionReview((), {}, ())
    empty = with_findings(partitions_frame(Snapshot()), none)
    return {
        "reviewed": (empty, REVIEWED_COLUMNS),
        "groups": (grouped(empty, "Offering"), group_columns("Offering")),
        "findings": (findings_frame(()), FINDING_COLUMNS),
        "counts": (counts_frame(none, ()), OFFERING_FINDING_COLUMNS),
        "verdicts": (verdicts_frame(()), VERDICT_COLUMNS),
        "largest": (largest_frame(()), LARGEST_COLUMNS),
        "comparisons": (comparisons_frame(()), COMPARISON_COLUMNS),
        "changes": (changes_frame((), {}), CHANGE_COLUMNS),
    }


@pytest.mark.parametrize("name", list(nothing()))
def test_a_table_of_nothing_has_its_columns(name: str) -> None:
    """With their dtypes, so that filters and files need no special case."""
    frame, columns = nothing()[name]

    assert list(frame.columns) == [column.key for column in columns]
    assert [str(dtype) for dtype in frame.dtypes] == [column.dtype for column in columns]


# --- findings -------------------------------------------------------------------------------


def test_every_partition_says_what_was_found() -> None:
    """In words, by its worst, and by rule; what somebody acknowledged is left out."""
    rows = EVERYTHING.set_index("partition_name")

    assert rows.loc["gpu", "worst"] == "error"
    assert "A08" in rows.loc["gpu", "rules"]
    assert rows.loc["gpu", "findings"].startswith("1 error")

    found = next(each for each in REVIEW.found if each.finding.rule.id == "A08")
    said = Acknowledgement(found.finding.fingerprint(), "so", "Signe", NOON)
    known = review(TWO_CLUSTERS.offerings, {}, {(ONE, "gpu", "A08"): said})
    quiet = with_findings(partitions_frame(TWO_CLUSTERS), known).set_index("partition_name")
    assert quiet.loc["gpu", "worst"] != "error"
    assert findings_frame(known.found).set_index("rule").loc["A08", "acknowledged"] == "Signe: so"


@pytest.mark.parametrize(
    ("counted", "words"),
    [
        ({}, ""),
        ({Severity.ERROR: 1, Severity.WARNING: 0, Severity.INFO: 2}, "1 error, 2 info"),
        ({Severity.WARNING: 3}, "3 warnings"),
    ],
)
def test_counts_in_words(counted: dict[Severity, int], words: str) -> None:
    """Nothing is said of what is not there."""
    assert findings_words(counted) == words


def test_the_worst_findings_come_first() -> None:
    """Whatever partition they are of."""
    severities = findings_frame(REVIEW.found)["severity"].tolist()

    assert severities == sorted(severities, key=["error", "warning", "info"].index)


def test_findings_are_counted_by_offering() -> None:
    """Only of the partitions that are asked for."""
    rows = counts_frame(REVIEW, [1, 3]).set_index("name")

    assert rows.loc["alpha", ["partitions", "errors"]].tolist() == [1, 1]
    assert rows.loc["beta", ["partitions", "errors"]].tolist() == [1, 0]


# --- groups and order -----------------------------------------------------------------------


def test_the_same_name_with_other_limits_is_told() -> None:
    """On each of its rows; a name that occurs once differs from nothing."""
    rows = EVERYTHING.set_index("partition_name")

    assert rows.loc["batch", "differing"].tolist() == [2, 2]
    assert rows.loc["batch", "differs_in"].tolist() == [["Max time", "Default memory per CPU"]] * 2
    assert rows.loc["only", "differing"] == 0


@pytest.mark.parametrize("by", list(GROUPS))
def test_a_group_says_once_what_is_the_same(by: str) -> None:
    """Every partition is in exactly one group."""
    groups = grouped(EVERYTHING, by)

    assert groups["partitions"].sum() == len(EVERYTHING)
    assert groups[GROUPS[by][0]].is_unique


def test_a_group_gives_what_varies_from_least_to_greatest() -> None:
    """What is not recorded is named beside it."""
    names = grouped(EVERYTHING, "Partition name").set_index("partition_name")
    clusters = grouped(EVERYTHING, "Offering").set_index("offering")

    assert names.loc["batch", "max_time_text"] == "1 h … 7 d (2 values)"
    assert names.loc["batch", "def_mem_per_cpu_text"] == "not recorded / 2 GB"
    assert names.loc["batch", "varying"] == 2
    assert names.loc["batch", "vary"] == ["Max time", "Default memory per CPU"]
    assert names.loc["only", "vary"] == []
    assert clusters.loc["alpha", "max_time_text"] == "1 h"
    assert clusters.loc["beta", "max_time_text"] == "not recorded / 7 d"


def test_rows_are_ordered_by_the_exact_value() -> None:
    """What is not recorded comes last either way."""
    up, down = (ordered(EVERYTHING, "max_time", descending=down) for down in (False, True))

    assert up["max_time"].tolist()[:3] == [60, 60, 10080]
    assert down["max_time"].tolist()[:3] == [10080, 60, 60]
    assert up["max_time"].isna().tolist() == down["max_time"].isna().tolist()


# --- would it fit ---------------------------------------------------------------------------

NODES = Hardware((Nodes(16, 64, 2, 256_000),))
HUGE = Job(ntasks=100_000, cpus_per_task=64, mem_per_node=9_000_000)


@pytest.mark.parametrize(
    ("limits", "job", "nodes", "enforce", "words"),
    [
        ({}, Job(nodes=8), NODES, Enforce.ALL, "accepted"),
        ({}, HUGE, NODES, Enforce.ALL, "rejected"),
        ({}, HUGE, None, Enforce.ALL, "within limits; hardware unknown"),
        ({"max_nodes": 6}, Job(nodes=8), None, Enforce.ALL, "rejected"),
        ({"max_nodes": 6}, Job(nodes=8), None, Enforce.NO, "would wait for ever"),
        ({"max_mem_per_node": 64_000}, Job(), None, Enforce.ALL, "cannot tell"),
    ],
)
def test_a_job_is_accepted_only_where_the_nodes_are_known(
    limits: dict[str, Any], job: Job, nodes: Hardware | None, enforce: Enforce, words: str
) -> None:
    """Limits alone do not say that a job can run."""
    verdict = judge(Partition(partition_name="t", **limits), job, nodes, enforce)

    assert verdict_words(verdict) == words


@pytest.mark.parametrize(
    ("limits", "longest", "bare_time"),
    [
        ({}, "", "no limit recorded"),
        ({"max_time": -1}, "unlimited", "unlimited"),
        ({"max_time": 60}, "1 h", "1 h"),
    ],
)
def test_no_limit_recorded_is_not_unlimited(
    limits: dict[str, Any], longest: str, bare_time: str
) -> None:
    """The cluster may have a limit that Waldur says nothing of."""
    partition = Partition(partition_name="t", **limits)
    [row] = largest_frame([(0, Record(partition), largest(partition), bare(partition))]).to_dict(
        "records"
    )

    assert (row["time"], row["bare_time"]) == (longest, bare_time)


def test_verdicts_come_with_the_best_first() -> None:
    """A rejected one names its limit, and nothing that contradicts it."""
    partitions = [Partition(partition_name="t", max_nodes=most) for most in (6, None)]
    rows = verdicts_frame(
        (place, Record(each), judge(each, Job(nodes=8))) for place, each in enumerate(partitions)
    )

    assert rows["place"].tolist() == [1, 0]
    assert rows["verdict"].tolist() == ["within limits; hardware unknown", "rejected"]
    assert rows["caveat"].tolist() == ["within the recorded limits; hardware unknown", ""]
    assert rows["check"].tolist() == ["", "Maximum of nodes (MaxNodes)"]


# --- cluster and changes --------------------------------------------------------------------


def test_a_comparison_is_told_in_words_and_exactly() -> None:
    """Units for people, the cluster's own spelling, and the values as they are."""
    ours = [Partition(partition_name="batch", max_time=1440, req_resv=False)]
    said = read_cluster("PartitionName=batch MaxTime=2-00:00:00 ReqResv=YES CpuBind=cores")
    rows = comparisons_frame(reconcile(ours, said)).set_index("field")

    assert rows.loc["max_time", ["limit", "status", "waldur", "cluster", "written"]].tolist() == [
        "Max time",
        "differs",
        "1 d",
        "2 d",
        "2-00:00:00",
    ]
    assert rows.loc["max_time", ["waldur_exact", "cluster_exact"]].tolist() == ["1440", "2880"]
    assert rows.loc["req_resv", ["waldur", "cluster"]].tolist() == ["no", "yes"]
    assert rows.loc["cpu_bind", "status"] == "only in the cluster"


def test_a_partition_on_one_side_only_has_a_row_of_its_own() -> None:
    """Named as such, not as a limit."""
    rows = comparisons_frame(
        reconcile([Partition(partition_name="a")], read_cluster("PartitionName=b MaxTime=5"))
    )

    assert rows["limit"].tolist().count("The partition itself") == 2


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            Change(How.CHANGED, ONE, "batch", limit_of("max_time"), 60, None),
            ("1 h", "not recorded"),
        ),
        (Change(How.CHANGED, ONE, "batch", limit_of("max_time"), "soon", 0), ("soon", "0 min")),
        (Change(How.CHANGED, ONE, "batch", limit_of("req_resv"), True, False), ("yes", "no")),
        (Change(How.ADDED, TWO, "batch"), ("", "")),
    ],
)
def test_a_change_is_told_in_words(change: Change, told: tuple[str, str]) -> None:
    """A limit that was taken away is not recorded, and what cannot be read stands as it came."""
    [row] = changes_frame([change], {ONE: "alpha", TWO: "beta"}).to_dict("records")

    assert (row["old"], row["new"]) == told
    assert row["offering"] in {"alpha", "beta"}


@pytest.mark.parametrize(
    ("hows", "words"),
    [
        ([], ""),
        ([How.CHANGED], "1 limit changed"),
        (
            [How.REMOVED, How.CHANGED, How.ADDED, How.CHANGED, How.REMOVED],
            "2 limits changed, 1 partition is new, 2 partitions are gone",
        ),
    ],
)
def test_changes_are_counted_in_words(hows: list[How], words: str) -> None:
    """By what happened; nothing is said of what did not."""
    assert changes_words(Change(how, ONE, "batch") for how in hows) == words
