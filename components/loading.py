"""How far the data is: progress while it loads, its age, Refresh, and what is missing from it."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from bookings.moments import on_clocks, utc_text
from bookings.portfolio import GroupState, Portfolio, Snapshot
from bookings.roles import explain
from bookings.sign_ins import SignIn
from bookings.waldur.errors import Gone
from components import errors, redraw
from components.literal import literal

POLL_SECONDS = 1.0
NO_LIST = "Ask the server's administrator whether bookings are switched on there."
WORDS = {
    "light": "offerings",
    "partitions": "partitions",
    "plans": "plans and prices",
    "software": "software",
    "texts": "texts",
    "access": "access",
    "documents": "documents",
}


def zone_name() -> str:
    """The person's time zone, as their browser names it; UTC where it names none that exists."""
    name = st.context.timezone or "UTC"
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return "UTC"
    return name


def locale_name() -> str:
    """The person's language and country, as their browser names them; "en" where it does not."""
    return st.context.locale or "en"


def now() -> datetime:
    """The present moment in the person's own time zone."""
    return datetime.now(ZoneInfo(zone_name()))


def day_words(moment: datetime) -> str:
    """A day in words: "1 December 2026"."""
    return f"{moment.day} {moment:%B %Y}"


def local_time(moment: datetime | None, *, date: bool = False) -> str:
    """A moment in the person's own time zone."""
    if moment is None:
        return ""
    shown = on_clocks(moment, ZoneInfo(zone_name()))
    return shown.strftime("%Y-%m-%d %H:%M:%S" if date else "%H:%M")


def utc_help(moment: datetime | None) -> str | None:
    """What a moment in the person's time says when it is pointed at: the same in UTC."""
    return None if moment is None else literal(utc_text(moment))


def show(who: SignIn, *groups: str) -> Snapshot:
    """Asks for the groups and says how they are; gives what is there now.

    The page below is drawn at once with what has come; it is drawn again as more arrives.
    Stops the page only while there is nothing at all to draw.
    """
    portfolio = who.portfolio
    portfolio.want(*groups)
    wanted = ("light", *groups)
    snapshot = portfolio.snapshot()
    if not snapshot.offerings and snapshot.state("light").status == "loading":
        # A quick server answers within a moment; a page that flashes a bar first looks slow.
        snapshot = portfolio.wait(lambda s: bool(s.offerings) or not _busy(s, ("light",)), 0.7)
    _status(portfolio, wanted, snapshot)
    _problems(snapshot, wanted)
    if snapshot.read_only:
        own = len(snapshot.offerings) - len(snapshot.read_only)
        st.caption(explain(who.person, own=own, read_only=len(snapshot.read_only)))
    light = snapshot.state("light")
    if not snapshot.offerings and light.status in {"loading", "failed"}:
        st.stop()
    return snapshot


def _busy(snapshot: Snapshot, groups: tuple[str, ...]) -> bool:
    return any(snapshot.state(group).status == "loading" for group in groups)


def _status(portfolio: Portfolio, groups: tuple[str, ...], drawn: Snapshot) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container():
            if _busy(drawn, groups):
                st.fragment(_watch_progress, run_every=POLL_SECONDS)(portfolio, groups, drawn)
            else:
                times = [s.as_of for s in map(drawn.state, groups) if s.as_of is not None]
                if times:
                    st.caption(f"Offerings as of {local_time(min(times))}")
        if st.button(
            "Refresh",
            icon=":material/refresh:",
            help="Read everything again from the server.",
            disabled=bool(drawn.loading),
        ):
            portfolio.refresh()
            redraw.now()


def _watch_progress(portfolio: Portfolio, groups: tuple[str, ...], drawn: Snapshot) -> None:
    now = portfolio.snapshot()
    if not _busy(now, groups) or _worth_a_redraw(drawn, now, groups):
        redraw.now()
    share, text = _progress(now, groups)
    st.progress(share, text=text)


def _worth_a_redraw(drawn: Snapshot, now: Snapshot, groups: tuple[str, ...]) -> bool:
    """A group has ended, or the first rows have come.

    More rows are only counted: a table of other rows begins at its top with nothing ticked. The
    next click of a person shows them.
    """
    if now.offerings and not drawn.offerings:
        return True
    return any(
        now.state(group).status != "loading" and drawn.state(group).status == "loading"
        for group in groups
    )


def _progress(snapshot: Snapshot, groups: tuple[str, ...]) -> tuple[float, str]:
    parts = []
    share = 0.0
    for group in groups:
        state = snapshot.state(group)
        if state.status == "loading":
            of = f" {state.done:,} of {state.total:,}" if state.total else ""
            parts.append(f"{WORDS[group]}{of}")
            share += min(1.0, state.done / state.total) if state.total else 0.0
        else:
            share += 1.0
    part = " What stands below is of the first ones." if snapshot.partial else ""
    return min(1.0, share / len(groups)), "Loading " + ", ".join(parts) + " …" + part


def _problems(snapshot: Snapshot, groups: tuple[str, ...]) -> None:
    first = snapshot.state("light").error
    for group in groups:
        state = snapshot.state(group)
        # What failed with the list failed because of it; one sentence is enough.
        if state.error is not None and (group == "light" or state.error is not first):
            kept = " What is shown is older." if state.as_of else ""
            errors.show(
                state.error,
                f"The {WORDS[group]} could not be loaded.{kept}",
                next_step=NO_LIST if isinstance(state.error, Gone) else "",
            )
        if state.missing:
            st.warning(
                f"The server counts {state.missing:,} more offerings than it lists, even after "
                "three walks with different page sizes. They are not shown here.",
                icon=":material/rule:",
            )
        if not state.ended:
            st.warning(
                "The server does not say how many offerings it has, and the end of its list was "
                "not found: there may be more than are shown here.",
                icon=":material/rule:",
            )
        if state.unreadable:
            _unreadable(group, state)


def _unreadable(group: str, state: GroupState) -> None:
    count = len(state.unreadable)
    noun = "offering" if count == 1 else "offerings"
    with st.expander(
        f"{count} {noun} could not be read ({WORDS[group]})", icon=":material/report:"
    ):
        for bad in state.unreadable[:100]:
            st.markdown(f"- {literal(bad.name or bad.uuid or 'unnamed')}: {literal(bad.reason)}")
