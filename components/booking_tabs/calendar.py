"""The bookings as a calendar: month, week, day and list, in the person's time zone.

View and day are chosen on the page and not in the calendar's own bar, so that the address names
them and another tab does not forget them. The calendar is told which days to show and stays the
same component: it is not made anew when a person goes on.
"""

import html
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st
from streamlit_calendar import calendar

from bookings.booking_tables import BOOKING_STATES
from bookings.filters import FIRST_DAY, LAST_DAY
from bookings.moments import on_clocks
from bookings.plain_text import one_line, unturned
from bookings.schedule.days import DAY, MONTH, VIEWS, days_of, moved
from bookings.schedule.times import Kind, Time, merged
from components import address, booking_desk, loading, navigation, redraw
from components.booking_tabs.opened import Opened, stretch
from components.literal import literal

MOST_EVENTS = 2000
"""More make the browser stutter; nobody reads as many."""
MOST_COLOURS = 9
MOST_TITLE = 120
HEIGHT = 720
"""Pixels: what is clicked stands below it and should be seen without scrolling."""
STATE, OFFERING = "State", "Offering"
_COLOUR, _DAY, _VIEW = "bookings.colour", "bookings.day", "bookings.view"
_GOING = "bookings.calendar.going"
_KEY = "bookings.calendar"
_MADE = "bookings.calendar.made"
"""How often the calendar was made anew."""

# All are dark enough for white text.
_STATES: Mapping[str, str] = {
    "OK": "#0f766e",
    "Creating": "#b45309",
    "Updating": "#1d4ed8",
    "Terminating": "#7e22ce",
    "Erred": "#b91c1c",
    "Terminated": "#57606a",
}
_OTHER = "#57606a"
_UNSEEN, _BUSY, _OPEN = "#475569", "#64748b", "#16a34a"
_PALETTE = (
    "#0f766e", "#1d4ed8", "#be185d", "#b45309", "#7e22ce", "#15803d", "#b91c1c", "#0e7490",
    "#4338ca",
)  # fmt: skip
_STRIPES = "repeating-linear-gradient(45deg, #64748b 0 6px, #7c8aa0 6px 12px)"
_STYLE = f"""
  @font-face {{ font-family: Inter; font-weight: 100 900;
    src: url(../../app/static/fonts/inter-latin-wght-normal.woff2) format("woff2"); }}
  .fc {{ font-family: Inter, system-ui, sans-serif; font-size: 14px;
    --fc-border-color: color-mix(in srgb, var(--text-color) 18%, transparent);
    --fc-today-bg-color: color-mix(in srgb, var(--primary-color) 12%, transparent);
    --fc-now-indicator-color: var(--primary-color); }}
  .fc a {{ color: inherit; }}
  .fc .fc-toolbar-title {{ font-size: 1.15rem; font-weight: 600; }}
  .fc .fc-event {{ cursor: pointer; }}
  .fc .fc-event .fc-event-main {{ color: #ffffff; }}
  .fc .desk-busy:not(.fc-list-event) {{ background-image: {_STRIPES}; }}
  .fc .fc-daygrid-event .fc-event-time {{ flex: none; overflow: visible; }}
  .fc .desk-over .fc-event-title, .fc .desk-over .fc-list-event-title {{
    text-decoration: line-through; }}
  .fc .fc-popover {{ max-height: 420px; overflow-y: auto; }}
"""
_DAY_HEADER = {"weekday": "short", "day": "numeric", "month": "short"}
_TYPES = dict(zip(VIEWS, ("dayGrid", "timeGrid", "timeGrid", "list"), strict=True))
_OPTIONS: Mapping[str, Any] = {
    "initialView": "chosen",
    "height": HEIGHT,
    "headerToolbar": {"left": "title", "center": "", "right": ""},
    "firstDay": 1,
    "allDaySlot": False,
    "allDayText": "all day",
    "noEventsText": "No booking in this month",
    "fixedWeekCount": False,
    "nowIndicator": True,
    "dayMaxEvents": True,
    "eventDisplay": "block",
    "scrollTime": "07:00:00",
    "listDaySideFormat": {"weekday": "long"},
    "eventTimeFormat": {"hour": "2-digit", "minute": "2-digit", "hour12": False},
    "slotLabelFormat": {"hour": "2-digit", "minute": "2-digit", "hour12": False},
}  # fmt: skip


