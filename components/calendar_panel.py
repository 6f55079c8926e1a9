"""The Google calendar of one offering: its state, three actions, and what became of them."""

import streamlit as st

from bookings.calendars.actions import (
    Action,
    CalendarStatus,
    Judgement,
    judge,
    public_link,
    status_of,
)
from bookings.calendars.journal import Claimed, DatabaseError, Entry
from bookings.calendars.links import links_of
from bookings.sign_ins import SignIn
from bookings.waldur.errors import SignedOut, WaldurError
from bookings.waldur.models import Offering
from components import (
    errors,
    google_accounts,
    journal_table,
    look_again,
    question,
    redraw,
    session,
)
from components.literal import literal, web_address
from components.outcome import show as show_outcome

POLL_SECONDS = 1.0
LAST_ACTIONS = 5
_LOOK: dict[CalendarStatus, tuple[str, str, str]] = {
    CalendarStatus.NONE: ("gray", ":material/event_busy:", "Nothing is at Google yet."),
    CalendarStatus.PRIVATE: (
        "green", ":material/lock:", "Only people whom Google lets in can read it.",
    ),
    CalendarStatus.PUBLIC: ("orange", ":material/public:", "Anyone on the web can read it."),
    CalendarStatus.WITHOUT_ID: (
        "red", ":material/sync_problem:",
        "Its creation is still queued, or has failed at Google.",
    ),
    CalendarStatus.NOT_PUBLIC: (
        "gray", ":material/public_off:",
        "It cannot be read on the web. Your role is not told more about it.",
    ),
    CalendarStatus.UNKNOWN: ("gray", ":material/help:", "The server did not say."),
}  # fmt: skip
_DOES = {
    Action.SYNC: "Brings the calendar at Google up to date.",
    Action.SHARE: "Asks first; then anyone on the web can read it.",
    Action.UNSHARE: "Afterwards only people whom Google lets in can read it.",
}
_NO_RECORD = Judgement(False, "Without the activity record nothing is sent.")


def show(who: SignIn, offering: Offering, *, read_only: bool) -> None:
    """Draws the panel, and draws it again every second while an action is under way."""
    runner = session.desk().runner
    try:
        latest = runner.latest(who.server, offering.uuid)
    except DatabaseError as error:
        st.error(literal(f"{error} {error.next_step}"), icon=":material/error:")
        _draw_state(offering)
        _draw_buttons(who, offering, dict.fromkeys(Action, _NO_RECORD), seen=0)
        return
    if latest is not None and runner.in_motion(latest):
        st.fragment(_watch, run_every=POLL_SECONDS)(who, offering, read_only, latest)
    else:
        # As the fragment does: under another structure the browser mixes old and new elements.
        with st.container():
            _draw(who, offering, read_only, latest)
    _show_last_actions(who, offering.uuid)
    if latest is not None and not latest.open and not read_only:
        _take_over(who, offering, latest)
    if not read_only and google_accounts.known(who) is None:
        # A server that is slow to answer must not hold the panel up, so this comes last.
        found = google_accounts.connected(who)
        if found.get(offering.customer_uuid or "") is False:
            redraw.now()


def _watch(who: SignIn, offering: Offering, read_only: bool, drawn: Entry) -> None:
    runner = session.desk().runner
    try:
        now = runner.latest(who.server, offering.uuid)
    except DatabaseError:
        now = drawn  # the next look may succeed; what is drawn is not wrong
    if now is None or _stage(now) != _stage(drawn) or not runner.in_motion(now):
        # Polling begins and ends only with a run of the whole page, which knows more places
        # where this is shown.
        redraw.now()
    _draw(who, offering, read_only, now)


def _stage(entry: Entry) -> tuple[object, ...]:
    return entry.id, entry.outcome, entry.open


# --- drawing --------------------------------------------------------------------------------


