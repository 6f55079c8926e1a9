"""The page of partitions: its matrix, and what a reviewer does in its tabs."""

import json
from collections.abc import Callable
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from bookings.desk import Desk
from bookings.slurm.fit import Enforce
from components.partition_tabs import TABS
from demo.people import TOKENS
from demo.server import RunningDemo
from tests.pages.screens import mark, press, table, tick, words

OpenApp = Callable[..., AppTest]
SCONTROL = (
    "PartitionName=batch MaxTime=3-00:00:00 DefaultTime=01:00:00 MaxNodes=48 MinNodes=1 "
    "DefMemPerCPU=2000 MaxMemPerNode=UNLIMITED CpuBind=threads  QoS=N/A TotalNodes=16 "
    "PriorityTier=10 ExclusiveUser=NO ExclusiveTopo=NO ReqResv=NO GraceTime=0 "
    "MaxCPUsPerNode=UNLIMITED MaxCPUsPerSocket=UNLIMITED JobDefaults=(null)\n"
    "What is this?\n"
)


def open_tab(app: OpenApp, tab: str, **query: str) -> AppTest:
    """The page with a tab open."""
    return app("/partitions", query={"tab": tab, **query})


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_draws(app: OpenApp, tab: str) -> None:
    """Each of them opens from a link, with the filters of the link in force."""
    at = open_tab(app, tab, q="cluster")

    assert not at.exception
    assert "search contains" in words(at)


def test_a_tab_that_is_none_opens_the_first(app: OpenApp) -> None:
    """A link that was typed wrongly still shows the page."""
    assert "partition_name" in table(open_tab(app, "Nonsense")).columns


def test_the_matrix_tells_unset_from_zero(app: OpenApp) -> None:
    """Times in words, counts as numbers, and a cell without a value where nothing is recorded."""
    frame = table(open_tab(app, "Limits", q="zero")).set_index("partition_name")

    assert frame.loc["zero-default", "default_time_text"] == "0 min"
    assert frame.loc["zero-nodes", "max_nodes"] == 0
    assert pd.isna(frame.loc["zero-max", "default_time_text"])
    assert "error" in frame.loc["zero-nodes", "findings"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"max_time.is": "0"}, {"zero-max"}),
        ({"default_time.is": "not recorded", "worst": "error"}, {"zero-max"}),
        ({"max_time": "35000000.."}, {"overflow"}),
        ({"rule": "A07"}, {"min-over-max", "zero-nodes"}),
    ],
)
def test_limits_are_filters(app: OpenApp, query: dict[str, str], expected: set[str]) -> None:
    """By how they are recorded, by their number, and by what the rules say."""
    at = app("/partitions", query=query)

    assert set(table(at)["partition_name"]) == expected


def test_limits_come_right_behind_the_names(app: OpenApp) -> None:
    """In a small window there is room for little more."""
    columns = list(table(open_tab(app, "Limits")).columns)

    assert columns[:3] == ["partition_name", "offering", "max_time_text"]
    assert {"provider", "findings"} <= set(columns[-3:])


def test_families_choose_the_columns(app: OpenApp) -> None:
    """Memory shows the limits of memory; exact values are the server's own."""
    at = open_tab(app, "Limits")
    at.session_state["partitions.families"] = ["Memory"]
    at.session_state["partitions.exact"] = True
    at.run()

    columns = list(table(at).columns)
    assert "def_mem_per_cpu" in columns
    assert "max_time" not in columns
    assert "def_mem_per_cpu_text" not in columns


def test_access_shows_every_qos_and_what_differs_elsewhere(app: OpenApp) -> None:
    """Beside the architectures, which newer servers record."""
    at = open_tab(app, "Limits")
    at.session_state["partitions.families"] = ["Access"]
    at.run()

    assert {"qos", "cpu_arch", "gpu_arch", "qos_options", "differs_in"} <= set(table(at).columns)


def test_rows_sort_by_the_exact_value(app: OpenApp) -> None:
    """Not by the words, in which 10 d comes before 2 d; what is not recorded comes last."""
    at = open_tab(app, "Limits")
    at.session_state["partitions.sort"] = "max_time"
    at.session_state["partitions.exact"] = True
    at.run()

    values = table(at)["max_time"].tolist()
    known = [each for each in values if not pd.isna(each)]
    assert known == sorted(known)
    assert all(pd.isna(each) for each in values[len(known) :])


