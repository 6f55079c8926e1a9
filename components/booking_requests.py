"""Requests to book that wait for an answer: accept or reject each, once, asked about before."""

from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from bookings.calendars.actions import Outcome
from bookings.calendars.decisions import WAITING_STATE, Decision, may_reject
from bookings.calendars.journal import DatabaseError, Entry
from bookings.sign_ins import SignIn
from bookings.waldur.models import Booking, Slot
from components import booking_desk, booking_list, journal, look_again, question, redraw, session
from components.booking_desk import Listed
from components.booking_tabs.opened import stretch
from components.literal import literal
from components.outcome import show as show_outcome

STEP = 5
"""How many more requests a press of a button shows."""
MOST_CONFLICTS = 3
"""Of one request, in sentences."""
TEXT_WIDTH = 420
POLL_SECONDS = 1.0
_MORE = "requests.more"
_DECIDED = "requests.decided"
"""Booking uuid -> booking, of what was decided in this tab: its outcome stays in sight."""
_NOT_SENT = "requests.not_sent"
"""Booking uuid -> the number of the decision that was the latest one then, and what was said."""


def show(who: SignIn, listed: Listed, *, in_sight: int) -> None:
    """Draws the waiting requests, the one that begins next on top, and what was decided here.

    `in_sight` of them stand there until a person asks for more: what is below is not to be
    pushed off the screen.
    """
    waiting = sorted((each for each in listed.bookings if each.state == WAITING_STATE), key=_begins)
    decided: dict[str, Booking] = st.session_state.setdefault(_DECIDED, {})
    done = [each for each in decided.values() if each.uuid not in {w.uuid for w in waiting}]
    if not waiting and not done:
        return
    shown = waiting[: in_sight + st.session_state.get(_MORE, 0)]
    try:
        latest = {
            each.uuid: session.desk().runner.latest(who.server, each.offering_uuid or "", each.uuid)
            for each in [*done, *shown]
        }
    except DatabaseError as error:
        st.error(literal(f"{error} {error.next_step}"), icon=":material/error:")
        return
    if journal.newly_ended("requests", latest.values(), listed.as_of):
        booking_list.forget(who)
        redraw.now()
    _head(len(waiting), len(shown), in_sight)
    moving = [each for each in latest.values() if each and session.desk().runner.in_motion(each)]
    if moving:
        st.fragment(_watch, run_every=POLL_SECONDS)(who, moving)
    for booking in done:
        entry = latest[booking.uuid]
        if entry is not None:
            with st.container(border=True, gap="xsmall"):
                _say(booking)
                if not _say_not_sent(booking, entry) and entry.person_uuid != who.person.uuid:
                    other = literal(entry.person_name)
                    st.markdown(f"What follows was asked for by {other}, not by you.")
                show_outcome(entry)
                look_again.show(who, entry, key=_asked(booking))
    if done:
        st.button(
            "Close what was decided",
            icon=":material/close:",
            on_click=_forget_decided,
            args=([each.uuid for each in done],),
        )
    with st.container(gap="xsmall"):
        for booking in shown:
            _show_request(who, booking, latest[booking.uuid], _fit(listed, booking))
    left = len(waiting) - len(shown)
    if left and len(shown) > in_sight:
        _more_button(left, "requests.more.below")


def _head(waiting: int, shown: int, in_sight: int) -> None:
    """How many wait, and buttons that show more of them or fewer."""
    noun = "request waits" if waiting == 1 else "requests wait"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(f"{waiting:,} {noun} for an answer", anchor=False, width="content")
        if waiting > shown:
            _more_button(waiting - shown, "requests.more.above")
        if shown > in_sight:
            st.button("Show fewer", icon=":material/expand_less:", on_click=_show_fewer)


def _more_button(left: int, key: str) -> None:
    st.button(f"Show more ({left:,})", key=key, icon=":material/expand_more:", on_click=_show_more)


@dataclass(frozen=True, slots=True)
class _Fit:
    """How a booking fits what else is known of its offering, in sentences."""

    conflicts: list[str]
    """What it overlaps, and where it lies outside availability."""
    unknown: str
    """What it was not compared with; "" where it was compared with all."""


def _fit(listed: Listed, booking: Booking) -> _Fit:
    conflicts = [
        each.sentence(stretch)
        for each in listed.conflicts.found
        for time in (each.first, each.second)
        if time is not None and time.booking_uuid == booking.uuid
    ]
    return _Fit(conflicts, _not_compared(listed, booking))


