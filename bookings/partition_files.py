"""Partitions as files: for a spreadsheet, and as the records that they are."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from bookings.exports import harmless
from bookings.slurm.limits import LIMITS
from bookings.slurm.records import Record
from bookings.slurm.slurm_conf import lines, one_line

__all__ = ["cluster_count", "to_csv", "to_json", "to_slurm_conf"]

MOST_NAME = 200
"""Signs of an offering's name that a comment shows."""

_ABOUT = ("offering_name", "offering_uuid", "partition_name")


def to_csv(records: Sequence[Record]) -> str:
    """A line a partition under Waldur's names of the fields, with the exact values.

    Memory is in MB, times in minutes, grace time in seconds. No text in it runs as a formula.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*_ABOUT, *(limit.field for limit in LIMITS)])
    for record in records:
        unread = record.partition.unread
        cells = (unread.get(limit.field, limit.value(record.partition)) for limit in LIMITS)
        about = (record.offering, record.offering_uuid, record.name)
        writer.writerow([_cell(each) for each in (*about, *cells)])
    return out.getvalue()


def to_json(records: Sequence[Record]) -> str:
    """A list of the records, which bookings.slurm.records reads back."""
    text = json.dumps([record.as_item() for record in records])
    # A number beyond all bounds is Infinity to Python and none to JSON; it stays as a text.
    return json.dumps(json.loads(text, parse_constant=str), indent=1)


def cluster_count(records: Sequence[Record]) -> int:
    """How many clusters partitions are of: each offering is one."""
    return len(_by_offering(records))


def to_slurm_conf(records: Sequence[Record]) -> str:
    """Lines of slurm.conf, a section an offering in the order of the partitions.

    Each section is what the slurm.conf of one cluster takes. A comment above it names the
    offering, where that is known.
    """
    offerings = _by_offering(records)
    if not offerings:
        return lines([])
    sections = [
        _heading(each[0]) + lines([record.partition for record in each]) for each in offerings
    ]
    if len(sections) > 1:
        sections.insert(
            0,
            f"# One section a cluster: {len(sections)} sections, each for a slurm.conf of its own."
            "\n",
        )
    return "\n".join(sections)


def _by_offering(records: Sequence[Record]) -> list[list[Record]]:
    offerings: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        offerings.setdefault((record.offering_uuid, record.offering), []).append(record)
    return list(offerings.values())


def _heading(record: Record) -> str:
    said = (
        ("offering", record.offering),
        ("provider", record.provider),
        ("UUID", record.offering_uuid),
    )
    known = [f"{label} {one_line(text, MOST_NAME)}" for label, text in said if text]
    return f"# Cluster of {', '.join(known)}\n" if known else ""


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return harmless(value if isinstance(value, str) else json.dumps(value))
