"""One action on many calendars: choose, see what will become of it, and start it."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import streamlit as st

from bookings.calendars.actions import Action
from bookings.calendars.journal import DatabaseError, Entry
from bookings.calendars.on_record import OnRecord
from bookings.calendars.preflight import Plan, Verdict, named, plan_of
from bookings.followed_client import FollowedClient
from bookings.portfolio import Snapshot
from bookings.run_tables import PLAN_COLUMNS, plan_frame
from bookings.sign_ins import SignIn
from bookings.waldur.models import Offering
from components import google_accounts, loading, redraw, session, tables
from components.filtered_list import Narrowed
from components.literal import literal

TICKED = "The ticked ones"
ALL = "All in the list"
MOST_NAMED = 500
"""Calendars that are named as becoming public; the table has all of them."""
FEW_NAMED = 8
"""So many names stand there whole; more of them are scrolled."""
POLL_SECONDS = 1.0
"""Between looks whether the server is done with what it accepted a moment ago."""
ANCHOR = "many-at-once"
"""Where on the page it is."""
_WANTED = "bulk.wanted"
_ACTION = "bulk.action"
_SCOPE = "bulk.scope"
_LOOK = {
    Verdict.WILL_DO: ("Will be done", ":material/play_arrow:"),
    Verdict.POINTLESS: ("Nothing to do", ":material/check:"),
    Verdict.REFUSED: ("Will be refused", ":material/block:"),
    Verdict.CHANGED: ("Changed since", ":material/update:"),
    Verdict.NOT_YOURS: ("Not yours", ":material/lock:"),
}
_EFFECT = {
    Action.SYNC: "Brings the calendars at Google up to date, and creates missing ones.",
    Action.SHARE: "Makes the calendars public. You see the plan first.",
    Action.UNSHARE: "Makes the calendars private again. What was read before stays read.",
}
_PICKED = "Tick calendars in the table, or choose all in the list."
_VERB = {Action.SYNC: "Sync", Action.SHARE: "Share", Action.UNSHARE: "Unshare"}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The plan that is asked for. `request` names it; a plan is started once."""

    request: str
    action: Action
    uuids: tuple[str, ...]
    choice: tuple[object, ...] | None = None
    """What was chosen above it when it was first drawn. With another choice it is gone."""
    shown: Mapping[str, Entry] | None = None
    """The newest action of each calendar when it was first drawn: what is newer comes first."""


def want(action: Action, uuids: Sequence[str]) -> None:
    """Has the plan for these offerings drawn by the next run of the page."""
    st.session_state[_WANTED] = _Wanted(secrets.token_hex(16), action, tuple(uuids))


def again(action: Action, uuids: Sequence[str]) -> None:
    """As `want`, from elsewhere on the page: the choice above the plan becomes that action."""
    st.session_state[_ACTION] = action
    want(action, uuids)


def show(who: SignIn, snapshot: Snapshot, narrowed: Narrowed) -> None:
    """Draws the choice and, once asked for, the plan. What is started is the plan that is shown."""
    st.subheader("Many at once", anchor=ANCHOR)
    if narrowed.frame.empty and _WANTED not in st.session_state:
        st.caption("No calendar is in the list.")
        return
    st.session_state.setdefault(_ACTION, Action.SYNC)
    st.session_state.setdefault(_SCOPE, TICKED)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        action = st.segmented_control(
            "Action", list(Action), format_func=lambda each: _VERB[Action(each)], key=_ACTION,
            required=True, persist_state="session",
        )  # fmt: skip
        ticked = len(set(narrowed.ticked))
        scope = st.segmented_control(
            "Calendars", [TICKED, ALL], key=_SCOPE, required=True, persist_state="session"
        )
        uuids = narrowed.ticked if scope == TICKED else narrowed.frame["uuid"].tolist()
        pressed = st.button(
            "Show the plan", icon=":material/checklist:", disabled=not uuids, key="bulk.plan"
        )
    if pressed:
        want(Action(action), uuids)
    wanted, closed = _still_wanted((action, scope, frozenset(uuids)))
    if wanted is not None:
        _show_plan(who, snapshot, wanted)
        return
    if closed:
        st.caption("The plan was closed: it was made for another choice. Nothing was sent.")
    if scope == TICKED and not ticked:
        st.caption(_PICKED)
    else:
        count = f"{len(set(uuids)):,} " + ("calendar" if len(set(uuids)) == 1 else "calendars")
        st.caption(f"{count}. {_EFFECT[Action(action)]} Nothing is sent before you start the plan.")