def _not_compared(listed: Listed, booking: Booking) -> str:
    said = []
    if not listed.conflicts.complete:
        said.append("There are more conflicts than were looked for.")
    offering = booking.offering_uuid or ""
    compared = (
        ("Google's busy times", listed.knows_busy_times(offering)),
        ("availability", listed.knows_availability(offering)),
    )
    unread = " and ".join(words for words, known in compared if not known)
    if not st.session_state.get(booking_desk.SINGLE):
        said.append(f"It was compared with other bookings only: {unread} are switched off.")
    elif unread:
        said.append(f"It was not compared with what is not known: {unread}.")
    return " ".join(said)


def _begins(booking: Booking) -> tuple[bool, datetime, str]:
    """Sorts what is still to come first, then what is over."""
    starts = [slot.start for slot in booking.slots if slot.start is not None]
    ends = [slot.end for slot in booking.slots if slot.end is not None]
    over = not ends or max(ends) < session.desk().journal.now()
    return over, min(starts, default=datetime.max.replace(tzinfo=UTC)), booking.name


def _watch(who: SignIn, drawn: list[Entry]) -> None:
    """Draws the page anew when something has become known; the list is then read again."""
    runner = session.desk().runner
    try:
        now = [runner.latest(who.server, each.offering_uuid, each.booking_uuid) for each in drawn]
    except DatabaseError:
        return  # the next look may succeed
    for before, after in zip(drawn, now, strict=True):
        if after is None or (before.outcome, before.open) == (after.outcome, after.open):
            continue
        if not after.open:
            booking_list.forget(who)
        redraw.now()
    if not any(each and runner.in_motion(each) for each in now):
        redraw.now()


# --- drawing --------------------------------------------------------------------------------


def _show_request(who: SignIn, booking: Booking, latest: Entry | None, fit: _Fit) -> None:
    seen = _number(latest)
    # Close together, so that several of them leave room for what is below.
    with st.container(border=True, key=f"request.{booking.uuid}", gap="xsmall"):
        with st.container(
            horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
        ):
            # A fixed width, so that in a small window the buttons go below the text.
            with st.container(width=TEXT_WIDTH, gap=None):
                _say(booking)
            with st.container(horizontal=True, width="content"):
                _show_buttons(who, booking, latest, seen)
        _warn(fit)
        if latest is not None:
            show_outcome(latest)
            look_again.show(who, latest, key=_asked(booking))
        if _say_not_sent(booking, latest):
            st.caption("Look at the request as it is now, and press again if you still want to.")
    asked = question.pending(_asked(booking))
    if asked is not None and asked[1] == seen:
        decision = asked[0]
        question.show(
            _asked(booking),
            "Answer this request?",
            lambda: _confirm(who, booking, decision, seen, fit),
        )
    else:
        question.close(_asked(booking))


def _say_not_sent(booking: Booking, latest: Entry | None) -> bool:
    """Says that what was pressed last here was not sent, until something newer is decided."""
    noted = st.session_state.get(_NOT_SENT, {}).get(booking.uuid)
    if noted is None or noted[0] != _number(latest):
        return False
    st.warning(literal(noted[1]), icon=":material/front_hand:")
    return True


def _number(latest: Entry | None) -> int:
    return latest.sequence if latest is not None else 0


def _asked(booking: Booking) -> str:
    return f"request.{booking.uuid}"


def _warn(fit: _Fit) -> None:
    if fit.conflicts:
        lines = [literal(sentence) for sentence in fit.conflicts[:MOST_CONFLICTS]]
        if len(fit.conflicts) > len(lines):
            lines.append(f"{len(fit.conflicts) - len(lines):,} more stand on the tab Conflicts.")
        st.warning("  \n".join(lines), icon=":material/warning:")


def _show_buttons(who: SignIn, booking: Booking, latest: Entry | None, seen: int) -> None:
    done = latest is not None and latest.outcome is Outcome.CONFIRMED
    busy = latest is not None and session.desk().runner.in_motion(latest)
    allowed, why_not = _may_reject(who, booking)
    for decision in Decision:
        rejecting = decision is Decision.REJECT
        st.button(
            decision.label,
            # A click on a button that was drawn before somebody decided brings the old number
            # along, and so sends nothing.
            key=f"request.{booking.uuid}.{decision.value}.{seen}",
            icon=":material/close:" if rejecting else ":material/check:",
            disabled=busy or done,
            # Only a judgement: who has rights in the booking's project cannot be seen from here.
            help=why_not if rejecting and not allowed else None,
            on_click=_ask_for,
            args=(who, booking, decision, seen),
        )


