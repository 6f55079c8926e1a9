"""What reviewers look at as tables: findings, verdicts, differences and changes of partitions.

The rules of bookings.frames hold: columns and dtypes are declared once, and a table of nothing
has the same columns as any other. `place` is the row of a partition in the table of all.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from bookings.filters import LIMIT_FILTERS, PARTITION_FILTERS, Filter, choices_filter
from bookings.frames import (
    LIST,
    PARTITION_COLUMNS,
    SEARCH,
    WHOLE,
    Column,
    frame_of,
    search_text,
)
from bookings.partition_review import Found, PartitionReview, by_place
from bookings.slurm.audit import Severity, counts, worst
from bookings.slurm.changes import Change, How
from bookings.slurm.fit import NO_LIMIT, Gets, Largest, Verdict
from bookings.slurm.limits import (
    LIMITS,
    NOT_RECORDED,
    Limit,
    Unit,
    limit_of,
    spell_megabytes,
    spell_minutes,
)
from bookings.slurm.reconcile import Comparison, Status
from bookings.slurm.records import Record

__all__ = [
    "CHANGE_COLUMNS",
    "COMPARISON_COLUMNS",
    "FINDING_COLUMNS",
    "GROUPS",
    "LARGEST_COLUMNS",
    "OFFERING_FINDING_COLUMNS",
    "REVIEWED_COLUMNS",
    "REVIEW_FILTERS",
    "STANDINGS",
    "VERDICTS",
    "VERDICT_COLUMNS",
    "changes_frame",
    "changes_words",
    "comparisons_frame",
    "counts_frame",
    "findings_frame",
    "findings_words",
    "group_columns",
    "grouped",
    "largest_frame",
    "ordered",
    "verdict_words",
    "verdicts_frame",
    "with_findings",
]

SEVERITY_WORDS = {
    Severity.ERROR: ("error", "errors"),
    Severity.WARNING: ("warning", "warnings"),
    Severity.INFO: ("info", "info"),
}
ACCEPTED = "accepted"
WITHIN_LIMITS = "within limits; hardware unknown"
WAITS = "would wait for ever"
CANNOT_TELL = "cannot tell"
REJECTED = "rejected"
VERDICTS = (ACCEPTED, WITHIN_LIMITS, WAITS, CANNOT_TELL, REJECTED)
"""The words for a verdict, the best for the job first."""
STATUS_WORDS = {
    Status.MATCH: "match",
    Status.DIFFERS: "differs",
    Status.ONLY_IN_WALDUR: "only in Waldur",
    Status.ONLY_IN_CLUSTER: "only in the cluster",
}

# --- all partitions, with what was found in them --------------------------------------------

_FOUND = (
    Column(
        "findings", "Findings", shown=True, pinned=False,
        help="What the rules found and nobody has acknowledged.",
    ),
    Column("worst", "Worst finding", help="error, warning or info; empty where nothing is open."),
    Column("rules", "Rules", LIST, help="The rules behind the findings that are open."),
)  # fmt: skip
REVIEWED_COLUMNS: tuple[Column, ...] = (
    *PARTITION_COLUMNS[:3],
    *_FOUND,
    *PARTITION_COLUMNS[3:],
)
"""Of the table of all partitions."""
REVIEW_FILTERS: tuple[Filter, ...] = (
    *PARTITION_FILTERS[:4],
    choices_filter("worst", "Worst finding", "worst"),
    choices_filter("rule", "Rule", "rules", noun="rule"),
    *PARTITION_FILTERS[4:],
    *LIMIT_FILTERS,
)


def with_findings(frame: pd.DataFrame, review: PartitionReview) -> pd.DataFrame:
    """The table of all partitions with the columns of what was found.

    `frame` is that of bookings.frames.partitions_frame for the same offerings.
    """
    places = by_place([each for each in review.found if each.acknowledged is None])
    rows = []
    for place in frame["place"].tolist():
        findings = [each.finding for each in places.get(place, ())]
        rows.append(
            {
                "findings": findings_words(counts(findings)),
                "worst": str(worst(findings) or ""),
                "rules": [finding.rule.id for finding in findings],
            }
        )
    found = frame_of(_FOUND, rows)
    return pd.concat([frame, found], axis=1)[[column.key for column in REVIEWED_COLUMNS]]


def findings_words(counted: Mapping[Severity, int]) -> str:
    """ "2 errors, 1 warning"; "" for nothing."""
    return ", ".join(
        f"{count} {SEVERITY_WORDS[severity][count > 1]}"
        for severity, count in counted.items()
        if count
    )


def ordered(frame: pd.DataFrame, field: str, *, descending: bool = False) -> pd.DataFrame:
    """The rows by the exact value of a limit; rows where it is not recorded come last."""
    return frame.sort_values(
        field, ascending=not descending, na_position="last", kind="stable"
    ).reset_index(drop=True)


# --- groups ---------------------------------------------------------------------------------

GROUPS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "Offering": ("offering", ("offering_uuid",)),
    "Partition name": ("partition_name", ("partition_name",)),
}
"""What partitions can be grouped by: the column that names a group, and those that make one."""


def group_columns(by: str) -> tuple[Column, ...]:
    """Of the table of groups: its name, how many partitions, and the limits as words."""
    shown = GROUPS[by][0]
    label = next(column.label for column in PARTITION_COLUMNS if column.key == shown)
    words = {column.key: column for column in PARTITION_COLUMNS}
    limits = [
        Column(
            word_column(limit),
            limit.label,
            "str",
            "partitions",
            words[word_column(limit)].help,
            True,
        )
        for limit in LIMITS
    ]
    return (
        Column(shown, label, shown=True, pinned=True),
        Column("partitions", "Partitions", WHOLE, shown=True),
        Column("offerings", "Offerings", WHOLE, shown=by != "Offering"),
        Column("varying", "Limits that vary", WHOLE, shown=True),
        Column("vary", "Which vary", LIST, shown=True),
        *limits,
    )


def word_column(limit: Limit) -> str:
    """The column that holds a limit in words."""
    return limit.field if limit.unit is Unit.NAME else f"{limit.field}_text"


def grouped(frame: pd.DataFrame, by: str) -> pd.DataFrame:
    """A row a group. A limit that is the same in all of it is said once, else from where to where.

    "2 h … 7 d (3 values)" stands for three different values, "not recorded" among them where it
    occurs.
    """
    shown, keys = GROUPS[by]
    rows: list[dict[str, Any]] = []
    for _, part in frame.groupby(list(keys), sort=False, dropna=False):
        row: dict[str, Any] = {
            shown: part[shown].iloc[0],
            "partitions": len(part),
            "offerings": part["offering_uuid"].nunique(),
        }
        vary = []
        for limit in LIMITS:
            row[word_column(limit)], several = _one_or_several(part, limit)
            if several:
                vary.append(limit.label)
        rows.append({**row, "varying": len(vary), "vary": vary})
    return frame_of(group_columns(by), rows)


def _one_or_several(part: pd.DataFrame, limit: Limit) -> tuple[str, bool]:
    words = part[word_column(limit)].tolist()
    different = dict.fromkeys(words)
    if len(different) == 1:
        return words[0], False
    named = [word or NOT_RECORDED for word in different]
    if limit.unit not in {Unit.NAME, Unit.FLAG, Unit.MASK}:
        exact = dict(zip(words, part[limit.field].tolist(), strict=True))
        named.sort(key=lambda word: _amount(exact.get(word)))
        set_ones = [word for word in named if word != NOT_RECORDED]
        if len(set_ones) > 1:
            ends = f"{set_ones[0]} … {set_ones[-1]}"
            unset = f", some {NOT_RECORDED}" if len(set_ones) < len(named) else ""
            return f"{ends} ({len(set_ones)} values{unset})", True
    return " / ".join(named[:4]) + (" / …" if len(named) > 4 else ""), True


def _amount(value: Any) -> float:
    if value is None or pd.isna(value):
        return float("-inf")
    return float("inf") if value == -1 else float(value)


# --- findings -------------------------------------------------------------------------------

FINDING_COLUMNS: tuple[Column, ...] = (
    Column("severity", "Severity", shown=True, help="error, warning or info."),
    Column("rule", "Rule", shown=True),
    Column("partition_name", "Partition", shown=True),
    Column("offering", "Offering", shown=True),
    Column("message", "What is recorded", shown=True),
    Column("advice", "What to set instead", shown=True),
    Column("acknowledged", "Acknowledged", shown=True, help="By whom, and why it may stay."),
    Column("provider", "Provider"),
    Column("title", "Mistake"),
    Column("why", "Why it matters"),
    Column("ctld", "What slurmctld does"),
    Column("fields", "Fields", LIST),
    Column("acknowledgement", "Standing"),
    Column("offering_uuid", "Offering UUID"),
    Column("place", "Place", WHOLE),
    Column("number", "Number", WHOLE),
    Column(SEARCH, "Search text"),
)
OPEN = "open"
ACKNOWLEDGED = "acknowledged"
RETURNED = "open again"
STANDINGS = (OPEN, RETURNED, ACKNOWLEDGED)


def findings_frame(found: Sequence[Found]) -> pd.DataFrame:
    """A row a finding, the worst first; `number` is its place in `found`."""
    rows = sorted(enumerate(found), key=lambda each: each[1].finding.severity.rank)
    return frame_of(FINDING_COLUMNS, [_finding_row(number, each) for number, each in rows])


def _finding_row(number: int, each: Found) -> dict[str, Any]:
    finding, record = each.finding, each.record
    said = each.acknowledged or each.lapsed
    standing = ACKNOWLEDGED if each.acknowledged else RETURNED if each.lapsed else OPEN
    words = ""
    if said is not None:
        words = f"{said.person_name}: {said.reason}"
        if each.lapsed:
            words = f"for other values, by {words}"
    return {
        "severity": str(finding.severity),
        "rule": finding.rule.id,
        "title": finding.rule.title,
        "partition_name": finding.partition_name,
        "offering": record.offering,
        "provider": record.provider,
        "message": finding.message,
        "advice": finding.advice,
        "why": finding.rule.why,
        "ctld": finding.rule.ctld,
        "fields": list(finding.fields),
        "acknowledged": words,
        "acknowledgement": standing,
        "offering_uuid": record.offering_uuid,
        "place": each.place,
        "number": number,
        SEARCH: search_text(
            finding.partition_name, record.offering, record.provider, finding.rule.id,
            finding.rule.title, finding.message,
        ),
    }  # fmt: skip


OFFERING_FINDING_COLUMNS: tuple[Column, ...] = (
    Column("name", "Offering", shown=True),
    Column("provider", "Provider", shown=True),
    Column("partitions", "Partitions", WHOLE, shown=True),
    Column("errors", "Errors", WHOLE, shown=True),
    Column("warnings", "Warnings", WHOLE, shown=True),
    Column("infos", "Info", WHOLE, shown=True),
    Column("acknowledged", "Acknowledged", WHOLE, shown=True),
    Column("uuid", "UUID"),
)


def counts_frame(review: PartitionReview, places: Iterable[int]) -> pd.DataFrame:
    """A row an offering of these partitions, the one with the most errors first."""
    rows: dict[str, dict[str, Any]] = {}
    found = by_place(review.found)
    for place in places:
        record = review.records[place]
        row = rows.setdefault(
            record.offering_uuid,
            {
                "name": record.offering,
                "provider": record.provider,
                "uuid": record.offering_uuid,
                **dict.fromkeys(("partitions", "errors", "warnings", "infos", "acknowledged"), 0),
            },
        )
        row["partitions"] += 1
        for each in found.get(place, ()):
            row["acknowledged" if each.acknowledged else f"{each.finding.severity}s"] += 1
    order = sorted(rows.values(), key=lambda row: (-row["errors"], -row["warnings"], -row["infos"]))
    return frame_of(OFFERING_FINDING_COLUMNS, order)


# --- would it fit ---------------------------------------------------------------------------

VERDICT_COLUMNS: tuple[Column, ...] = (
    Column(
        "verdict",
        "Verdict",
        shown=True,
        help="What slurmctld would answer to sbatch. Where the nodes are not described under "
        "Hardware, only the recorded limits are judged, and the nodes may still refuse the job.",
    ),
    Column("partition_name", "Partition", shown=True),
    Column("offering", "Offering", shown=True),
    Column("check", "First failing check", shown=True),
    Column("by", "By how much", shown=True),
    Column("message", "SLURM's words", shown=True),
    Column("nodes", "Gets nodes", WHOLE, shown=True),
    Column("cpus", "Gets CPUs", WHOLE, shown=True),
    Column("memory", "Gets memory per node", shown=True),
    Column("time", "Gets time", shown=True),
    Column("notes", "Remarks", LIST, shown=True),
    Column("caveat", "Judged by", shown=True),
    Column("reason_code", "Reason"),
    Column("pends", "Would wait for"),
    Column("provider", "Provider"),
    Column("memory_from", "Memory from"),
    Column("time_from", "Time from"),
    Column("offering_uuid", "Offering UUID"),
    Column("place", "Place", WHOLE),
)


def verdict_words(verdict: Verdict) -> str:
    """A verdict in words, one of VERDICTS.

    A job is called accepted only where the nodes have been judged too. One that EnforcePartLimits
    lets in although it breaks a limit would wait for ever, if the nodes do not refuse it.
    """
    if verdict.accepted is None:
        return CANNOT_TELL
    if not verdict.accepted:
        return REJECTED
    if verdict.pends:
        return WAITS
    return WITHIN_LIMITS if verdict.limits_only else ACCEPTED


def verdicts_frame(judged: Iterable[tuple[int, Record, Verdict]]) -> pd.DataFrame:
    """A row a partition, with its place; in the order of VERDICTS."""
    rows = [_verdict_row(place, record, verdict) for place, record, verdict in judged]
    rows.sort(key=lambda row: VERDICTS.index(row["verdict"]))
    return frame_of(VERDICT_COLUMNS, rows)


def _verdict_row(place: int, record: Record, verdict: Verdict) -> dict[str, Any]:
    gets = verdict.gets
    return {
        "verdict": verdict_words(verdict),
        "partition_name": record.name,
        "offering": record.offering,
        "provider": record.provider,
        "check": verdict.check,
        "by": verdict.by,
        "message": verdict.message,
        "nodes": gets.nodes if gets else None,
        "cpus": gets.cpus if gets else None,
        "memory": memory_words(gets),
        "time": time_words(gets),
        "memory_from": gets.memory_from if gets else "",
        "time_from": gets.time_from if gets else "",
        "notes": list(gets.notes) if gets else [],
        "caveat": verdict.caveat,
        "reason_code": verdict.reason_code,
        "pends": verdict.pends,
        "offering_uuid": record.offering_uuid,
        "place": place,
    }


def memory_words(gets: Gets | None) -> str:
    """The memory of a job by node, or by CPU where the node is not known."""
    if gets is None:
        return ""
    if gets.memory_per_node is not None:
        return spell_megabytes(gets.memory_per_node)
    if gets.memory_per_cpu is not None:
        return f"{spell_megabytes(gets.memory_per_cpu)} per CPU"
    return gets.memory_from


def time_words(gets: Gets | None) -> str:
    """The run time of a job in words; unlimited only where the record or the job says so."""
    if gets is None:
        return ""
    if gets.time is None:
        return NO_LIMIT if gets.time_from == NO_LIMIT else "unlimited"
    return spell_minutes(gets.time)


LARGEST_COLUMNS: tuple[Column, ...] = (
    Column("partition_name", "Partition", shown=True, pinned=True),
    Column("offering", "Offering", shown=True),
    Column(
        "bare",
        "Bare sbatch",
        shown=True,
        help="What sbatch without any option meets. Where the nodes are not described under "
        "Hardware, they may still refuse it.",
    ),
    Column("bare_cpus", "It gets CPUs", WHOLE, shown=True),
    Column("bare_memory", "It gets memory per node", shown=True),
    Column("bare_time", "It gets time", shown=True),
    Column("nodes", "Most nodes", WHOLE, shown=True),
    Column("cpus", "Most CPUs", WHOLE, shown=True),
    Column("cpus_per_node", "Most CPUs per node", WHOLE, shown=True),
    Column("memory_per_node", "Most memory per node", shown=True),
    Column("time", "Longest time", shown=True),
    Column("notes", "Remarks", LIST, shown=True),
    Column("provider", "Provider"),
    Column("offering_uuid", "Offering UUID"),
    Column("place", "Place", WHOLE),
)


def largest_frame(judged: Iterable[tuple[int, Record, Largest, Verdict]]) -> pd.DataFrame:
    """A row a partition: the largest job it takes, and what a bare sbatch gets."""
    return frame_of(LARGEST_COLUMNS, [_largest_row(*each) for each in judged])


def _largest_row(place: int, record: Record, most: Largest, bare: Verdict) -> dict[str, Any]:
    words = verdict_words(bare)
    return {
        "partition_name": record.name,
        "offering": record.offering,
        "provider": record.provider,
        "bare": words if bare.accepted else f"{words}: {bare.message or bare.caveat}",
        "bare_cpus": bare.gets.cpus if bare.gets else None,
        "bare_memory": memory_words(bare.gets),
        "bare_time": time_words(bare.gets),
        "nodes": most.nodes,
        "cpus": most.cpus,
        "cpus_per_node": most.cpus_per_node,
        "memory_per_node": spell_megabytes(most.memory_per_node),
        "time": _longest(record, most),
        "notes": list(most.notes),
        "offering_uuid": record.offering_uuid,
        "place": place,
    }


def _longest(record: Record, most: Largest) -> str:
    if most.time is not None:
        return spell_minutes(most.time)
    return "" if record.partition.max_time is None else "unlimited"


# --- the cluster ----------------------------------------------------------------------------

COMPARISON_COLUMNS: tuple[Column, ...] = (
    Column("partition", "Partition", shown=True),
    Column("limit", "Limit", shown=True),
    Column("status", "Status", shown=True),
    Column("waldur", "In Waldur", shown=True),
    Column("cluster", "In the cluster", shown=True),
    Column("written", "As the cluster writes it", shown=True),
    Column("note", "Remark", shown=True),
    Column("field", "Field"),
    Column("waldur_exact", "In Waldur (exact)"),
    Column("cluster_exact", "In the cluster (exact, Waldur's unit)"),
)


def comparisons_frame(comparisons: Iterable[Comparison]) -> pd.DataFrame:
    """A row a limit of a partition."""
    return frame_of(COMPARISON_COLUMNS, [_comparison_row(each) for each in comparisons])


def _comparison_row(each: Comparison) -> dict[str, Any]:
    return {
        "partition": each.partition,
        "limit": _label(each.field),
        "status": STATUS_WORDS[each.status],
        "waldur": _words(each.field, each.waldur),
        "cluster": _words(each.field, each.cluster),
        "written": each.written,
        "note": each.note,
        "field": each.field,
        "waldur_exact": _exact(each.waldur),
        "cluster_exact": _exact(each.cluster),
    }


def _label(field: str) -> str:
    return "The partition itself" if field == "partition_name" else limit_of(field).label


def _words(field: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    if field == "partition_name":
        return str(value)
    limit = limit_of(field)
    wanted: type = {Unit.FLAG: bool, Unit.NAME: str}.get(limit.unit, int)
    return limit.spell(value) if isinstance(value, wanted) else str(value)


def _exact(value: Any) -> str:
    return "" if value is None else str(value)


# --- since last time ------------------------------------------------------------------------

CHANGE_COLUMNS: tuple[Column, ...] = (
    Column("how", "What happened", shown=True),
    Column("partition_name", "Partition", shown=True),
    Column("offering", "Offering", shown=True),
    Column("limit", "Limit", shown=True),
    Column("old", "At the last review", shown=True),
    Column("new", "Now", shown=True),
    Column("field", "Field"),
    Column("old_exact", "At the last review (exact)"),
    Column("new_exact", "Now (exact)"),
    Column("offering_uuid", "Offering UUID"),
)


def changes_frame(changes: Iterable[Change], names: Mapping[str, str]) -> pd.DataFrame:
    """A row a change; `names` are the offerings' by uuid."""
    return frame_of(CHANGE_COLUMNS, [_change_row(each, names) for each in changes])


def _change_row(each: Change, names: Mapping[str, str]) -> dict[str, Any]:
    field = each.limit.field if each.limit else ""
    compared = each.how is How.CHANGED
    return {
        "how": str(each.how),
        "partition_name": each.partition_name,
        "offering": names.get(each.offering_uuid, ""),
        "limit": each.limit.label if each.limit else "",
        "old": _words(field, each.old) or NOT_RECORDED if compared else "",
        "new": _words(field, each.new) or NOT_RECORDED if compared else "",
        "field": field,
        "old_exact": _exact(each.old),
        "new_exact": _exact(each.new),
        "offering_uuid": each.offering_uuid,
    }


def changes_words(changes: Iterable[Change]) -> str:
    """How many there are of what: "12 limits changed, 1 partition is new"."""
    counted = Counter(each.how for each in changes)
    words = (
        (How.CHANGED, "limit changed", "limits changed"),
        (How.ADDED, "partition is new", "partitions are new"),
        (How.REMOVED, "partition is gone", "partitions are gone"),
    )
    return ", ".join(
        f"{counted[how]:,} {one if counted[how] == 1 else several}"
        for how, one, several in words
        if counted[how]
    )