def test_the_page_says_how_many_clusters_the_file_is_for(app: OpenApp) -> None:
    """Of one offering there is nothing to say."""
    at = open_tab(app, "Limits")

    assert f"one section a cluster, {table(at)['offering'].nunique()} in all" in words(at)
    assert "one section a cluster" not in words(open_tab(app, "Limits", partition="zero-nodes"))


def test_groups_say_what_varies(app: OpenApp) -> None:
    """One row a name; a limit that is not the same everywhere is given from least to greatest."""
    at = open_tab(app, "Limits")
    at.session_state["partitions.group"] = "Partition name"
    at.run()

    frame = table(at).set_index("partition_name")
    assert not frame.index.has_duplicates
    several = frame[frame["varying"] > 0]
    assert not several.empty
    assert several["max_time_text"].str.contains("…").any()
    assert [len(each) for each in frame["vary"]] == frame["varying"].tolist()


@pytest.mark.parametrize(
    ("by", "column", "key"),
    [("Partition name", "partition_name", "partition"), ("Offering", "offering", "offering")],
)
def test_a_ticked_group_leads_to_its_partitions(
    app: OpenApp, by: str, column: str, key: str
) -> None:
    """By the filter of the page, so that the other tabs and the link follow."""
    at = open_tab(app, "Limits", group=by)
    group = table(at).iloc[2]
    tick(at, "partitions.groups.", 2)
    [label] = [each.label for each in at.button if each.label.startswith("Show the ")]
    press(at, label)

    assert table(at)[column].tolist() == [group[column]] * int(group["partitions"])
    assert linked(at) == {key: group[column], "tab": "Limits"}


@pytest.mark.parametrize(
    ("partition", "column", "said"),
    [
        ("zero-default", "default_time_text", "recorded as 0 min."),
        ("zero-nodes", "max_nodes", "recorded as 0 nodes."),
        ("zero-nodes", "qos", 'recorded as "normal".'),
        ("overflow", "max_time_text", " min ("),
        ("zero-max", "default_time_text", "no value is recorded (null)"),
    ],
)
def test_a_cell_says_a_value_once(app: OpenApp, partition: str, column: str, said: str) -> None:
    """In words too where those differ from what is recorded."""
    at = open_tab(app, "Limits", partition=partition)
    name = next(str(each.key) for each in at.dataframe if str(each.key).startswith("partitions."))
    at.session_state[name] = {"selection": {"rows": [], "columns": [], "cells": [[0, column]]}}
    at.run()

    [answer] = [each.value for each in at.markdown if ":material/straighten:" in each.value]
    assert said in answer.replace("\\", "").replace("\u200b", "").replace("`", "")


def test_the_matrix_says_where_ticked_partitions_stand_side_by_side(app: OpenApp) -> None:
    """In the place of the answer to a click, which before says what can be clicked."""
    at = open_tab(app, "Limits", worst="error")
    assert "Click a cell for its exact value" in words(at)

    tick(at, "partitions.", 0, 1)
    assert "2 partitions are ticked: [side by side](#side-by-side)" in words(at)
    assert "Click a cell" not in words(at)

    tick(at, "partitions.", *range(7))
    assert "7 partitions are ticked; up to 6 can stand side by side." in words(at)


def test_columns_are_not_called_like_the_filters(app: OpenApp) -> None:
    """And the direction of the order stands with the order, for which groups have no use."""
    at = open_tab(app, "Limits")
    assert "Columns" in [each.label for each in at.button_group]
    assert [each.label for each in at.toggle] == ["Largest first", "Exact values"]

    at.session_state["partitions.group"] = "Offering"
    at.run()
    assert "Sort by" not in [each.label for each in at.selectbox]


def test_two_ticked_partitions_stand_side_by_side(app: OpenApp) -> None:
    """What differs is marked."""
    at = tick(open_tab(app, "Limits", worst="error"), "partitions.", 0, 1)

    frame = table(at, 1)
    assert set(frame["differs"]) == {"", "≠"}
    one, two = frame["0"], frame["1"]
    assert ((one != two) == (frame["differs"] == "≠")).all()


@pytest.fixture
def offerings(demo: RunningDemo) -> Callable[[], list[str]]:
    """All that the demo has."""
    return lambda: list(demo.world.offerings)