def _draw(who: SignIn, offering: Offering, read_only: bool, latest: Entry | None) -> None:
    _draw_state(offering)
    connected = (google_accounts.known(who) or {}).get(offering.customer_uuid or "")
    verdicts = _verdicts(status_of(offering), read_only, latest, connected)
    _draw_buttons(who, offering, verdicts, seen=latest.sequence if latest is not None else 0)
    trouble = st.session_state.pop(f"calendar.{offering.uuid}.trouble", None)
    if trouble:
        st.error(literal(trouble), icon=":material/error:")
    if latest is None:
        return
    not_sent = st.session_state.get(f"calendar.{offering.uuid}.not_sent")
    if not_sent is not None and not_sent[0] == latest.id:
        st.warning(literal(not_sent[1]), icon=":material/front_hand:")
    show_outcome(latest)
    if not read_only:
        look_again.show(who, latest, key=f"calendar.{offering.uuid}")


def _draw_state(offering: Offering) -> None:
    status = status_of(offering)
    colour, icon, meaning = _LOOK[status]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(status.value, icon=icon, color=colour)
        st.text(meaning, width="content")
    links = links_of(offering)
    link = web_address(links.page if links else public_link(offering))
    if link:
        st.link_button("Open the public calendar", link, icon=":material/open_in_new:")
    if links:
        with st.expander("Addresses of this calendar", icon=":material/link:"):
            for about, address in (
                ("To look at in a browser", links.page),
                ("Embed code, for a web page of yours", links.embed_code),
                ("ICS, for a calendar program to subscribe to", links.ics),
                ("The same as webcal, for programs that ask for it", links.webcal),
            ):
                st.caption(about)
                st.code(address, language=None, wrap_lines=True)
    elif link:
        st.code(link, language=None, wrap_lines=True)
    elif status is CalendarStatus.PUBLIC:
        st.caption("The server gives no link that works: the calendar's id is missing.")


def _verdicts(
    status: CalendarStatus, read_only: bool, latest: Entry | None, connected: bool | None
) -> dict[Action, Judgement]:
    in_flight = latest.action if latest is not None and latest.open else None
    verdicts = {
        action: judge(action, status, read_only=read_only, in_flight=in_flight, connected=connected)
        for action in Action
    }
    if latest is None or not session.desk().runner.in_motion(latest):
        return verdicts
    resting = Judgement(False, f"“{latest.action.label}” ended just now; a moment, please.")
    return {action: resting if each.allowed else each for action, each in verdicts.items()}


def _draw_buttons(
    who: SignIn, offering: Offering, verdicts: dict[Action, Judgement], *, seen: int
) -> None:
    for column, (action, verdict) in zip(st.columns(3), verdicts.items(), strict=True):
        # The number of the last action is part of the key: a click on a button that was drawn
        # before somebody acted brings the old number along, and so sends nothing.
        key = f"calendar.{offering.uuid}.{action.value}.{seen}"
        with column:
            st.button(
                action.label,
                key=key,
                disabled=not verdict.allowed,
                width="stretch",
                on_click=_want_to_share if action is Action.SHARE else _submit,
                args=(who, offering, action, seen),
            )
            st.caption(verdict.reason or _DOES[action])
    if question.pending(_asked(offering)) == (seen,):
        question.show(
            _asked(offering),
            "Share this calendar publicly?",
            lambda: _ask_before_sharing(who, offering, seen),
            icon=":material/public:",
        )
    else:
        question.close(_asked(offering))


def _asked(offering: Offering) -> str:
    return f"calendar.{offering.uuid}"


def _ask_before_sharing(who: SignIn, offering: Offering, seen: int) -> None:
    st.markdown(f"**{literal(offering.name.strip() or 'Unnamed offering')}**")
    st.markdown(
        "Anyone on the web will be able to read this calendar, signed in or not, and search "
        "engines may list it:\n"
        "- the title and the time of every event,\n"
        "- possibly the name and the e-mail address of the person who booked: they are in the "
        "events as a guest.\n\n"
        "You can unshare it later. What was read or copied in between stays read."
    )
    question.show_answers(
        _asked(offering),
        "Share publicly",
        _submit,
        (who, offering, Action.SHARE, seen),
        cancel=f"calendar.{offering.uuid}.cancel",
        key=f"calendar.{offering.uuid}.share.{seen}",
    )


