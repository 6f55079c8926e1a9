"""One action on many calendars: choose, see what will become of it, and start it."""

import secrets
from collections import Counter
from collections.abc import Sequence

import streamlit as st

from bookings.calendars.actions import Action
from bookings.calendars.journal import DatabaseError
from bookings.calendars.preflight import Plan, Verdict, plan_of
from bookings.portfolio import Snapshot
from bookings.run_tables import PLAN_COLUMNS, plan_frame
from bookings.sign_ins import SignIn
from bookings.waldur.models import Offering
from components import google_accounts, session, tables
from components.filtered_list import Narrowed
from components.literal import literal

TICKED = "The ticked ones"
ALL = "All in the list"
MOST_NAMED = 200
"""Calendars that are named in the warning; the table has all of them."""
_WANTED = "bulk.wanted"
_ACTION = "bulk.action"
_SCOPE = "bulk.scope"
_LOOK = {
    Verdict.WILL_DO: ("Will be done", ":material/play_arrow:"),
    Verdict.POINTLESS: ("Nothing to do", ":material/check:"),
    Verdict.REFUSED: ("Will be refused", ":material/block:"),
    Verdict.NOT_YOURS: ("Not yours", ":material/lock:"),
}
_EFFECT = {
    Action.SYNC: "Brings the calendars at Google up to date, and creates missing ones.",
    Action.SHARE: "Makes the calendars public. You see the plan first.",
    Action.UNSHARE: "Makes the calendars private again. What was read before stays read.",
}
_VERB = {Action.SYNC: "Sync", Action.SHARE: "Share", Action.UNSHARE: "Unshare"}


def want(action: Action, uuids: Sequence[str]) -> None:
    """Has the plan for these offerings drawn by the next run of the page."""
    st.session_state[_WANTED] = (secrets.token_hex(16), action, list(uuids))


def show(who: SignIn, snapshot: Snapshot, narrowed: Narrowed) -> None:
    """Draws the choice and, once asked for, the plan. What is started is the plan that is shown."""
    st.subheader("Many at once", anchor=False)
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
    if scope == TICKED and not ticked:
        st.caption("Tick calendars in the table, or choose all in the list.")
    else:
        count = f"{len(set(uuids)):,} " + ("calendar" if len(set(uuids)) == 1 else "calendars")
        st.caption(f"{count}. {_EFFECT[Action(action)]} Nothing is sent before you start the plan.")
    if pressed:
        want(Action(action), uuids)
    wanted = st.session_state.get(_WANTED)
    if wanted is not None:
        _show_plan(who, snapshot, *wanted)


def _show_plan(
    who: SignIn, snapshot: Snapshot, request: str, action: Action, uuids: Sequence[str]
) -> None:
    try:
        plan = _plan(who, snapshot, action, uuids)
    except DatabaseError as error:
        st.error(literal(f"{error} {error.next_step}"), icon=":material/error:")
        return
    with st.container(border=True, key="bulk.sheet"):
        st.markdown(f"**Plan: {action.label.lower()}, {len(plan.steps):,} in all**")
        for column, verdict in zip(st.columns(len(_LOOK)), Verdict, strict=True):
            text, icon = _LOOK[verdict]
            column.metric(f"{icon} {text}", f"{len(plan.of(verdict)):,}", border=True)
        st.caption("Judged from what was last read; the server decides.")
        for verdict, reason, count in plan.reasons:
            if reason and verdict is not Verdict.WILL_DO:
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
        _show_buttons(who, plan, request, also_refused=also, count=len(sent))
    trouble = st.session_state.pop("bulk.trouble", None)
    if trouble:
        st.error(literal(trouble), icon=":material/error:")


def _plan(who: SignIn, snapshot: Snapshot, action: Action, uuids: Sequence[str]) -> Plan:
    """Raises DatabaseError."""
    by_uuid = {offering.uuid: offering for offering in snapshot.offerings}
    desk = session.desk()
    latest = desk.journal.latest_of(who.server, uuids)
    return plan_of(
        action,
        [by_uuid[uuid] for uuid in uuids if uuid in by_uuid],
        read_only=snapshot.read_only,
        connected=google_accounts.connected(who),
        in_flight={
            uuid: each.action
            for uuid, each in latest.items()
            if each.open and isinstance(each.action, Action)
        },
        seen={uuid: each.sequence for uuid, each in latest.items()},
        claimed=desk.runs.record.claimed(who.server, uuids),
    )


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
    shown = ", ".join(_named(offerings)[:MOST_NAMED])
    more = f" and {count - MOST_NAMED:,} more" if count > MOST_NAMED else ""
    calendars = "this calendar" if count == 1 else f"these {count:,} calendars"
    st.warning(
        f"Anyone on the web will be able to read {calendars}, signed in or not, and search engines "
        "may list them: the title and time of every event, and possibly the name and e-mail "
        f"address of the person who booked.\n\n**Becomes public:** {shown}{more}",
        icon=":material/public:",
    )


def _named(offerings: Sequence[Offering]) -> list[str]:
    """Names as text; with the provider where a name stands for several."""
    names = [each.name.strip() or "Unnamed offering" for each in offerings]
    often = Counter(names)
    return [
        literal(name)
        + (f" ({literal(each.customer_name)})" if often[name] > 1 and each.customer_name else "")
        for name, each in zip(names, offerings, strict=True)
    ]


def _show_buttons(who: SignIn, plan: Plan, request: str, *, also_refused: bool, count: int) -> None:
    noun = "calendar" if count == 1 else "calendars"
    publicly = " publicly" if plan.action is Action.SHARE else ""
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button("Cancel", key=f"bulk.cancel.{request}", on_click=_forget)
        st.button(
            f"{_VERB[plan.action]} {count:,} {noun}{publicly}",
            # What a second click starts has the same name, and so is not started again.
            key=f"bulk.start.{request}",
            type="primary",
            disabled=not count,
            on_click=_start,
            args=(who, plan, request, also_refused),
        )


def _forget() -> None:
    st.session_state.pop(_WANTED, None)


def _start(who: SignIn, plan: Plan, request: str, also_refused: bool) -> None:
    if not session.still(who):
        return  # signed out meanwhile; the gate says so
    try:
        session.desk().runs.start(
            who.client, plan, who.person, request=request, also_refused=also_refused
        )
    except DatabaseError as error:
        st.session_state["bulk.trouble"] = f"Nothing was sent. {error} {error.next_step}"
        return
    _forget()