def test_a_finding_is_explained_and_acknowledged(
    app: OpenApp, desk: Desk, offerings: Callable[[], list[str]]
) -> None:
    """With a reason, under the person's name; withdrawn, it counts again."""
    at = tick(open_tab(app, "Findings", rule="A07"), "findings.", 0)
    assert "Why it matters." in words(at)
    assert "What slurmctld does." in words(at)

    press(mark(at, "findings.", 0), "Acknowledge")
    assert "Give a reason." in words(at)
    reason = next(each for each in at.text_input if "may stay" in each.label)
    reason.input("for *benchmarks*")
    press(mark(at, "findings.", 0), "Acknowledge")

    [((_, _, rule), kept)] = desk.reviews.acknowledged(desk.servers[0], offerings()).items()
    assert (rule, kept.reason, kept.person_name) == ("A07", "for *benchmarks*", "staff")
    at = open_tab(app, "Findings", partition="min-over-max")
    shown = table(at).set_index("rule")
    assert shown.loc["A07", "acknowledged"] == "staff: for *benchmarks*"
    press(tick(at, "findings.", shown.index.get_loc("A07")), "Withdraw")
    assert not desk.reviews.acknowledged(desk.servers[0], offerings())


def test_a_job_is_judged_for_every_partition(app: OpenApp) -> None:
    """Read from a pasted script; the answer is a verdict a partition, and a header to copy."""
    at = open_tab(app, "Would it fit?", worst="error")
    script = (
        "#!/bin/bash\n#SBATCH -N 3 --time=1-00:00:00\n#SBATCH --mem=4G --partition=batch\nsrun x\n"
    )
    next(each for each in at.text_area if each.label.startswith("Job script")).input(script).run()
    press(at, "Fill in")

    inputs = {each.label: each.value for each in (*at.number_input, *at.text_input)}
    assert (inputs["Nodes"], inputs["Memory per node"]) == (3, "4G")
    frame = table(at).set_index("partition_name")
    assert frame.loc["zero-nodes", "verdict"] == "rejected"
    assert "Node count" in frame.loc["zero-nodes", "message"]
    assert set(frame["verdict"]) <= {"within limits; hardware unknown", "rejected", "cannot tell"}

    tick(at, "fit.verdicts", 0)
    assert "#SBATCH --nodes=3" in at.code[-1].value


def test_without_nodes_nothing_is_called_accepted(app: OpenApp) -> None:
    """An impossible job is within limits that are not there; a limit alone can reject it."""
    at = open_tab(app, "Would it fit?")
    for label, value in (("Tasks", 100_000), ("CPUs per task", 64)):
        next(each for each in at.number_input if each.label == label).set_value(value)
    next(each for each in at.text_input if each.label == "Memory per node").input("9000G").run()

    assert not at.exception
    assert "accepted" not in set(table(at)["verdict"])
    assert "within limits; hardware unknown" in words(at)
    assert "The nodes of 0 of" in words(at)

    next(each for each in at.number_input if each.label == "Nodes").set_value(1_000_000).run()
    rejected = table(at)["verdict"].tolist().index("rejected")
    tick(at, "fit.verdicts", rejected)
    assert "First failing check" in words(at)
    assert "within the recorded limits" not in words(at)


LINK = {
    "job.nodes": "4", "job.max_nodes": "8", "job.gpus": "0", "job.mem_per_cpu": "4G",
    "job.time": "1-00:00:00", "job.reservation": "yes", "enforce": "NO", "limits": "Memory",
    "group": "Offering", "sort": "max_time", "exact": "yes",
}  # fmt: skip


def linked(at: AppTest) -> dict[str, str]:
    """What the link to the view says."""
    [link] = [each.value for each in at.code if "/partitions?" in each.value]
    return dict(parse_qsl(urlsplit(link).query))


@pytest.mark.parametrize("tab", ["Would it fit?", "Limits", "Changes"])
def test_a_link_brings_the_job_and_the_matrix(app: OpenApp, tab: str) -> None:
    """Whichever tab is open, in the page and again in the link to it."""
    at = open_tab(app, tab, **LINK)

    assert not at.exception
    assert not at.warning
    assert linked(at) == {"tab": tab, **LINK}
    at.session_state["partitions.tab"] = "Would it fit?"
    at.run()
    inputs = {each.label: each.value for each in (*at.number_input, *at.text_input, *at.checkbox)}
    assert (inputs["Nodes"], inputs["Nodes at most"], inputs["GPUs"]) == (4, 8, 0)
    assert (inputs["Memory per CPU"], inputs["Time"]) == ("4G", "1-00:00:00")
    assert inputs["With a reservation"]
    at.session_state["partitions.tab"] = "Limits"
    at.run()
    assert "def_mem_per_cpu_text" in table(at).columns
    assert table(at)["offering"].is_unique