# --- the address ----------------------------------------------------------------------------


def arrive() -> None:
    """Takes colours, view and day from the address, when the page was opened with them.

    A day that was clicked in the calendar is opened here too, before the page names the view.
    """
    going = st.session_state.pop(_GOING, None)
    if going is not None:
        st.session_state[_VIEW], st.session_state[_DAY] = DAY, _choosable(going)
    pairs = address.query_on_arrival(["colour", "view", "day"])
    if pairs is None:
        return
    given = dict(pairs)
    st.session_state[_COLOUR] = OFFERING if given.get("colour") == "offering" else STATE
    view = given.get("view", "").capitalize()
    st.session_state[_VIEW] = view if view in VIEWS else MONTH
    try:
        day = date.fromisoformat(given.get("day", "")[:10])
    except ValueError:
        return
    if FIRST_DAY <= day <= LAST_DAY:
        st.session_state[_DAY] = day


def query() -> list[tuple[str, str]]:
    """What is set in this tab, as pairs for the address."""
    pairs = []
    if st.session_state.get(_COLOUR) == OFFERING:
        pairs.append(("colour", "offering"))
    view = st.session_state.get(_VIEW) or MONTH
    if view != MONTH:
        pairs.append(("view", view.lower()))
    day = st.session_state.get(_DAY)
    if isinstance(day, date) and day != loading.now().date():
        pairs.append(("day", day.isoformat()))
    return pairs


# --- the tab --------------------------------------------------------------------------------


def show(opened: Opened) -> None:
    """Draws the tab."""
    colour_by, view, day = _choose()
    times = [*opened.times(), *opened.others()]
    shown = _nearest(times, day)
    if len(shown) < len(times):
        st.caption(
            f"The calendar holds the {len(shown):,} of {len(times):,} times nearest to "
            f"{loading.day_words(day)}. Choose another day, or filter, to see others."
        )
    colours = _colours(shown, colour_by)
    windows = _windows(opened)
    _show_legend(_legend(shown, colours, colour_by, windows=bool(windows)))
    # A card below a calendar as high as a window is not seen to appear; this line is.
    line = st.empty()
    zone = f"Times are in {literal(loading.zone_name())}."
    events = [_event(each, colours[each.key]) for each in shown]
    made = st.session_state.get(_MADE, 0)
    answer = calendar(
        events=[*events, *windows],
        options={
            **_OPTIONS,
            "initialDate": day.isoformat(),
            "views": {"chosen": _view(view, day)},
            "timeZone": "local" if loading.zone_name() == st.context.timezone else "UTC",
        },
        custom_css=_STYLE,
        callbacks=["dateClick", "eventClick"] if view == MONTH else ["eventClick"],
        key=f"{_KEY}.{made}",
    )
    opened_day = _day_clicked(answer)
    if opened_day is not None and view == MONTH:
        st.session_state[_GOING] = opened_day
        # The browser repeats what was clicked with every run of the same component.
        st.session_state[_MADE] = made + 1
        redraw.now()
    clicked = _clicked(answer, {each.key: each for each in shown})
    if clicked is None:
        more = ", or a day to open it" if view == MONTH else ""
        line.caption(f"Click a booking to read it{more}. {zone}")
        return
    when = stretch(clicked.start, clicked.end)
    line.caption(
        f"**{literal(_title(clicked))}**, {when}. All of it stands below the calendar. {zone}"
    )
    _show_one(clicked)


