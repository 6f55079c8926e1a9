"""How long the record is kept, where an operator bounds it."""

from datetime import timedelta

from sqlalchemy import and_, delete, func, or_, select

from bookings.calendars.journal import Journal, has_newer
from bookings.database import CALENDAR_ACTION, CALENDAR_RUN, CALENDAR_RUN_ITEM

__all__ = ["forget"]


def forget(journal: Journal, keep: timedelta) -> int:
    """Deletes what was asked for longer ago than `keep`; gives the number of entries deleted.

    The newest entry of each calendar and each booking stays whatever its age: its number is what
    makes the next action happen once. What is under way stays too, and so does every entry of a
    run that has not ended before, and the newest run. Raises DatabaseError.
    """
    before = journal.now() - keep
    action = CALENDAR_ACTION
    # SQLite gives the number of the newest run again once that is deleted, and entries that
    # stay would be read as another run's.
    runs = CALENDAR_RUN.alias()
    newest_run = select(func.max(runs.c.id)).scalar_subquery()
    # Nobody writes the end of a run whose process died on another host.
    left = and_(CALENDAR_RUN.c.finished.is_(None), CALENDAR_RUN.c.lease_until < before)
    ended_before = or_(CALENDAR_RUN.c.finished < before, left)
    old = and_(ended_before, CALENDAR_RUN.c.id < newest_run)
    ended = select(CALENDAR_RUN.c.id).where(old)
    kept_runs = select(CALENDAR_RUN.c.id)
    with journal.database.writing() as connection:
        connection.execute(delete(CALENDAR_RUN_ITEM).where(CALENDAR_RUN_ITEM.c.run_id.in_(ended)))
        connection.execute(delete(CALENDAR_RUN).where(old))
        return connection.execute(
            delete(action).where(
                action.c.created < before,
                action.c.open.is_(False),
                has_newer(action.c),
                action.c.run_id.is_(None) | action.c.run_id.not_in(kept_runs),
            )
        ).rowcount
