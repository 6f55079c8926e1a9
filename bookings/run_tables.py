"""Plans and runs over many calendars as tables."""

from collections import Counter
from collections.abc import Collection

import pandas as pd

from bookings.calendars.actions import Outcome
from bookings.calendars.preflight import Plan, Step
from bookings.calendars.run_record import INTERRUPTED, ItemState, Run
from bookings.frames import Column, frame_of

PLAN_COLUMNS: tuple[Column, ...] = (
    Column("uuid", "UUID"),
    Column("name", "Offering", shown=True, pinned=True),
    Column("verdict", "Judgement", shown=True, help="Judged from what was last read."),
    Column("reason", "Why", shown=True),
    Column("calendar", "Calendar now", shown=True),
    Column("state", "State", shown=True),
    Column("provider", "Provider", shown=True),
)
_IN_ORDER = (
    Outcome.SENDING, Outcome.ACCEPTED, Outcome.CONFIRMED, ItemState.ALREADY_SO,
    Outcome.NOT_CONFIRMED, Outcome.REFUSED, Outcome.UNKNOWN, ItemState.BUSY, ItemState.WAITING,
    ItemState.NOT_SENT,
)  # fmt: skip
"""As a calendar goes through them."""


def plan_frame(plan: Plan) -> pd.DataFrame:
    """A row a calendar, in the order of the plan."""
    return frame_of(PLAN_COLUMNS, [_plan_row(step) for step in plan.steps])


def _plan_row(step: Step) -> dict[str, object]:
    return {
        "uuid": step.offering.uuid,
        "name": step.offering.name,
        "verdict": step.foreseen.verdict.value,
        "reason": step.foreseen.reason,
        "calendar": step.status.value,
        "state": step.offering.state or "",
        "provider": step.offering.customer_name,
    }


def seen_by(run: Run, visible: Collection[str]) -> tuple[Run, int]:
    """The run with the calendars of these offerings only, and how many others were to be sent."""
    mine = run.with_items(tuple(i for i in run.items if i.offering_uuid in visible))
    return mine, run.total - mine.total


def progress(run: Run) -> tuple[float, str]:
    """How far a run is: a share of 1, and the counts in words.

    What was left out by the plan is not counted: it was never to be sent.
    """
    counts = run.counts
    said = [f"{counts[state]:,} {state.lower()}" for state in _IN_ORDER if counts[state]]
    begun = sum(1 for item in run.items if item.entry is not None)
    words = " · ".join([f"{begun:,} of {run.total:,} begun", *said])
    share = run.done / run.total if run.total else 1.0
    return share, f"Stopping · {words}" if run.alive and run.stop_reason else words


def unsent_reasons(run: Run) -> list[tuple[str, int]]:
    """Why calendars of an ended run were not sent, and how many; the commonest first.

    Without those that the run's own stop or interruption explains.
    """
    known = {run.stop_reason, INTERRUPTED}
    reasons = Counter(
        item.reason
        for item in run.items
        if item.state is ItemState.NOT_SENT and item.reason and item.reason not in known
    )
    return reasons.most_common()
