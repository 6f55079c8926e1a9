"""Plans and runs over many calendars as tables."""

from collections.abc import Collection

import pandas as pd

from bookings.calendars.preflight import Plan, Step
from bookings.calendars.run_record import Run
from bookings.frames import Column, frame_of

PLAN_COLUMNS: tuple[Column, ...] = (
    Column("uuid", "UUID"),
    Column("name", "Offering", shown=True, pinned=True),
    Column("provider", "Provider", shown=True),
    Column("calendar", "Calendar now", shown=True),
    Column("verdict", "Judgement", shown=True, help="Judged from what was last read."),
    Column("reason", "Why", shown=True),
)


def plan_frame(plan: Plan) -> pd.DataFrame:
    """A row a calendar, in the order of the plan."""
    return frame_of(PLAN_COLUMNS, [_plan_row(step) for step in plan.steps])


def _plan_row(step: Step) -> dict[str, object]:
    return {
        "uuid": step.offering.uuid,
        "name": step.offering.name,
        "provider": step.offering.customer_name,
        "calendar": step.status.value,
        "verdict": step.foreseen.verdict.value,
        "reason": step.foreseen.reason,
    }


def seen_by(run: Run, visible: Collection[str]) -> tuple[Run, int]:
    """The run with the calendars of these offerings only, and how many others it has."""
    items = tuple(item for item in run.items if item.offering_uuid in visible)
    return run.with_items(items), len(run.items) - len(items)


def progress(run: Run) -> tuple[float, str]:
    """How far a run is: a share of 1, and the counts in words."""
    counts = [f"{count:,} {state.lower()}" for state, count in sorted(run.counts.items())]
    share = run.done / run.total if run.total else 1.0
    return share, f"{run.done:,} of {run.total:,} ended · " + " · ".join(counts)
