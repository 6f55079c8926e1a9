"""All calendars of a person as a table, worked out when something in it has changed."""

import pandas as pd

from bookings.calendar_tables import calendars_frame
from bookings.portfolio import Snapshot
from bookings.sign_ins import SignIn
from components import booking_list, google_accounts, journal, loading, session


def read(who: SignIn, snapshot: Snapshot, offerings: pd.DataFrame) -> pd.DataFrame:
    """The calendars of these offerings, with what is known of accounts, actions and bookings."""
    latest = journal.latest(who, snapshot)
    connected = google_accounts.connected(who)
    bookings = booking_list.beside(who)
    # When the next booking begins changes by itself.
    now = loading.now().replace(second=0, microsecond=0)
    version = (
        snapshot.rows_version,
        loading.locale_name(),
        loading.zone_name(),
        tuple((each.id, each.outcome, each.open) for each in latest.values()),
        tuple(sorted(connected.items())),
        bookings and tuple((each.uuid, each.state) for each in bookings),
        now,
    )
    frame: pd.DataFrame = session.worked_out(
        who,
        "calendars",
        version,
        lambda: calendars_frame(
            offerings,
            snapshot.offerings,
            entries=latest.values(),
            connected=connected,
            bookings=bookings,
            now=now,
        ),
    )
    return frame