def _may_reject(who: SignIn, booking: Booking) -> tuple[bool, str]:
    mine = bool(who.person.username) and who.person.username == booking.created_by_username
    return may_reject(is_staff=who.person.is_staff, is_creator=mine)


def _say(booking: Booking) -> None:
    name = literal(booking.name.strip() or "Unnamed booking")
    offering = literal(booking.offering_name.strip() or "Unnamed offering")
    who_asks = booking.created_by_full_name or booking.created_by_username or "Somebody"
    parts = [who_asks, booking.customer_name, booking.project_name]
    lines = [
        f"**{name}** · {offering}",
        " · ".join(literal(part) for part in parts if part),
        *(f":material/schedule: {_when(slot)}" for slot in booking.slots),
    ]
    if not booking.slots:
        lines.append(":material/schedule: No time is given.")
    st.markdown("  \n".join(lines))
    if booking.description:
        st.caption(literal(booking.description))


def _when(slot: Slot) -> str:
    if slot.start is None or slot.end is None:
        return "a time that cannot be read"
    passed = slot.end < session.desk().journal.now()
    return stretch(slot.start, slot.end) + (" (this time is over)" if passed else "")


def _confirm(who: SignIn, booking: Booking, decision: Decision, seen: int, fit: _Fit) -> None:
    _say(booking)
    _, why_not = _may_reject(who, booking)
    if decision is Decision.ACCEPT:
        _warn(fit)
        st.markdown("The booking becomes firm.")
        if fit.unknown:
            st.caption(fit.unknown)
    else:
        st.markdown("The request ends, and its time is free again. This cannot be taken back here.")
        if why_not:
            st.caption(f"It will probably be refused. {why_not}")
    question.show_answers(
        _asked(booking),
        "Accept" if decision is Decision.ACCEPT else "Reject",
        _decide,
        (who, booking, decision, seen),
        cancel=f"request.{booking.uuid}.cancel",
        key=f"request.{booking.uuid}.sure.{seen}",
    )


# --- acting ---------------------------------------------------------------------------------


def _ask_for(who: SignIn, booking: Booking, decision: Decision, seen: int) -> None:
    """Has the question drawn, unless somebody has decided since the button was."""
    runner = session.desk().runner
    try:
        latest = runner.latest(who.server, booking.offering_uuid or "", booking.uuid)
    except DatabaseError:
        return  # the page says so
    if latest is not None and latest.sequence != seen:
        _note_another(booking, decision, latest)
    else:
        question.ask(_asked(booking), (decision, seen))


def _decide(who: SignIn, booking: Booking, decision: Decision, seen: int) -> None:
    """Hands the decision to the process. What is pressed twice is sent once."""
    question.close(_asked(booking))
    if not session.still(who):
        return  # signed out meanwhile; the gate says so
    try:
        entry = session.desk().runner.decide(who.client, booking, decision, who.person, seen=seen)
    except DatabaseError as error:
        _note_not_sent(booking, seen, f"“{decision.label}” was not sent. {error} {error.next_step}")
        return
    asked = (seen + 1, decision, who.person.uuid)
    if (entry.sequence, entry.action, entry.person_uuid) != asked:
        _note_another(booking, decision, entry)
    else:
        st.session_state.setdefault(_DECIDED, {})[booking.uuid] = booking


def _note_another(booking: Booking, decision: Decision, first: Entry) -> None:
    """Keeps in sight that another decision came first, and what becomes of that."""
    st.session_state.setdefault(_DECIDED, {})[booking.uuid] = booking
    _note_not_sent(
        booking,
        first.sequence,
        f"Your “{decision.label}” was not sent: “{first.action.label}” of {first.person_name} "
        "came first.",
    )


def _note_not_sent(booking: Booking, number: int, words: str) -> None:
    st.session_state.setdefault(_NOT_SENT, {})[booking.uuid] = (number, words)


def _forget_decided(uuids: list[str]) -> None:
    for uuid in uuids:
        for kept in (_DECIDED, _NOT_SENT):
            st.session_state.get(kept, {}).pop(uuid, None)


def _show_more() -> None:
    st.session_state[_MORE] = st.session_state.get(_MORE, 0) + STEP


def _show_fewer() -> None:
    st.session_state[_MORE] = 0
