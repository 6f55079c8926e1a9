"""Google's busy times and availability: asked for only when a person wants them."""

import streamlit as st

from bookings.taken_times import Progress, TakenTimes, drafts_of, sources_of
from components import address, booking_desk, loading, redraw
from components.booking_tabs.opened import Opened
from components.literal import literal

MOST_OFFERINGS = 60
"""Each costs the server two requests."""
MOST_NAMED = 5
POLL_SECONDS = 1.0


def arrive() -> None:
    """Asks for them when the address says so."""
    pairs = address.query_on_arrival(["busy"])
    if pairs is not None:
        st.session_state[booking_desk.SINGLE] = dict(pairs).get("busy") == "yes"


def query() -> list[tuple[str, str]]:
    """Whether they are asked for, in the page's address."""
    return [("busy", "yes")] if st.session_state.get(booking_desk.SINGLE) else []


def show(opened: Opened) -> None:
    """Draws the switch, how far the reading is, and what could not be read."""
    wanted = opened.to_read
    on = st.toggle(
        "Google's busy times and availability",
        key=booking_desk.SINGLE,
        persist_state="session",
        help=f"The server tells them one offering at a time; of the offerings in the list the "
        f"first {MOST_OFFERINGS} are asked, and kept until Refresh.",
    )
    if not on:
        return
    reader = booking_desk.reader(opened.who)
    reader.want(sources_of(wanted[:MOST_OFFERINGS], opened.snapshot), drafts_of(opened.snapshot))
    # A quick server answers within a moment; a page that flashes a bar first looks slow.
    progress = reader.progress()
    if progress.done and len(progress.taken) > len(opened.listed.taken):
        redraw.now()  # the last came after the tabs were worked out
    with st.container():
        if progress.done:
            st.caption(_how_many(progress, wanted, opened))
        else:
            st.fragment(_watch, run_every=POLL_SECONDS)(reader)
    _show_problems(opened, progress, wanted)


def _watch(reader: TakenTimes) -> None:
    progress = reader.progress()
    if progress.done:
        redraw.now()
    known = len(progress.taken)
    total = known + progress.waiting
    st.progress(known / total, text=f"Offerings read: {known:,} of {total:,}")


def _how_many(progress: Progress, wanted: list[str], opened: Opened) -> str:
    known = sum(uuid in progress.taken for uuid in wanted)
    noun = "offering" if len(wanted) == 1 else "offerings"
    said = f"Known of {known:,} of {len(wanted):,} {noun}"
    if len(wanted) > MOST_OFFERINGS:
        said += f"; at most {MOST_OFFERINGS} are asked at once: filter to reach the others"
    as_of = opened.listed.read_at
    return f"{said}, as of {loading.local_time(as_of)}." if as_of else f"{said}."


def _show_problems(opened: Opened, progress: Progress, wanted: list[str]) -> None:
    """One line an offering; a failure costs only what it is about."""
    names = {each.offering_uuid: each.offering_name for each in opened.listed.bookings}
    lines = []
    for uuid in wanted:
        taken = progress.taken.get(uuid)
        if taken is None:
            continue
        name = literal(names.get(uuid, "").strip() or "Unnamed offering")
        windows = opened.listed.windows.get(uuid)
        if taken.slots_error is not None:
            lines.append(f"{name}: no busy times. {literal(taken.slots_error.what)}")
        if taken.windows_broken:
            lines.append(
                f"{name}: no availability. The server fails on it; most likely a recorded "
                "schedule has no end."
            )
        elif taken.windows_error is not None:
            lines.append(f"{name}: no availability. {literal(taken.windows_error.what)}")
        elif windows is not None and windows.unread:
            lines.append(f"{name}: {windows.unread} recorded windows have no readable times.")
    if not lines:
        return
    label = "1 remark" if len(lines) == 1 else f"{len(lines)} remarks"
    with st.expander(f"{label} on what was read", icon=":material/report:"):
        st.markdown("\n".join(f"- {line}" for line in lines))