def test_a_link_brings_the_choice_of_findings(app: OpenApp) -> None:
    """Severity, standing and rule; a rule that finds nothing here stays chosen."""
    link = {
        "finding.severity": "error", "finding.standing": "open", "finding.rule": ["A07", "A39"],
    }  # fmt: skip
    at = open_tab(app, "Findings", **link)

    assert set(table(at)["rule"]) == {"A07"}
    assert set(at.multiselect(key="findings.rule").value) == {"A07", "A39"}
    assert linked(at) == {"tab": "Findings", **link, "finding.rule": "A39"}
    assert linked(open_tab(app, "Findings", **{"finding.severity": "grave"})) == {"tab": "Findings"}


@pytest.mark.parametrize(("tab", "other"), [("Cluster", "Hardware"), ("Hardware", "Cluster")])
def test_a_link_brings_the_offering_of_a_tab(
    app: OpenApp, demo: RunningDemo, tab: str, other: str
) -> None:
    """Which the other tab that asks for one takes over."""
    at = open_tab(app, tab)
    assert linked(at) == {"tab": tab}
    box = next(each for each in at.selectbox if each.label.startswith("Offering"))
    uuid = next(
        uuid
        for uuid, each in demo.world.offerings.items()
        if each.value("partitions") and uuid != box.value
    )
    box.set_value(uuid).run()

    assert linked(at) == {"tab": tab, "cluster": uuid}
    at = open_tab(app, other, cluster=uuid)
    box = next(each for each in at.selectbox if each.label.startswith("Offering"))
    assert box.value == uuid
    assert linked(at) == {"tab": other, "cluster": uuid}
    assert not open_tab(app, tab, cluster="no-such").exception


def test_a_link_says_only_what_was_set(app: OpenApp) -> None:
    """And what it says wrongly is as if it were not there."""
    assert linked(open_tab(app, "Limits")) == {"tab": "Limits"}
    wrong = {
        "job.nodes": "-1", "job.ntasks": "9" * 99, "job.time": "soon", "enforce": "MAYBE",
        "limits": "Nonsense", "group": "x", "sort": "y", "exact": "z", "job.reservation": "no",
    }  # fmt: skip
    at = open_tab(app, "Would it fit?", **wrong)

    assert not at.exception
    assert linked(at) == {"tab": "Would it fit?"}


def test_an_option_that_was_not_considered_stays_with_the_verdicts(app: OpenApp) -> None:
    """As a warning that a link brings too, until it is taken away or another job is filled in."""
    at = open_tab(app, "Would it fit?")
    next(each for each in at.text_area if each.label.startswith("Job script")).input(
        "#SBATCH -N 2\n#SBATCH --exclusive\n#SBATCH -C 'a100 & b'\n"
    ).run()
    press(at, "Fill in")
    said = "Not considered: --exclusive, --constraint=a100 & b. They can change the verdicts"
    assert said in words(at)
    assert "Line 2: --exclusive was not considered" in words(at)
    assert "cannot be read" not in words(at)
    at.run()
    [link] = [each.value for each in at.code if "/partitions?" in each.value]

    query = parse_qs(urlsplit(link).query)
    assert query["job.not_considered"] == ["--exclusive", "--constraint=a100 & b"]
    at = app(
        "/partitions",
        query={**query, "job.not_considered": [*query["job.not_considered"], "You won"]},
    )
    assert said in words(at)
    assert "won" not in words(at)
    press(at, "Forget it")
    assert "Not considered" not in words(at)
    assert linked(at) == {"tab": "Would it fit?", "job.nodes": "2"}