def _still_wanted(choice: tuple[object, ...]) -> tuple[_Wanted | None, bool]:
    """The plan that is to be drawn, and whether one is not any more because the choice changed."""
    wanted: _Wanted | None = st.session_state.get(_WANTED)
    if wanted is None:
        return None, False
    if wanted.choice is None:
        wanted = replace(wanted, choice=choice)
        st.session_state[_WANTED] = wanted
    if wanted.choice != choice:
        _forget()
        return None, True
    return wanted, False


def _show_plan(who: SignIn, snapshot: Snapshot, wanted: _Wanted) -> None:
    request, action = wanted.request, wanted.action
    try:
        record = _on_record(who, snapshot, wanted)
        plan = _plan(who, snapshot, wanted, record)
    except DatabaseError as error:
        st.error(literal(f"{error} {error.next_step}"), icon=":material/error:")
        return
    with st.container(border=True, key="bulk.sheet"):
        st.markdown(f"**Plan: {action.label.lower()}, {len(plan.steps):,} in all**")
        # That something has changed is the exception, and news.
        counted = [each for each in _LOOK if each is not Verdict.CHANGED or plan.of(each)]
        grid = st.grid(len(counted), min_column_width=170)
        for verdict in counted:
            text, icon = _LOOK[verdict]
            with grid.cell():
                st.metric(f"{icon} {text}", f"{len(plan.of(verdict)):,}", border=True)
        st.caption("Judged from what was last read; the server decides.")
        for verdict, reason, count in plan.reasons:
            if reason:
                st.markdown(f"- {_LOOK[verdict][0]}, {count:,}: {literal(reason)}")
        folded = st.expander(
            "Every calendar of the plan", icon=":material/table_rows:", key="bulk.open",
            on_change="rerun",
        )  # fmt: skip
        if folded.open:
            with folded:
                frame = plan_frame(plan)
                order = [column.key for column in PLAN_COLUMNS if column.shown]
                tables.show_rows(frame, PLAN_COLUMNS, order, key="bulk.table", most_height=420)
        also = _also_refused(plan, request)
        sent = plan.of(Verdict.WILL_DO, *([Verdict.REFUSED] if also else []))
        if action is Action.SHARE and sent:
            _warn([step.offering for step in sent])
        _show_buttons(who, plan, wanted, also_refused=also, count=len(sent))
    if record.settled is not None:
        st.fragment(_watch_settling, run_every=POLL_SECONDS)(record.settled)
    trouble = st.session_state.pop("bulk.trouble", None)
    if trouble:
        st.error(literal(trouble), icon=":material/error:")


def _on_record(who: SignIn, snapshot: Snapshot, wanted: _Wanted) -> OnRecord:
    """What the journal has now, and had when this plan was first drawn. Raises DatabaseError."""
    journal = session.desk().journal
    latest = journal.latest_of(who.server, wanted.uuids)
    if wanted.shown is None:
        wanted = replace(wanted, shown=latest)
        st.session_state[_WANTED] = wanted
    as_of = snapshot.state("light").as_of
    return OnRecord(
        latest,
        journal.now(),
        as_of=as_of,
        shown=wanted.shown,
        zone=ZoneInfo(loading.zone_name()),
        ended=journal.ended_since(who.server, wanted.uuids, as_of) if as_of else {},
    )


