"""All offerings of a person as a table, worked out once."""

import pandas as pd

from bookings.frames import offerings_frame
from bookings.portfolio import Snapshot
from bookings.sign_ins import SignIn
from components import loading, session


def read(who: SignIn, snapshot: Snapshot) -> pd.DataFrame:
    """The offerings that are loaded, with prices as the person's language writes them."""
    locale = loading.locale_name()
    frame: pd.DataFrame = session.worked_out(
        who,
        "offerings",
        (snapshot.rows_version, locale),
        lambda: offerings_frame(snapshot, currency=who.facts.currency, locale=locale),
    )
    return frame
