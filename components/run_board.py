"""Runs over many calendars: how far they are, how to stop them, and what came of them."""

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import streamlit as st

from bookings.calendar_receipt import RECEIPT_COLUMNS, receipt_frame, receipt_items
from bookings.calendars.actions import Judgement, Outcome
from bookings.calendars.journal import DatabaseError
from bookings.calendars.run_record import Item, ItemState, Run
from bookings.calendars.runs import may_stop
from bookings.exports import to_csv
from bookings.portfolio import Snapshot
from bookings.run_tables import progress, seen_by, unsent_reasons
from bookings.sign_ins import SignIn
from bookings.waldur.errors import SignedOut, WaldurError
from components import bulk_plan, errors, loading, redraw, session, tables
from components.literal import literal

POLL_SECONDS = 2.0
"""The line on top and the sheet below tell of the same run, and so are of the same age."""
MOST_RUNS = 50
RECENT = timedelta(hours=12)
"""How long an ended run of one's own stays in sight without being asked for."""
REDRAW_SECONDS = 10.0
"""While calendars of a run come to their end the page, its list too, is drawn anew so often."""
_CLOSED = "runs.closed"
_TAKEN = "runs.taken"
_ORDER = ("offering", "state", "next_step", "http_status", "words", "remark", "time")
_AGAIN = (
    (frozenset({ItemState.NOT_SENT}), "Send the {} not sent", "Shows a new plan for them first."),
    (frozenset({Outcome.REFUSED}), "Retry the {} refused", "Shows a new plan for them first."),
    (
        frozenset({Outcome.NOT_CONFIRMED, Outcome.UNKNOWN}),
        "Retry the {} not confirmed",
        "They may have been done: look again first. Shows a new plan for them.",
    ),
)
"""What ended without what was wanted, by how it ended: a choice each to send it again."""


def read(who: SignIn, snapshot: Snapshot) -> list[Run] | None:
    """The runs of which the person may see a calendar, newest first, without their items.

    None where the record cannot be read.
    """
    visible = [offering.uuid for offering in snapshot.offerings]
    try:
        return session.desk().runs.record.visible(who.server, visible, limit=MOST_RUNS)
    except DatabaseError:
        return None


def show_progress(who: SignIn, snapshot: Snapshot, runs: list[Run] | None) -> None:
    """A line for each run that is under way, for the top of a page: how far, Stop, the way down."""
    visible = {offering.uuid for offering in snapshot.offerings}
    for header in runs or []:
        if header.alive:
            st.fragment(_watch_progress, run_every=POLL_SECONDS)(who, header.id, visible)


def _watch_progress(who: SignIn, run_id: int, visible: set[str]) -> None:
    try:
        run = session.desk().runs.record.run(run_id)
    except DatabaseError:
        return  # the next look may succeed
    if run is None or not run.alive:
        redraw.now()
    share, words = progress(seen_by(run, visible)[0])
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(share, text=f"{run.action.label}: {words}")
        st.markdown(f"[Details](#{bulk_plan.ANCHOR})", width="content")
        _show_stop(who, run, key="top.stop")


def show(who: SignIn, snapshot: Snapshot, runs: list[Run] | None) -> None:
    """Draws the runs that are under way, the last of one's own, and the way to earlier ones."""
    visible = {offering.uuid for offering in snapshot.offerings}
    as_of = snapshot.state("light").as_of
    if runs is None:
        st.error("The record of runs cannot be read.", icon=":material/error:")
        return
    closed = who.memo.get(_CLOSED, (None, frozenset()))[1]
    now = datetime.now(UTC)
    own = [
        each
        for each in runs
        if each.person_uuid == who.person.uuid
        and each.finished is not None
        and now - each.finished < RECENT
    ]
    # Another run that was begun since must not hide what a crash left behind.
    of_interest = [each for each in own if each is own[0] or each.interrupted]
    shown = [each for each in runs if each.alive]
    shown += [each for each in of_interest if each.id not in closed]
    earlier = [each for each in runs if each not in shown]
    try:
        for header in shown:
            _show_run(who, header.id, visible, as_of)
        _show_earlier(who, earlier, visible, as_of)
    except DatabaseError as error:
        st.error(literal(f"{error} {error.next_step}"), icon=":material/error:")


def _show_run(
    who: SignIn, run_id: int, visible: set[str], as_of: datetime | None, *, closable: bool = True
) -> None:
    run = session.desk().runs.record.run(run_id)
    if run is None:
        return
    if run.alive:
        drawn = (run.done, time.monotonic())
        st.fragment(_watch, run_every=POLL_SECONDS)(who, run_id, visible, drawn)
        return
    _take_over(who, run, as_of)
    # As the fragment does: under another structure the browser mixes old and new elements.
    with st.container():
        _draw(who, run, visible, closable=closable)


