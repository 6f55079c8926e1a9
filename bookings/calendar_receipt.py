"""The receipt of a run: of each of its calendars what was asked, answered, and verified.

The rules of bookings.frames hold: columns and dtypes are declared once, times are in UTC, and a
table of nothing has the same columns as any other.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from bookings.calendars.preflight import Plan, Verdict
from bookings.calendars.run_record import Item, ItemState, Run
from bookings.frames import TIME, WHOLE, Column, frame_of

__all__ = ["RECEIPT_COLUMNS", "next_step_of", "receipt_frame", "receipt_items", "unsent_items"]

RECEIPT_COLUMNS: tuple[Column, ...] = (
    Column("time", "Time", TIME, help="When its state was last recorded.", shown=True),
    Column("offering", "Offering", shown=True),
    Column("action", "Action", shown=True),
    Column("http_status", "HTTP status", WHOLE, help="Empty where no answer came.", shown=True),
    Column("words", "Server's words", shown=True),
    Column("state", "Verified state", help="What is known of it, and no more.", shown=True),
    Column("remark", "Remark", shown=True),
    Column("next_step", "Next step", shown=True),
    Column(
        "attempts", "Attempts", WHOLE,
        help="More than one only where the server refused because the calendar was busy.",
    ),
    Column("asked_by", "Asked by"),
    Column("offering_uuid", "Offering UUID"),
)  # fmt: skip

_IN_JSON = (
    "offering_uuid", "offering", "action", "state", "http_status", "words", "remark", "next_step",
    "time", "attempts", "asked_by",
)  # fmt: skip


def receipt_frame(run: Run) -> pd.DataFrame:
    """One row a calendar, in the order of the plan."""
    return frame_of(RECEIPT_COLUMNS, [_row(run, item) for item in run.items])


def receipt_items(run: Run) -> list[dict[str, Any]]:
    """The same for JSON; the action is the last part of its address, the time is ISO 8601."""
    items = []
    for item in run.items:
        row = {**_row(run, item), "action": run.action.value}
        time: datetime | None = row["time"]
        row["time"] = None if time is None else time.isoformat()
        items.append({**{key: row[key] for key in _IN_JSON}, "run": run.id})
    return items


def unsent_items(plan: Plan) -> list[dict[str, Any]]:
    """The same for a plan of which nothing is sent, and so no run is on record."""
    return [
        {
            "offering_uuid": step.offering.uuid,
            "offering": step.offering.name,
            "action": plan.action.value,
            "state": ItemState.LEFT_OUT.value,
            "http_status": None,
            "words": "",
            "remark": step.foreseen.reason,
            "next_step": _LEFT_OUT[step.foreseen.verdict],
            "time": None,
            "attempts": 0,
            "asked_by": "",
            "run": None,
        }
        for step in plan.steps
    ]


def next_step_of(item: Item) -> str:
    """What a person should do now, in one sentence."""
    if item.state is ItemState.WAITING:
        return "Wait; it is sent when its turn comes."
    if item.state is ItemState.BUSY:
        return "Wait; it is sent again by itself, because nothing was accepted."
    if item.state is ItemState.NOT_SENT:
        return "Nothing was changed; ask for it again."
    if item.state is ItemState.LEFT_OUT:
        return _LEFT_OUT[item.verdict]
    return "" if item.entry is None else item.entry.next_step


_LEFT_OUT = {
    Verdict.WILL_DO: "Nothing was changed; ask for it again.",
    Verdict.POINTLESS: "Nothing needs to be done.",
    Verdict.REFUSED: "Put right what the remark says, then ask for it again.",
    Verdict.CHANGED: "Look at what was done since, then ask for it again.",
    Verdict.NOT_YOURS: "Ask an owner of its organisation, or staff.",
}


def _row(run: Run, item: Item) -> Mapping[str, Any]:
    entry = item.entry
    return {
        "time": _time(run, item),
        "offering": item.offering_name,
        "action": run.action.label,
        "http_status": None if entry is None else entry.http_status,
        "words": "" if entry is None else entry.words,
        "state": item.state.value,
        "remark": item.reason if entry is None else entry.remark,
        "next_step": next_step_of(item),
        "attempts": item.attempts,
        "asked_by": run.person_name,
        "offering_uuid": item.offering_uuid,
    }


def _time(run: Run, item: Item) -> datetime | None:
    if item.entry is not None:
        return item.entry.finished or item.entry.created
    if not item.chosen:
        return run.created
    return run.finished if item.ended else None