def _plan(who: SignIn, snapshot: Snapshot, wanted: _Wanted, record: OnRecord) -> Plan:
    """Raises DatabaseError."""
    by_uuid = {offering.uuid: offering for offering in snapshot.offerings}
    return plan_of(
        wanted.action,
        [by_uuid[uuid] for uuid in wanted.uuids if uuid in by_uuid],
        read_only=snapshot.read_only,
        connected=google_accounts.connected(who),
        record=record,
        claimed=session.desk().runs.record.claimed(who.server, wanted.uuids),
    )


def _watch_settling(settled: datetime) -> None:
    if session.desk().journal.now() >= settled:
        redraw.now()


def _also_refused(plan: Plan, request: str) -> bool:
    if not plan.of(Verdict.REFUSED):
        return False
    return st.checkbox(
        "Send those too that will probably be refused",
        key=f"bulk.also.{request}",
        help="The judgement can be wrong, for example when a Google account was connected since.",
    )


def _warn(offerings: Sequence[Offering]) -> None:
    count = len(offerings)
    calendars = "this calendar" if count == 1 else f"these {count:,} calendars"
    st.warning(
        f"Anyone on the web will be able to read {calendars}, signed in or not, and search engines "
        "may list them: the title and time of every event, and possibly the name and e-mail "
        "address of the person who booked.",
        icon=":material/public:",
    )
    st.markdown(f"**Becomes public: {count:,}**")
    shown = [f"- {literal(name, most=400)}" for name in named(offerings)[:MOST_NAMED]]
    if count > MOST_NAMED:
        shown.append(
            f"- and {count - MOST_NAMED:,} more; “Every calendar of the plan” has them all"
        )
    with st.container(height="content" if count <= FEW_NAMED else 240, key="bulk.named"):
        st.markdown("\n".join(shown))


def _show_buttons(
    who: SignIn, plan: Plan, wanted: _Wanted, *, also_refused: bool, count: int
) -> None:
    request = wanted.request
    noun = "calendar" if count == 1 else "calendars"
    publicly = " publicly" if plan.action is Action.SHARE else ""
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button("Cancel", key=f"bulk.cancel.{request}", on_click=_forget)
        if plan.of(Verdict.CHANGED):
            st.button(
                "Make a new plan",
                icon=":material/refresh:",
                key=f"bulk.anew.{request}",
                help="Reads the calendars again, and judges each as it is now.",
                on_click=_plan_anew,
                args=(who, wanted),
            )
        st.button(
            f"{_VERB[plan.action]} {count:,} {noun}{publicly}",
            # What a second click starts has the same name, and so is not started again.
            key=f"bulk.start.{request}",
            type="primary",
            disabled=not count,
            help=None if count else "Nothing of this plan would be sent.",
            on_click=_start,
            args=(who, plan, request, also_refused),
        )


def _forget() -> None:
    st.session_state.pop(_WANTED, None)


def _plan_anew(who: SignIn, wanted: _Wanted) -> None:
    if not session.still(who):
        return  # signed out meanwhile; the gate says so
    who.portfolio.refresh()
    want(wanted.action, wanted.uuids)


def _start(who: SignIn, plan: Plan, request: str, also_refused: bool) -> None:
    if not session.still(who):
        return  # signed out meanwhile; the gate says so
    runs = session.desk().runs
    sent = plan.of(Verdict.WILL_DO, *([Verdict.REFUSED] if also_refused else []))
    uuids = {step.offering.uuid for step in sent}
    try:
        # A second click meets the run of the first, which has them.
        if uuids <= runs.record.claimed(who.server, uuids) and not runs.record.begun(request):
            st.session_state["bulk.trouble"] = (
                "Nothing was sent: another run that was begun since has all of these calendars."
            )
            return
        client = FollowedClient(who.client, who.portfolio)
        runs.start(client, plan, who.person, request=request, also_refused=also_refused)
    except DatabaseError as error:
        st.session_state["bulk.trouble"] = f"Nothing was sent. {error} {error.next_step}"
        return
    _forget()