def _choose() -> tuple[str, str, date]:
    """Draws what is chosen by: colours, view and day."""
    today = loading.now().date()
    st.session_state.setdefault(_COLOUR, STATE)
    st.session_state.setdefault(_VIEW, MONTH)
    st.session_state.setdefault(_DAY, today)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(horizontal=True, width="content", gap="small"):
            for label, icon, steps in (
                ("Earlier", ":material/chevron_left:", -1),
                ("Today", None, 0),
                ("Later", ":material/chevron_right:", 1),
            ):
                st.button(
                    label, icon=icon, key=f"{_KEY}.{label}", on_click=_go, args=(steps, today),
                )  # fmt: skip
        st.segmented_control(
            "View", VIEWS, required=True, key=_VIEW, persist_state="session",
            label_visibility="collapsed",
        )  # fmt: skip
        with st.container(width=150):
            st.date_input(
                "Go to", min_value=FIRST_DAY, max_value=LAST_DAY, key=_DAY, format="YYYY-MM-DD",
                persist_state="session",
            )  # fmt: skip
        st.segmented_control(
            "Colour by", [STATE, OFFERING], required=True, key=_COLOUR, persist_state="session"
        )
    day = st.session_state.get(_DAY)
    return (
        st.session_state.get(_COLOUR) or STATE,
        st.session_state.get(_VIEW) or MONTH,
        day if isinstance(day, date) else today,
    )


def _go(steps: int, today: date) -> None:
    day = st.session_state.get(_DAY) or today
    gone = moved(day, st.session_state.get(_VIEW) or MONTH, steps) if steps else today
    st.session_state[_DAY] = _choosable(gone)


def _choosable(day: date) -> date:
    return min(max(day, FIRST_DAY), LAST_DAY)


def _view(view: str, day: date) -> dict[str, Any]:
    """FullCalendar's settings of a view that holds exactly the days of it."""
    first, after = days_of(day, view)
    settings: dict[str, Any] = {
        "type": _TYPES[view],
        "visibleRange": {"start": first.isoformat(), "end": after.isoformat()},
    }
    return settings | ({"dayHeaderFormat": _DAY_HEADER} if _TYPES[view] == "timeGrid" else {})


def _nearest(times: Sequence[Time], day: date) -> list[Time]:
    """At most MOST_EVENTS of the times, those nearest to a day, by start."""
    if len(times) > MOST_EVENTS:
        noon = datetime.combine(day, time(12), ZoneInfo(loading.zone_name())).astimezone(UTC)
        zero = timedelta(0)
        far = sorted(times, key=lambda each: max(each.start - noon, noon - each.end, zero))
        times = far[:MOST_EVENTS]
    return sorted(times, key=lambda each: (each.start, each.end, each.key))


def _colours(times: Sequence[Time], colour_by: str) -> dict[str, str]:
    """A colour for each time, by its key."""
    common = Counter(each.offering_uuid for each in times if each.kind is Kind.BOOKING)
    by_offering = {
        uuid: _PALETTE[place] for place, (uuid, _) in enumerate(common.most_common(MOST_COLOURS))
    }

    def colour(each: Time) -> str:
        if each.kind is Kind.BUSY:
            return _BUSY
        if colour_by == OFFERING:
            return by_offering.get(each.offering_uuid, _OTHER)
        return _STATES.get(each.state, _OTHER) if each.booking_uuid else _UNSEEN

    return {each.key: colour(each) for each in times}


def _event(each: Time, colour: str) -> dict[str, Any]:
    kinds = []
    if each.kind is Kind.BUSY:
        kinds.append("desk-busy")
    if each.state in {"Terminated", "Erred", "Terminating"}:
        kinds.append("desk-over")
    return {
        "id": each.key,
        "title": one_line(unturned(_title(each)), MOST_TITLE),
        "start": each.start.isoformat(),
        "end": each.end.isoformat(),
        "backgroundColor": colour,
        "borderColor": colour,
        "classNames": kinds,
    }


def _title(each: Time) -> str:
    offering = each.offering.strip() or "Unnamed offering"
    if each.kind is Kind.BUSY:
        return f"Busy in Google · {offering}"
    if not each.booking_uuid:
        return f"{offering} · booked{f' by {each.who}' if each.who.strip() else ''}"
    return " · ".join(filter(None, (offering, each.who.strip() or each.booking.strip())))