def _show_last_actions(who: SignIn, uuid: str) -> None:
    try:
        entries = session.desk().journal.entries(
            servers=[who.server], offering_uuids=[uuid], limit=LAST_ACTIONS
        )
    except DatabaseError:
        return  # it could be read a moment ago; the next run says if it stays so
    if entries:
        st.subheader("Last actions", anchor=False)
        journal_table.show(entries, key=f"calendar.{uuid}.journal")


# --- acting ---------------------------------------------------------------------------------


def _want_to_share(who: SignIn, offering: Offering, action: Action, seen: int) -> None:
    """Has the question drawn, unless somebody has acted since the button was."""
    try:
        latest = session.desk().runner.latest(who.server, offering.uuid)
    except DatabaseError:
        return  # the page says so
    if latest is not None and latest.sequence != seen:
        _note_not_sent(offering, action, latest)
    else:
        question.ask(_asked(offering), (seen,))


def _note_not_sent(offering: Offering, action: Action, first: Entry) -> None:
    st.session_state[f"calendar.{offering.uuid}.not_sent"] = (
        first.id,
        f"Your “{action.label}” was not sent: “{first.action.label}” of {first.person_name} "
        "came first. Look at its outcome, and press again if you still want to.",
    )


def _submit(who: SignIn, offering: Offering, action: Action, seen: int) -> None:
    """Hands the action to the process. What is pressed twice is sent once."""
    question.close(_asked(offering))
    if not session.still(who):
        return  # signed out meanwhile; the gate says so
    try:
        entry = session.desk().runner.submit(who.client, offering, action, who.person, seen=seen)
    except Claimed:
        st.session_state[f"calendar.{offering.uuid}.trouble"] = (
            f"“{action.label}” was not sent: a run works through several calendars and has this "
            "one. See Calendars for how far it is."
        )
        return
    except DatabaseError as error:
        st.session_state[f"calendar.{offering.uuid}.trouble"] = (
            f"“{action.label}” was not sent. {error} {error.next_step}"
        )
        return
    asked = (seen + 1, action, who.person.uuid)
    if (entry.sequence, entry.action, entry.person_uuid) != asked:
        _note_not_sent(offering, action, entry)


def _take_over(who: SignIn, offering: Offering, ended: Entry) -> None:
    """Reads the calendar once after each action that has ended, so that all pages show it.

    A server that is away must neither hold the panel up nor be asked with every click: this
    comes last, and a failure is kept until somebody asks to try again.
    """
    mark = f"calendar.{offering.uuid}.read"
    kept = who.memo.get(mark)
    if kept is None or (kept[0], kept[1][0]) != (ended.id, ended.finished):
        trouble: WaldurError | None = None
        try:
            with st.spinner("Reading the calendar …"):
                reading = who.client.calendar(offering.uuid)
        except SignedOut:
            _sign_out(who)
        except WaldurError as error:
            trouble = error
        kept = who.memo[mark] = (ended.id, (ended.finished, trouble))
        if trouble is None and look_again.put_calendar(who, reading) and _differ(offering, reading):
            redraw.now()
    if kept[1][1] is not None:
        errors.show(kept[1][1], "The calendar's state above is older than this action.")
        if st.button("Read again", icon=":material/refresh:", key=f"{mark}.again"):
            del who.memo[mark]
            redraw.now()


def _differ(offering: Offering, reading: Offering) -> bool:
    return offering.googlecalendar != reading.googlecalendar


def _sign_out(who: SignIn) -> None:
    who.portfolio.signed_out = True
    redraw.now()  # the gate asks for a new sign-in