def test_a_range_of_nodes_is_read(app: OpenApp) -> None:
    """Both of its numbers, which go into the header too."""
    at = open_tab(app, "Would it fit?")
    next(each for each in at.text_area if each.label.startswith("Job script")).input(
        "sbatch -N 4-8 job.sh"
    ).run()
    press(at, "Fill in")
    inputs = {each.label: each.value for each in at.number_input}

    assert (inputs["Nodes"], inputs["Nodes at most"]) == (4, 8)
    tick(at, "fit.verdicts", 0)
    assert "#SBATCH --nodes=4-8" in at.code[-1].value
    assert "of 1 CPU, " in words(at)

    next(each for each in at.number_input if each.label == "Nodes at most").set_value(2).run()
    assert "Nodes at most is less than Nodes." in words(at)


def test_what_is_typed_wrongly_is_said(app: OpenApp) -> None:
    """Nothing is judged on half of what was meant."""
    at = open_tab(app, "Would it fit?")
    next(each for each in at.text_input if each.label == "Time").input("soon").run()

    assert not at.exception
    assert at.warning
    assert not at.dataframe


def test_enforce_no_lets_a_job_wait(app: OpenApp) -> None:
    """What ALL rejects is accepted, and the reason it waits for is told."""
    at = open_tab(app, "Would it fit?", rule="A08")
    at.session_state["fit.enforce"] = Enforce.NO.value
    next(each for each in at.number_input if each.label == "Nodes").set_value(1).run()

    assert not at.exception
    assert "PartitionNodeLimit" in set(table(at)["pends"])


def test_the_largest_job_and_a_bare_one(app: OpenApp) -> None:
    """Beside each other, for every partition."""
    at = open_tab(app, "Would it fit?", worst="error")
    at.session_state["fit.what"] = "The largest job, and a bare sbatch"
    at.run()

    assert not at.exception
    frame = table(at).set_index("partition_name")
    assert frame.loc["zero-default", "bare"].startswith("rejected")
    assert {"nodes", "cpus", "time"} <= set(frame.columns)
    assert at.dataframe[0].proto.placeholder == "–"


def test_a_cluster_is_compared(app: OpenApp) -> None:
    """What differs is listed, what cannot be read is told, and the remedy is ready."""
    at = open_tab(app, "Cluster", partition="batch")
    at.text_area[0].input(SCONTROL).run()

    assert not at.exception
    assert "What is this?" in words(at)
    frame = table(at).set_index("limit")
    assert "match" not in set(frame["status"])
    assert "Max time" in frame.index
    commands, conf = (each.value for each in at.code[-2:])
    assert "scontrol update PartitionName=batch" in commands
    assert "PartitionName=batch" in conf


def test_a_comparison_is_narrowed_by_status(app: OpenApp) -> None:
    """To begin with to what does not match; with no status chosen, to all."""
    at = open_tab(app, "Cluster", partition="batch")
    at.text_area[0].input(SCONTROL).run()
    everything = {"match", "differs", "only in Waldur", "only in the cluster"}

    for chosen in (["match"], ["differs"], []):
        at.session_state["cluster.status"] = chosen
        at.run()
        assert set(table(at)["status"]) <= (set(chosen) or everything)
    assert "match" in set(table(at)["status"])
    assert len(at.code) > 2


def test_what_the_offering_does_not_have_is_left_out(app: OpenApp) -> None:
    """A cluster has partitions of others; without them the remedies say nothing of them."""
    at = open_tab(app, "Cluster", partition="batch")
    at.text_area[0].input(SCONTROL + "PartitionName=theirs MaxTime=60 TotalNodes=1\n").run()
    assert "theirs" in set(table(at)["partition"])
    [toggle] = at.toggle
    assert toggle.label == "Without the 1 partition that the offering does not have"

    toggle.set_value(True).run()
    assert "theirs" not in set(table(at)["partition"])
    assert "theirs" not in at.code[-1].value + at.code[-2].value


def test_what_is_said_twice_is_not_called_unread(app: OpenApp) -> None:
    """SLURM takes the last of them, and so does the comparison."""
    at = open_tab(app, "Cluster", partition="batch")
    at.text_area[0].input("PartitionName=batch MaxNodes=5 MaxNodes=7\n").run()

    assert "1 remark on the text" in [each.label for each in at.expander]


def width(at: AppTest, column: str) -> int:
    """Pixels of a column of the first table."""
    pixels: int = json.loads(at.dataframe[0].proto.columns)[column]["width"]
    return pixels


