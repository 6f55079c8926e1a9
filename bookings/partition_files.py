"""Partitions as files: for a spreadsheet, and as the records that they are."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from bookings.exports import harmless
from bookings.slurm.limits import LIMITS
from bookings.slurm.records import Record

__all__ = ["to_csv", "to_json"]

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
    return json.dumps([record.as_item() for record in records], indent=1)


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return harmless(value if isinstance(value, str) else json.dumps(value))