def _watch(who: SignIn, run_id: int, visible: set[str], drawn: tuple[int, float]) -> None:
    try:
        run = session.desk().runs.record.run(run_id)
    except DatabaseError:
        return  # the next look may succeed
    done, when = drawn
    if run is None or not run.alive:
        redraw.now()
    if run.done != done and time.monotonic() - when >= REDRAW_SECONDS:
        redraw.now()
    _draw(who, run, visible, closable=False)


def _take_over(who: SignIn, run: Run, as_of: datetime | None) -> None:
    """Reads the list anew once after a run has ended, so that all pages show what it changed.

    Once whatever comes of it: a server that is away must not be asked with every click.
    """
    taken: frozenset[int] = who.memo.get(_TAKEN, (None, frozenset()))[1]
    old = as_of is not None and run.finished is not None and as_of < run.finished
    if run.id in taken or not old:
        return
    who.memo[_TAKEN] = (None, taken | {run.id})
    who.portfolio.refresh()
    redraw.now()


# --- drawing --------------------------------------------------------------------------------


def _draw(who: SignIn, whole: Run, visible: set[str], *, closable: bool) -> None:
    run, hidden = seen_by(whole, visible)
    asked = loading.local_time(run.created, date=True)
    with st.container(border=True, key=f"run.{run.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"**{run.action.label} × {run.total:,}** · {literal(run.person_name)} · {asked}",
                width="stretch",
                help=loading.utc_help(run.created),
            )
            if run.alive:
                _show_stop(who, run)
            elif closable:
                st.button(
                    "Close", icon=":material/close:", key=f"run.{run.id}.close",
                    on_click=_close, args=(who, run.id),
                )  # fmt: skip
        share, words = progress(run)
        if run.alive:
            st.progress(share, text=words)
        else:
            st.text(words)
        _say_state(run, hidden)
        if not run.alive:
            _show_after(who, run, whole=not hidden)
        # Folded up it costs nothing, even while a run over thousands is drawn every two seconds.
        folded = st.expander(
            "Calendars of this run", icon=":material/table_rows:", key=f"run.{run.id}.open",
            on_change="rerun",
        )  # fmt: skip
        if folded.open:
            with folded:
                frame = receipt_frame(run)
                tables.show_rows(frame, RECEIPT_COLUMNS, _ORDER, key=f"run.{run.id}.table")


def _say_state(run: Run, hidden: int) -> None:
    if run.interrupted:
        st.warning(
            "The dashboard stopped in the middle of this run. Nothing was sent again. "
            + (
                "The calendars were read since; below is what is known."
                if run.looked
                else "What became of the calendars that were under way is not read yet."
            ),
            icon=":material/power_off:",
        )
    elif run.stop_reason:
        st.info(
            f"{literal(run.stop_reason)} {_what_was_sent(run)}",
            icon=":material/front_hand:",
        )
    for reason, count in unsent_reasons(run) if not run.alive else []:
        st.markdown(f"- {count:,} not sent: {literal(reason)}")
    if hidden:
        st.caption(f"{hidden:,} more calendars of this run are not yours to see.")


def _what_was_sent(run: Run) -> str:
    """What became of what a run had sent when it was stopped."""
    if run.alive:
        return "What was sent is being finished."
    if run.unknown_ends:
        return f"Of what was sent, the end of {run.unknown_ends:,} is not known."
    return "What was sent was finished." if any(i.entry for i in run.items) else ""


def _show_stop(who: SignIn, run: Run, *, key: str = "stop") -> None:
    judged = _judge_stop(who, run)
    st.button(
        "Stop",
        icon=":material/stop_circle:",
        key=f"run.{run.id}.{key}",
        disabled=bool(run.stop_reason) or not judged.allowed,
        help=judged.reason or "Finishes what was sent, and sends no more.",
        on_click=_stop,
        args=(who, run.id),
    )


def _judge_stop(who: SignIn, run: Run) -> Judgement:
    snapshot = who.portfolio.snapshot()
    acts_on = {offering.uuid for offering in snapshot.offerings} - snapshot.read_only
    return may_stop(run, who.person, acts_on)