def test_what_a_review_is_about_has_room(app: OpenApp) -> None:
    """Streamlit measures the first rows only, and would cut a reason in the middle."""
    at = open_tab(app, "Would it fit?", partition="batch", **{"job.nodes": "60"})
    assert [width(at, each) >= 220 for each in ("check", "by", "message", "notes")] == [True] * 4

    at = open_tab(app, "Cluster", partition="batch")
    at.text_area[0].input(SCONTROL).run()
    assert width(at, "note") >= 400


def test_nodes_are_kept_and_used(
    app: OpenApp, desk: Desk, offerings: Callable[[], list[str]]
) -> None:
    """Pasted once, they show to everybody and let more rules judge."""
    at = open_tab(app, "Hardware", partition="min-over-max")
    pasted = "min-over-max|2|64|2|32|256000|(null)\nother|1|1|1|1|1|(null)\nbad line\n"
    at.text_area[0].input(pasted).run()
    assert "Not among the offering's partitions: other." in words(at)
    assert "line 3" in words(at)
    press(at, "Save what was read")
    assert at.text_area[0].value == ""
    assert "Save what was read" not in [each.label for each in at.button]

    assert "2 nodes of 64 CPUs (2 sockets), 256 GB" in words(at)
    again = open_tab(app, "Findings", partition="min-over-max")
    assert "A09" in set(table(again)["rule"])
    [name] = [each for _, each in desk.reviews.hardware(desk.servers[0], offerings())]
    assert name == "min-over-max"


def test_nodes_of_several_kinds_are_typed_in(app: OpenApp) -> None:
    """One beside the other; saving replaces them all."""
    at = press(open_tab(app, "Hardware", partition="multi-node"), "Save")
    next(each for each in at.number_input if each.label == "GPUs per node").set_value(4)
    press(at, "Add another kind")
    plain = "1 node of 64 CPUs (2 sockets), 256 GB"
    assert f"{plain}; {plain}, 4 GPUs" in words(at)

    press(at, "Save")
    assert f"{plain}; " not in words(at)
    press(at, "Remove")


def test_what_changed_since_the_review_is_marked(
    app: OpenApp, desk: Desk, offerings: Callable[[], list[str]]
) -> None:
    """Old and new, by limit; a colleague's review is theirs."""
    at = press(open_tab(app, "Changes"), "Reviewed")
    assert "No change since your last review" in words(at)

    reviews, server = desk.reviews, desk.servers[0]
    person = demo_person(desk)
    (offering, key), seen = next(
        (place, each)
        for place, each in reviews.seen(server, person, offerings()).items()
        if each.partition_name == "zero-nodes"
    )
    before = {**seen.limits, "max_nodes": 4, "qos": None}
    others = [
        (*place, each.partition_name, each.limits)
        for place, each in reviews.seen(server, person, [offering]).items()
        if place[1] not in {"", key}
    ]
    reviews.mark_seen(server, person, [offering], [*others, (offering, key, "zero-nodes", before)])
    at = open_tab(app, "Limits")
    marked = table(at).set_index("partition_name")["changed"]
    assert list(marked["zero-nodes"]) == ["Max nodes", "QOS"]
    assert not list(marked["zero-max"])
    [told] = [each.label for each in at.button if "since your review of" in each.label]
    assert told.startswith("2 limits changed since your review of ")
    rows = table(press(at, told)).to_dict("records")

    assert linked(at) == {"tab": "Changes"}
    assert [(row["partition_name"], row["limit"], row["old"], row["new"]) for row in rows] == [
        ("zero-nodes", "Max nodes", "4", "0"),
        ("zero-nodes", "QOS", "not recorded", "normal"),
    ]
    assert "not reviewed yet" in words(app("/partitions", "owner", {"tab": "Changes"}))


def demo_person(desk: Desk) -> str:
    """The uuid of the person `staff`."""
    return desk.sign_in_with_token(desk.servers[0], TOKENS["staff"]).person.uuid


def test_without_the_database_the_limits_are_shown(app: OpenApp, desk: Desk) -> None:
    """What cannot be kept says so, and nothing else is lost."""
    with desk.reviews._database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE partition_hardware")
    at = open_tab(app, "Limits")

    assert "Hardware and acknowledgements are not known." in words(at)
    assert len(table(at)) > 50


def test_the_overview_leads_to_the_findings(app: OpenApp) -> None:
    """Errors of partitions stand among what needs attention."""
    at = app("/")

    assert any("partitions: " in each.value for each in at.caption)
    assert "cPU" not in words(at)