def _windows(opened: Opened) -> list[dict[str, Any]]:
    """When at least one of the offerings is open, as a tint behind the hours."""
    if not st.session_state.get(booking_desk.SINGLE):
        return []
    shown = set(opened.offerings())
    recorded = [
        window
        for uuid, windows in opened.listed.windows.items()
        if uuid in shown
        for window in windows.times
    ]
    return [
        {
            "id": f"open|{start.isoformat()}",
            "start": start.isoformat(),
            "end": end.isoformat(),
            "display": "background",
            "backgroundColor": _OPEN,
        }
        for start, end in merged(recorded)
    ]


# --- the legend -----------------------------------------------------------------------------


def _legend(
    times: Sequence[Time], colours: Mapping[str, str], colour_by: str, *, windows: bool
) -> list[tuple[str, str]]:
    """Colour and words, as they occur."""
    if colour_by == OFFERING:
        booked = [each for each in times if each.kind is Kind.BOOKING]
        counts = Counter(each.offering_uuid for each in booked)
        names = {each.offering_uuid: each.offering for each in booked}
        coloured = {each.offering_uuid: colours[each.key] for each in booked}
        most = [uuid for uuid, _ in counts.most_common(MOST_COLOURS)]
        entries = [(coloured[uuid], names[uuid].strip() or "Unnamed offering") for uuid in most]
        if len(counts) > len(most):
            entries.append((_OTHER, f"{len(counts) - len(most):,} other offerings"))
    else:
        states = {each.state for each in times if each.booking_uuid}
        known = [state for state in _STATES if state in states]
        entries = [(_STATES[state], BOOKING_STATES[state]) for state in known]
        entries += [(_OTHER, state) for state in sorted(states - set(known))]
        if any(each.kind is Kind.BOOKING and not each.booking_uuid for each in times):
            entries.append((_UNSEEN, "booking that you may not see"))
    if any(each.kind is Kind.BUSY for each in times):
        entries.append((_STRIPES, "busy in Google"))
    if windows:
        entries.append((f"{_OPEN}55", "an offering is open (week and day)"))
    return entries


def _show_legend(entries: Sequence[tuple[str, str]]) -> None:
    squares = "".join(
        '<span style="display:inline-flex;align-items:center;gap:0.4rem">'
        f'<span style="width:0.8rem;height:0.8rem;border-radius:0.2rem;background:{colour}">'
        f"</span>{html.escape(one_line(unturned(words), 60))}</span>"
        for colour, words in entries
    )
    st.html(
        f'<div style="display:flex;flex-wrap:wrap;gap:0.3rem 1rem;font-size:0.9rem">{squares}</div>'
    )


# --- what was clicked -----------------------------------------------------------------------


def _day_clicked(answer: Any) -> date | None:
    """The day whose free part was clicked last; no booking was clicked since."""
    click = answer.get("dateClick") if isinstance(answer, Mapping) else None
    try:
        moment = datetime.fromisoformat(str(click["date"])) if isinstance(click, Mapping) else None
    except (KeyError, ValueError):
        return None
    return moment and on_clocks(moment, ZoneInfo(loading.zone_name())).date()


def _clicked(answer: Any, shown: Mapping[str, Time]) -> Time | None:
    """The time that was clicked last, where it is still shown."""
    click = answer.get("eventClick") if isinstance(answer, Mapping) else None
    event = click.get("event") if isinstance(click, Mapping) else None
    return shown.get(str(event.get("id"))) if isinstance(event, Mapping) else None


def _show_one(each: Time) -> None:
    with st.container(border=True):
        st.markdown(f"**{literal(_title(each))}**")
        lines = [("When", stretch(each.start, each.end))]
        if each.booking_uuid:
            lines += [
                ("Booking", each.booking),
                ("State", BOOKING_STATES.get(each.state, each.state)),
                ("Booked by", each.who),
                ("Organisation", each.customer),
                ("Project", each.project),
                ("Description", each.description),
            ]
        st.text("\n".join(f"{label}: {value.strip()}" for label, value in lines if value.strip()))
        if each.offering_uuid:
            navigation.link(
                "offering",
                f"Open {each.offering.strip() or 'the unnamed offering'}",
                {"uuid": each.offering_uuid, "tab": "Bookings"},
                icon=":material/open_in_new:",
            )
