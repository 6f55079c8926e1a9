"""“Look again”: reads once what became of an action or a decision whose end is not known."""

import streamlit as st

from bookings.calendars import actions, decisions
from bookings.calendars.journal import DatabaseError, Entry
from bookings.sign_ins import SignIn
from bookings.waldur.errors import SignedOut, WaldurError
from bookings.waldur.models import Offering
from components import booking_list, errors, loading, redraw, session
from components.literal import literal


def show(who: SignIn, entry: Entry, *, key: str) -> None:
    """Draws the button, and that nothing has changed where it was pressed for this entry.

    Nothing where a look cannot tell more. A change is drawn with the entry itself.
    """
    if not entry.worth_another_look:
        return
    looked = f"{key}.looked"
    if st.button("Look again", icon=":material/visibility:", key=f"{key}.look.{entry.id}"):
        try:
            state = _look(who, entry)
        except SignedOut:
            who.portfolio.signed_out = True
            redraw.now()  # the gate asks for a new sign-in
        except WaldurError as error:
            what = "booking" if entry.booking_uuid else "calendar"
            errors.show(error, f"The {what} could not be read.")
            return
        except DatabaseError as error:
            st.error(literal(f"{error} {error.next_step}"), icon=":material/error:")
            return
        time = loading.local_time(session.desk().journal.now(), date=True)
        st.session_state[looked] = (entry.id, f"Looked again at {time}: no change. {state}")
        redraw.now()
    said = st.session_state.get(looked)
    if said is not None and said[0] == entry.id:
        st.text(said[1])


def put_calendar(who: SignIn, reading: Offering) -> bool:
    """Has all pages show a calendar that was read; False where the server did not tell it."""
    told = "googlecalendar" in reading.model_fields_set
    if told:
        who.portfolio.put_calendars({reading.uuid: reading.googlecalendar})
    return told


def _look(who: SignIn, entry: Entry) -> str:
    """Reads and records; gives the state in a sentence."""
    runner = session.desk().runner
    if entry.booking_uuid:
        runner.look_at_booking(who.client, entry)
        state = who.client.booking(entry.booking_uuid).state
        booking_list.forget(who)
        return decisions.state_sentence(state)
    runner.look_again(who.client, entry)
    reading = who.client.calendar(entry.offering_uuid)
    put_calendar(who, reading)
    return actions.state_sentence(reading.googlecalendar)