def _show_after(who: SignIn, run: Run, *, whole: bool) -> None:
    """What can be done with a run that has ended; `whole` if the person sees all of it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        stamp = run.created.strftime("%Y-%m-%d")
        name = f"calendar-run-{run.id}-{stamp}"
        st.download_button(
            "Receipt (CSV)", lambda: to_csv(receipt_frame(run), RECEIPT_COLUMNS),
            file_name=f"{name}.csv", mime="text/csv", icon=":material/download:",
            key=f"run.{run.id}.csv", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            "Receipt (JSON)", lambda: json.dumps(receipt_items(run), indent=1),
            file_name=f"{name}.json", mime="application/json", icon=":material/data_object:",
            key=f"run.{run.id}.json", on_click="ignore",
        )  # fmt: skip
        if run.worth_a_look:
            _look_again(who, run, whole=whole)
        failed = [item for item in run.items if item.failed]
        for number, (states, label, about) in enumerate(_AGAIN):
            mine = [item for item in failed if item.state in states]
            if mine:
                st.button(
                    label.format(f"{len(mine):,}"), icon=":material/replay:", help=about,
                    key=f"run.{run.id}.again.{number}",
                    on_click=bulk_plan.again,
                    args=(run.action, [item.offering_uuid for item in mine]),
                )  # fmt: skip
    looked = st.session_state.get(f"run.{run.id}.looked")
    if looked:
        st.caption(looked)


def _look_again(who: SignIn, run: Run, *, whole: bool) -> None:
    pressed = st.button(
        "Look again", icon=":material/visibility:", key=f"run.{run.id}.look",
        help="Reads the calendars whose end is not known. What is not confirmed is still queued, "
        "or failed at Google.",
    )  # fmt: skip
    if not pressed:
        return
    runs = session.desk().runs
    try:
        with st.spinner("Reading the calendars …"):
            complete = runs.look(
                who.client,
                run,
                occasion="when it was looked at again",
                own=run.person_uuid == who.person.uuid,
            )
            if run.interrupted and complete and whole:
                runs.record.mark_looked(run.id)
            after = runs.record.run(run.id)
        changed = _differences(run.items, after.items if after else ())
    except SignedOut:
        who.portfolio.signed_out = True
        redraw.now()  # the gate asks for a new sign-in
    except WaldurError as error:
        errors.show(error, "The calendars could not be read.")
        return
    except DatabaseError as error:
        st.error(literal(f"{error} {error.next_step}"), icon=":material/error:")
        return
    news = "no change" if not changed else f"{changed:,} changed"
    left = "" if complete else " Not all could be read."
    st.session_state[f"run.{run.id}.looked"] = (
        f"Looked again at {loading.now():%H:%M:%S}: {news}.{left}"
    )
    who.portfolio.refresh()
    redraw.now()


def _differences(before: Sequence[Item], after: Sequence[Item]) -> int:
    states = {item.offering_uuid: item.state for item in before}
    return sum(1 for item in after if states.get(item.offering_uuid, item.state) != item.state)


def _show_earlier(
    who: SignIn, headers: list[Run], visible: set[str], as_of: datetime | None
) -> None:
    if not headers:
        return
    by_id = {each.id: each for each in headers}
    with st.expander(f"Earlier runs ({len(headers):,})", icon=":material/history:"):
        chosen = st.selectbox(
            "Run", list(by_id), index=None, key="runs.earlier", placeholder="Choose a run",
            format_func=lambda run_id: _title(by_id[run_id]) if run_id in by_id else "",
        )  # fmt: skip
        if chosen in by_id:
            _show_run(who, chosen, visible, as_of, closable=False)


def _title(run: Run) -> str:
    begun = loading.local_time(run.created, date=True)
    end = " · interrupted" if run.interrupted else " · stopped" if run.stop_reason else ""
    return f"{begun} · {run.action.label} · {run.person_name} · no. {run.id}{end}"


# --- acting ---------------------------------------------------------------------------------


def _stop(who: SignIn, run_id: int) -> None:
    if not session.still(who):
        return  # signed out meanwhile; the gate says so
    runs = session.desk().runs
    try:
        run = runs.record.run(run_id)
        if run is None:
            return
        judged = _judge_stop(who, run)
        if not judged.allowed:
            st.toast(f"The run was not stopped. {judged.reason}", icon=":material/error:")
            return
        runs.stop(run_id, who.person.named)
    except DatabaseError as error:
        st.toast(literal(f"The run was not stopped. {error}"), icon=":material/error:")


def _close(who: SignIn, run_id: int) -> None:
    closed: frozenset[int] = who.memo.get(_CLOSED, (None, frozenset()))[1]
    who.memo[_CLOSED] = (None, closed | {run_id})
