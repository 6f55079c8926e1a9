"""What happened as a table: calendar actions.

The rules of bookings.frames hold: columns and dtypes are declared once, times are in UTC, and a
table of nothing has the same columns as any other.
"""

from collections.abc import Sequence

import pandas as pd

from bookings.calendars.journal import Entry
from bookings.filters import Filter, choices_filter, text_filter
from bookings.frames import SEARCH, TIME, WHOLE, Column, frame_of, search_text

ACTIVITY_COLUMNS: tuple[Column, ...] = (
    Column("created", "When", TIME, help="When it was asked for, in your time zone.", shown=True),
    Column("person", "Who", shown=True),
    Column("offering", "Offering", shown=True),
    Column("action", "Action", shown=True),
    Column("outcome", "Outcome", help="What is known of it, and no more.", shown=True),
    Column("http_status", "HTTP status", WHOLE, help="Empty where no answer came.", shown=True),
    Column("words", "Answer", help="The server's words, or why none came.", shown=True),
    Column("remark", "What was seen", shown=True),
    Column("finished", "Ended", TIME, help="When its outcome last changed."),
    Column("offering_uuid", "Offering UUID"),
    Column("id", "Number", WHOLE, help="Counts the actions of this dashboard."),
    Column(SEARCH, "Search text"),
)
ACTIVITY_FILTERS: tuple[Filter, ...] = (
    text_filter("q", "Search", "Looks in offering, person, the server's words and what was seen."),
    choices_filter("outcome", "Outcome", "outcome"),
    choices_filter("action", "Action", "action"),
    choices_filter("person", "Who", "person"),
)


def activity_frame(entries: Sequence[Entry]) -> pd.DataFrame:
    """One row an entry, in the order given."""
    return frame_of(
        ACTIVITY_COLUMNS,
        [
            {
                "created": entry.created,
                "person": entry.person_name,
                "offering": entry.offering_name,
                "action": entry.action.label,
                "outcome": entry.outcome.value,
                "http_status": entry.http_status,
                "words": entry.words,
                "remark": entry.remark,
                "finished": entry.finished,
                "offering_uuid": entry.offering_uuid,
                "id": entry.id,
                SEARCH: search_text(
                    entry.offering_name, entry.person_name, entry.words, entry.remark
                ),
            }
            for entry in entries
        ],
    )
